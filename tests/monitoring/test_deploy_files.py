"""The dashboard and the alert rules ask for figures that exist."""

import json
import re
from pathlib import Path

import yaml

from monitoring.metrics import GAUGES

ROOT = Path(__file__).resolve().parents[2]
# Told by gateways (`deployments.gateway`).
OF_GATEWAYS = {
    "portal_endpoint_requests_total", "portal_endpoint_latency_seconds_bucket",
    "portal_inference_log_dropped_total", "portal_inference_log_written_total",
}  # fmt: skip


def test_every_figure_that_is_asked_for_is_told():
    known = {each.name for each in GAUGES} | OF_GATEWAYS
    gateway = "".join(path.read_text() for path in (ROOT / "deployments" / "gateway").glob("*.py"))
    for name in OF_GATEWAYS:
        assert re.sub(r"_(total|bucket)$", "", name) in gateway
    dashboard = json.loads((ROOT / "deploy/grafana/portal.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    rules = yaml.safe_load((ROOT / "deploy/prometheus/portal-rules.yml").read_text())["groups"][0]["rules"]
    asked += [rule["expr"] for rule in rules]
    assert len(asked) > 20
    assert {name for expr in asked for name in re.findall(r"portal_[a-z_]+", expr)} <= known
    assert {rule["labels"]["severity"] for rule in rules} == {"page", "look"}
    scraped = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    assert [each["metrics_path"] for each in scraped["scrape_configs"]] == ["/api/v1/metrics", "/metrics"]
