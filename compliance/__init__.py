"""Policies, evidence, approvals, findings and the proofs of the audit log."""
