"""Jobs of compliance; each part declares its own."""

from compliance import clearing, expiring, following_up, watching_log
from compliance.deliveries import handlers as delivery_handlers

__all__ = ["clearing", "delivery_handlers", "expiring", "following_up", "watching_log"]
