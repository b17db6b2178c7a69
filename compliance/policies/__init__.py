"""Policies: how they are written, matched and evaluated."""
