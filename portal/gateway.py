"""The gateway process: Django is set up, then predictions pass by it. `python -m portal.gateway --port 8002`."""

import argparse
import os
import signal

import django
import uvicorn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.prod")
django.setup()

from deployments.gateway.app import Gateway  # noqa: E402 - needs the app registry
from deployments.gateway.connections import BoundedProtocol  # noqa: E402

KEEP_ALIVE_SECONDS = 75


def main() -> None:
    """Serve until told to stop; then finish what was begun."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8002)
    parser.add_argument("--stop-seconds", type=int, default=30, help="for what was begun before the stop")
    asked = parser.parse_args()
    # uvicorn raises the signal anew when it has finished; whoever is told to stop and does so has ended well.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    uvicorn.run(
        Gateway(), host=asked.host, port=asked.port, loop="uvloop", http=BoundedProtocol, ws="none", lifespan="on",
        access_log=False, log_level="warning", server_header=False, date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=asked.stop_seconds, backlog=2048,
        proxy_headers=True, log_config=None,
    )  # fmt: skip


if __name__ == "__main__":
    main()
