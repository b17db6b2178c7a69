from importlib import import_module

from django.apps import AppConfig


class TransferConfig(AppConfig):
    name = "transfer"

    def ready(self) -> None:
        """Say which uploaded archives are still wanted."""
        import_module("transfer.waiting")
