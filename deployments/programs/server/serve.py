"""Serves one model over HTTP: `python serve.py [order.json]`, else the order comes on standard input.

The order is JSON (`model_server/order.py` has its members). Every file of the model is hashed before anything of it is
imported. The first line on standard output is JSON and says where the model answers; what the model itself prints goes
to standard error. Ends with 0 after SIGTERM, 2 for an order that is wrong, 3 for files that are not those of the
manifest, 4 for a model that cannot be loaded, 5 for an address that cannot be had.
"""

import contextlib
import json
import os
import sys
import time

from model_server.files import files_check
from model_server.order import Refused, order_read

BAD_MODEL, BAD_ADDRESS = 4, 5


def main() -> int:
    began = time.monotonic()
    sys.dont_write_bytecode = True  # the model's folder is what was approved, and stays as it is
    said = _standard_output_kept()
    try:
        order = order_read(sys.argv[1:])
        files_check(order)
    except Refused as no:
        return _end(no.code, str(no))
    checked = time.monotonic()
    try:
        from model_server.loading import model_load
        from model_server.running import Running

        model = model_load(order)
    except Exception as error:
        return _end(BAD_MODEL, f"The model cannot be loaded: {type(error).__name__}: {error}")
    running = Running(order, model)
    try:
        port = running.bind()
    except OSError as error:
        return _end(BAD_ADDRESS, f"{order.host}:{order.port} cannot be had: {error.strerror or error}.")
    took = {"checked_seconds": checked - began, "ready_seconds": time.monotonic() - began}
    running.run(lambda: _say(said, order.ready_file, {"port": port, "pid": os.getpid(), **took}))
    return 0


def _standard_output_kept() -> int:
    """A descriptor of standard output for our one line; whatever else is printed goes to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return kept


def _say(said: int, ready_file: str | None, facts: dict) -> None:
    line = json.dumps({"event": "ready", **facts})
    if ready_file:
        with open(f"{ready_file}.new", "w", encoding="utf-8") as file:
            file.write(f"{line}\n")
        os.replace(f"{ready_file}.new", ready_file)
    with contextlib.suppress(OSError):  # whoever started us may have gone; the file says the same
        os.write(said, f"{line}\n".encode())
    os.close(said)


def _end(code: int, why: str) -> int:
    print(f"refused ({code}): {why}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # threads of the model, and what it registered for the end, hold nobody up
