"""What a source may hold and PostgreSQL or the portal cannot: replaced where that loses nothing, listed each time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from experiments.models.run import RUN_STATUSES
from transfer.objects import SourceExperiment, SourceModel, SourceRun
from transfer.report import Report

_MAX_KEY, _MAX_NAME, _MAX_USER = 250, 250, 256


def experiment_clean(found: SourceExperiment, report: Report) -> SourceExperiment:
    """An experiment as it can be stored."""
    return replace(
        found, name=text_clean(found.name), tags=_pairs(found.tags, f"experiment {found.name}", report)
    )


def run_clean(found: SourceRun, report: Report) -> SourceRun:
    """A run as it can be stored."""
    where = f"run {found.id}"
    status = found.status if found.status in RUN_STATUSES else "KILLED"
    if status != found.status:
        report.leave_out(
            "status", f"{found.status} of {where}", "MLflow knows no such status; the run counts as KILLED"
        )
    return replace(
        found, name=text_clean(found.name)[:_MAX_NAME], user_name=text_clean(found.user_name)[:_MAX_USER],
        status=status, params=_pairs(found.params, where, report), tags=_pairs(found.tags, where, report),
    )  # fmt: skip


def model_clean(found: SourceModel, report: Report) -> SourceModel:
    """A logged model as it can be stored."""
    where = f"logged model {found.id}"
    return replace(
        found, name=text_clean(found.name), status_message=text_clean(found.status_message)[:1000],
        params=_pairs(found.params, where, report), tags=_pairs(found.tags, where, report),
    )  # fmt: skip


def text_clean(text: Any) -> str:
    """A text without NUL and halves of surrogate pairs, which PostgreSQL cannot hold."""
    return str(text or "").replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _pairs(pairs: Mapping[str, Any], where: str, report: Report) -> dict[str, str]:
    found = {}
    for key, value in pairs.items():
        name, clean = text_clean(key), text_clean(value)
        if not name or len(name) > _MAX_KEY:
            report.leave_out(
                "param or tag", f"{name[:80]} of {where}", f"its key is empty or over {_MAX_KEY} characters"
            )
            continue
        if name != key or (value is not None and clean != str(value)):
            report.leave_out(
                "characters",
                f"{name[:80]} of {where}",
                "what PostgreSQL cannot hold was replaced by \N{REPLACEMENT CHARACTER}",
            )
        found[name] = clean
    return found
