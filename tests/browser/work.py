"""Does the jobs that are queued, as a worker would. Run as a program with the portal's environment."""

import django

django.setup()

from jobs.models import JobRun  # noqa: E402 - needs the app registry
from jobs.runner import run_job  # noqa: E402

MOST_ROUNDS = 20


def main() -> None:
    for _ in range(MOST_ROUNDS):
        waiting = list(JobRun.objects.filter(state="queued").order_by("id").values_list("pk", flat=True))
        done = [run_job(key) for key in waiting]  # every one of them, not only until the first success
        if not any(done):
            return


if __name__ == "__main__":
    main()
