"""The events process: Django is set up, then only server-sent events are served."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.prod")
django.setup()

from portal.web.events import application  # noqa: E402 - needs the app registry

__all__ = ["application"]
