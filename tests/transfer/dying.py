"""Commands in children of one process that loads everything once and never touches the artifact store itself.

The threads of the store do not live on in a fork, so the children must be the first to use it.
"""

import json
import os
import subprocess
import sys
import traceback

import django
from django.conf import settings
from django.db import connection


def database_url():
    """That of this test."""
    found = connection.settings_dict
    return f"postgresql://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


def deaths(command, deadly):
    """Run a command in children that die at these statements, one after the other; whether each died."""
    environment = {**os.environ, "DATABASE_URL": database_url(), "ARTIFACT_ROOT": str(settings.ARTIFACT_ROOT)}
    given = json.dumps({"command": command, "deadly": deadly})
    done = subprocess.run(
        [sys.executable, "-m", "tests.transfer.dying", given],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    django.setup()
    from django.core.management import call_command

    import transfer.exporting
    import transfer.sources.mlflow_store  # noqa: F401
    from tests.compliance.crashing import dies_at

    given = json.loads(sys.argv[1])

    def work():
        try:
            call_command(*given["command"])
        except BaseException:
            traceback.print_exc()
            raise

    died = [dies_at(deadly, work) for deadly in given["deadly"]]
    sys.stdout.write(f"{json.dumps(died)}\n")
