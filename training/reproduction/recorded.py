"""What was recorded of the training of a version, and whether that is enough to do it again."""

from dataclasses import dataclass
from typing import Any

from registry.models import ModelVersion
from training.models import TrainingJob


@dataclass(frozen=True)
class Recorded:
    """The training of a version. `missing` says what nobody recorded; it is empty where it can be done again."""

    training: TrainingJob | None
    missing: tuple[str, ...]

    @property
    def facts(self) -> dict[str, Any]:
        """What a certificate says that the training was made of."""
        training = self.training
        if training is None:
            return {}
        code, environment = training.code, training.environment
        return {
            "training": str(training.pk), "specification_digest": training.spec_digest,
            "code_digest": code.digest if code else None, "git_url": code.git_url if code else None,
            "git_commit": code.git_commit if code else None, "is_dirty": code.is_dirty if code else None,
            "environment_digest": environment.digest if environment else None,
            "python": environment.python_version if environment else None,
            "platform": environment.platform if environment else None, "parameters": training.spec["parameters"],
            "seed": training.spec.get("seed"), "inputs": training.seen.get("inputs", {}),
            "machine": training.seen.get("machine", {}),
        }  # fmt: skip


def recorded_of(version: ModelVersion) -> Recorded:
    """Look at what the training of a version, or of that which it is a copy of, left behind."""
    origin = version
    while origin.copied_from is not None:
        origin = origin.copied_from
    found = TrainingJob.objects.select_related("code", "environment", "experiment", "job", "workspace")
    training = found.filter(run=origin.run_id).first() if origin.run_id else None
    if training is None:
        why = "its run" if origin.run_id else "a run"
        return Recorded(
            None, (f"{why} was not made by a training of the portal: code and packages were not recorded",)
        )
    wanted = {
        "the code": training.code is not None, "the lock of its packages": training.environment is not None,
        "the files of the version": bool(version.manifest),
        "the folder of the model in its run": bool(origin.logged_model_id or origin.artifact_location),
    }  # fmt: skip
    missing = tuple(f"{what} was not recorded" for what, is_there in wanted.items() if not is_there)
    return Recorded(training, missing)


def spec_again(version: ModelVersion, training: TrainingJob) -> dict[str, Any]:
    """The specification of a training with everything pinned to what it really used."""
    spec = {key: value for key, value in training.spec.items() if key not in ("name", "code", "environment")}
    code: dict[str, Any] = {"snapshot": str(training.code_id)}
    if "subdirectory" in training.spec["code"]:
        code["subdirectory"] = training.spec["code"]["subdirectory"]
    kept = {
        key: training.spec["environment"][key]
        for key in ("variables", "secrets")
        if key in training.spec["environment"]
    }
    environment = training.environment
    assert environment is not None  # noqa: S101 - `recorded_of` has looked
    outputs = {name: {"type": "folder"} for name in training.spec["outputs"]}
    tags = {**training.spec["tags"], "portal.reproduction_of": f"{version.model.name}/{version.version}"}
    pinned = {"lock": environment.lock, "python": environment.python_version}
    return {
        **spec, "name": f"reproduce-{version.model.name[:180]}-v{version.version}", "code": code,
        "environment": {**kept, **pinned}, "outputs": outputs, "tags": tags,
        "experiment": f"{training.experiment.name[:230]}/reproductions",
    }  # fmt: skip
