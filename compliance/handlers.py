"""Jobs of compliance; each part declares its own."""

from compliance import expiring
from compliance.deliveries import handlers as delivery_handlers

__all__ = ["delivery_handlers", "expiring"]
