"""What `mlflow deployments help -t portal` says."""

from mlflow.exceptions import MlflowException

HELP = """
Target `portal` or `portal://host:port`; the token is MLFLOW_TRACKING_TOKEN.

  mlflow deployments create-endpoint -t portal --endpoint scores -C workspace=credit -C environment=dev
  mlflow deployments create -t portal --endpoint scores --name scores -m models:/fraud/3
  mlflow deployments predict -t portal --endpoint scores -I rows.json

Config of create and update: workspace, environment, target, description (when the endpoint is made with it), strategy
(blue_green, canary, ab, shadow), steps ("5:300,25:300,100:0" as percent:seconds), max_error_rate, max_p95_ms, reason,
wait (seconds until it serves; default 300, 0 does not wait). A version that a policy does not let through is refused
with the address of the request for its approval.
"""


def target_help() -> str:
    """Help for the terminal."""
    return HELP


def run_local(target, name, model_uri, flavor=None, config=None):
    """The portal runs models itself. Raises MlflowException."""
    raise MlflowException(
        "The portal has no local target of its own: use `mlflow models serve` to try a model."
    )
