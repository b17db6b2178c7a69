"""Settings of production: behind a proxy that ends TLS; `check --deploy` has nothing to say about them."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from portal.settings import environment as env
from portal.settings.base import *  # noqa: F403
from portal.settings.base import SECRET_KEY
from portal.settings.logs import logging_of

if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
    raise ImproperlyConfigured("SECRET_KEY must be 50 or more random characters.")
PORTAL_URL = env.url("PORTAL_URL", schemes=("https",)).rstrip("/")
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", str(urlsplit(PORTAL_URL).hostname))
LOGGING = logging_of(env.choice("LOG_FORMAT", "json", ("console", "json")))

SECURE_SSL_REDIRECT = True
# The health checks of the container come without TLS, from the container itself.
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.whole("TRUSTED_PROXY_COUNT", 0) else None
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"

WHITENOISE_USE_FINDERS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.web.static_files.StaticFiles"},
}
