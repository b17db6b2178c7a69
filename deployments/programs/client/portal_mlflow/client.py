"""The client itself."""

import json
import re
import time

from mlflow.deployments import BaseDeploymentClient, PredictionsResponse
from mlflow.exceptions import MlflowException
from mlflow.protos import databricks_pb2 as codes
from mlflow.tracking import MlflowClient

from portal_mlflow.http import SCORE_SECONDS, Portal, address_of, named
from portal_mlflow.scoring import body_of

WAIT_SECONDS, LOOK_SECONDS = 300.0, 0.5
_NUMBERED, _ALIASED = re.compile(r"models:/([^/@]+)/(\d+)\Z"), re.compile(r"models:/([^/@]+)@(.+)\Z")


class PortalDeploymentClient(BaseDeploymentClient):
    """Deploys registered versions to endpoints of the portal, and asks them."""

    def __init__(self, target_uri):
        super().__init__(target_uri)
        self.portal = Portal(address_of(target_uri))

    def create_endpoint(self, name, config=None):
        """Make an endpoint; `config` names its workspace and environment, and may hold settings."""
        given = dict(config or {})
        settings = given.get("settings") or {}
        wish = {
            "name": name, "workspace": given.get("workspace", "default"),
            "environment": given.get("environment", "dev"),
            "settings": json.loads(settings) if isinstance(settings, str) else settings,
        }  # fmt: skip
        wish |= {key: given[key] for key in ("target", "description") if key in given}
        return self.portal.call("POST", "endpoints", json=wish)

    def update_endpoint(self, endpoint, config=None):
        """Change its description or settings."""
        given = {key: value for key, value in (config or {}).items() if key in ("description", "settings")}
        if isinstance(given.get("settings"), str):
            given["settings"] = json.loads(given["settings"])
        return self.portal.call("PATCH", f"endpoints/{named(endpoint)}", json=given)

    def delete_endpoint(self, endpoint):
        """Delete an endpoint; what served is kept."""
        self.portal.call("DELETE", f"endpoints/{named(endpoint)}")

    def list_endpoints(self):
        """All endpoints that the token sees."""
        return self.portal.all("endpoints")

    def get_endpoint(self, endpoint):
        """One endpoint with its traffic."""
        return self.portal.call("GET", f"endpoints/{named(endpoint)}")

    def create_deployment(self, name, model_uri, flavor=None, config=None, endpoint=None):
        """Deploy a version to `endpoint`, or else `name`; it is made first where `config` names a workspace."""
        given, where = dict(config or {}), endpoint or name
        if "workspace" in given and not self._has(where):
            self.create_endpoint(where, given)
        return self._deploy(where, model_uri, given)

    def update_deployment(self, name, model_uri=None, flavor=None, config=None, endpoint=None):
        """Deploy another version."""
        if not model_uri:
            raise MlflowException(
                "Say which version is deployed: model_uri='models:/<name>/<version>'.", codes.BAD_REQUEST
            )
        return self._deploy(endpoint or name, model_uri, dict(config or {}))

    def delete_deployment(self, name, config=None, endpoint=None):
        """Take all traffic away by deleting the endpoint."""
        self.delete_endpoint(endpoint or name)

    def list_deployments(self, endpoint=None):
        """What serves now, of one endpoint or of all."""
        found = [self.get_endpoint(endpoint)] if endpoint else self.list_endpoints()
        return [_deployment(each) for each in found]

    def get_deployment(self, name, endpoint=None):
        """What serves at an endpoint."""
        return _deployment(self.get_endpoint(endpoint or name))

    def predict(self, deployment_name=None, inputs=None, endpoint=None):
        """Score rows: a DataFrame, an array, a list of records, or a body of MLflow's scoring protocol."""
        found = self.get_endpoint(endpoint or deployment_name)
        said = self.portal.ask("POST", found["invocations_url"], json=body_of(inputs), timeout=SCORE_SECONDS)
        return PredictionsResponse(said)

    def _has(self, name):
        try:
            self.get_endpoint(name)
        except MlflowException as no:
            if no.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return False
        return True

    def _deploy(self, name, model_uri, given):
        model, version = self._version(model_uri)
        wish = {
            "model": model,
            "version": version,
            "rollout": _rollout(given),
            "reason": str(given.get("reason", "")),
        }
        made = self.portal.call("POST", f"endpoints/{named(name)}/revisions", json=wish)
        wait = float(given.get("wait", WAIT_SECONDS))
        if wait > 0:
            made = self._waited(name, made, wait)
        return {"name": name, "flavor": "python_function", **made}

    def _version(self, model_uri):
        numbered, aliased = _NUMBERED.match(model_uri), _ALIASED.match(model_uri)
        if numbered:
            return numbered[1], int(numbered[2])
        if aliased:
            found = MlflowClient(self.portal.address, self.portal.address).get_model_version_by_alias(
                aliased[1], aliased[2]
            )
            return aliased[1], int(found.version)
        raise MlflowException(
            f"{model_uri} names no registered version. Use models:/<name>/<version> or models:/<name>@<alias>.",
            codes.INVALID_PARAMETER_VALUE,
        )

    def _waited(self, name, made, seconds):
        """The revision when its target says that it is ready. Raises MlflowException when it failed, or in time."""
        until = time.monotonic() + seconds
        while made["observed_state"] not in ("ready", "failed") and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
            made = self.portal.call("GET", f"endpoints/{named(name)}/revisions/{made['number']}")
        if made["observed_state"] == "failed":
            raise MlflowException(f"Revision {made['number']} of {name} failed: {made['observed_detail']}")
        if made["observed_state"] != "ready":
            raise MlflowException(
                f"Revision {made['number']} of {name} is {made['observed_state']} after {seconds:.0f} s."
            )
        return made


def _rollout(given):
    found = {"strategy": given["strategy"]} if "strategy" in given else {}
    if "steps" in given:
        parts = (part.partition(":") for part in str(given["steps"]).split(","))
        found["steps"] = [
            {"percent": int(percent), "seconds": int(seconds or 0)} for percent, _, seconds in parts
        ]
    guards = {key: float(given[key]) for key in ("max_error_rate", "max_p95_ms") if key in given}
    return {**found, **({"guards": guards} if guards else {})}


def _deployment(endpoint):
    return {"name": endpoint["name"], "endpoint": endpoint["name"], "flavor": "python_function", **endpoint}
