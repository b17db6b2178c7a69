"""The experiment browser: pages over experiments, runs and their artifacts."""
