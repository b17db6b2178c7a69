"""Registered models, prompts and versions of a source. Aliases and stages go through the gate like anybody's."""

from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.operations import Changed, operation
from registry.models import ModelVersion, RegisteredModel
from registry.services.models import NewRegisteredModel, model_begin
from registry.services.versions import NewVersion, Past, version_import
from transfer.models import Origin, Peer
from transfer.objects import SourceRegistered, SourceVersion
from transfer.services.origins import marks

IMPORT = "transfer.registered_model.import"
FROM = "portal.imported_from"


@operation(IMPORT, on="workspace", lock="share")
def registered_import(
    *, actor: Actor, workspace: Workspace, peer: Peer, found: SourceRegistered
) -> Changed[Origin]:
    """Make a registered model or a prompt. Raises ProtocolError where the name is taken."""
    new = NewRegisteredModel(name=found.name, description=found.description, tags=found.tags)
    model = model_begin(actor=actor, workspace=workspace, new=new)
    model.creation_timestamp, model.last_updated_timestamp = found.created_at, found.updated_at
    model.save(update_fields=["creation_timestamp", "last_updated_timestamp"])
    seen = {"description": found.description, "tags": marks(found.tags)}
    origin = Origin.objects.create(
        peer=peer, kind="registered_model", there=found.name, here=model.pk.hex, seen=seen, is_complete=True
    )
    return Changed(origin, before={}, after={"name": found.name, "source": peer.address}, subject=model)


@operation(IMPORT, on="model")
def version_bring(
    *, actor: Actor, model: RegisteredModel, peer: Peer, name: str, found: SourceVersion, source: str
) -> Changed[Origin]:
    """Make one version with its number; `source` is where its files lie here. Raises Conflict, ProtocolError."""
    tags = {**found.tags, FROM: f"{peer.address} {name}/{found.number}"}
    new = NewVersion(source=source, run_link=found.run_link, description=found.description, tags=tags)
    past = Past(found.number, found.user_name, found.created_at, found.updated_at)
    version: ModelVersion = version_import(actor=actor, model=model, new=new, past=past)
    seen = {"description": found.description, "tags": marks(found.tags), "source": found.source}
    origin = Origin.objects.create(
        peer=peer,
        kind="version",
        there=f"{name}/{found.number}",
        here=version.pk.hex,
        seen=seen,
        is_complete=True,
    )
    return Changed(
        origin, before={}, after={"version": found.number, "source": found.source}, subject=version
    )


@operation(IMPORT, on="model")
def origin_note(*, actor: Actor, model: RegisteredModel, origin: Origin) -> Changed[None]:
    """Remember what the source says about a model or a version now."""
    origin.save(update_fields=["seen", "updated_at"])
    return Changed(None, before={}, after={"seen": sorted(origin.seen)})
