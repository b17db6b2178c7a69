"""Takes the registry to a store. Numbers of versions stay: where one is missing here, one is made there and deleted."""

from dataclasses import dataclass
from typing import Any

from mlflow.entities.model_registry import ModelVersionTag, RegisteredModelTag
from mlflow.exceptions import MlflowException

from experiments.artifacts.locations import owner_of, store_path
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from registry.models import Assignment, ModelVersion, RegisteredModel
from registry.models.assignments import ALIAS
from registry.models.registered_model import NO_STAGE, READY
from transfer.models import Origin, Peer
from transfer.report import Report
from transfer.services.exports import export_note
from transfer.services.origins import changed, marks
from transfer.targets.mlflow_target import TAKEN, MlflowTarget, told

FROM, IMPORTED = "portal.exported_from", "portal.imported_from"


@dataclass
class RegistryExport:
    """Registered models and prompts, their versions, aliases and stages."""

    actor: Actor
    workspace: Workspace
    peer: Peer
    target: MlflowTarget
    report: Report

    def run(self) -> None:
        """Take every model that is not deleted."""
        with self.target.as_own():
            for model in RegisteredModel.objects.filter(workspace=self.workspace, deleted_at=None).order_by(
                "pk"
            ):
                self._model(model)

    @told
    def _model(self, model: RegisteredModel) -> None:
        origin = Origin.objects.filter(peer=self.peer, kind="registered_model", here=model.pk.hex).first()
        tags = dict(model.tags.values_list("key", "value")) | {
            FROM: f"{self.workspace.name}/models/{model.pk.hex}"
        }
        if origin is None:
            if not self._made(model, tags):
                self.report.leave_out(
                    "registered model", model.name, "the store has one of that name; rename one of the two"
                )
                return
            origin = Origin(peer=self.peer, kind="registered_model", here=model.pk.hex, there=model.name)
            origin.seen = {"description": model.description, "tags": marks(tags)}
            export_note(actor=self.actor, peer=self.peer, origin=origin)
        name = origin.there
        known = {int(each.version): each for each in self._versions(name, model.is_prompt)}
        self._strays_delete(name, model, known)
        for version in ModelVersion.objects.filter(model=model, deleted_at=None).order_by("version"):
            self._version(name, version, known)
        self._texts(model, origin, tags)
        self._aliases(model, name)
        origin.is_complete = True
        export_note(actor=self.actor, peer=self.peer, origin=origin)

    def _made(self, model: RegisteredModel, tags: dict[str, str]) -> bool:
        """Whether the model is there, made now or before this was cut off."""
        try:
            named = [RegisteredModelTag(key, value) for key, value in tags.items()]
            self.target.registry.create_registered_model(model.name, named, model.description or None)
        except MlflowException as error:
            if error.error_code != TAKEN:
                raise
            found = self.target.registry.get_registered_model(model.name)
            return bool(found._tags.get(FROM) == tags[FROM])
        self.report.made["prompts" if model.is_prompt else "registered models"] += 1
        return True

    def _versions(self, name: str, is_prompt: bool) -> list[Any]:
        quote = '"' if "'" in name else "'"
        wanted = f"name={quote}{name}{quote}" + (
            " and tags.`mlflow.prompt.is_prompt` = 'true'" if is_prompt else ""
        )
        found, token = [], None
        while True:
            page = self.target.client.search_model_versions(wanted, max_results=1000, page_token=token)
            found += list(page)
            token = page.token
            if not token:
                return found

    def _version(self, name: str, version: ModelVersion, known: dict[int, Any]) -> None:
        what = f"{name} v{version.version}"
        tags = {key: value for key, value in version.tags.values_list("key", "value") if key != IMPORTED}
        tags[FROM] = self._place(version.pk.hex)
        origin = Origin.objects.filter(peer=self.peer, kind="version", here=version.pk.hex).first()
        if origin is None:
            source = version.source if version.model.is_prompt else self._source(version)
            if version.status != READY or not source:
                why = "its files were not taken" if not source else f"it is {version.status}"
                self.report.leave_out("version", what, why)
                return
            there = known.get(version.version) or self._version_make(name, version, source, tags)
            if there is None or there.tags.get(FROM) != tags[FROM]:
                self.report.leave_out("version", what, "the store gave that number to another version")
                return
            origin = Origin(
                peer=self.peer, kind="version", here=version.pk.hex, there=f"{name}/{version.version}"
            )
            origin.seen = {"description": version.description, "tags": marks(tags)}
            origin.is_complete = True
            export_note(actor=self.actor, peer=self.peer, origin=origin)
        self._version_update(name, version, origin, tags)

    def _version_make(self, name: str, version: ModelVersion, source: str, tags: dict[str, str]) -> Any:
        """The version with its number; None where the store is past it.

        Numbers that are missing here are used up by making the version under each of them and deleting it.
        """
        store = self.target.registry
        run = Origin.objects.filter(
            peer=self.peer, kind="run", here=version.run_id.hex if version.run_id else ""
        ).first()
        tagged = [ModelVersionTag(key, value) for key, value in tags.items()]
        model_id = source.removeprefix("models:/") if source.startswith("models:/m-") else None
        while True:
            made = store.create_model_version(
                name, source, run.there if run else None, tagged, version.run_link or None, version.description or None,
                model_id=model_id,
            )  # fmt: skip
            if int(made.version) == version.version:
                self.report.made["versions"] += 1
                return made
            store.delete_model_version(name, str(made.version))
            if int(made.version) > version.version:
                return None

    def _strays_delete(self, name: str, model: RegisteredModel, known: dict[int, Any]) -> None:
        """Delete what used up a number and was left there when a transfer was cut off."""
        ours = {self._place(pk.hex): number for pk, number in model.versions.values_list("pk", "version")}
        for number, each in list(known.items()):
            if ours.get(each.tags.get(FROM, ""), number) != number:
                self.target.registry.delete_model_version(name, str(number))
                del known[number]

    def _place(self, version: str) -> str:
        return f"{self.workspace.name}/versions/{version}"

    def _version_update(self, name: str, version: ModelVersion, origin: Origin, tags: dict[str, str]) -> None:
        number = str(version.version)
        for key, value in changed(origin.seen["tags"], tags).items():
            self.target.registry.set_model_version_tag(name, number, ModelVersionTag(key, value))
        if origin.seen["description"] != version.description:
            self.target.registry.update_model_version(name, number, version.description)
        if origin.seen.get("stage", NO_STAGE) != version.current_stage:
            store = self.target.registry
            store.transition_model_version_stage(name, number, version.current_stage, False)
        seen = {"description": version.description, "tags": marks(tags), "stage": version.current_stage}
        if seen != {"stage": NO_STAGE, **origin.seen}:
            origin.seen = seen
            export_note(actor=self.actor, peer=self.peer, origin=origin)

    def _source(self, version: ModelVersion) -> str:
        """The URI there of a version's files; empty where they were not taken."""
        path = store_path(version.artifact_location)
        owner = owner_of(path)
        if owner is None:
            return ""
        if owner.model_id:
            model = Origin.objects.filter(peer=self.peer, kind="logged_model", here=owner.model_id).first()
            return f"models:/{model.there}" if model else ""
        run = Origin.objects.filter(
            peer=self.peer, kind="run", here=owner.run_id.hex if owner.run_id else ""
        ).first()
        if run is None:
            return ""
        _, _, below = path.partition("/artifacts/")
        return f"{self.target.run_files(run.there)}/{below}"

    def _texts(self, model: RegisteredModel, origin: Origin, tags: dict[str, str]) -> None:
        for key, value in changed(origin.seen["tags"], tags).items():
            self.target.registry.set_registered_model_tag(origin.there, RegisteredModelTag(key, value))
        if origin.seen["description"] != model.description:
            self.target.registry.update_registered_model(origin.there, model.description)
        origin.seen = {**origin.seen, "description": model.description, "tags": marks(tags)}

    def _aliases(self, model: RegisteredModel, name: str) -> None:
        store = self.target.registry
        there = {
            alias: int(number) for alias, number in dict(store.get_registered_model(name).aliases).items()
        }
        held = Assignment.objects.filter(model=model, kind=ALIAS, valid_to=None).select_related("version")
        for each in held:
            if there.get(each.name) == each.version.version:
                continue
            if not Origin.objects.filter(peer=self.peer, kind="version", here=each.version_id.hex).exists():
                self.report.leave_out(
                    "alias", f"{each.name} of {name}", f"version {each.version.version} was not taken"
                )
                continue
            store.set_registered_model_alias(name, each.name, str(each.version.version))
            self.report.made["aliases"] += 1
