"""People who oversee, and an audit log with signed checkpoints, for the browser tests of the console.

Run as a program with the portal's environment, after the scenery.
"""

import datetime as dt

import django

django.setup()

from portal.accounts.models import AuditorGrant, Membership, User, Workspace  # noqa: E402 - needs the app registry
from portal.audit.models import AuditWitness  # noqa: E402
from portal.audit.notes import Signer  # noqa: E402
from portal.audit.sequencer import Sequencer  # noqa: E402
from portal.kernel.clock import now  # noqa: E402
from tests.browser.scenery_names import PASSWORD  # noqa: E402


def main() -> None:
    credit = Workspace.objects.get(name="credit")
    for name, flag in (("aude", "is_auditor"), ("olga", "is_operator")):
        user = User.objects.create(
            username=name, email=f"{name}@example.com", name=name.capitalize(), **{flag: True}
        )
        user.set_password(PASSWORD)
        user.save()
    guest = User.objects.create(username="gus", email="gus@example.com")
    AuditorGrant.objects.create(
        user=guest, workspace=credit, reason="Yearly audit of credit models.", starts_at=now(),
        ends_at=now() + dt.timedelta(days=30), granted_by=User.objects.get(username="olga"),
    )  # fmt: skip
    Membership.objects.create(user=User.objects.get(username="dia"), workspace=credit, role="contributor")
    AuditWitness.objects.create(name="https://witness.example/portal", size=0, problem="it does not answer")
    Sequencer(Signer("portal.example/audit", bytes(range(32)))).run()


main()
