"""Names that the scenery and its tests share; no imports, so that both sides can read it without Django."""

PASSWORD = "violet-harbour-ladder-71"
RUNS = 60
POLICY = """\
name: champion
description: What may be called champion.
applies_to: {aliases: [champion]}
rules:
  - id: auc
    title: AUC is at least 0.8
    require: facts.metrics.auc >= 0.8
  - id: schema
    title: The files say what goes in and what comes out
    require: facts.signature.inputs && facts.signature.outputs
    waivable: true
    severity: medium
approvals:
  - {role: approver, quorum: 1, quorum_by_tier: {high: 2}}
request_expires_after: 7d
approval_valid_for: 48h
break_glass: {allowed: true, hours: 8}
"""
