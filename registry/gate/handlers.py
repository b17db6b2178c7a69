"""Jobs at the gate. Handlers are imported by every process, so they import nothing heavy."""

from datetime import timedelta
from functools import partial
from typing import Any

from jobs.errors import Permanent
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.accounts.actor import Actor
from registry.bom.billing import version_billed
from registry.cards.prefill import card_prefill
from registry.gate.describing import version_described
from registry.gate.files import FileChanged, version_wanted
from registry.gate.queue import BOM_JOB, DESCRIBE_JOB, SCAN_JOB, SIGN_JOB, VERIFY_JOB
from registry.gate.recording import OPEN_FINDING, RECORD, Observation, observations_record, plain
from registry.gate.scanning import version_scanned
from registry.gate.signing import version_signed, version_verified
from registry.models import ModelVersion
from registry.services.cards import card_begin


@job(
    DESCRIBE_JOB,
    actions=[RECORD, "registry.card.prefill"],
    max_attempts=6,
    time_limit=timedelta(hours=1),
    queue=SYSTEM_QUEUE,
)
def describe_version(step: JobStep, *, version_id: str) -> None:
    """Record which inputs and outputs a version states, and which packages it needs; begin its card with them."""
    version = version_wanted(version_id)
    try:
        seen = version_described(version)
    except FileChanged as error:
        raise Permanent(f"{version} cannot be described: {error}.") from error
    card = card_prefill(version, seen[0].body["signature"])
    step.finish(partial(_described, step.actor, version, seen, card))


def _described(
    actor: Actor, version: ModelVersion, seen: list[Observation], card: dict[str, Any]
) -> dict[str, Any]:
    outcomes = observations_record(actor, version, seen)
    made = card_begin(actor=actor, model=version.model, version=version, content=plain(card))
    return {**outcomes, "card": made.number if made else None}


@job(
    SCAN_JOB,
    actions=[RECORD, OPEN_FINDING],
    max_attempts=4,
    time_limit=timedelta(hours=6),
    queue=SYSTEM_QUEUE,
)
def scan_version(step: JobStep, *, version_id: str) -> None:
    """Look for code in the files of a version, in a process that holds nothing of the portal."""
    version = version_wanted(version_id)
    seen = version_scanned(step, version)
    step.finish(partial(observations_record, step.actor, version, [seen]))


@job(
    SIGN_JOB,
    actions=[RECORD, OPEN_FINDING],
    max_attempts=6,
    time_limit=timedelta(hours=6),
    queue=SYSTEM_QUEUE,
)
def sign_version(step: JobStep, *, version_id: str) -> None:
    """Sign the files of a version with the portal's key, and check the signature."""
    version = version_wanted(version_id)
    seen = version_signed(step, version)
    step.finish(partial(observations_record, step.actor, version, [seen]))


@job(
    VERIFY_JOB,
    actions=[RECORD, OPEN_FINDING],
    max_attempts=6,
    time_limit=timedelta(hours=6),
    queue=SYSTEM_QUEUE,
)
def verify_signature(step: JobStep, *, version_id: str) -> None:
    """Check the signature of a version against its files as they are now."""
    version = version_wanted(version_id)
    seen = version_verified(step, version)
    step.finish(partial(observations_record, step.actor, version, [seen]))


@job(BOM_JOB, actions=[RECORD], max_attempts=6, time_limit=timedelta(hours=1), queue=SYSTEM_QUEUE)
def bill_version(step: JobStep, *, version_id: str) -> None:
    """Write the bill of materials of a version."""
    version = version_wanted(version_id)
    try:
        seen = version_billed(step, version)
    except FileChanged as error:
        raise Permanent(f"{version} cannot be listed: {error}.") from error
    step.finish(partial(observations_record, step.actor, version, [seen]))
