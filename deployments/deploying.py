"""The one way in which a client, the API and a page deploy: make the revision, or ask for the approval it needs."""

from collections.abc import Mapping
from typing import Any

from deployments.models import Endpoint, Revision
from deployments.services.revisions import revision_deploy
from portal.accounts.actor import Actor
from registry.models import ModelVersion
from registry.moves import made_or_requested


def deploy_or_request(
    *, actor: Actor, endpoint: Endpoint, version: ModelVersion, rollout: Mapping[str, Any], reason: str = ""
) -> Revision:
    """Serve a version, or ask for the approval that it needs and raise PolicyViolation with the request's address."""

    def deploy() -> Revision:
        return revision_deploy(
            actor=actor,
            model=version.model,
            version=version,
            endpoint=endpoint,
            rollout=rollout,
            reason=reason,
        )

    return made_or_requested(actor, version, deploy, reason)
