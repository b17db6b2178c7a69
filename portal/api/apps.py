from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "portal.api"
    label = "api"

    def ready(self) -> None:
        # Registers the system check of routes, which must not depend on some view being imported first.
        from portal import routing  # noqa: F401, PLC0415
