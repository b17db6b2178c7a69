"""The table: Markdown for people, JSON for comparing one day with another."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.measure import Samples
from benchmarks.scenarios import Load, Scenario


class Report:
    """Rows as they are measured."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def add_calls(self, scenario: Scenario, found: Mapping[str, Samples]) -> None:
        portal, stock = found["portal"], found["stock"]
        factor = stock.p50 / portal.p50
        is_met = factor >= scenario.target if scenario.is_factor else portal.p50 <= scenario.target
        target = f"≥ {scenario.target:g}× stock" if scenario.is_factor else f"≤ {scenario.target:g} ms"
        self._add(
            scenario.name, "ms", {"portal": portal.p50, "stock": stock.p50}, factor, target, is_met, scenario.go,
            portal_p95=portal.p95, stock_p95=stock.p95, portal_first=portal.first, stock_first=stock.first,
        )  # fmt: skip

    def add_load(self, load: Load, rates: Mapping[str, float]) -> None:
        factor = rates["portal"] / rates["stock"]
        self._add(
            load.name, "metrics/s", rates, factor, f"≥ {load.target:g}× stock", factor >= load.target, load.go
        )

    def add_memory(self, megabytes: Mapping[str, float], target: float) -> None:
        self._add(
            "memory of the web processes (PSS)", "MB", megabytes, megabytes["stock"] / megabytes["portal"],
            f"≤ {target:g} MB", megabytes["portal"] <= target, {"FastTrackML": 37, "mlflow-go": 660},
        )  # fmt: skip

    def _add(
        self, name: str, unit: str, values: Mapping[str, float], factor: float, target: str, is_met: bool,
        go: Mapping[str, float], **more: float,
    ) -> None:  # fmt: skip
        row = {
            "name": name,
            "unit": unit,
            **values,
            "factor": factor,
            "target": target,
            "is_met": is_met,
            **go,
            **more,
        }
        self.rows.append(row)
        print(_line(row), flush=True)

    def markdown(self, title: str) -> str:
        head = "| | portal | p95 | first | stock | p95 | factor | FastTrackML | mlflow-go | target | |"
        return "\n".join([f"# {title}", "", head, "|---" * 11 + "|", *map(_line, self.rows), ""])

    def write(self, folder: Path, title: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "benchmark.md").write_text(self.markdown(title))
        (folder / "benchmark.json").write_text(json.dumps({"title": title, "rows": self.rows}, indent=1))


def _line(row: Mapping[str, Any]) -> str:
    def shown(name: str, *, unit: bool = False) -> str:
        value = row.get(name)
        if value is None:
            return ""
        text = f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
        return f"{text} {row['unit']}" if unit else text

    columns = (
        row["name"], shown("portal", unit=True), shown("portal_p95"), shown("portal_first"), shown("stock", unit=True),
        shown("stock_p95"), f"{row['factor']:.1f}×", shown("FastTrackML"), shown("mlflow-go"), row["target"],
        "met" if row["is_met"] else "missed",
    )  # fmt: skip
    return f"| {' | '.join(columns)} |"
