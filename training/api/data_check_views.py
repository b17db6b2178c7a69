"""Checks of data under /api/v1/datasets/{workspace}/{name}/versions/{n}/checks."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from experiments.selectors.dataset_versions import version_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from training.selectors.data_checks import check_get, checks_visible
from training.services.data_checks import BEGIN, data_check_begin


class DataCheckInput(serializers.Serializer[Any]):
    rules = serializers.DictField(
        help_text="columns, strict, rows, unique_together and drift; see docs/adr/0013-data-and-evaluation.md"
    )
    reference_version = serializers.IntegerField(
        min_value=1, required=False, help_text="the version of the same dataset that drift is measured from"
    )


class DataCheckOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    dataset = serializers.CharField(source="version.asset.name")
    version = serializers.IntegerField(source="version.number")
    reference_version = serializers.IntegerField(source="reference.number", default=None, allow_null=True)
    state = serializers.CharField(source="job.state")
    outcome = serializers.CharField(allow_blank=True)
    summary = serializers.CharField(allow_blank=True)
    rules = serializers.JSONField()
    results = serializers.JSONField(allow_null=True)
    requested_by = serializers.CharField(source="requested_by.username")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class CheckList(ApiView):
    """The checks of a version, newest first; and asking for one."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.data_check.list", "POST": BEGIN}
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": DataCheckInput}
    outputs: ClassVar[Serializers] = {"GET": DataCheckOutput, "POST": DataCheckOutput}
    is_paged = True

    def get(self, request: Request, workspace: str, name: str, number: int) -> Response:
        version = version_get(self.actor, workspace, name, number)
        return self.page(checks_visible(self.actor).filter(version=version), self.given)

    def post(self, request: Request, workspace: str, name: str, number: int) -> Response:
        given, version = self.given, version_get(self.actor, workspace, name, number)
        other = given.get("reference_version")
        reference = version_get(self.actor, workspace, name, other) if other else None
        made = data_check_begin(actor=self.actor, version=version, rules=given["rules"], reference=reference)
        return self.answer(made, status=201)


class CheckOne(ApiView):
    """One check with what was found."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.data_check.read"}
    outputs: ClassVar[Serializers] = {"GET": DataCheckOutput}

    def get(self, request: Request, check_id: UUID) -> Response:
        return self.answer(check_get(self.actor, check_id))
