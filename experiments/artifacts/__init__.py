"""Artifact files: where they lie, which paths are taken, and the one store that reads and writes them."""
