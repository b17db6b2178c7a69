"""How to ask an endpoint, in code that works when it is pasted."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from compliance.selectors.evidence import evidence_newest
from deployments.models import Endpoint, Revision
from deployments.web.examples import row_of
from registry.gate.subjects import version_subject


@dataclass(frozen=True)
class Snippet:
    """A block of text to copy."""

    id: str
    label: str
    text: str


@dataclass(frozen=True)
class Asking:
    """The request that the form begins with, laid out, and the same in code."""

    example: str
    snippets: list[Snippet]


def example_of(revision: Revision | None) -> dict[str, Any]:
    """A request in MLflow's scoring protocol with one row, made from the signature of the version that serves."""
    columns = columns_of(revision)
    if revision is None or not columns:
        return {"inputs": [[0.5, 0.5]]}
    return {"dataframe_records": [row_of(revision.version, columns)]}


def columns_of(revision: Revision | None) -> list[dict[str, Any]]:
    """The input columns that the signature of a revision's version states, as evidence has them."""
    if revision is None:
        return []
    subject = version_subject(revision.version)
    found = evidence_newest(
        subject_type=subject.type, subject_id=subject.id, subject_digest=subject.digest, kind="model_version"
    )
    described = found.get("model_version")
    inputs = (described.body.get("signature", {}).get("inputs") if described else None) or []
    return [each for each in inputs if isinstance(each, dict) and isinstance(each.get("name"), str)]


def asking_of(endpoint: Endpoint, revision: Revision | None) -> Asking:
    """How to ask an endpoint while this revision serves; None where none does."""
    example = example_of(revision)
    return Asking(json.dumps(example, indent=1), _snippets(endpoint, example))


def _snippets(endpoint: Endpoint, example: dict[str, Any]) -> list[Snippet]:
    """The example in curl and in Python."""
    url = f"{settings.SERVING_URL.rstrip('/')}/endpoints/{endpoint.name}/invocations"
    body = json.dumps(example)
    python = (
        "import os, requests\n\n"
        f"answer = requests.post(\n    {url!r},\n"
        "    headers={'Authorization': f\"Bearer {os.environ['MLFLOW_TRACKING_TOKEN']}\"},\n"
        f"    json={example!r},\n    timeout=30,\n)\nanswer.raise_for_status()\nprint(answer.json()['predictions'])"
    )
    curl = (
        f'curl -sS {url} \\\n  -H "Authorization: Bearer $MLFLOW_TRACKING_TOKEN" \\\n'
        f"  -H 'Content-Type: application/json' \\\n  -d '{body}'"
    )
    return [Snippet("ask-curl", "curl", curl), Snippet("ask-python", "Python", python)]
