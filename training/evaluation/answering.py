"""Asks the models of an evaluation, each in a process of its own, and measures what they answered in another.

The processes of a model get rows without the right answers, no token, and nothing that measures. What they left is
looked at when they are gone, by programs with packages that no model names.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobs.errors import Permanent
from jobs.process.command import Exit
from jobs.step import JobStep
from training.data.programs import program_run, report_path
from training.evaluation.planning import CHAMPION, PROGRAM
from training.models import TrainingJob
from training.work.finishing import Execute
from training.work.scratch import FOLDERS

MODEL, DATA, QUESTIONS, ANSWERS = "model", "data", "questions", "answers"
WITHHELD, MEASURING = "withheld", "measuring"
TABLES = ("rows", "changed")


def models_ask(step: JobStep, training: TrainingJob, folder: Path, execute: Execute) -> Exit:
    """Let the champion answer, then the model: neither sees the data, the other, or what the other answered."""
    request = _request(training, folder)
    program = _fresh(folder / "code" / QUESTIONS)
    _program(step, folder, "ask.py", {**request, QUESTIONS: str(program)})
    withheld = _fresh(folder / WITHHELD)
    _fresh(withheld / ANSWERS)
    shutil.copytree(folder / "code", withheld / "code")
    shutil.move(folder / "inputs", withheld / "inputs")
    for subject in request["models"]:
        found = _answered(folder, subject, execute)
        if not found.is_success:
            break
    _fresh(folder / "inputs").rmdir()
    shutil.move(withheld / "inputs", folder / "inputs")
    shutil.copytree(withheld / ANSWERS, _fresh(folder / "outputs") / ANSWERS)
    return found


def answers_measure(step: JobStep, training: TrainingJob, folder: Path) -> Path:
    """The report on what the models answered, made from the data as it is. Raises Permanent for none."""
    answers = folder / WITHHELD / ANSWERS
    _program(step, folder, "measure.py", {**_request(training, folder), ANSWERS: str(answers)})
    return report_path(folder / MEASURING)


def _answered(folder: Path, subject: str, execute: Execute) -> Exit:
    """One model's turn, in folders that hold nothing of another's; its own files come back as they are then."""
    withheld, mine = folder / WITHHELD, _fresh(folder / "inputs") / subject
    shutil.move(withheld / "inputs" / subject, mine)
    for name in ("outputs", "home"):
        _fresh(folder / name)
    shutil.rmtree(folder / "code")
    shutil.copytree(withheld / "code", folder / "code")
    found = execute({"SUBJECT": subject})
    shutil.move(mine, withheld / "inputs" / subject)
    for name in TABLES:
        path = folder / "outputs" / ANSWERS / f"{subject}-{name}.npz"
        if path.is_file() and not path.is_symlink():
            shutil.move(path, withheld / ANSWERS / path.name)
    return found


def _request(training: TrainingJob, folder: Path) -> dict[str, Any]:
    inputs = folder / "inputs"
    subjects = [name for name in (CHAMPION, MODEL) if name in training.spec["inputs"]]
    return {
        "data": str(inputs / DATA), "models": {name: str(inputs / name) for name in subjects},
        "asked": json.loads(training.spec["environment"]["variables"]["EVALUATION"]),
        "seed": training.spec.get("seed", 0),
    }  # fmt: skip


def _program(step: JobStep, folder: Path, program: str, request: Mapping[str, Any]) -> None:
    """Run one of the programs that measure, in a folder that no model had. Raises Permanent with what it says."""
    place = _fresh(folder / MEASURING)
    for name in FOLDERS:
        (place / name).mkdir(mode=0o700)
    (place / "request.json").write_text(json.dumps(request))
    found = program_run(step, place, program, [str(place / "request.json")], group=PROGRAM)
    if "problem" in found:
        raise Permanent(f"The evaluation failed: {found['problem']}.")


def _fresh(folder: Path) -> Path:
    """An empty folder; whatever was there is gone, without following a link."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return folder
