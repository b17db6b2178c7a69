"""Who may decide, and who never may: natural persons, distinct from those whose work it is."""

from compliance.services.gate import Assessment
from portal.accounts.models import User


def persons_excluded(found: Assessment, *, requested_by_id: int) -> set[int]:
    """The requester, the authors that the act names, and whom the policies exclude by username."""
    named = {name for document in found.documents for name in document.get("exclude", [])}
    ids = User.objects.filter(username__in=named).values_list("pk", flat=True) if named else []
    return {requested_by_id, *found.proposal.excluded, *ids}
