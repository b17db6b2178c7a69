from importlib import import_module

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        """Declare the gated acts of the registry; one that is declared badly stops the start of any process."""
        import_module("registry.services.moves")
        import_module("registry.services.system_models")
        import_module("registry.evidence_sources")
        import_module("registry.digests.serving")
