"""MLflow's deployments client for the portal: `get_deploy_client("portal")`, or `"portal://host:port"`.

Without a host, the portal is that of MLFLOW_TRACKING_URI. The token comes from MLFLOW_TRACKING_TOKEN. A deployment is
an endpoint with the revision that serves; creating and updating one passes the portal's gate like every other way.
"""

from portal_mlflow.client import PortalDeploymentClient
from portal_mlflow.words import run_local, target_help

__all__ = ["PortalDeploymentClient", "run_local", "target_help"]
