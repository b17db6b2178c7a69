"""Bundles that leave the portal and are checked without it."""
