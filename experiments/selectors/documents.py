"""Runs as MLflow's protocol answers them, assembled by PostgreSQL and kept ready for the next reader.

A document carries the number of changes that its run had when it was built. A writer only has to count up:
a document with another number is stale, whoever built it when, so no reader can ever store an old one over a
new one. Only runs that have ended get their document stored; the others change too often to be worth it.
"""

from collections.abc import Sequence
from uuid import UUID

from experiments.models.run import TERMINAL_STATUSES
from experiments.selectors.runs import run_missing
from experiments.validation.identifiers import run_id_find
from portal.accounts.actor import Actor
from portal.kernel import sql

# json_strip_nulls leaves out what MLflow leaves out: an absent end time, an empty list. Values of tags and
# params are text and never null. JSON has no NaN, MLflow's protocol spells it as a string.
_BUILD = """
SELECT r.id, r.changes, r.status, convert_to(json_strip_nulls(json_build_object(
  'info', json_build_object(
    'run_uuid', replace(r.id::text, '-', ''), 'experiment_id', r.experiment_id::text, 'run_name', r.name,
    'user_id', r.user_name, 'status', r.status, 'start_time', r.start_time, 'end_time', r.end_time,
    'artifact_uri', r.artifact_uri, 'lifecycle_stage', r.lifecycle_stage,
    'run_id', replace(r.id::text, '-', '')),
  'data', json_build_object(
    'metrics', (SELECT json_agg(json_build_object(
        'key', m.key, 'value', CASE WHEN m.is_nan THEN '"NaN"'::json ELSE to_json(m.value) END,
        'timestamp', m.timestamp, 'step', m.step) ORDER BY m.key)
      FROM experiments_latestmetric m WHERE m.run_id = r.id),
    'params', (SELECT json_agg(json_build_object('key', p.key, 'value', p.value) ORDER BY p.key)
      FROM experiments_param p WHERE p.run_id = r.id),
    'tags', (SELECT json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key)
      FROM experiments_runtag t WHERE t.run_id = r.id)),
  'inputs', json_build_object(
    'dataset_inputs', (SELECT json_agg(json_build_object(
        'tags', CASE WHEN i.tags = '[]' THEN NULL ELSE i.tags END,
        'dataset', json_build_object('name', d.name, 'digest', d.digest, 'source_type', d.source_type,
          'source', d.source, 'schema', d.schema, 'profile', d.profile)) ORDER BY d.id)
      FROM experiments_runinput i JOIN experiments_dataset d ON d.id = i.dataset_id WHERE i.run_id = r.id),
    'model_inputs', (SELECT json_agg(json_build_object('model_id', i.model_id) ORDER BY i.model_id)
      FROM experiments_runmodelinput i WHERE i.run_id = r.id)),
  'outputs', json_build_object(
    'model_outputs', (SELECT json_agg(json_build_object('model_id', o.model_id, 'step', o.step) ORDER BY o.model_id)
      FROM experiments_runoutput o WHERE o.run_id = r.id))))::text, 'UTF8')
FROM experiments_run r WHERE r.id = ANY(%s::uuid[])
"""
_READ = """
SELECT w.id, d.body FROM unnest(%s::uuid[]) WITH ORDINALITY AS w(id, position)
JOIN experiments_run r ON r.id = w.id
LEFT JOIN experiments_rundocument d ON d.run_id = r.id AND d.changes = r.changes
ORDER BY w.position
"""
_READ_ONE = """
SELECT r.id, d.body FROM experiments_run r
LEFT JOIN experiments_rundocument d ON d.run_id = r.id AND d.changes = r.changes
WHERE r.id = %s AND (%s::bigint[] IS NULL OR r.workspace_id = ANY(%s::bigint[]))
"""
_STORE = """
INSERT INTO experiments_rundocument (run_id, changes, body)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[])
ON CONFLICT (run_id) DO UPDATE SET changes = excluded.changes, body = excluded.body
WHERE experiments_rundocument.changes < excluded.changes
"""


def run_document(actor: Actor, run_id: str) -> bytes:
    """One run as JSON. Raises ProtocolError RESOURCE_DOES_NOT_EXIST when it does not exist or is not visible."""
    key, seen = run_id_find(run_id), actor.workspace_ids
    found = sql.row(_READ_ONE, (key, seen, seen), binary=True)
    if found is None:
        raise run_missing(run_id)
    return bytes(found[1]) if found[1] is not None else _build([key])[key]


def run_documents(run_ids: Sequence[UUID]) -> list[bytes]:
    """The runs as JSON, in the order of the ids; permission was asked when the ids were found."""
    found = sql.rows(_READ, (list(run_ids),), binary=True)
    stale = [run_id for run_id, body in found if body is None]
    built = _build(stale) if stale else {}
    return [body if body is not None else built[run_id] for run_id, body in found]


def _build(run_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    rows = sql.rows(_BUILD, (list(run_ids),), binary=True)
    lasting = [
        (run_id, changes, body) for run_id, changes, status, body in rows if status in TERMINAL_STATUSES
    ]
    if lasting:
        ids, changes, bodies = zip(*lasting, strict=True)
        sql.execute(_STORE, (list(ids), list(changes), list(bodies)))
    return {run_id: bytes(body) for run_id, _, _, body in rows}
