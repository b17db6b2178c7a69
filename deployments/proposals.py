"""A deployment as the gate sees it: rows held in the order of ADR 15, facts fresh."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from compliance.gates import Proposal, Target
from deployments.facts import LIVE
from deployments.models import Endpoint, Traffic
from deployments.served import served_facts
from deployments.validation import rollout_read
from portal.kernel.errors import InvalidInput, NotFound
from portal.operations import locked
from registry.gate.subjects import version_subject
from registry.models import ModelVersion, RegisteredModel
from registry.proposals import version_hold
from registry.selectors.facts import authors_of, move_facts

DEPLOY = "deployments.revision.create"
ENVIRONMENT = "environment"


def deploy_propose(subject_id: str, params: Mapping[str, Any]) -> Proposal:
    """`{"endpoint": id, "rollout": {…}}`: serve this version at the endpoint."""
    rollout = rollout_read(params.get("rollout") or {})
    model, version = version_hold(subject_id)
    endpoint = endpoint_hold(params.get("endpoint"), version)
    return deploy_proposal(model, version, endpoint, rollout)


def deploy_proposal(
    model: RegisteredModel, version: ModelVersion, endpoint: Endpoint, rollout: Mapping[str, Any]
) -> Proposal:
    """The deployment of a version at an endpoint, all of which the caller holds."""
    target = Target(
        endpoint_key(endpoint, version),
        f"{endpoint.name} ({endpoint.environment})",
        ENVIRONMENT,
        endpoint.environment,
    )
    serving = Traffic.objects.filter(endpoint=endpoint, role=LIVE, valid_to=None).exclude(
        revision__version=version
    )
    held = serving.select_related("revision__version").order_by("-percent", "revision__number").first()
    facts = move_facts(DEPLOY, model, version, target, held.revision.version if held else None)
    return Proposal(
        act=DEPLOY,
        subject=version_subject(version),
        target=target,
        params={"endpoint": endpoint.pk.hex, "rollout": dict(rollout)},
        facts={
            **facts, "endpoint": {"name": endpoint.name, "environment": endpoint.environment},
            "deployments": served_facts(version),
        },
        selectors={
            "model": model.name, ENVIRONMENT: endpoint.environment, "tags": facts["model"]["tags"],
        },
        excluded=authors_of(version),
        risk_tier=facts["model"]["risk_tier"],
    )  # fmt: skip


def endpoint_key(endpoint: Endpoint, version: ModelVersion) -> str:
    """What approvals name as their target. Several versions may serve at one endpoint, so it names the version, too."""
    return f"{endpoint.pk.hex}:{ENVIRONMENT}:{version.pk.hex}"


def endpoint_hold(endpoint_id: Any, version: ModelVersion) -> Endpoint:
    """Hold the endpoint, after model and version. Raises NotFound for one that is gone or of another workspace."""
    try:
        found = Endpoint.objects.only("id").filter(pk=UUID(str(endpoint_id))).first()
    except ValueError as error:
        raise InvalidInput("A deployment needs 'endpoint', the id of one.") from error
    held: Endpoint | None = locked(found) if found else None
    if held is None or held.deleted_at is not None or held.workspace_id != version.workspace_id:
        raise NotFound("There is no such endpoint in the workspace of the version, or you may not see it.")
    return held
