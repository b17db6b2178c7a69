"""The JSON of storage, retention rules and collections."""

from typing import Any

from rest_framework import serializers

from experiments.models.retention import DAYS_AT_MOST
from experiments.selectors.retention import collection_state
from portal.api.paging import PageQuery


class StorageOutput(serializers.Serializer[Any]):
    """Sums over the experiments of a workspace; `counted_at` is when the one that was counted longest ago was."""

    files = serializers.IntegerField()
    bytes = serializers.IntegerField()
    points = serializers.IntegerField(help_text="metric points")
    runs = serializers.IntegerField()
    counted_at = serializers.DateTimeField(allow_null=True)


class ExperimentStorageOutput(serializers.Serializer[Any]):
    experiment_id = serializers.IntegerField()
    experiment = serializers.CharField(source="experiment.name")
    files = serializers.IntegerField()
    bytes = serializers.IntegerField()
    points = serializers.IntegerField()
    runs = serializers.IntegerField()
    counted_at = serializers.DateTimeField()


class RetentionRuleInput(serializers.Serializer[Any]):
    experiment_id = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**63 - 1,
        help_text="without it, the workspace's rule",
    )
    purge_after_days = serializers.IntegerField(min_value=1, max_value=DAYS_AT_MOST)
    delete_after_days = serializers.IntegerField(
        min_value=1, max_value=DAYS_AT_MOST, required=False, allow_null=True
    )


class RetentionRuleQuery(serializers.Serializer[Any]):
    experiment_id = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class RetentionRuleOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    experiment_id = serializers.IntegerField(allow_null=True)
    experiment = serializers.CharField(source="experiment.name", default=None, allow_null=True)
    purge_after_days = serializers.IntegerField()
    delete_after_days = serializers.IntegerField(allow_null=True)
    changed_by = serializers.CharField(source="changed_by.username", default=None, allow_null=True)
    changed_at = serializers.DateTimeField()


class CollectionQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)


class CollectionInput(serializers.Serializer[Any]):
    workspace = serializers.CharField(max_length=63)
    is_dry_run = serializers.BooleanField(default=True)


class CollectionTotalOutput(serializers.Serializer[Any]):
    experiment = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    act = serializers.CharField()
    state = serializers.CharField()
    things = serializers.IntegerField()
    files = serializers.IntegerField()
    bytes = serializers.IntegerField()
    points = serializers.IntegerField()


class CollectionOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    is_dry_run = serializers.BooleanField()
    state = serializers.SerializerMethodField()
    job_id = serializers.UUIDField(allow_null=True)
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    totals = CollectionTotalOutput(many=True, allow_null=True)

    def get_state(self, row: Any) -> str:
        return collection_state(row)


class CollectedOutput(serializers.Serializer[Any]):
    """A run, or files that no row knows: what was done, and why."""

    kind = serializers.CharField()
    subject = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    experiment_id = serializers.IntegerField(allow_null=True)
    act = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField()
    files = serializers.IntegerField()
    bytes = serializers.IntegerField()
    points = serializers.IntegerField()
    digest = serializers.CharField(allow_blank=True)
