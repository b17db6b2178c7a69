"""What a version of a model learned from, as far as its run told."""

from experiments.models import DatasetProfile
from portal.kernel import sql
from registry.models import ModelVersion

# Runs tell a registered version by its name and digest, as lineage joins them (`registry.lineage.hops`).
_TRAINING = """
SELECT p.version_id FROM experiments_runinput i JOIN experiments_dataset d ON d.id = i.dataset_id
JOIN experiments_dataasset a ON a.workspace_id = d.workspace_id AND a.name = d.name
JOIN experiments_datasetversion v ON v.asset_id = a.id
 AND d.digest IN (left(v.digest, 36), nullif(v.mlflow_digest, ''))
JOIN experiments_datasetprofile p ON p.version_id = v.id
WHERE i.run_id = %s ORDER BY coalesce(i.context, '') LIKE 'train%%' DESC, v.number DESC LIMIT 1
"""


def training_profile(version: ModelVersion) -> DatasetProfile | None:
    """The profile of the dataset version that its run read, the training data first; None where none is known."""
    runs = [version.run_id, version.logged_model.source_run_id if version.logged_model else None]
    for run in filter(None, runs):
        found = sql.row(_TRAINING, (run,))
        if found is not None:
            return DatasetProfile.objects.select_related("version__asset").get(pk=found[0])
    return None
