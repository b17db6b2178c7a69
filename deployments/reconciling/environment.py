"""The packages that a revision runs with: those of its model, with what the server itself needs."""

import platform
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from deployments.models import Revision
from jobs.step import JobStep
from training.models import RuntimeEnvironment
from training.work.environment import Built, environment_of, environment_ready
from training.work.interpreters import version_here
from training.work.needs import Needs, needs_read

SERVER = Path(__file__).resolve().parents[1] / "programs" / "server"
# The server loads models with an MLflow of its own: a newer one reads what an older one wrote.
_OURS = ("mlflow", "mlflow-skinny")


def environment_built(step: JobStep, revision: Revision, model: Path, scratch: Path) -> Built:
    """The environment of a revision, ready on this machine. Raises Permanent when it cannot be built.

    Packages that these files once ran with here are those that they run with again: what was tried in one environment
    is what serves in the next one, also when somebody goes back after months.
    """
    known = _known(revision)
    if known is not None:
        return environment_ready(step, scratch, known.lock, known.python_version)
    needs = _needs(model)
    return environment_of(
        step, scratch, needs, version_here(needs.python or platform.python_version(), is_firm=False)
    )


def _known(revision: Revision) -> RuntimeEnvironment | None:
    earlier = Revision.objects.filter(digest=revision.digest, prepared__environment__isnull=False)
    found = earlier.order_by("-id").values_list("prepared__environment", flat=True).first()
    return RuntimeEnvironment.objects.filter(digest=found).first() if found else None


def _needs(model: Path) -> Needs:
    said = needs_read({}, model, model, None)
    own = (SERVER / "requirements.in").read_text().split()
    named = {name for line in said.lines if (name := _name(line))}
    kept = [line for line in said.lines if _name(line) not in _OURS]
    said.lines = [*kept, *(line for line in own if _name(line) in _OURS or _name(line) not in named)]
    return said


def _name(line: str) -> str:
    try:
        return canonicalize_name(Requirement(line.partition(" #")[0].strip()).name)
    except InvalidRequirement:
        return ""
