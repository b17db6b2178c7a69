from importlib import import_module

from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    name = "deployments"

    def ready(self) -> None:
        """Declare the gated act and the lineage of what is live; a bad declaration stops the start of any process."""
        import_module("deployments.services.gated")
        import_module("deployments.lineage")
        import_module("deployments.standing")
