"""Pages of compliance: the inbox, approvals, policies, findings, AI systems."""
