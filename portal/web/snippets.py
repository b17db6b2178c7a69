"""What to paste into a terminal so that a training script logs here."""

from collections.abc import Sequence

from django.conf import settings

from portal.accounts.models import Workspace


def client_snippet(token: str, workspaces: Sequence[Workspace]) -> str:
    """The variables that the MLflow client reads, and a line that proves them.

    Whose token reaches several workspaces has to name the one that new experiments belong to.
    """
    lines = [f"export MLFLOW_TRACKING_URI={settings.PORTAL_URL}", f"export MLFLOW_TRACKING_TOKEN={token}"]
    if len(workspaces) > 1:
        lines.append(f"export MLFLOW_WORKSPACE={workspaces[0].name}")
    return "\n".join([*lines, "python -c 'import mlflow; mlflow.log_metric(\"answer\", 42)'"])
