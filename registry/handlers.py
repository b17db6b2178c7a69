"""Jobs of the registry; each part declares its own."""

from registry.digests import handlers as digest_handlers
from registry.gate import handlers as gate_handlers
from registry.technical_file import handlers as technical_file_handlers

__all__ = ["digest_handlers", "gate_handlers", "technical_file_handlers"]
