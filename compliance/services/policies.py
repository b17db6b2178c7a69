"""Policies: proposed by one person, published by another. What was published never changes; a newer one replaces it.

Portal-wide policies are the operators'; those of a workspace are proposed by its maintainers and published by its
approvers. An operator has no say about a workspace's own policies.
"""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from compliance.models import Policy, PolicyVersion
from compliance.models.policies import PROPOSED, PUBLISHED, REJECTED
from compliance.policies.document import (
    document_digest,
    document_parse,
    is_retirement,
    retirement_document,
)
from compliance.services.invalidation import policies_changed
from compliance.services.persons import person_of, proved
from compliance.services.requests import text_check
from compliance.services.telling import policy_tell
from portal.accounts.actor import Actor
from portal.accounts.models import Role, User, Workspace
from portal.accounts.signin.proof import Proof
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from portal.operations import Changed, locked, operation

REASON_LENGTH = 1000


@operation("compliance.policy.propose", on="workspace")
def policy_propose(
    *, actor: Actor, workspace: Workspace | None, source: str, reason: str = ""
) -> PolicyVersion:
    """Propose a policy, or a new version of one, written in YAML. Raises InvalidInput that names line and key."""
    _reason_check(reason)
    proposer = _proposer(actor, workspace)
    document = document_parse(source)
    policy = _policy(workspace, document["name"], proposer)
    return _propose(actor, policy, proposer, source, document, reason)


@operation("compliance.policy.retire", on="policy")
def policy_retire(*, actor: Actor, policy: Policy, reason: str) -> PolicyVersion:
    """Propose that a policy ends: a version of its own kind, which a second person publishes or rejects."""
    _reason_check(reason)
    proposer = _proposer(actor, policy.workspace)
    if policy.current is None:
        raise Conflict(f"The policy {policy} is not in force.", code="invalid_state")
    source = f"name: {policy.name}\nretired: true\n"
    return _propose(actor, policy, proposer, source, retirement_document(policy.name), reason)


def publish_purpose(version: PolicyVersion) -> str:
    """What a proof for putting this version in force is for."""
    return f"publish:{version.pk.hex}"


@operation("compliance.policy.publish", on="version")
def policy_publish(
    *, actor: Actor, version: PolicyVersion, proof: Proof | None, reason: str = ""
) -> Changed[PolicyVersion]:
    """Put a proposed version in force. Requests and unused approvals that stood on other policies end.

    `proof` is spent; the portal's own command line has none. Raises PermissionDenied for who proposed it.
    """
    proved_at = proved(actor, proof, publish_purpose(version))
    _reason_check(reason)
    policy = _decided(actor, version, PUBLISHED)
    before = {"current": policy.current_id, "state": PROPOSED}
    old = policy.current
    policy.current = None if is_retirement(version.document) else version
    policy.save(update_fields=["current"])
    documents = [each.document for each in (old, policy.current) if each is not None]
    policies_changed(
        actor=actor, workspace_id=policy.workspace_id, documents=documents,
        reason=f"The policy {policy} changed with its version {version.number}.",
    )  # fmt: skip
    policy_tell(actor, version)
    after = {"current": policy.current_id, "state": PUBLISHED, "reauthenticated_at": proved_at}
    return Changed(version, before=before, after=after)


@operation("compliance.policy.reject", on="version")
def policy_reject(*, actor: Actor, version: PolicyVersion, reason: str) -> Changed[PolicyVersion]:
    """Turn a proposed version down."""
    _reason_check(reason)
    if not reason.strip():
        raise InvalidInput("Say why: the proposer has to know what to change.", code="reason_missing")
    _decided(actor, version, REJECTED)
    return Changed(version, before={"state": PROPOSED}, after={"state": REJECTED})


def _proposer(actor: Actor, workspace: Workspace | None) -> User | None:
    """Who answers for a proposal; the portal's own command line is nobody."""
    if actor.kind == "system":
        return None
    _role_check(actor, workspace, Role.MAINTAINER)
    return person_of(actor)


def _role_check(actor: Actor, workspace: Workspace | None, role: str) -> None:
    """An operator runs the portal; inside a workspace only its roles count."""
    if workspace is not None and role not in actor.roles.get(workspace.pk, ()):
        raise PermissionDenied(
            f"{actor.name} needs the role {role} in {workspace} for its policies. Ask a maintainer of the workspace."
        )


def _policy(workspace: Workspace | None, name: str, proposer: User | None) -> Policy:
    """The policy of this name, locked; made now unless there is one."""
    try:
        with transaction.atomic():
            policy, _ = Policy.objects.get_or_create(
                workspace=workspace, name=name, defaults={"created_by": proposer}
            )
    except IntegrityError as error:
        raise Conflict(
            f"The policy {name} was proposed at this moment by somebody else. Try again."
        ) from error
    found: Policy = locked(policy)
    return found


def _propose(
    actor: Actor, policy: Policy, proposer: User | None, source: str, document: Mapping[str, Any], reason: str
) -> PolicyVersion:
    waiting = policy.versions.filter(state=PROPOSED).first()
    if waiting is not None:
        raise Conflict(
            f"Version {waiting.number} of {policy} is proposed already. It has to be published or rejected first.",
            code="proposal_pending",
        )
    digest = document_digest(document)
    if policy.current is not None and policy.current.digest == digest:
        raise Conflict(f"The policy {policy} says exactly this already.", code="no_change")
    newest = policy.versions.order_by("-number").first()
    made = PolicyVersion.objects.create(
        policy=policy, workspace_id=policy.workspace_id, number=newest.number + 1 if newest else 1, source=source,
        document=dict(document), digest=digest, reason=reason, proposed_by=proposer,
    )  # fmt: skip
    policy_tell(actor, made)
    return made


def _decided(actor: Actor, version: PolicyVersion, state: str) -> Policy:
    """Check the second person and write the state; the policy, locked."""
    policy: Policy = locked(version.policy)
    decider = None
    if actor.kind != "system":
        _role_check(actor, policy.workspace, Role.APPROVER)
        decider = person_of(actor)
        if version.proposed_by_id == decider.pk:
            raise PermissionDenied(
                f"{actor.name} proposed {version} and cannot decide about it. Another person has to.",
                code="excluded",
            )
    if version.state != PROPOSED:
        raise Conflict(f"{version} is {version.state} already.", code="invalid_state")
    version.state, version.decided_by, version.decided_at = state, decider, now()
    version.save(update_fields=["state", "decided_by", "decided_at"])
    return policy


def _reason_check(reason: str) -> None:
    text_check(reason)
    if len(reason) > REASON_LENGTH:
        raise InvalidInput(f"A reason has at most {REASON_LENGTH} characters here.")
