"""Imports in children of one process that loads everything once and never touches the artifact store itself.

The threads of the store do not live on in a fork, so the children must be the first to use it.
"""

import json
import sys

import django

if __name__ == "__main__":
    django.setup()
    from django.core.management import call_command

    import transfer.sources.mlflow_store  # noqa: F401
    from tests.compliance.crashing import dies_at

    given = json.loads(sys.argv[1])
    died = [dies_at(deadly, lambda: call_command(*given["command"])) for deadly in given["deadly"]]
    sys.stdout.write(f"{json.dumps(died)}\n")
