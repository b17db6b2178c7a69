"""The models that an AI system uses, under /api/v1/ai-systems/{id}/models."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from compliance.selectors.systems import system_get
from portal.api.base import ApiView, Serializers
from registry.api.system_serializers import LinkInput, LinkOutput, LinkQuery
from registry.selectors.systems import link_get, links_of_system, model_in, version_in
from registry.services.system_models import system_model_link, system_model_unlink


class SystemModels(ApiView):
    """What the system uses, newest first; and linking a model by alias or by version."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "registry.system_model.list",
        "POST": "registry.system_model.link",
    }
    inputs: ClassVar[Serializers] = {"GET": LinkQuery, "POST": LinkInput}
    outputs: ClassVar[Serializers] = {"GET": LinkOutput, "POST": LinkOutput}
    is_paged = True

    def get(self, request: Request, system_id: UUID) -> Response:
        given = self.given
        links = links_of_system(system_get(self.actor, system_id))
        return self.page(links.filter(valid_to=None) if given["is_current"] else links, given)

    def post(self, request: Request, system_id: UUID) -> Response:
        system, given = system_get(self.actor, system_id), self.given
        model = model_in(system.workspace_id, given["model"])
        version = version_in(model, given["version"]) if "version" in given else None
        made = system_model_link(
            actor=self.actor, system=system, model=model, alias=given.get("alias", ""), version=version
        )
        return self.answer(made, status=201)


class SystemModelOne(ApiView):
    """One link: deleting ends it, and it stays known."""

    actions: ClassVar[dict[str, str]] = {"DELETE": "registry.system_model.unlink"}

    def delete(self, request: Request, system_id: UUID, link_id: UUID) -> Response:
        system = system_get(self.actor, system_id)
        system_model_unlink(actor=self.actor, system=system, link=link_get(system, link_id))
        return Response(status=204)
