"""Jobs of the registry; each part declares its own."""

from registry.gate import handlers

__all__ = ["handlers"]
