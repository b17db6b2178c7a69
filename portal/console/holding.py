"""What can be held, found by its kind and the id that the audit log has for it."""

from typing import Any, cast
from uuid import UUID

from django.db.models import Model

from compliance.models import AISystem
from compliance.services.holds import HeldThing
from experiments.models import DatasetVersion, Experiment, LoggedModel, Run
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.audit.models import AuditEvent
from portal.kernel.errors import InvalidInput
from registry.models import ModelVersion, RegisteredModel

LABEL_LENGTH = 400
_BY_KEY: dict[str, tuple[str, type[Model]]] = {
    "modelversion": ("Model version", ModelVersion), "registeredmodel": ("Model", RegisteredModel),
    "run": ("Run", Run), "experiment": ("Experiment", Experiment), "loggedmodel": ("Logged model", LoggedModel),
    "datasetversion": ("Dataset version", DatasetVersion), "aisystem": ("AI system", AISystem),
}  # fmt: skip
KINDS = [
    ("workspace", "Workspace, by its name"),
    *((kind, label) for kind, (label, _) in _BY_KEY.items()),
    ("auditevent", "Audit event"),
]


def held_thing(actor: Actor, kind: str, key: str) -> HeldThing:
    """The thing of this kind and id. Raises InvalidInput when there is none that the actor sees."""
    row = _found(kind, key.strip())
    workspace_id = row.pk if isinstance(row, Workspace) else getattr(row, "workspace_id", None)
    if row is None or workspace_id is None or not _sees(actor, workspace_id):
        raise InvalidInput(
            "There is no such object, or you may not see it. The audit log names it as type:id."
        )
    subject = row.uuid if isinstance(row, AuditEvent) else row.pk
    return HeldThing(workspace_id, kind, str(subject), _label(row))


def _label(row: Model) -> str:
    said = f"event {row.action} of {row.object_type}" if isinstance(row, AuditEvent) else str(row)
    return said[:LABEL_LENGTH]


def _sees(actor: Actor, workspace_id: int) -> bool:
    return actor.workspace_ids is None or workspace_id in actor.workspace_ids


def _found(kind: str, key: str) -> Model | None:
    if kind == "workspace":
        return Workspace.objects.filter(name=key).first()
    if kind == "auditevent":
        uuid = _uuid(key)
        return AuditEvent.objects.filter(uuid=uuid).first() if uuid else None
    if kind not in _BY_KEY:
        return None
    model = cast(Any, _BY_KEY[kind][1])
    return cast(Model | None, model.objects.filter(pk=_key(model, key)).first())


def _key(model: type[Model], key: str) -> Any:
    inner = model._meta.pk.get_internal_type()
    if inner == "UUIDField":
        return _uuid(key)
    if inner == "BigAutoField":
        return int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else None
    return key


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
