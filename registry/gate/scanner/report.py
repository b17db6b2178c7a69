"""What a scan says: a verdict for every file and for what is inside of it, and findings with a stable code."""

from dataclasses import asdict, dataclass, field
from typing import Any

# Not scanned is no better than unsafe: only what was understood and found clean passes.
CLEAN, HARMLESS, NOT_SCANNED, UNSAFE = "clean", "harmless", "not_scanned", "unsafe"
LOW, MEDIUM, HIGH, CRITICAL = "low", "medium", "high", "critical"
SEVERITIES = (LOW, MEDIUM, HIGH, CRITICAL)
_LISTED_AT_MOST = 2000
_FINDINGS_AT_MOST = 300


@dataclass(frozen=True)
class Finding:
    """What is wrong at one place: `where` is the path, with `!` before what was inside of an archive."""

    where: str
    code: str
    severity: str
    detail: str
    tool: str = "portal"


@dataclass
class Report:
    """Collects verdicts and findings; `as_json` keeps the worst when there are too many."""

    items: list[dict[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    code_files: list[str] = field(default_factory=list)

    def seen(self, where: str, kind: str, verdict: str) -> None:
        self.items.append({"path": where[:600], "kind": kind, "verdict": verdict})

    def found(self, where: str, code: str, severity: str, detail: str, tool: str = "portal") -> None:
        self.findings.append(Finding(where[:600], code, severity, detail[:500], tool))

    def not_scanned(self, where: str, kind: str, why: str, code: str = "not_understood") -> None:
        """It may be harmless, but nobody can say so."""
        self.seen(where, kind, NOT_SCANNED)
        self.found(where, code, HIGH if code != "not_understood" else MEDIUM, why)

    def as_json(self) -> dict[str, Any]:
        worst_first = sorted(self.findings, key=lambda each: -SEVERITIES.index(each.severity))
        bad_first = sorted(self.items, key=lambda each: each["verdict"] in (CLEAN, HARMLESS))
        verdicts = [item["verdict"] for item in self.items]
        return {
            "passed": all(verdict in (CLEAN, HARMLESS) for verdict in verdicts) and not self.findings,
            "counts": {
                verdict: verdicts.count(verdict) for verdict in (CLEAN, HARMLESS, NOT_SCANNED, UNSAFE)
            },
            "findings": [asdict(each) for each in worst_first[:_FINDINGS_AT_MOST]],
            "findings_total": len(self.findings),
            "items": bad_first[:_LISTED_AT_MOST],
            "code_files": self.code_files[:200],
        }
