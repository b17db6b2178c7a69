"""What a client asks about the server itself, and MLflow's workspaces, which are ours."""

from typing import Any

from portal.accounts.models import Workspace
from portal.api.call import Answer, Call, json_answer
from portal.api.protocol import Endpoint
from portal.kernel.mlflow_errors import FEATURE_DISABLED, RESOURCE_DOES_NOT_EXIST, ProtocolError

# The release whose protocol the portal speaks; clients compare it with their own.
MLFLOW_VERSION = "3.17.2"


def server_info(call: Call) -> Answer:
    """Answered without a login, as clients ask before they have one; it tells nothing about anybody."""
    return json_answer(
        {
            "store_type": "SqlStore",
            "workspaces_enabled": True,
            "trace_archival_enabled": False,
            "multipart_uploads_enabled": False,
            "multipart_downloads_enabled": False,
            "presigned_upload_run_id_supported": True,
            "presigned_upload_model_id_supported": True,
            "features_enabled": {"gateway": False},
        }
    )


def workspace_list(call: Call) -> Answer:
    ids = call.actor.workspace_ids
    found = Workspace.objects.all() if ids is None else Workspace.objects.filter(pk__in=ids)
    return json_answer({"workspaces": [workspace_json(workspace) for workspace in found]})


def workspace_get(call: Call) -> Answer:
    ids, name = call.actor.workspace_ids, call.arguments["name"]
    found = Workspace.objects.filter(name=name).first() if "\0" not in name else None
    if found is None or (ids is not None and found.pk not in ids):
        raise ProtocolError(f"Workspace '{name}' not found", RESOURCE_DOES_NOT_EXIST)
    return json_answer({"workspace": workspace_json(found)})


def workspace_change_refuse(call: Call) -> Answer:
    raise ProtocolError(
        "Workspaces are made and changed in the portal or through /api/v1/workspaces, by an operator.",
        FEATURE_DISABLED,
    )


def workspace_json(workspace: Workspace) -> dict[str, Any]:
    """MLflow's Workspace."""
    return {"name": workspace.name, "description": workspace.description}


ENDPOINTS = [
    Endpoint("GET", "3.0/mlflow/server-info", server_info, None, is_public=True),
    Endpoint("GET", "3.0/mlflow/workspaces", workspace_list, "accounts.workspace.list"),
    Endpoint("GET", "3.0/mlflow/workspaces/{name}", workspace_get, "accounts.workspace.read"),
    Endpoint("POST", "3.0/mlflow/workspaces", workspace_change_refuse, "accounts.workspace.create"),
    Endpoint("PATCH", "3.0/mlflow/workspaces/{name}", workspace_change_refuse, "accounts.workspace.update"),
    Endpoint("DELETE", "3.0/mlflow/workspaces/{name}", workspace_change_refuse, "accounts.workspace.update"),
]
