"""What is deployed, in lineage and in answers about a moment: a live revision is where a version's story ends."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db.models import Q

from deployments.facts import LIVE
from deployments.models import Traffic
from registry.lineage.catalogue import Hop, NodeKind, lineage_hop_declare, lineage_kind_declare
from registry.models import ModelVersion
from registry.selectors.point_in_time import Placement, placements_declare

# One node for each interval that is live now: who asks what depends on a dataset wants what answers requests today.
_LIVE_NOW = """(
    SELECT t.id, e.workspace_id, r.version_id, e.id AS endpoint_id, e.name, e.environment, r.number, t.percent,
           t.valid_from
    FROM deployments_traffic t
    JOIN deployments_revision r ON r.id = t.revision_id JOIN deployments_endpoint e ON e.id = t.endpoint_id
    WHERE t.valid_to IS NULL AND t.role = 'live'
)"""

DEPLOYMENT = NodeKind(
    name="deployment",
    title="Deployment",
    layer=6,
    relation=_LIVE_NOW,
    label="t.name || ' r' || t.number",
    facts=(
        "jsonb_build_object('endpoint', t.name, 'environment', t.environment, 'revision', t.number, "
        "'percent', t.percent, 'since', t.valid_from)"
    ),
    workspace="(SELECT e.workspace_id FROM deployments_endpoint e WHERE e.id = t.endpoint_id)",
    table="deployments_traffic",
    is_live=True,
)
lineage_kind_declare(DEPLOYMENT)
lineage_hop_declare(Hop("version", "deployment", "serves at", _LIVE_NOW, "version_id", "id"))

# A scoring that made something stands between the data and the version that it was made with, and what it made.
_SCORED = """(
    SELECT s.id, s.workspace_id, s.version_id, s.dataset_id, s.result_id, s.environment, s.digest, s.created_at,
           s.job_id, m.name AS model_name, v.version AS number, a.name AS dataset_name
    FROM deployments_batchscoring s
    JOIN registry_modelversion v ON v.id = s.version_id JOIN registry_registeredmodel m ON m.id = v.model_id
    JOIN experiments_datasetversion d ON d.id = s.dataset_id JOIN experiments_dataasset a ON a.id = d.asset_id
    WHERE s.result_id IS NOT NULL
)"""

SCORING = NodeKind(
    name="scoring", title="Batch scoring", layer=4, relation=_SCORED,
    label="t.dataset_name || ' by ' || t.model_name || ' v' || t.number",
    facts=(
        "jsonb_build_object('environment', t.environment, 'digest', t.digest, 'job', t.job_id, 'asked', t.created_at)"
    ),
    table="deployments_batchscoring",
)  # fmt: skip
lineage_kind_declare(SCORING)
lineage_hop_declare(Hop("version", "scoring", "scored", _SCORED, "version_id", "id"))
lineage_hop_declare(Hop("registered-data", "scoring", "scored by", _SCORED, "dataset_id", "id"))
lineage_hop_declare(Hop("scoring", "registered-data", "made", _SCORED, "id", "result_id"))


def placements_of(version: ModelVersion, at: dt.datetime) -> Sequence[Placement]:
    """Where a version served at a moment."""
    held = Traffic.objects.filter(revision__version=version, role=LIVE, valid_from__lte=at)
    held = held.filter(Q(valid_to=None) | Q(valid_to__gt=at)).select_related("endpoint", "revision")
    return [
        Placement(
            environment=each.endpoint.environment,
            target=f"{each.endpoint.name}, revision {each.revision.number}, {each.percent} %",
            since=each.valid_from,
            until=each.valid_to,
            url=f"{settings.PORTAL_URL.rstrip('/')}/endpoints/{each.endpoint.name}",
        )
        for each in held.order_by("endpoint__name", "revision__number")
    ]


placements_declare(placements_of)
