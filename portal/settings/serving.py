"""Where model servers of the local target run, and how gateways reach them (docs/runbooks/serving.md)."""

from portal.settings import environment as env

# The name of the serving node of this machine. It shares JOBS_DIR with the workers, which prepare what it runs.
SERVING_NODE = env.text("SERVING_NODE", "local")
# Where model processes listen, and the name under which gateways reach them there.
SERVING_BIND = env.text("SERVING_BIND", "127.0.0.1")
SERVING_HOST = env.text("SERVING_HOST", "127.0.0.1")
# What served before keeps running for so long, so that going back takes no start.
SERVING_STANDBY_SECONDS = env.whole("SERVING_STANDBY_SECONDS", 900)
# Files of models that no revision runs from are kept for so long, for going back.
SERVING_FILES_DAYS = env.whole("SERVING_FILES_DAYS", 14)
# Plugins of MLflow's deployments that may be used, as `name=path`: a file of variables with the credentials of each.
DEPLOYMENT_PLUGINS = dict(word.partition("=")[::2] for word in env.words("DEPLOYMENT_PLUGINS"))
# Ray Serve in the cluster of RAY_ADDRESS: its HTTP address as gateways reach it, such as http://ray-head:8000.
RAY_SERVE_URL = env.text("RAY_SERVE_URL", "")
# KServe in the cluster of KUBERNETES_CONFIG: the image of a Python with uv, and where its files come from and run.
KSERVE_IMAGE = env.text("KSERVE_IMAGE", "")
KSERVE_NAMESPACE = env.text("KSERVE_NAMESPACE", "portal-serving")
# A service account whose secret lets KServe read the artifact store, and the address of that store for KServe.
KSERVE_SERVICE_ACCOUNT = env.text("KSERVE_SERVICE_ACCOUNT", "")
KSERVE_STORAGE_URI = env.text("KSERVE_STORAGE_URI", "")
