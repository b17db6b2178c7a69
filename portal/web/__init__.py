"""Pages that span apps: home, search, tokens, members, the audit trail; and the frame around every page."""
