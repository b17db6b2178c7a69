"""Python to paste: how to register a model, and how to load one."""

from django.conf import settings

from registry.models import ModelVersion, RegisteredModel


def register_snippet() -> str:
    """The three lines that put a model under a name."""
    return (
        "import mlflow\n"
        f'mlflow.set_tracking_uri("{settings.PORTAL_URL}")\n'
        'mlflow.register_model("runs:/<run id>/model", "my-model")'
    )


def model_snippet(model: RegisteredModel, alias: str) -> str:
    """How to load what an alias points to, and how to add a version."""
    uri = f"models:/{model.name}@{alias}" if alias else f"models:/{model.name}/1"
    return (
        "import mlflow\n"
        f'mlflow.set_tracking_uri("{settings.PORTAL_URL}")\n\n'
        f"model = mlflow.pyfunc.load_model({_quoted(uri)})\n"
        f'mlflow.register_model("runs:/<run id>/model", {_quoted(model.name)})'
    )


def version_snippet(version: ModelVersion) -> str:
    """How to load one version, and how to ask for an alias on it."""
    name = version.model.name
    return (
        "import mlflow\n"
        f'mlflow.set_tracking_uri("{settings.PORTAL_URL}")\n\n'
        f"model = mlflow.pyfunc.load_model({_quoted(f'models:/{name}/{version.version}')})\n"
        "client = mlflow.MlflowClient()\n"
        f'client.set_registered_model_alias({_quoted(name)}, "champion", "{version.version}")'
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
