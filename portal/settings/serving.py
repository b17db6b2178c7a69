"""Where model servers of the local target run, and how gateways reach them (docs/runbooks/serving.md)."""

from portal.settings import environment as env

# The name of the serving node of this machine. It shares JOBS_DIR with the workers, which prepare what it runs.
SERVING_NODE = env.text("SERVING_NODE", "local")
# Where model processes listen, and the name under which gateways reach them there.
SERVING_BIND = env.text("SERVING_BIND", "127.0.0.1")
SERVING_HOST = env.text("SERVING_HOST", "127.0.0.1")
# Files of models that no revision runs from are kept for so long, for going back.
SERVING_FILES_DAYS = env.whole("SERVING_FILES_DAYS", 14)
