"""Registered models, their versions and aliases under /api/v1/registered-models.

A name that several of your workspaces have needs `?workspace=`, on every method.
"""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from registry.api import registry_serializers as shapes
from registry.models import ModelVersion, RegisteredModel
from registry.moves import alias_set_or_request
from registry.selectors.api import (
    alias_history,
    alias_intervals,
    interval_shown,
    models_shown,
    version_shown,
    versions_shown,
)
from registry.selectors.models import model_get, version_get
from registry.services.aliases import alias_remove
from registry.services.models import NewRegisteredModel, model_create, model_delete, model_update
from registry.services.verifications import version_verify
from registry.services.versions import NewVersion, version_create, version_delete, version_update


class RegistryView(ApiView):
    """A resource below a registered model."""

    @property
    def workspace_id(self) -> int | None:
        name = self.request.query_params.get("workspace")
        return workspace_get(self.actor, name).pk if name else None

    def model(self, name: str) -> RegisteredModel:
        return model_get(self.actor, name, workspace_id=self.workspace_id)

    def version(self, name: str, number: int) -> ModelVersion:
        return version_get(self.actor, name, number, workspace_id=self.workspace_id)


class ModelList(RegistryView):
    """Registered models, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.model.list", "POST": "registry.model.create"}
    inputs: ClassVar[Serializers] = {"GET": shapes.ModelQuery, "POST": shapes.ModelInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.ModelOutput, "POST": shapes.ModelOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given = self.given
        return self.page(models_shown(self.actor, self.workspace_id, is_prompt=given["prompts"]), given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given.pop("workspace"))
        made = model_create(actor=self.actor, workspace=workspace, new=NewRegisteredModel(**given))
        return self.answer(made, status=201)


class ModelOne(RegistryView):
    """One registered model."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "registry.model.read",
        "PATCH": "registry.model.update",
        "DELETE": "registry.model.delete",
    }
    inputs: ClassVar[Serializers] = {"GET": shapes.Placed, "PATCH": shapes.DescriptionChange}
    outputs: ClassVar[Serializers] = {"GET": shapes.ModelOutput, "PATCH": shapes.ModelOutput}

    def get(self, request: Request, name: str) -> Response:
        return self.answer(self.model(name))

    def patch(self, request: Request, name: str) -> Response:
        given, version = self.given, self.expected_version
        changed = model_update(actor=self.actor, model=self.model(name), expected_version=version, **given)
        return self.answer(changed)

    def delete(self, request: Request, name: str) -> Response:
        model_delete(actor=self.actor, model=self.model(name))
        return Response(status=204)


class VersionList(RegistryView):
    """The versions of a model, newest first. A new one is READY when a job has read its files."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.version.list", "POST": "registry.version.create"}
    inputs: ClassVar[Serializers] = {"GET": shapes.VersionQuery, "POST": shapes.VersionInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.VersionOutput, "POST": shapes.VersionOutput}
    is_paged = True

    def get(self, request: Request, name: str) -> Response:
        return self.page(versions_shown(self.model(name)), self.given)

    def post(self, request: Request, name: str) -> Response:
        new = NewVersion(**self.given)
        made = version_create(actor=self.actor, model=self.model(name), new=new)
        return self.answer(made, status=201)


class VersionOne(RegistryView):
    """One version, with the manifest of its files."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "registry.version.read",
        "PATCH": "registry.version.update",
        "DELETE": "registry.version.delete",
    }
    inputs: ClassVar[Serializers] = {"GET": shapes.Placed, "PATCH": shapes.DescriptionChange}
    outputs: ClassVar[Serializers] = {"GET": shapes.VersionDetailOutput, "PATCH": shapes.VersionDetailOutput}

    def get(self, request: Request, name: str, number: int) -> Response:
        return self.answer(version_shown(self.version(name, number)))

    def patch(self, request: Request, name: str, number: int) -> Response:
        given, version = self.given, self.expected_version
        changed = version_update(
            actor=self.actor, version=self.version(name, number), expected_version=version, **given
        )
        return self.answer(version_shown(changed))

    def delete(self, request: Request, name: str, number: int) -> Response:
        found = self.version(name, number)
        version_delete(actor=self.actor, model=found.model, version=found)
        return Response(status=204)


class VersionVerifications(RegistryView):
    """Let a job hash the files of a version again; a changed byte opens a finding and ends its approvals."""

    actions: ClassVar[dict[str, str]] = {"POST": "registry.version.verify"}
    outputs: ClassVar[Serializers] = {"POST": shapes.JobAskedOutput}

    def post(self, request: Request, name: str, number: int) -> Response:
        run = version_verify(actor=self.actor, version=self.version(name, number))
        return Response(self.outputs["POST"](run).data, status=201)


class AliasList(RegistryView):
    """What the aliases of a model mean now."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.alias.list"}
    inputs: ClassVar[Serializers] = {"GET": shapes.VersionQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.AliasOutput}
    is_paged = True

    def get(self, request: Request, name: str) -> Response:
        return self.page(alias_intervals(self.model(name)), self.given)


class AliasOne(RegistryView):
    """One alias. A protected one moves only with an approval: without it the refusal names the request (`url`)."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "registry.alias.read",
        "PUT": "registry.alias.move",
        "DELETE": "registry.alias.remove",
    }
    inputs: ClassVar[Serializers] = {"GET": shapes.Placed, "PUT": shapes.AliasInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.AliasOutput, "PUT": shapes.AliasOutput}

    def get(self, request: Request, name: str, alias: str) -> Response:
        return self.shown(interval_shown(self.model(name), alias))

    def put(self, request: Request, name: str, alias: str) -> Response:
        given = self.given
        version = self.version(name, given["version"])
        alias_set_or_request(actor=self.actor, version=version, alias=alias, reason=given["reason"])
        return self.shown(interval_shown(version.model, alias))

    def delete(self, request: Request, name: str, alias: str) -> Response:
        alias_remove(actor=self.actor, model=self.model(name), alias=alias)
        return Response(status=204)

    def shown(self, interval: Any) -> Response:
        return Response(shapes.AliasOutput(interval).data)


class AliasHistory(RegistryView):
    """Every interval of one alias, the newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.alias_history.list"}
    inputs: ClassVar[Serializers] = {"GET": shapes.VersionQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.AliasIntervalOutput}
    is_paged = True

    def get(self, request: Request, name: str, alias: str) -> Response:
        return self.page(alias_history(self.model(name), alias), self.given)
