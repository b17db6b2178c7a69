"""The technical file of an AI system after Annex IV: from live evidence, with its gaps, signed."""
