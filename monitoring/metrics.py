"""How the portal and its workers fare, for Prometheus: asked of the database when somebody looks."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from portal.kernel import sql


@dataclass(frozen=True)
class Gauge:
    """A figure: its name, what it is, its labels, and the statement whose rows are the labels and a number."""

    name: str
    text: str
    labels: tuple[str, ...]
    statement: str


GAUGES = (
    Gauge(
        "portal_jobs", "Jobs by queue and state; those that ended count for an hour.", ("queue", "state"),
        "SELECT queue, state, count(*) FROM jobs_jobrun WHERE state IN ('queued', 'running')"
        " OR finished_at > now() - interval '1 hour' GROUP BY 1, 2",
    ),
    Gauge(
        "portal_queue_age_seconds", "For how long the oldest job has waited that may start.", ("queue",),
        "SELECT queue, extract(epoch FROM now() - min(greatest(created_at, not_before)))::float8 FROM jobs_jobrun"
        " WHERE state = 'queued' AND coalesce(not_before, created_at) <= now() GROUP BY 1",
    ),
    Gauge(
        "portal_job_lease_overdue", "Running jobs whose worker does not answer.", (),
        "SELECT count(*) FROM jobs_jobrun WHERE state = 'running' AND lease_until < now()",
    ),
    Gauge(
        "portal_alerts_open", "Alerts that are not resolved, by severity and state.", ("severity", "state"),
        "SELECT severity, state, count(*) FROM monitoring_alert WHERE state <> 'resolved' GROUP BY 1, 2",
    ),
    Gauge(
        "portal_monitors", "Monitors, and whether they are paused.", ("kind", "paused"),
        "SELECT kind, is_paused::text, count(*) FROM monitoring_monitor WHERE deleted_at IS NULL GROUP BY 1, 2",
    ),
    Gauge(
        "portal_monitor_runs_last_hour", "Measurements that ended within an hour, by state.", ("kind", "state"),
        "SELECT m.kind, r.state, count(*) FROM monitoring_monitor m JOIN monitoring_monitorrun r ON r.monitor_id = m.id"
        " WHERE r.made_at > now() - interval '1 hour' GROUP BY 1, 2",
    ),
    Gauge(
        "portal_monitor_overdue_seconds", "For how long the measurement that is most overdue was due.", (),
        "SELECT coalesce(max(extract(epoch FROM now() - due_at)), 0)::float8 FROM monitoring_monitor"
        " WHERE deleted_at IS NULL AND NOT is_paused AND due_at < now()",
    ),
    Gauge(
        "portal_endpoints", "Endpoints, by environment and whether they answer.", ("environment", "state"),
        "SELECT e.environment, CASE WHEN e.is_stopped THEN 'stopped' WHEN EXISTS (SELECT FROM deployments_traffic t"
        " WHERE t.endpoint_id = e.id AND t.valid_to IS NULL AND t.role = 'live') THEN 'serving' ELSE 'empty' END,"
        " count(*) FROM deployments_endpoint e WHERE e.deleted_at IS NULL GROUP BY 1, 2",
    ),
    Gauge(
        "portal_revisions", "Revisions that shall run, by what their target last told.", ("state",),
        "SELECT observed_state, count(*) FROM deployments_revision WHERE desired_state = 'running' GROUP BY 1",
    ),
    Gauge(
        "portal_findings_open", "Open findings by severity, and whether they are overdue.", ("severity", "overdue"),
        "SELECT severity, (due_at < now())::text, count(*) FROM compliance_finding WHERE is_open GROUP BY 1, 2",
    ),
    Gauge(
        "portal_deliveries_waiting", "E-mails and webhooks that are not delivered yet.", (),
        "SELECT count(*) FROM compliance_delivery WHERE state = 'waiting'",
    ),
)  # fmt: skip


class _Now(Collector):
    def collect(self) -> Iterator[Metric]:
        for each in GAUGES:
            family = GaugeMetricFamily(each.name, each.text, labels=each.labels)
            for *labels, value in sql.rows(each.statement):
                family.add_metric([str(label) for label in labels], float(value))
            yield family


def exposition() -> tuple[str, bytes]:
    """The content type, and all figures as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Now())
    return CONTENT_TYPE_LATEST, generate_latest(registry)
