"""An app of the kinds of job that the benchmark runs; only its processes install it."""
