"""Prompts: in MLflow's protocol they are registered models that carry a tag, and versions that hold a text."""

import hashlib
from collections.abc import Mapping

from experiments.services.digests import manifest_digest

IS_PROMPT = "mlflow.prompt.is_prompt"
TEXT = "mlflow.prompt.text"
# What makes a version of a prompt what it is, and is therefore fixed with it.
CONTENT_TAGS = (TEXT, "_mlflow_prompt_type", "_mlflow_prompt_response_format")


def is_prompt_tagged(tags: Mapping[str, str]) -> bool:
    """Whether the tags say that this is a prompt, as MLflow reads them."""
    return tags.get(IS_PROMPT, "false").lower() == "true"


def prompt_digest(tags: Mapping[str, str]) -> str:
    """The digest of what a version of a prompt says; it has no files."""
    texts = {key: tags[key].encode() for key in CONTENT_TAGS if key in tags}
    return manifest_digest(
        [
            {"path": key, "size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
            for key, text in texts.items()
        ]
    )
