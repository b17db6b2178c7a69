"""A job with a log, step by step: `begin`, `more <id>`, `end <id>`. Run as a program with the portal's environment."""

import sys
from uuid import UUID

import django

django.setup()

from django.db import transaction  # noqa: E402 - needs the app registry

from jobs import transitions  # noqa: E402
from jobs.models import JobRun  # noqa: E402
from jobs.process.logs import AttemptLog  # noqa: E402
from jobs.process.progress import progress_set  # noqa: E402
from jobs.queue import enqueue  # noqa: E402
from portal.accounts.actor import Actor  # noqa: E402
from portal.accounts.models import Workspace  # noqa: E402

ACTOR = Actor.system("tests", actions=["jobs.job.read"])
KIND = "experiments.digest_model"


def begin() -> UUID:
    workspace = Workspace.objects.get(name="credit")
    with transaction.atomic():
        run = enqueue(KIND, key="logged", args={"model_id": "m-1"}, actor=ACTOR, workspace_id=workspace.pk)
    assert transitions.claim(run.pk, "tester:1") is not None
    say(run.pk, "hello <b>world</b>\n 10% of it\r 20% of it")
    progress_set(run.pk, "rows", 20, 100, "row")
    return run.pk


def say(job_id: UUID, text: str) -> None:
    kept = AttemptLog(job_id, 1)
    kept.begin("tester:1")
    kept.write(text)
    kept.flush()


def main(act: str, job_id: UUID | None = None) -> None:
    if job_id is None:
        job_id = begin()
    elif act == "more":
        say(job_id, "\r 90% of it\nand more\n")
        progress_set(job_id, "rows", 90, 100, "row")
    else:
        transitions.end(job_id, 1, "done", actor="tests", reason="")
    sys.stdout.write(f"{JobRun.objects.get(pk=job_id).pk}\n")


if __name__ == "__main__":
    main(sys.argv[1], *map(UUID, sys.argv[2:]))
