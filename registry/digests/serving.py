"""What the artifact proxy has to send for a file of a version: the bytes that were measured when it became READY."""

from uuid import UUID

from experiments.artifacts.checked import Measured, measured_declare
from experiments.artifacts.locations import URI_PREFIX
from portal.kernel import sql
from portal.kernel.errors import DomainError
from registry.digests.uses import change_refuse
from registry.models import ModelVersion

# Files of versions lie in held folders, and few other files do: the unique index of the holds answers for the rest.
_FIND = """
SELECT version.id, entry ->> 'size', entry ->> 'sha256', substr(%(path)s, length(hold.path) + 2)
FROM experiments_artifacthold hold
JOIN registry_modelversion version ON version.workspace_id = hold.workspace_id
  AND version.artifact_location = %(prefix)s || hold.path
LEFT JOIN LATERAL jsonb_array_elements(version.manifest) entry
  ON entry ->> 'path' = substr(%(path)s, length(hold.path) + 2)
WHERE hold.path = ANY(%(above)s::text[]) AND version.status = 'READY' AND version.digest <> ''
  AND version.deleted_at IS NULL
ORDER BY version.id LIMIT 1
"""


def version_file(path: str) -> Measured | None:
    """What the file at a path of the store was when its version became READY; a file that came later is none."""
    names = path.split("/")
    above = ["/".join(names[:count]) for count in range(1, len(names))]
    found = sql.row(_FIND, {"path": path, "prefix": URI_PREFIX, "above": above})
    if found is None:
        return None
    version_id, size, sha256, inside = found
    return Measured(int(size or -1), sha256 or "", lambda: _changed(version_id, inside))


def _changed(version_id: UUID, inside: str) -> DomainError:
    return change_refuse(ModelVersion.objects.select_related("model").get(pk=version_id), [inside])


measured_declare(version_file)
