"""A governed workspace on the live portal: a worker that digests and scans, a policy, a person who can decide."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from portal.embedded import processes
from tests.live.portal import ROOT, Portal
from tests.live.wire import Reply

PASSWORD = "quiet-lantern-orchard-58"
APPROVER, OPERATOR, AUDITOR = "pia", "otto", "aude"
WORKER = ["-m", "celery", "-A", "portal.celery", "worker", "-c", "1", "--without-gossip", "--without-mingle"]
POLICY = """
name: {name}
description: What may be called {alias}.
applies_to:
  models: ["fraud-governed*"]
  acts: [registry.alias.move, registry.stage.move]
  aliases: [{alias}]
  stages: [Production]
rules:
  - id: scan-clean
    title: The files were scanned and are clean
    require: has(facts.evidence.artifact_scan) && facts.evidence.artifact_scan.outcome == "pass"
    message: Scan the version, or see what the scan found.
  - id: auc-floor
    title: AUC is at least 0.8
    require: facts.metrics.auc >= 0.8
    message: Train it better.
approvals:
  - role: approver
    quorum: 1
"""


@dataclass(frozen=True)
class Governed:
    """The portal with a policy on one alias and on the stage Production of the workspace `credit`."""

    portal: Portal
    alias: str
    tokens: dict[str, str]

    def call(self, person: str, method: str, path: str, value: Any = None) -> Reply:
        """One call of the API by a person's token."""
        with self.portal.wire(person) as wire:
            return wire.json(method, path, value)

    def shown(self, request_id: str) -> dict[str, Any]:
        """A request as the API shows it."""
        found = self.call("ann", "GET", f"/api/v1/approval-requests/{request_id}")
        assert found.status == 200, (request_id, found.body)
        request: dict[str, Any] = found.json
        return request

    def decide(self, person: str, request_id: str, **said: str) -> Reply:
        """Decide with all that a decision needs, the proof of who one is left to `said`.

        Like a person would, look again when evidence came in between the look and the decision.
        """
        while True:
            seen = {"evidence_digest": self.shown(request_id)["evidence_digest"], "verdict": "approve"}
            path = f"/api/v1/approval-requests/{request_id}/decisions"
            answer = self.call(person, "POST", path, seen | said)
            if answer.status != 409 or answer.json["code"] != "stale":
                return answer


@contextmanager
def governed(portal: Portal, alias: str) -> Iterator[Governed]:
    """Make it so; the worker ends with the block."""
    secret, policy = portal.folder / "secret", portal.folder / "policy.yaml"
    secret.write_text(PASSWORD)
    policy.write_text(POLICY.format(name=f"only-approved-{alias}", alias=alias))
    persons = {APPROVER: (), OPERATOR: ("--operator",), AUDITOR: ("--auditor",)}
    known = ("--password-file", str(secret))
    said = portal.commands(
        *(
            ("user_create", each, "--email", f"{each}@example.com", *known, *rights)
            for each, rights in persons.items()
        ),
        ("member_add", "credit", APPROVER, "approver"),
        ("policy_publish", str(policy), "--workspace", "credit"),
        *(("token_issue", each, "--json") for each in persons),
    )
    tokens = said[-len(persons) :]
    portal.tokens.update(
        (each, str(json.loads(told)["token"])) for each, told in zip(persons, tokens, strict=True)
    )
    worker = processes.start(
        [sys.executable, *WORKER], log=portal.folder / "worker.log", env=portal.env, cwd=ROOT
    )
    try:
        yield Governed(portal, alias, portal.tokens)
    finally:
        _end(worker)


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(15)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait(5)
