"""What of a run is recorded that somebody needs to do it again, and what to do about the rest."""

from dataclasses import dataclass

from experiments.models import LoggedModel, Param, Run, RunInput, RunTag
from training.models import TrainingJob

OK, WARN, BAD = "ok", "warn", "bad"
_TAGS = "mlflow.source."
_SEEDS = ("seed", "random_state", "random_seed", "rng_seed", "np_seed", "torch_seed", "global_seed")
_LOCKS = ("requirements.txt", "conda.yaml", "python_env.yaml", "uv.lock", "requirements.lock")


@dataclass(frozen=True)
class Check:
    """One thing that a reproduction needs: `state` is ok, warn or bad; `advice` says what to do, if anything."""

    name: str
    state: str
    found: str
    advice: str = ""


def run_checks(run: Run) -> list[Check]:
    """Code, entry point, packages, data and seed; the caller has made sure that the run is seen."""
    tags = dict(RunTag.objects.filter(run=run, key__startswith=_TAGS).values_list("key", "value"))
    training = TrainingJob.objects.filter(run=run).select_related("code", "environment").first()
    return [
        _code(tags, training),
        _entry(tags, training),
        _packages(run, training),
        _data(run),
        _seed(run, training),
    ]


def _code(tags: dict[str, str], training: TrainingJob | None) -> Check:
    name = "Code"
    if training is not None and training.code is not None:
        code = training.code
        what = f"commit {code.git_commit[:12]}" if code.git_commit else f"files {code.digest[:12]}"
        return Check(
            name, OK, f"{what}{', with its changes kept' if code.is_dirty else ''}, held by the portal"
        )
    commit = tags.get("mlflow.source.git.commit", "")
    if not commit:
        advice = "Run it from a Git working copy, or start it as a training here, which keeps the code."
        return Check(name, BAD, "no commit is recorded", advice)
    if tags.get("mlflow.source.git.dirty", "").lower() == "true":
        if tags.get("mlflow.source.git.diff"):
            return Check(name, OK, f"commit {commit[:12]} and its uncommitted changes, as a diff")
        return Check(
            name, WARN, f"commit {commit[:12]}, with uncommitted changes", "Commit before you run it."
        )
    if "mlflow.source.git.dirty" not in tags:
        advice = "Its client does not tell whether all was committed. Commit before you run it."
        return Check(name, WARN, f"commit {commit[:12]}; nobody knows whether it was clean", advice)
    return Check(name, OK, f"commit {commit[:12]}, clean")


def _entry(tags: dict[str, str], training: TrainingJob | None) -> Check:
    spec = training.spec if training is not None else {}
    entry = next((str(spec[key]) for key in ("entry_point", "command", "notebook") if key in spec), "")
    entry = entry or tags.get("mlflow.source.name", "")
    if entry:
        return Check("Entry point", OK, entry)
    advice = "MLflow records it of scripts; in a notebook set the tag mlflow.source.name."
    return Check("Entry point", WARN, "not recorded", advice)


def _packages(run: Run, training: TrainingJob | None) -> Check:
    name = "Packages"
    if training is not None and training.environment is not None:
        locked = training.environment
        return Check(name, OK, f"locked, {locked.digest[:12]}, Python {locked.python_version}")
    models = LoggedModel.objects.filter(source_run=run, lifecycle_stage="active").values_list(
        "manifest", flat=True
    )
    for manifest in models[:10]:
        files = manifest if isinstance(manifest, list) else []
        found = next(
            (each["path"] for each in files if each.get("path", "").rpartition("/")[2] in _LOCKS), ""
        )
        if found:
            advice = (
                "It lists what the model needs, not all that was installed. A training here locks everything."
            )
            return Check(name, WARN, f"{found} of its model", advice)
    advice = "Log a list, mlflow.log_artifact('requirements.txt'), or start it as a training here, which locks them."
    return Check(name, BAD, "no list of packages is recorded", advice)


def _data(run: Run) -> Check:
    inputs = RunInput.objects.filter(run=run).select_related("dataset")[:20]
    named = [f"{each.dataset.name} {each.dataset.digest[:12]}" for each in inputs]
    if named:
        return Check(
            "Data", OK, ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
        )
    advice = "Name what it reads with mlflow.log_input, which keeps its digest."
    return Check("Data", BAD, "no dataset is recorded", advice)


def _seed(run: Run, training: TrainingJob | None) -> Check:
    if training is not None and training.spec.get("seed") is not None:
        return Check("Seed", OK, str(training.spec["seed"]))
    params = Param.objects.filter(run=run).values_list("key", "value")
    own = [
        (key, value) for key, value in params if key.lower().rpartition("__")[2].rpartition(".")[2] in _SEEDS
    ]
    known = [(key, value) for key, value in own if value not in ("None", "")]
    if known:
        return Check("Seed", OK, ", ".join(f"{key} {value[:40]}" for key, value in known[:3]))
    found = f"{own[0][0]} is None: each run draws anew" if own else "none is recorded"
    return Check("Seed", WARN, found, "Fix the seed and log it as a param: mlflow.log_param('seed', 7).")
