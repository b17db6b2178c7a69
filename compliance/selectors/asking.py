"""Whether policies in force ask for an approval of something that stands; their rules are not asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.models import Policy
from compliance.policies.evaluation import applies


def policies_asking() -> list[Policy]:
    """The policies whose version in force asks for approvals."""
    found = Policy.objects.filter(current__isnull=False).select_related("current")
    return [each for each in found if each.current and each.current.document.get("approvals")]


def is_asked(
    policies: Sequence[Policy], *, workspace_id: int, act: str, selectors: Mapping[str, Any]
) -> bool:
    """Whether one of them, portal-wide or of this workspace, is about this act on what the selectors describe."""
    return any(
        policy.workspace_id in (None, workspace_id)
        and policy.current is not None
        and applies(policy.current.document, act, selectors)
        for policy in policies
    )
