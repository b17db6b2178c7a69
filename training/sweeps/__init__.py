"""Sweeps: many trainings of one specification, whose parameters Optuna proposes from what came out before."""
