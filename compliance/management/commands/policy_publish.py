"""`manage.py policy_publish FILE [--workspace NAME]`: put a policy in force from the machine that runs the portal.

For setting up, and for whoever must change a policy when nobody is left to do it: both steps are in the audit log
under the name of this command. Repeating it with the same file changes nothing.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from compliance.models import Policy, PolicyVersion
from compliance.models.policies import PROPOSED
from compliance.policies.document import document_digest, document_parse
from compliance.services.policies import policy_propose, policy_publish
from portal.accounts.actor import Actor
from portal.accounts.management.base import OperationCommand, workspace_named
from portal.accounts.models import Workspace

ACTOR = Actor.system(
    "commands.policy_publish", actions=["compliance.policy.propose", "compliance.policy.publish"]
)


class Command(OperationCommand):
    help = "Publish a policy from a YAML file, portal-wide or for one workspace."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--workspace", default="", help="the workspace; else the whole portal")

    def act(self, *, file: Path, workspace: str, **_: Any) -> dict[str, Any]:
        place = workspace_named(workspace) if workspace else None
        version, is_new = _published(place, _text(file))
        what = "is in force" if is_new else "was in force already"
        return {
            "message": f"{version} {what} in {workspace or 'the portal'}.",
            "policy": version.policy.name, "number": version.number, "digest": version.digest, "created": is_new,
        }  # fmt: skip


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error


def _published(place: Workspace | None, source: str) -> tuple[PolicyVersion, bool]:
    """The version in force with this text, and whether this call made it so."""
    document = document_parse(source)
    digest = document_digest(document)
    policy = Policy.objects.filter(workspace=place, name=document["name"]).select_related("current").first()
    if policy is not None and policy.current is not None and policy.current.digest == digest:
        return policy.current, False
    waiting = policy.versions.filter(state=PROPOSED, digest=digest).first() if policy else None
    version = waiting or policy_propose(actor=ACTOR, workspace=place, source=source)
    return policy_publish(actor=ACTOR, version=version, proof=None), True
