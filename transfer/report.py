"""What a transfer did, counted, and what it left out and why: for people as text, for programs as JSON."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SHOWN = 20


@dataclass
class Report:
    """Counts of what was made and changed, of what was checked, and the list of what did not come."""

    source: str
    destination: str
    made: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    left_out: list[dict[str, str]] = field(default_factory=list)
    wrong: list[dict[str, str]] = field(default_factory=list)
    is_dry: bool = False

    def leave_out(self, kind: str, name: str, why: str) -> None:
        """Something did not come; why, and what would bring it."""
        entry = {"kind": kind, "name": name, "why": why}
        if entry not in self.left_out[-SHOWN:]:
            self.left_out.append(entry)

    def differ(self, kind: str, name: str, why: str) -> None:
        """Something is not here as it is there."""
        self.wrong.append({"kind": kind, "name": name, "why": why})

    def facts(self) -> dict[str, Any]:
        """All of it."""
        ends = {"source": self.source, "destination": self.destination, "dry_run": self.is_dry}
        return {**ends, **self.counts(), "left_out": self.left_out, "wrong": self.wrong}

    def counts(self) -> dict[str, Any]:
        """The numbers alone, for an audit event."""
        parts = {"made": self.made, "changed": self.changed, "checked": self.checked}
        numbers = {name: {key: count for key, count in part.items() if count} for name, part in parts.items()}
        return {**numbers, "left_out": len(self.left_out), "wrong": len(self.wrong)}

    def text(self) -> str:
        """A few lines for the person at the terminal."""
        verb = "Would make" if self.is_dry else "Made"
        lines = [f"{self.source} -> {self.destination}", f"{verb}: {_listed(self.made)}"]
        if self.changed:
            lines.append(f"Changed: {_listed(self.changed)}")
        if self.checked:
            lines.append(f"Compared with the source: {_listed(self.checked)}")
        for title, entries in (("Did not come", self.left_out), ("DIFFERS FROM THE SOURCE", self.wrong)):
            if entries:
                lines.append(f"{title}: {len(entries):,}")
                lines += [f"  {each['kind']} {each['name']}: {each['why']}" for each in entries[:SHOWN]]
                if len(entries) > SHOWN:
                    lines.append(f"  … and {len(entries) - SHOWN:,} more; --report FILE lists all of them")
        return "\n".join(lines)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()) if count) or "nothing"
