"""gunicorn as configured: small answers leave at once, long request lines pass, no control socket lies about."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.processes import Server, free_port
from tests.live.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = """
import json, socket
def application(environ, start_response):
    sock = environ["gunicorn.socket"]
    facts = {
        "nodelay": sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY),
        "receive": sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16)[0],
        "query": len(environ["QUERY_STRING"]),
    }
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(facts).encode()]
"""


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder = tmp_path_factory.mktemp("web")
    (folder / "facts_application.py").write_text(APPLICATION)
    port = free_port()
    env = {**os.environ, "PORT": str(port), "PYTHONPATH": f"{folder}:{ROOT}", "HOME": str(folder)}
    env["XDG_RUNTIME_DIR"] = str(folder)
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "portal/gunicorn.py"), "facts_application"]
    server = Server(command, port=port, log=folder / "log", env=env, cwd=folder, health="/")
    server.wait_until_up()
    with Wire(port) as connection:
        yield connection
    server.stop()
    assert not list(folder.rglob("*.ctl"))
    assert not list(folder.rglob("*.sock"))


def test_accepted_connections_send_small_answers_at_once(wire: Wire) -> None:
    assert wire.send("GET", "/").json["nodelay"]


def test_accepted_connections_do_not_wait_for_ever(wire: Wire) -> None:
    assert wire.send("GET", "/").json["receive"] == 30


def test_a_bulk_history_call_fits_the_request_line(wire: Wire) -> None:
    run_ids = "&".join(f"run_ids={index:032x}" for index in range(1000))
    assert wire.send("GET", f"/?{run_ids}").json["query"] == len(run_ids)


def test_a_line_without_end_is_refused(wire: Wire) -> None:
    assert wire.send("GET", "/?" + "a" * 3_000_000).status in (400, 414)


@pytest.mark.slow
def test_the_configuration_passes_gunicorns_own_check() -> None:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--check-config",
        "-c",
        "portal/gunicorn.py",
        "portal.wsgi:application",
    ]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
