"""`manage.py serving_node`: hold the model processes of this machine until told to stop."""

from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from deployments.node.keeping import Node, NodeTaken
from portal.kernel.stopping import stop_asked

log = structlog.get_logger("deployments")


class Command(BaseCommand):
    help = "Start, watch and restart the model servers of this machine. Ends them, and itself, on SIGTERM."
    requires_system_checks: Any = []  # noqa: RUF012 - they are about routes

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default=settings.SERVING_NODE, help="default: SERVING_NODE")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        stop = stop_asked()
        try:
            node = Node(name)
        except NodeTaken as error:
            raise CommandError(f"A serving node named {name} is at work on this machine already.") from error
        log.info("serving node started", name=name)
        node.run(stop)
        log.info("serving node stopped", name=name)
