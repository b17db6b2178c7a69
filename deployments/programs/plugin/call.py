"""Asks one installed plugin of MLflow's deployments: `python call.py`, with a request as JSON on standard input.

`{act: apply|observe|remove, target, name, model, config}` is answered with one line of JSON: `{found}`, what the plugin
tells of the deployment, or null where it has none; or `{problem, is_final}`. Credentials are those of the environment.
It runs apart from the portal, which imports neither MLflow nor what plugins need.
"""

import json
import os
import sys


def main() -> int:
    request, said = json.load(sys.stdin), os.dup(1)
    os.dup2(2, 1)  # what plugins print is no answer
    try:
        answer = {"found": _asked(request)}
    except Exception as error:
        answer = {
            "problem": f"{type(error).__name__}: {error}"[:2000],
            "is_final": isinstance(error, (ImportError, TypeError, ValueError)) or _is_refused(error),
        }
    os.write(said, json.dumps(answer, default=str).encode() + b"\n")
    return 0


def _asked(request: dict):
    from mlflow.deployments import get_deploy_client

    client, name = get_deploy_client(request["target"]), request["name"]
    found = _found(client, name)
    if request["act"] == "remove":
        if found is not None:
            client.delete_deployment(name)
        return _found(client, name)
    if request["act"] == "apply" and found is None:
        client.create_deployment(name, request["model"], config=request["config"])
        found = _found(client, name)
    return found


def _found(client, name: str):
    """What the plugin tells of a deployment. Plugins say that there is none in words of their own, so lists decide."""
    listed = [each.get("name", each.get("EndpointName")) for each in client.list_deployments()]
    return client.get_deployment(name) if name in listed else None


def _is_refused(error: Exception) -> bool:
    """Whether MLflow itself says that asking again cannot help."""
    return getattr(error, "error_code", "") in (
        "INVALID_PARAMETER_VALUE",
        "NOT_IMPLEMENTED",
        "FEATURE_DISABLED",
    )


if __name__ == "__main__":
    sys.exit(main())
