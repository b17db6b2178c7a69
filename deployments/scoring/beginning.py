"""The one way in which the API and a page ask for a scoring: begin it, or ask for the approval that it needs."""

from deployments.models import BatchScoring, Revision
from deployments.scoring.asking import Asked, asked_again
from deployments.services.scorings import scoring_begin
from experiments.models import DatasetVersion
from portal.accounts.actor import Actor
from registry.models import ModelVersion
from registry.moves import made_or_requested


def score_or_request(
    *, actor: Actor, version: ModelVersion, dataset: DatasetVersion, environment: str, asked: Asked,
    revision: Revision | None = None, reason: str = "",
) -> BatchScoring:  # fmt: skip
    """Score, or ask for the approval that it needs and raise PolicyViolation with the request's address."""

    def begin() -> BatchScoring:
        return scoring_begin(
            actor=actor, model=version.model, version=version, dataset=dataset, environment=environment, asked=asked,
            revision=revision, reason=reason,
        )  # fmt: skip

    return made_or_requested(actor, version, begin, reason)


def score_again(*, actor: Actor, scoring: BatchScoring, reason: str = "") -> BatchScoring:
    """Ask for the same again, through the gate as it is now."""
    return score_or_request(
        actor=actor, version=scoring.version, dataset=scoring.dataset, environment=scoring.environment,
        asked=asked_again(scoring.asked), revision=scoring.revision, reason=reason,
    )  # fmt: skip
