"""Changes that a transfer makes: whole batches, each with what it came from and one audit event."""
