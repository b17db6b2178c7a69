"""Settings of measurements in a browser: files are collected, named by their content and compressed, as in production."""

from portal.settings.test import *  # noqa: F403

WHITENOISE_USE_FINDERS = False
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.web.static_files.StaticFiles"},
}
