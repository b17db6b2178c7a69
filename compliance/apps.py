from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ComplianceConfig(AppConfig):
    name = "compliance"

    def ready(self) -> None:
        """Declare the privileged state that bundles of the audit log carry, and where evidence comes from."""
        autodiscover_modules("audit_states")
        import_module("compliance.controls.own_providers")
