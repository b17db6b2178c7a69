"""The JSON of models and versions in MLflow's protocol, assembled by PostgreSQL: one statement for any number."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from portal.kernel import sql
from registry.models import ModelVersion, RegisteredModel

# What is null is left out, as MLflow leaves out what was never set. `%(aliases)s` says whether the names that mean a
# version are shown: stock shows them for single versions only.
_VERSION = """json_strip_nulls(json_build_object(
  'name', m.name, 'version', v.version::text, 'creation_timestamp', v.creation_timestamp,
  'last_updated_timestamp', v.last_updated_timestamp, 'current_stage', v.current_stage,
  'description', v.description, 'source', v.source, 'run_id', COALESCE(replace(v.run_id::text, '-', ''), ''),
  'run_link', v.run_link, 'status', v.status, 'status_message', NULLIF(v.status_message, ''),
  'tags', (SELECT json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key)
    FROM registry_modelversiontag t WHERE t.version_id = v.id),
  'aliases', CASE WHEN {aliases} THEN (SELECT json_agg(a.name ORDER BY a.name) FROM registry_assignment a
    WHERE a.version_id = v.id AND a.kind = 'alias' AND a.valid_to IS NULL) END))"""
_VERSIONS = f"""
SELECT convert_to({_VERSION.format(aliases="%(aliases)s")}::text, 'UTF8')
FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS w(id, position)
JOIN registry_modelversion v ON v.id = w.id JOIN registry_registeredmodel m ON m.id = v.model_id
ORDER BY w.position
"""  # noqa: S608 - no value from outside
_MODELS = f"""
SELECT convert_to(json_strip_nulls(json_build_object(
  'name', m.name, 'creation_timestamp', m.creation_timestamp,
  'last_updated_timestamp', m.last_updated_timestamp, 'description', NULLIF(m.description, ''),
  'latest_versions', (SELECT json_agg({_VERSION.format(aliases="false")} ORDER BY v.version)
    FROM (SELECT DISTINCT ON (current_stage) * FROM registry_modelversion
          WHERE model_id = m.id AND deleted_at IS NULL ORDER BY current_stage, version DESC) v),
  'tags', (SELECT json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key)
    FROM registry_registeredmodeltag t WHERE t.model_id = m.id),
  'aliases', (SELECT json_agg(json_build_object('alias', a.name, 'version', v.version::text) ORDER BY a.name)
    FROM registry_assignment a JOIN registry_modelversion v ON v.id = a.version_id
    WHERE a.model_id = m.id AND a.kind = 'alias' AND a.valid_to IS NULL)))::text, 'UTF8')
FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS w(id, position) JOIN registry_registeredmodel m ON m.id = w.id
ORDER BY w.position
"""  # noqa: S608 - no value from outside
_LATEST = """
SELECT DISTINCT ON (current_stage) id FROM registry_modelversion
WHERE model_id = %(model)s AND deleted_at IS NULL AND current_stage = ANY(%(stages)s::text[])
ORDER BY current_stage, version DESC
"""


def version_documents(ids: Sequence[Any], *, aliases: bool = False) -> list[bytes]:
    """Versions as JSON, in the order of their ids; permission was asked when the ids were found."""
    return [
        bytes(body) for (body,) in sql.rows(_VERSIONS, {"ids": list(ids), "aliases": aliases}, binary=True)
    ]


def version_document(version: ModelVersion) -> bytes:
    """One version as JSON."""
    return version_documents([version.pk], aliases=True)[0]


def model_documents(ids: Sequence[Any]) -> list[bytes]:
    """Models as JSON with the newest version of each stage, in the order of their ids."""
    return [bytes(body) for (body,) in sql.rows(_MODELS, {"ids": list(ids)}, binary=True)]


def model_document(model: RegisteredModel) -> bytes:
    """One model as JSON."""
    return model_documents([model.pk])[0]


def latest_ids(model: RegisteredModel, stages: Sequence[str]) -> list[UUID]:
    """The newest version of a model in each of the stages."""
    return [row[0] for row in sql.rows(_LATEST, {"model": model.pk, "stages": list(stages)})]
