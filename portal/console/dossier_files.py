"""A dossier as a file: JSON, PDF, or a zip of both with a receipt for every event."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from portal.audit.log import receipt_of
from portal.console.dossiers import events_of
from portal.console.exports import plain
from portal.console.pdf import Section, pdf_made
from portal.kernel.errors import Conflict

README = """\
The dossier of one decision.

dossier.json   what was asked, seen, decided and done, for machines
dossier.pdf    the same for people
receipts/      one file for each event of the audit log that has its place in it; each holds the event as hashed, its
               place, the path to the root, and a checkpoint that the portal signed

Check a receipt without the portal, with the file compliance/verify.py and the key of the log, which you have from
somewhere else than this archive:

    python -m compliance.verify receipts/<file>.json --key '<verifier key>'
"""
_TABLES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Policies", "policies", ("policy", "version", "proposed_by", "published_by", "published_at", "digest")),
    ("Evidence", "evidence",
     ("kind", "outcome", "summary", "source", "recorded_at", "was_seen", "digest_holds", "digest")),
    ("Waivers", "waivers", ("policy", "rule", "reason", "granted_by", "expires_at")),
    ("Decisions", "decisions",
     ("person", "role", "verdict", "on_behalf_of", "decided_at", "reauthenticated_at", "is_about_these_digests",
      "reason")),
    ("What was moved", "moves", ("what", "version", "from", "until", "moved_by", "ended_by", "digest")),
    ("Audit events", "events", ("at", "actor_name", "action", "outcome", "object", "index", "checkpoint", "uuid")),
)  # fmt: skip
_CHECKS = ("policy", "rule", "title", "outcome", "message", "waiver")


def dossier_json(dossier: Mapping[str, Any]) -> bytes:
    return orjson.dumps(dossier, default=plain, option=orjson.OPT_INDENT_2)


def dossier_pdf(dossier: Mapping[str, Any]) -> bytes:
    """The dossier on paper; the facts as far as they fit, the rest stands in the JSON."""
    asked, seen, again = dossier["request"], dossier["evaluation"], dossier["replay"]
    sections = [
        Section("Request", pairs=_pairs(asked)),
        Section("Evaluation", pairs=_pairs(seen, without=("checks", "facts"))),
        Section("Rules", columns=_CHECKS, rows=_rows(seen["checks"], _CHECKS)),
        Section(
            "Asked again",
            pairs={
                "Same answer": plain(again["is_same"]),
                "Differences": " ".join(again["problems"]) or "none",
            },
        ),
        *(
            Section(title, columns=columns, rows=_rows(dossier[name], columns))
            for title, name, columns in _TABLES
        ),
        Section("Approval", pairs=_pairs(dossier["approval"] or {})),
        Section("Facts", pairs={name: plain(value) for name, value in sorted(seen["facts"].items())}),
    ]
    return pdf_made(f"Decision: {asked['target']} to {asked['subject']}", sections)


def dossier_zip(dossier: dict[str, Any]) -> bytes:
    """Both, with receipts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        archive.writestr("dossier.json", dossier_json(dossier))
        archive.writestr("dossier.pdf", dossier_pdf(dossier))
        for event in events_of(dossier):
            try:
                receipt = receipt_of(event)
            except Conflict:  # placed, and not in a signed checkpoint yet
                continue
            archive.writestr(f"receipts/{event.uuid}.json", orjson.dumps(receipt, option=orjson.OPT_INDENT_2))
    return buffer.getvalue()


def _pairs(facts: Mapping[str, Any], without: Sequence[str] = ()) -> dict[str, str]:
    return {
        name.replace("_", " ").capitalize(): plain(value)
        for name, value in facts.items()
        if name not in without and value not in (None, "", [])
    }


def _rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[list[str]]:
    return [[plain(row.get(name)) for name in columns] for row in rows]
