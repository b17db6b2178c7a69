"""Lines to paste: how a version of a dataset is made, and how it is used."""

from urllib.parse import quote

from django.conf import settings

from experiments.models import DatasetVersion
from portal.accounts.models import Workspace


def upload_snippets(workspace: Workspace | None) -> list[tuple[str, str, str]]:
    """Each an id, a label and lines: by curl and by Python."""
    address = f"{settings.PORTAL_URL}/api/v1/datasets/{workspace.name if workspace else '<workspace>'}/my-data/versions"
    return [
        (
            "by-curl",
            "Upload by curl",
            'curl -H "Authorization: Bearer $MLFLOW_TRACKING_TOKEN" \\\n'
            f"  -F files=@train.csv -F role=train \\\n  {address}",
        ),
        (
            "by-python",
            "Upload by Python",
            "import os, requests\n"
            f'requests.post("{address}",\n'
            '    headers={"Authorization": f"Bearer {os.environ[\'MLFLOW_TRACKING_TOKEN\']}"},\n'
            '    files={"files": open("train.csv", "rb")}, data={"role": "train"})',
        ),
    ]


def use_snippets(version: DatasetVersion) -> list[tuple[str, str, str]]:
    """As an input of a training, and as a download; nothing for data that lies elsewhere."""
    if not version.is_held or not version.manifest:
        return []
    name, first = version.asset.name, quote(version.manifest[0]["path"])
    address = (
        f"{settings.PORTAL_URL}/api/v1/datasets/{version.workspace.name}/{name}/versions/{version.number}"
    )
    return [
        (
            "as-input",
            "Input of a training",
            f'inputs:\n  data: {{dataset: "{name}", version: {version.number}}}',
        ),
        (
            "download",
            "Download by curl",
            f'curl -OJ -H "Authorization: Bearer $MLFLOW_TRACKING_TOKEN" \\\n  "{address}/files/{first}"',
        ),
    ]
