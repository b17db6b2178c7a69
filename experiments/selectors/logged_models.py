"""Reads of logged models, and the JSON that MLflow's protocol shows of them, assembled by PostgreSQL."""

import re
from collections.abc import Sequence

from django.db.models import QuerySet

from experiments.models import LoggedModel
from experiments.models.experiment import ACTIVE
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.mlflow_errors import RESOURCE_DOES_NOT_EXIST, ProtocolError

_MODEL_ID = re.compile(r"m-[0-9a-f]{32}")

# What is null is left out, as MLflow leaves out what was never set.
_BUILD = """
SELECT m.id, convert_to(json_strip_nulls(json_build_object(
  'info', json_build_object(
    'model_id', m.id, 'experiment_id', m.experiment_id::text, 'name', m.name,
    'creation_timestamp_ms', m.creation_timestamp, 'last_updated_timestamp_ms', m.last_updated_timestamp,
    'artifact_uri', m.artifact_location,
    'status', CASE m.status
      WHEN 'LOGGED_MODEL_UNSPECIFIED' THEN 'LOGGED_MODEL_STATUS_UNSPECIFIED' ELSE m.status END,
    'model_type', m.model_type, 'source_run_id', COALESCE(replace(m.source_run_id::text, '-', ''), ''),
    'status_message', NULLIF(m.status_message, ''),
    'tags', (SELECT json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key)
      FROM experiments_loggedmodeltag t WHERE t.model_id = m.id)),
  'data', json_build_object(
    'params', (SELECT json_agg(json_build_object('key', p.key, 'value', p.value) ORDER BY p.key)
      FROM experiments_loggedmodelparam p WHERE p.model_id = m.id),
    'metrics', (SELECT json_agg(json_build_object(
        'key', x.key, 'value', CASE WHEN x.is_nan THEN '"NaN"'::json ELSE to_json(x.value) END,
        'timestamp', x.timestamp, 'step', x.step, 'dataset_name', NULLIF(x.dataset_name, ''),
        'dataset_digest', NULLIF(x.dataset_digest, ''), 'model_id', x.model_id,
        'run_id', replace(x.run_id::text, '-', '')) ORDER BY x.id)
      FROM experiments_loggedmodelmetric x WHERE x.model_id = m.id))))::text, 'UTF8')
FROM unnest(%s::text[]) WITH ORDINALITY AS w(id, position) JOIN experiments_loggedmodel m ON m.id = w.id
ORDER BY w.position
"""


def models_visible(actor: Actor) -> QuerySet[LoggedModel]:
    """The logged models of the actor's workspaces, deleted ones too."""
    ids = actor.workspace_ids
    return LoggedModel.objects.all() if ids is None else LoggedModel.objects.filter(workspace_id__in=ids)


def model_get(actor: Actor, model_id: str, *, allow_deleted: bool = True) -> LoggedModel:
    """One logged model. Raises ProtocolError RESOURCE_DOES_NOT_EXIST, too, when it is not visible."""
    found = models_visible(actor).filter(pk=model_id).first() if _MODEL_ID.fullmatch(model_id) else None
    if found is None or not (allow_deleted or found.lifecycle_stage == ACTIVE):
        raise model_missing(model_id)
    return found


def model_missing(model_id: str) -> ProtocolError:
    """The one answer for a model that does not exist and for one that may not be seen."""
    return ProtocolError(f"Logged model with ID '{model_id[:100]}' not found.", RESOURCE_DOES_NOT_EXIST)


def model_documents(model_ids: Sequence[str]) -> list[bytes]:
    """The models as JSON, in the order of the ids; permission was asked when the ids were found."""
    return [bytes(body) for _, body in sql.rows(_BUILD, (list(model_ids),), binary=True)]


def model_document(model: LoggedModel) -> bytes:
    """One model as JSON."""
    return model_documents([model.pk])[0]
