"""Scoring whole datasets: what is asked, what the gate sees of it, and the job that does it."""
