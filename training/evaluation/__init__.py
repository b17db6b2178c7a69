"""Evaluations: what is asked of the program that measures, and what is made of its report."""
