"""What to paste into a terminal so that a training script logs here."""

from django.conf import settings


def client_snippet(token: str) -> str:
    """The two variables that the MLflow client reads, and a line that proves them."""
    return (
        f"export MLFLOW_TRACKING_URI={settings.PORTAL_URL}\n"
        f"export MLFLOW_TRACKING_TOKEN={token}\n"
        "python -c 'import mlflow; mlflow.log_metric(\"answer\", 42)'"
    )
