"""Jobs that read data: a look at every new version, and checks against rules."""

import json
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from compliance.evidence_kinds import FAIL, PASS
from experiments.data.keeping import FileDiffers
from experiments.models import DatasetVersion
from experiments.services.dataset_versions import DESCRIBE, PROFILE_JOB, dataset_describe
from jobs.errors import NothingToDo
from jobs.registry import job
from jobs.step import JobStep
from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput
from training.data.programs import data_fetch, program_run
from training.models import DataCheck
from training.services.data_checks import CHECK_JOB, RECORD, data_check_record
from training.work.scratch import scratch


@job(
    PROFILE_JOB, actions=[DESCRIBE], max_attempts=4, time_limit=timedelta(hours=4), restartable=True
)  # fmt: skip
def profile_dataset(step: JobStep, *, version_id: str) -> None:
    """Note which columns and rows a version has, with figures for plots; or why its files are no table."""
    version = DatasetVersion.objects.select_related("asset").filter(pk=UUID(version_id)).first()
    if version is None or version.read_at is not None or not version.is_held:
        raise NothingToDo("The version was read before, or the portal does not hold its files.")
    with scratch(step) as folder:
        try:
            data = data_fetch(step, version, folder / "inputs" / "data")
            seen = program_run(step, folder, "look.py", [str(data)])
        except FileDiffers as error:
            seen = {"problem": f"The file {error}"}
    step.finish(partial(_described, step.actor, version, seen))


@job(
    CHECK_JOB, actions=[RECORD, "compliance.evidence.record"], max_attempts=4, time_limit=timedelta(hours=4),
    restartable=True,
)  # fmt: skip
def check_dataset(step: JobStep, *, check_id: str) -> None:
    """Hold the rules of a check against its version."""
    found = DataCheck.objects.select_related("version__asset", "reference__asset")
    check = found.filter(pk=UUID(check_id)).first()
    if check is None or check.outcome:
        raise NothingToDo("There is no check that waits for its result.")
    with scratch(step) as folder:
        try:
            seen = _checked(step, check, folder)
        except FileDiffers as error:
            seen = {"problem": f"The file {error}"}
    results = seen.get("results", [])
    passed = "problem" not in seen and all(each["passed"] for each in results)
    step.finish(
        partial(
            data_check_record, actor=step.actor, check=check, outcome=PASS if passed else FAIL, results=results,
            problem=str(seen.get("problem", "")), rows=seen.get("rows"),
        )
    )  # fmt: skip


def _checked(step: JobStep, check: DataCheck, folder: Any) -> dict[str, Any]:
    inputs = folder / "inputs"
    request = {
        "data": str(data_fetch(step, check.version, inputs / "data")), "rules": check.rules,
        "reference": str(data_fetch(step, check.reference, inputs / "reference")) if check.reference else "",
    }  # fmt: skip
    (folder / "request.json").write_text(json.dumps(request))
    return program_run(step, folder, "check.py", [str(folder / "request.json")])


def _described(actor: Actor, version: DatasetVersion, seen: dict[str, Any]) -> dict[str, Any]:
    """A table with columns that cannot be kept counts as one that cannot be read."""
    problem = str(seen.get("problem", ""))
    if problem:
        dataset_describe(actor=actor, version=version, problem=problem)
        return {"problem": problem}
    profile = {key: seen[key] for key in ("rows", "duplicate_rows", "columns", "columns_left_out")}
    try:
        dataset_describe(
            actor=actor, version=version, schema=seen["schema"], row_count=seen["rows"],
            mlflow_digest=seen["mlflow_digest"], profile=profile,
        )  # fmt: skip
    except InvalidInput as error:
        dataset_describe(actor=actor, version=version, problem=error.detail)
        return {"problem": error.detail}
    return {"rows": seen["rows"], "columns": len(seen["schema"])}
