"""What can be told to the outside: MLflow's events, word for word, and the portal's own topics.

MLflow's events are those of its client 3.17 (`mlflow.entities.webhook`): an entity and what may happen to it.
"""

from typing import Any

MLFLOW_EVENTS: dict[str, frozenset[str]] = {
    "registered_model": frozenset({"created"}),
    "model_version": frozenset({"created"}),
    "model_version_tag": frozenset({"set", "deleted"}),
    "model_version_alias": frozenset({"created", "deleted"}),
    "prompt": frozenset({"created"}),
    "prompt_version": frozenset({"created"}),
    "prompt_tag": frozenset({"set", "deleted"}),
    "prompt_version_tag": frozenset({"set", "deleted"}),
    "prompt_alias": frozenset({"created", "deleted"}),
    "budget_policy": frozenset({"exceeded"}),
}
MLFLOW_TOPICS = frozenset(
    f"{entity}.{action}" for entity, actions in MLFLOW_EVENTS.items() for action in actions
)

# The portal's own. A webhook may ask for each by name, for all of one noun by `noun.*`, or for all by `*`.
PORTAL_TOPICS = frozenset({
    "access_review.completed", "alert.escalated", "alert.opened", "alert.resolved", "approval.lapsed",
    "approval.revoked", "approval_request.approved",
    "approval_request.changes_requested", "approval_request.closed", "approval_request.opened",
    "approval_request.rejected", "break_glass.used", "finding.assigned", "finding.closed", "finding.opened",
    "finding.overdue", "hold.placed", "hold.released", "policy.proposed", "policy.published",
    "recertification.completed", "recertification.due", "recertification.overdue", "recertification.requested",
    "waiver.decided", "waiver.requested",
})  # fmt: skip


def is_asked_for(topic: str, wanted: str) -> bool:
    """Whether a webhook that lists `wanted` is told about `topic`."""
    return wanted in ("*", topic) or (wanted.endswith(".*") and topic.startswith(wanted[:-1]))


def is_known(wanted: str) -> bool:
    """Whether `wanted` asks for at least one topic of the portal."""
    return any(is_asked_for(topic, wanted) for topic in PORTAL_TOPICS)


_MODEL = {"name": "example_model"}
_PROMPT = {"name": "example_prompt"}
_TAG = {"key": "example_key", "value": "example_value"}
# The examples of MLflow's own test of a webhook (`mlflow.webhooks.types`).
_EXAMPLES: dict[str, dict[str, Any]] = {
    "registered_model.created": {
        **_MODEL, "tags": {"example_key": "example_value"}, "description": "An example registered model",
    },
    "model_version.created": {
        **_MODEL, "version": "1", "source": "models:/123", "run_id": "abcd1234abcd5678",
        "tags": {"example_key": "example_value"}, "description": "An example model version",
    },
    "model_version_tag.set": {**_MODEL, "version": "1", **_TAG},
    "model_version_tag.deleted": {**_MODEL, "version": "1", "key": "example_key"},
    "model_version_alias.created": {**_MODEL, "alias": "example_alias", "version": "1"},
    "model_version_alias.deleted": {**_MODEL, "alias": "example_alias"},
    "prompt.created": {
        **_PROMPT, "tags": {"example_key": "example_value"}, "description": "An example prompt",
    },
    "prompt_version.created": {
        **_PROMPT, "version": "1", "template": "Hello {{name}}!", "tags": {"example_key": "example_value"},
        "description": "An example prompt version",
    },
    "prompt_tag.set": {**_PROMPT, **_TAG},
    "prompt_tag.deleted": {**_PROMPT, "key": "example_key"},
    "prompt_version_tag.set": {**_PROMPT, "version": "1", **_TAG},
    "prompt_version_tag.deleted": {**_PROMPT, "version": "1", "key": "example_key"},
    "prompt_alias.created": {**_PROMPT, "alias": "example_alias", "version": "1"},
    "prompt_alias.deleted": {**_PROMPT, "alias": "example_alias"},
    "budget_policy.exceeded": {"budget_policy_id": "bp-abc123", "budget_unit": "USD"},
}  # fmt: skip


def example_of(topic: str) -> dict[str, Any]:
    """What a test of a webhook says about a topic."""
    return dict(_EXAMPLES.get(topic, {"is_test": True}))
