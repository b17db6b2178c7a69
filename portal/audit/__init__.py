"""The append-only record of every change, denial and refusal."""
