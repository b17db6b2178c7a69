"""Brings the registry over. What a policy protects is asked of the gate as anybody would, and listed if it refuses."""

from dataclasses import dataclass
from uuid import UUID

from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from experiments.models import LoggedModel, Run
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import Conflict, PolicyViolation
from portal.kernel.mlflow_errors import ProtocolError
from registry.models import Assignment, ModelVersion, RegisteredModel
from registry.models.assignments import ALIAS
from registry.models.registered_model import NO_STAGE
from registry.prompts import is_prompt_tagged
from registry.services.aliases import alias_move
from registry.services.models import model_tag_set, model_update
from registry.services.stages import stage_move
from registry.services.versions import version_tag_set, version_update
from transfer.cleaning import text_clean
from transfer.models import Origin, Peer
from transfer.objects import Reader, SourceRegistered, SourceVersion
from transfer.report import Report
from transfer.services.origins import changed, marks, origins_of
from transfer.services.registry import origin_note, registered_import, version_bring

REASON = "Brought over from {}."


@dataclass
class RegistryImport:
    """Registered models and prompts, their versions, aliases and stages."""

    actor: Actor
    workspace: Workspace
    peer: Peer
    reader: Reader
    report: Report

    def run(self) -> None:
        for found in self.reader.registered():
            try:
                self._model(found)
            except (ProtocolError, Conflict, PolicyViolation) as no:
                self.report.leave_out("registered model", found.name, no.detail)

    def _model(self, found: SourceRegistered) -> None:
        origin = origins_of(self.peer, "registered_model", [found.name]).get(found.name)
        if origin is None:
            origin = registered_import(
                actor=self.actor, workspace=self.workspace, peer=self.peer, found=found
            )
            self.report.made["prompts" if is_prompt_tagged(found.tags) else "registered models"] += 1
        model = RegisteredModel.objects.get(pk=origin.here)
        if model.deleted_at is not None:
            self.report.leave_out(
                "registered model", found.name, "it was deleted here after it was brought over"
            )
            return
        known = origins_of(self.peer, "version", [f"{found.name}/{each.number}" for each in found.versions])
        for version in found.versions:
            self._version(model, found, version, known.get(f"{found.name}/{version.number}"))
        self._texts(model, origin, found)
        self._aliases(model, origin, found)

    def _version(
        self, model: RegisteredModel, found: SourceRegistered, version: SourceVersion, origin: Origin | None
    ) -> None:
        name = f"{found.name} v{version.number}"
        if origin is not None:
            self._version_update(origin, version)
        else:
            source = version.source if model.is_prompt else self._source(name, version)
            if not source:
                return
            try:
                origin = version_bring(
                    actor=self.actor,
                    model=model,
                    peer=self.peer,
                    name=found.name,
                    found=version,
                    source=source,
                )
            except (ProtocolError, Conflict) as no:
                self.report.leave_out("version", name, no.detail)
                return
            self.report.made["versions"] += 1
        self._stage(model, name, version, origin)

    def _source(self, name: str, version: SourceVersion) -> str:
        """The URI here of a version's files; empty, and listed, where they did not come."""
        source, location = self._source_of(version)
        if not source:
            why = f"its files at {version.source or 'no place'} belong to no run or logged model that came"
            self.report.leave_out("version", name, why)
            return ""
        if next(artifact_store().list_files(store_path(location)), None) is None:
            self.report.leave_out("version", name, f"its files at {version.source} are missing")
            return ""
        return source

    def _source_of(self, version: SourceVersion) -> tuple[str, str]:
        """The URI here, and the folder in the store."""
        if version.model_id:
            origin = origins_of(self.peer, "logged_model", [version.model_id]).get(version.model_id)
            if origin is None:
                return "", ""
            return f"models:/{origin.here}", LoggedModel.objects.get(pk=origin.here).artifact_location
        if not version.run_id:
            return "", ""
        origin = origins_of(self.peer, "run", [version.run_id]).get(version.run_id)
        path = _below_run(version)
        if origin is None or path is None:
            return "", ""
        run = Run.objects.get(pk=origin.here)
        return f"runs:/{UUID(origin.here).hex}/{path}", f"{run.artifact_uri}/{path}"

    def _version_update(self, origin: Origin, found: SourceVersion) -> None:
        seen = {**origin.seen, "description": found.description, "tags": marks(found.tags)}
        if seen == origin.seen:
            return
        version = ModelVersion.objects.select_related("model").get(pk=origin.here)
        if version.deleted_at is not None:
            return
        if found.description != origin.seen["description"]:
            version_update(actor=self.actor, version=version, description=text_clean(found.description))
        for key, value in changed(origin.seen["tags"], found.tags).items():
            version_tag_set(actor=self.actor, version=version, key=key, value=text_clean(value))
        origin.seen = seen
        origin_note(actor=self.actor, model=version.model, origin=origin)
        self.report.changed["versions"] += 1

    def _texts(self, model: RegisteredModel, origin: Origin, found: SourceRegistered) -> None:
        """Description and tags that the source changed since they came."""
        seen = {**origin.seen, "description": found.description, "tags": marks(found.tags)}
        if seen == origin.seen:
            return
        if found.description != origin.seen["description"]:
            model_update(actor=self.actor, model=model, description=text_clean(found.description))
        for key, value in changed(origin.seen["tags"], found.tags).items():
            model_tag_set(actor=self.actor, model=model, key=key, value=text_clean(value))
        origin.seen = seen
        origin_note(actor=self.actor, model=model, origin=origin)
        self.report.changed["registered models"] += 1

    def _aliases(self, model: RegisteredModel, origin: Origin, found: SourceRegistered) -> None:
        """Aliases that are new or moved at the source; one that the gate refused is not asked for again."""
        seen, refused = dict(origin.seen.get("aliases", {})), dict(origin.seen.get("refused", {}))
        for alias, number in found.aliases.items():
            if seen.get(alias) == number:
                if alias in refused:
                    self.report.leave_out("alias", f"{alias} of {found.name}", refused[alias])
                continue
            why = self._alias_set(model, alias, number)
            if why is None:
                continue  # its version did not come: perhaps the next time
            seen[alias] = number
            refused.pop(alias, None)
            if why:
                refused[alias] = why
        if seen != origin.seen.get("aliases", {}):
            origin.seen = {**origin.seen, "aliases": seen, "refused": refused}
            origin_note(actor=self.actor, model=model, origin=origin)

    def _alias_set(self, model: RegisteredModel, alias: str, number: int) -> str | None:
        """Empty when the alias means that version now, else why not; None when there is no such version here."""
        name = f"{alias} of {model.name}"
        version = ModelVersion.objects.filter(model=model, version=number, deleted_at=None).first()
        if version is None:
            self.report.leave_out("alias", name, f"version {number} did not come")
            return None
        held = Assignment.objects.filter(model=model, kind=ALIAS, name=alias, valid_to=None, version=version)
        if held.exists():
            return ""
        try:
            alias_move(
                actor=self.actor,
                model=model,
                version=version,
                alias=alias,
                reason=REASON.format(self.peer.address),
            )
        except (PolicyViolation, ProtocolError, Conflict) as no:
            self.report.leave_out("alias", name, no.detail)
            return no.detail
        self.report.made["aliases"] += 1
        return ""

    def _stage(self, model: RegisteredModel, name: str, found: SourceVersion, origin: Origin) -> None:
        if origin.seen.get("stage", NO_STAGE) == found.stage:
            if "stage_refused" in origin.seen:
                self.report.leave_out("stage", f"{found.stage} of {name}", origin.seen["stage_refused"])
            return
        version = ModelVersion.objects.get(pk=origin.here)
        origin.seen = {**origin.seen, "stage": found.stage}
        origin.seen.pop("stage_refused", None)
        try:
            if version.current_stage != found.stage and version.deleted_at is None:
                stage_move(
                    actor=self.actor, model=model, version=version, stage=found.stage,
                    reason=REASON.format(self.peer.address),
                )  # fmt: skip
                self.report.made["stages"] += 1
        except (PolicyViolation, ProtocolError, Conflict) as no:
            self.report.leave_out("stage", f"{found.stage} of {name}", no.detail)
            origin.seen["stage_refused"] = no.detail
        origin_note(actor=self.actor, model=model, origin=origin)


def _below_run(version: SourceVersion) -> str | None:
    """The path of a version's files below the artifacts of its run, whose id is a part of every such URI."""
    if version.source.startswith(f"runs:/{version.run_id}/"):
        return version.source.split("/", 2)[2]
    _, mark, path = version.source.partition(f"/{version.run_id}/artifacts/")
    return path if mark and path else None
