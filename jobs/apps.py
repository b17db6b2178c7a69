from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        """Declare every kind of job; one that is declared badly stops the start of any process."""
        autodiscover_modules("handlers")
