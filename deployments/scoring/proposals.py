"""A scoring as the gate sees it, and the approvals that it may stand under."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from compliance.gates import Proposal, Target
from compliance.models import Approval
from compliance.models.approvals import EFFECTIVE
from deployments.models import Revision
from deployments.proposals import ENVIRONMENT
from deployments.served import served_facts
from deployments.validation import environment_check
from experiments.models import DatasetVersion
from portal.kernel.errors import InvalidInput, NotFound
from registry.gate.subjects import VERSION_TYPE, version_subject
from registry.models import ModelVersion, RegisteredModel
from registry.proposals import version_hold
from registry.selectors.facts import authors_of, move_facts

SCORE = "deployments.scoring.begin"


def score_propose(subject_id: str, params: Mapping[str, Any]) -> Proposal:
    """`{"dataset": id, "environment": name, "asked": {…}}`: score this dataset version with this version."""
    environment = environment_check(str(params.get("environment")))
    model, version = version_hold(subject_id)
    dataset = dataset_held(params.get("dataset"), version)
    return score_proposal(model, version, dataset, environment, params.get("asked") or {})


def score_proposal(
    model: RegisteredModel,
    version: ModelVersion,
    dataset: DatasetVersion,
    environment: str,
    asked: Mapping[str, Any],
) -> Proposal:
    """A scoring with a version that the caller holds, with its model."""
    target = Target(
        score_key(version, dataset, environment),
        f"scoring of {dataset} ({environment})",
        ENVIRONMENT,
        environment,
    )
    facts = move_facts(SCORE, model, version, target, None)
    return Proposal(
        act=SCORE,
        subject=version_subject(version),
        target=target,
        params={"dataset": dataset.pk.hex, "environment": environment, "asked": dict(asked)},
        facts={
            **facts, "endpoint": {"name": "", "environment": environment}, "deployments": served_facts(version),
            "dataset": {
                "name": dataset.asset.name, "version": dataset.number, "digest": dataset.digest,
                "classification": dataset.classification,
            },
        },
        selectors={"model": model.name, ENVIRONMENT: environment, "tags": facts["model"]["tags"]},
        excluded=authors_of(version),
        risk_tier=facts["model"]["risk_tier"],
    )  # fmt: skip


def score_key(version: ModelVersion, dataset: DatasetVersion, environment: str) -> str:
    """What approvals of scorings name as their target."""
    return f"scoring:{dataset.pk.hex}:{ENVIRONMENT}:{environment}:{version.pk.hex}"


def dataset_held(dataset_id: Any, version: ModelVersion) -> DatasetVersion:
    """The dataset version of an approved scoring. Raises NotFound for one of another workspace."""
    try:
        found = (
            DatasetVersion.objects.select_related("asset", "workspace")
            .filter(pk=UUID(str(dataset_id)))
            .first()
        )
    except ValueError as error:
        raise InvalidInput("A scoring needs 'dataset', the id of a dataset version.") from error
    if found is None or found.workspace_id != version.workspace_id:
        raise NotFound(
            "There is no such dataset version in the workspace of the model, or you may not see it."
        )
    return found


def approval_standing(version: ModelVersion, dataset: DatasetVersion, environment: str) -> Approval | None:
    """An effective approval of exactly these files that covers a scoring here: for the same scoring before, or for
    serving at an endpoint of this environment."""
    deployed = Revision.objects.filter(
        version=version, digest=version.digest, endpoint__environment=environment, endpoint__deleted_at=None
    ).exclude(approval=None)  # fmt: skip
    same = Q(act=SCORE, target_key=score_key(version, dataset, environment), used_at__isnull=False)
    stands = Approval.objects.filter(
        state=EFFECTIVE, subject_type=VERSION_TYPE, subject_id=version.pk.hex, subject_digest=version.digest
    )
    return stands.filter(same | Q(pk__in=deployed.values("approval"))).order_by("-id").first()
