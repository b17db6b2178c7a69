from importlib import import_module

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"

    def ready(self) -> None:
        """Answer what deployments ask about drift."""
        import_module("monitoring.guarding")
