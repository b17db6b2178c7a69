"""What answers requests now without an approval that a policy in force asks for."""

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.models import Policy
from compliance.models.approvals import EFFECTIVE
from compliance.selectors.asking import is_asked, policies_asking
from deployments.facts import LIVE
from deployments.models import Traffic
from deployments.proposals import DEPLOY, ENVIRONMENT
from portal.accounts.actor import Actor
from registry.selectors.facts import model_tags
from registry.selectors.systems import risk_tier_of


@dataclass(frozen=True)
class Unapproved:
    """Traffic that nobody has approved, and why that is so."""

    traffic: Traffic
    why: str


def unapproved_traffic(actor: Actor) -> Iterator[Unapproved]:
    """Over what the actor sees; rules of the policies are not asked, only whether they ask for an approval."""
    asking = policies_asking()
    found = Traffic.objects.filter(valid_to=None, role=LIVE).exclude(revision__approval__state=EFFECTIVE)
    if actor.workspace_ids is not None:
        found = found.filter(endpoint__workspace_id__in=actor.workspace_ids)
    found = found.select_related("endpoint__workspace", "revision__version__model", "revision__approval")
    for each in found.order_by("-valid_from", "-id") if asking else []:
        if _is_protected(each, asking):
            approval = each.revision.approval
            why = f"its approval is {approval.state}" if approval else "it has no approval"
            yield Unapproved(each, f"A policy protects {each.endpoint.environment}, and {why}.")


def _is_protected(held: Traffic, asking: list[Policy]) -> bool:
    model = held.revision.version.model
    selectors = {
        "model": model.name, ENVIRONMENT: held.endpoint.environment, "tags": model_tags(model),
        "risk_tier": risk_tier_of(model),
    }  # fmt: skip
    return is_asked(asking, workspace_id=held.endpoint.workspace_id, act=DEPLOY, selectors=selectors)
