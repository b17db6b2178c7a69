"""What holds for every kind of process."""

import sys
from pathlib import Path

from portal.settings import audit as audit_log
from portal.settings import documents, logs
from portal.settings import environment as env
from portal.settings.api import *  # noqa: F403
from portal.settings.audit import *  # noqa: F403
from portal.settings.auth import *  # noqa: F403
from portal.settings.gate import *  # noqa: F403
from portal.settings.logs import LOG_FORMAT, logging_of
from portal.settings.outbox import *  # noqa: F403
from portal.settings.serving import *  # noqa: F403
from portal.settings.training import *  # noqa: F403
from portal.settings.workers import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".data")))
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
PORTAL_URL = env.url("PORTAL_URL", "http://localhost:8000", schemes=("http", "https")).rstrip("/")
# Where pages listen for changes (`portal.asgi`); pages poll where it is empty.
EVENTS_URL = env.text("EVENTS_URL", "").rstrip("/")
# Where predictions are asked for; a proxy that makes one address of both leaves it empty.
SERVING_URL = env.text("SERVING_URL", "").rstrip("/") or PORTAL_URL
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]
AUDIT_ORIGIN = audit_log.origin(PORTAL_URL)

OWN_APPS = [
    "portal.accounts",
    "portal.audit",
    "portal.api",
    "jobs",
    "compliance",
    "experiments",
    "registry",
    "transfer",
    "training",
    "deployments",
    "monitoring",
    "portal.web",
    "portal.console",
]
INSTALLED_APPS = [
    # Without its own site: the console has one that asks the portal who may come in.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    *[app for app in OWN_APPS if (BASE_DIR / app.replace(".", "/") / "apps.py").exists()],
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.web.middleware.RequestIdMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.web.compression.PagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.SessionLimitMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.web.middleware.ActorMiddleware",
    "portal.web.middleware.AddressMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.web.context.frame",
            ]
        },
    }
]

DATABASES = {"default": env.database(env.text("DATABASE_URL"))}
# Each server thread keeps its connection: there are few threads, and a prepared statement lives as long as it.
DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["OPTIONS"] |= {
    "prepare_threshold": 2,
    "connect_timeout": 5,
    # The tables that searches read stay in memory, and a search is too short to start a second process for it.
    "options": "-c statement_timeout=10000 -c idle_in_transaction_session_timeout=30000 -c lock_timeout=5000"
    " -c jit=off -c random_page_cost=1.1 -c max_parallel_workers_per_gather=0"
    " -c work_mem=16MB",  # 100,000 runs found are counted without a detour over the disk
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss"))
# What carries the bells of jobs; Redis unless it is said.
_BROKERS = ("redis", "rediss", "amqp", "amqps")
BROKER_URL = env.url("BROKER_URL", schemes=_BROKERS) if env.text("BROKER_URL", "") else ""
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
ARTIFACT_ROOT = env.text("ARTIFACT_ROOT", str(DATA_DIR / "artifacts"))
JOBS_SECRETS_KEY_FILE, JOBS_SECRETS_KEY_IS_MADE = documents.secrets_key_file(DATA_DIR)
# Where output of jobs waits on a worker until it is stored.
JOBS_SPOOL = env.text("JOBS_SPOOL", str(DATA_DIR / "spool"))
# Where workers run people's code and keep built environments: local to the machine, fast, and never shared.
JOBS_DIR = env.text("JOBS_DIR", str(DATA_DIR / "jobs"))
# How much of the data that trainings read is kept on a worker for the next one.
JOBS_DATA_CACHE_BYTES = env.whole("JOBS_DATA_CACHE_BYTES", 20 * 1024**3)
UV_CACHE_DIR = env.text("UV_CACHE_DIR", str(Path(JOBS_DIR) / "uv-cache"))
UV_PROGRAM = env.text("UV_PROGRAM", str(Path(sys.executable).parent / "uv"))
# How Git repositories of trainings may be fetched. `file` would let people read repositories of the worker's machine.
TRAINING_GIT_PROTOCOLS = env.words("TRAINING_GIT_PROTOCOLS", "https,ssh,git")
TRAINING_SSH_KNOWN_HOSTS = env.text("TRAINING_SSH_KNOWN_HOSTS", "")
# An uploaded archive of another tracker's folders; the hosts of tracking servers in the operator's own network, each
# with or without a port, that may be read from by plain http and at private addresses.
IMPORT_UPLOAD_BYTES = env.whole("IMPORT_UPLOAD_BYTES", 1024**3)
IMPORT_ALLOWED_HOSTS = env.words("IMPORT_ALLOWED_HOSTS")
TRAINING_CODE_UPLOAD_BYTES = env.whole("TRAINING_CODE_UPLOAD_BYTES", 100 * 1024**2)
# A lock for the same requirements is used again for so long; then they are resolved anew.
TRAINING_LOCK_HOURS = env.whole("TRAINING_LOCK_HOURS", 24)
# Built environments that nobody used for so long, or the oldest of more than so much, are removed.
TRAINING_ENVIRONMENT_DAYS = env.whole("TRAINING_ENVIRONMENT_DAYS", 30)
TRAINING_ENVIRONMENT_BYTES = env.whole("TRAINING_ENVIRONMENT_BYTES", 50 * 1024**3)
DOCUMENT_SIGNING_KEY_FILE, DOCUMENT_SIGNING_KEY_IS_MADE = documents.key_file(DATA_DIR)

AUTH_USER_MODEL = "accounts.User"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
# Files are served from where they lie; production collects, names by content and compresses them.
WHITENOISE_USE_FINDERS = True
STATICFILES_DIRS = [path for path in [BASE_DIR / "portal" / "static"] if path.exists()]
LOGGING = logging_of(LOG_FORMAT)
TRACES_ENDPOINT, TRACES_SERVICE = logs.TRACES_ENDPOINT, logs.TRACES_SERVICE
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

CSRF_FAILURE_VIEW = "portal.web.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "connect-src": ["'self'", *([EVENTS_URL] if EVENTS_URL else [])],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# No page takes files: those that a form carries are read past, and never kept in memory or on disk.
FILE_UPLOAD_HANDLERS: list[str] = []
# The one exception are files of datasets, which say so themselves (experiments.data.uploads).
DATASET_UPLOAD_BYTES = 4 * 1024**3
