"""The packages that a revision runs with: those of its model, with what the server itself needs."""

import platform
import re
from pathlib import Path

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from deployments.models import Revision
from jobs.process.command import Command, Limits
from jobs.process.run import run_command
from jobs.step import JobStep
from training.models import RuntimeEnvironment
from training.work.environment import BUILD_SECONDS, Built, environment_of, environment_ready
from training.work.interpreters import version_here
from training.work.needs import Needs, needs_read

PROGRAMS = Path(__file__).resolve().parents[1] / "programs"
SERVER, BATCH = PROGRAMS / "server", PROGRAMS / "batch"
# The server loads models with an MLflow of its own: a newer one reads what an older one wrote.
_OURS = ("mlflow", "mlflow-skinny")
_COMPILED, _MODULE = ".portal-compiled", re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\Z")
_IMPORTED = {
    SERVER: ("mlflow.pyfunc", "pandas", "starlette.applications", "uvicorn", "httptools", "uvloop", "orjson"),
    BATCH: ("mlflow.pyfunc", "pandas", "pyarrow.csv", "pyarrow.parquet"),
}
_IMPORT = """
import contextlib, importlib, sys
for name in sys.argv[1:]:
    with contextlib.suppress(Exception):
        importlib.import_module(name)
"""


def environment_built(
    step: JobStep, known: RuntimeEnvironment | None, model: Path, scratch: Path, program: Path = SERVER
) -> Built:
    """The environment in which a program runs a model, ready on this machine. Raises Permanent when it cannot be built.

    `known` are packages that these files once ran with here, with which they run again: what was tried in one
    environment is what serves in the next one, also when somebody goes back after months.
    """
    if known is not None:
        built = environment_ready(step, scratch, known.lock, known.python_version)
    else:
        needs = _needs(model, program)
        python = version_here(needs.python or platform.python_version(), is_firm=False)
        built = environment_of(step, scratch, needs, python)
    _compiled(step, built, model, scratch, program)
    return built


def environment_known(revision: Revision) -> RuntimeEnvironment | None:
    """That in which these files were served here last."""
    earlier = Revision.objects.filter(digest=revision.digest, prepared__environment__isnull=False)
    found = earlier.order_by("-id").values_list("prepared__environment", flat=True).first()
    return RuntimeEnvironment.objects.filter(digest=found).first() if found else None


def _compiled(step: JobStep, built: Built, model: Path, scratch: Path, program: Path) -> None:
    """Import once what a program will: one that serves writes no bytecode, and would compile it at every start."""
    home = built.python.parent.parent
    if (home / _COMPILED).exists():
        return
    words = (str(built.python), "-c", _IMPORT, *_IMPORTED[program], *_flavors(model))
    env = {"PATH": f"{built.python.parent}:/usr/bin:/bin", "HOME": str(scratch / "home"), "LANG": "C.UTF-8"}
    command = Command(argv=words, cwd=scratch, env=env, limits=Limits(seconds=BUILD_SECONDS))
    if run_command(step, command, label="compile what is imported").is_success:
        (home / _COMPILED).touch()


def _flavors(model: Path) -> list[str]:
    """Modules that load the model, as far as its description names some."""
    try:
        said = yaml.safe_load((model / "MLmodel").read_text())["flavors"]
        names = [*said, said.get("python_function", {}).get("loader_module", "")]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        return []
    return [name for name in map(str, names) if _MODULE.match(name)]


def _needs(model: Path, program: Path) -> Needs:
    said = needs_read({}, model, model, None)
    own = (program / "requirements.in").read_text().split()
    named = {name for line in said.lines if (name := _name(line))}
    kept = [line for line in said.lines if _name(line) not in _OURS]
    said.lines = [*kept, *(line for line in own if _name(line) in _OURS or _name(line) not in named)]
    return said


def _name(line: str) -> str:
    try:
        return canonicalize_name(Requirement(line.partition(" #")[0].strip()).name)
    except InvalidRequirement:
        return ""
