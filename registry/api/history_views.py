"""The past of an alias or a stage under /api/v1/registered-models/{name}/history."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.base import ApiView, Serializers
from portal.kernel.clock import now
from registry.api.history_serializers import HistoryOutput, HistoryQuery
from registry.selectors.point_in_time import INTERVALS_AT_MOST, intervals_of, model_at, moment_of, name_parse


class History(ApiView):
    """What an alias or stage of a model meant at a moment: version, approval, data, evidence, deployments."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.history.read"}
    inputs: ClassVar[Serializers] = {"GET": HistoryQuery}
    outputs: ClassVar[Serializers] = {"GET": HistoryOutput}

    def get(self, request: Request, name: str) -> Response:
        given = self.given
        at = given.get("at") or now()
        kind, wanted = name_parse(alias=given.get("alias", ""), stage=given.get("stage", ""))
        model = model_at(self.actor, workspace=given.get("workspace", ""), name=name, at=at)
        moment = moment_of(model, kind=kind, name=wanted, at=at)
        intervals = list(intervals_of(model, kind=kind, name=wanted)[:INTERVALS_AT_MOST])
        return self.answer({**vars(moment), "intervals": intervals})
