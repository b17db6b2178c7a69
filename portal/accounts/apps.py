from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"

    def ready(self) -> None:
        # Importing it sooner would load models before the registry is ready.
        from portal.accounts.signin import receivers  # noqa: PLC0415

        receivers.connect()
