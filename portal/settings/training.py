"""Where trainings run other than on a worker: Ray and Kubernetes (docs/runbooks/executors.md)."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ImproperlyConfigured

from portal.settings import environment as env


def _optional_url(name: str) -> str:
    return env.url(name, schemes=("http", "https")).rstrip("/") if env.text(name, "") else ""


def _networks(name: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(word) for word in env.words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is a list of networks such as 10.20.0.0/16: {error}.") from error


# The portal as the nodes of a cluster reach it; empty for PORTAL_URL.
EXECUTORS_PORTAL_URL = _optional_url("EXECUTORS_PORTAL_URL")
# Claims, secrets and tokens go over TLS, unless the network between cluster and portal is trusted and this says so.
EXECUTORS_ALLOW_HTTP = env.flag("EXECUTORS_ALLOW_HTTP")
# Networks from which claims are taken, separated by commas; empty for any.
EXECUTORS_NETWORKS = _networks("EXECUTORS_NETWORKS")
# Nodes see JOBS_DIR of the workers at the same path and use their environments; else they build their own.
EXECUTORS_SHARE_FILES = env.flag("EXECUTORS_SHARE_FILES")
# How long a submission may wait for its turn, and how long a cluster that does not answer is waited for.
EXECUTORS_QUEUE_SECONDS = env.whole("EXECUTORS_QUEUE_SECONDS", 3600)
EXECUTORS_PATIENCE_SECONDS = env.whole("EXECUTORS_PATIENCE_SECONDS", 600)
# The most that one result may have, packed and unpacked.
EXECUTORS_RESULT_BYTES = env.whole("EXECUTORS_RESULT_BYTES", 20 * 1024**3)

# The address of the dashboard, which serves the Jobs API; a proxy before it may want a token.
RAY_ADDRESS = _optional_url("RAY_ADDRESS")
RAY_TOKEN = env.text("RAY_TOKEN", "")
RAY_PYTHON = env.text("RAY_PYTHON", "python3")

# `in-cluster`, or the path of a kubeconfig; empty where there is no cluster.
KUBERNETES_CONFIG = env.text("KUBERNETES_CONFIG", "")
KUBERNETES_CONTEXT = env.text("KUBERNETES_CONTEXT", "")
KUBERNETES_NAMESPACE = env.text("KUBERNETES_NAMESPACE", "portal-training")
# Needs Python 3.11 and should have uv; pinned by digest where trainings are to be repeated.
KUBERNETES_IMAGE = env.text("KUBERNETES_IMAGE", "")
KUBERNETES_PULL_SECRET = env.text("KUBERNETES_PULL_SECRET", "")
# Index and proxy settings of pods, as a ConfigMap whose keys become variables such as UV_DEFAULT_INDEX.
KUBERNETES_ENV_CONFIG_MAP = env.text("KUBERNETES_ENV_CONFIG_MAP", "")
KUBERNETES_KEEP_SECONDS = env.whole("KUBERNETES_KEEP_SECONDS", 86_400)
if KUBERNETES_CONFIG and not KUBERNETES_IMAGE:
    raise ImproperlyConfigured("KUBERNETES_CONFIG needs KUBERNETES_IMAGE: the image in which trainings run.")
