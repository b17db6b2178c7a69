"""The JSON of lineage."""

from typing import Any

from rest_framework import serializers

from registry.lineage.graph import DEFAULT_DEPTH, DIRECTIONS, LARGEST_DEPTH


class LineageQuery(serializers.Serializer[Any]):
    node = serializers.CharField(max_length=80, help_text="kind:id, such as run:0198… or version:0198…")
    direction = serializers.ChoiceField(choices=sorted(DIRECTIONS), default="both")
    depth = serializers.IntegerField(min_value=1, max_value=LARGEST_DEPTH, default=DEFAULT_DEPTH)


class NodeOutput(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    depth = serializers.IntegerField()
    is_unknown = serializers.BooleanField(help_text="stands for a fact that was not recorded")
    is_live = serializers.BooleanField()
    same = serializers.ListField(child=serializers.CharField(), help_text="rows of the same dataset version")
    facts = serializers.DictField(child=serializers.JSONField(allow_null=True))


class EdgeOutput(serializers.Serializer[Any]):
    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    verb = serializers.CharField()


class GapOutput(serializers.Serializer[Any]):
    kind = serializers.CharField()
    total = serializers.IntegerField()
    unknown = serializers.IntegerField()


class CoverageOutput(serializers.Serializer[Any]):
    is_complete = serializers.BooleanField()
    unknown = serializers.IntegerField()
    hidden = serializers.IntegerField()
    statement = serializers.CharField()
    gaps = GapOutput(many=True)


class GraphOutput(serializers.Serializer[Any]):
    start = serializers.CharField()
    direction = serializers.ChoiceField(choices=sorted(DIRECTIONS))
    depth = serializers.IntegerField()
    nodes = NodeOutput(many=True)
    edges = EdgeOutput(many=True)
    hidden = serializers.IntegerField(help_text="nodes that you may not see")
    left_out = serializers.IntegerField(help_text="nodes over the limit of one answer")
    is_cut = serializers.BooleanField(help_text="the last depth leads further")
    coverage = CoverageOutput()


class BlastRadiusOutput(serializers.Serializer[Any]):
    start = serializers.CharField()
    live = NodeOutput(many=True)
    systems = NodeOutput(many=True)
    counts = serializers.DictField(child=serializers.IntegerField())
    hidden = serializers.IntegerField()
    hidden_live = serializers.IntegerField()
    left_out = serializers.IntegerField()
    coverage = CoverageOutput()
