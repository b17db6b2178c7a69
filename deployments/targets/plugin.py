"""Any installed plugin of MLflow's deployments (SageMaker, Azure ML, …), asked in a process of its own.

An operator names in DEPLOYMENT_PLUGINS which there are, each with a file of variables that hold its credentials: they
are read when a job asks, and are kept nowhere else. The files of the model are handed over as they were checked.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings

from deployments.facts import FAILED, READY, STARTING, STOPPED
from deployments.models import Revision
from deployments.targets.protocol import Seen, Wanted
from jobs.errors import Permanent
from portal.kernel.errors import Unavailable

CALL = Path(__file__).resolve().parents[1] / "programs" / "plugin" / "call.py"
SECONDS = 120
# Variables of the file that are no credentials: which target of the plugin is meant, such as `sagemaker:/eu-west-1`,
# and what it is told of every deployment, as JSON.
TARGET_URI, CONFIG = "TARGET_URI", "DEPLOYMENT_CONFIG"
_ADDRESSES = ("endpoint_url", "address", "url", "predict_url")
_GOOD, _BAD = (
    ("inservice", "ready", "running", "succeeded", "active", "healthy"),
    ("failed", "error", "unhealthy"),
)


class PluginTarget:
    """One plugin. Where it tells an HTTP address, gateways ask there; else its own clients ask it."""

    is_prepared = True

    def __init__(self, name: str) -> None:
        self.name = name

    def apply(self, wanted: Wanted) -> None:
        self._ask("apply", wanted.revision, model=wanted.prepared["model"])

    def observe(self, revision: Revision) -> Seen:
        found = self._ask("observe", revision)
        if found is None:
            return Seen(STOPPED, is_gone=True)
        state = next((str(found[key]) for key in found if "status" in key.lower() or key == "state"), "ready")
        address = next((str(found[key]) for key in _ADDRESSES if found.get(key)), "")
        word = state.lower().replace("_", "")
        seen = READY if word in _GOOD else FAILED if word in _BAD else STARTING
        return Seen(seen, "" if seen == READY else f"The plugin {self.name} says {state}."[:500],
                    (address.rstrip("/"),) if address and seen == READY else ())  # fmt: skip

    def remove(self, revision: Revision) -> None:
        self._ask("remove", revision)

    def _ask(self, act: str, revision: Revision, *, model: str = "") -> dict[str, Any] | None:
        variables = self._variables()
        request = {
            "act": act, "target": variables.pop(TARGET_URI, self.name), "name": deployment_name(revision),
            "model": model, "config": json.loads(variables.pop(CONFIG, "{}")),
        }  # fmt: skip
        answer = _called(request, variables)
        if "problem" in answer:
            said = f"The plugin {self.name} could not {act} {revision}: {answer['problem']}"
            raise Permanent(said) if answer.get("is_final") else Unavailable(said)
        found: dict[str, Any] | None = answer["found"]
        return found

    def _variables(self) -> dict[str, str]:
        """The variables of the operator's file. Raises Permanent."""
        path = settings.DEPLOYMENT_PLUGINS.get(self.name)
        if path is None:
            raise Permanent(f"No plugin {self.name} is set up: an operator names it in DEPLOYMENT_PLUGINS.")
        try:
            lines = Path(path).read_text().splitlines() if path else []
        except OSError as error:
            raise Unavailable(
                f"The variables of the plugin {self.name} cannot be read: {error.strerror}."
            ) from error
        pairs = (line.partition("=") for line in lines if line.strip() and not line.lstrip().startswith("#"))
        return {name.strip(): value.strip() for name, _, value in pairs}


def deployment_name(revision: Revision) -> str:
    """What the revision is called at the plugin: one deployment for each, so that both can run while traffic moves."""
    return f"{revision.endpoint.name}-r{revision.number}"


def _called(request: dict[str, Any], variables: dict[str, str]) -> dict[str, Any]:
    """The answer of the program, which has nothing of the portal's environment. Raises Unavailable."""
    with tempfile.TemporaryDirectory(prefix="portal-plugin-") as home:
        env = {"PATH": os.defpath, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", **variables}
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-B", str(CALL)], input=json.dumps(request), capture_output=True, text=True,
                check=False, timeout=SECONDS, cwd=home, env=env, start_new_session=True,
            )  # fmt: skip
            answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"The plugin did not answer within {SECONDS} seconds.") from error
        except (IndexError, ValueError) as error:
            raise Unavailable(f"The plugin ended without an answer: {done.stderr.strip()[-500:]}") from error
    return answer
