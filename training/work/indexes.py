"""Where packages come from: what the administrator of this machine told pip, in uv's words.

`scripts/install.py` knows the same before anything is installed, so it cannot be shared.
"""

import ast
import os
import subprocess
import sys
from functools import cache

# Options of pip whose names end so say where packages come from; uv takes each as a variable of the same name.
_PLACES = ("url", "links")
_CERT = {"cert": "SSL_CERT_FILE"}
_INHERITED = (
    "UV_",
    "SSL_CERT_",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "https_proxy",
    "http_proxy",
    "no_proxy",
)


@cache
def index_settings() -> dict[str, str]:
    """Variables for uv: those of pip's configuration, under those that the worker itself was given for uv."""
    python = getattr(sys, "_base_executable", sys.executable)
    listed = subprocess.run(  # noqa: S603 - our own interpreter
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False, timeout=60
    )
    found = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        option = name.rpartition(".")[2]
        wanted = f"UV_{option.upper().replace('-', '_')}" if option.endswith(_PLACES) else _CERT.get(option)
        if wanted and value.startswith("'"):
            found[wanted] = str(ast.literal_eval(value))
    inherited = {name: value for name, value in os.environ.items() if name.startswith(_INHERITED)}
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", **found, **inherited}
