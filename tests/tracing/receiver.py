"""A receiver of OTLP over HTTP, which decodes what it is sent."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATIENCE_SECONDS = 20
TIMING = "read;dur=0.050, queue;dur=0.100, predict;dur=0.200;desc=3, write;dur=0.010"


@dataclass
class Receiver:
    """The spans that came, by name; `address` is what OTEL_EXPORTER_OTLP_ENDPOINT says. `headers` are of questions."""

    address: str = ""
    spans: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def named(self, *names: str, trace: str = "") -> list[Any]:
        """A span of each of these names, of one trace where it is said, when all have come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            known = {span.name: span for span in self.spans if span.trace_id.hex().startswith(trace)}
            if all(name in known for name in names):
                return [known[name] for name in names]
            assert time.monotonic() < deadline, sorted(known)
            time.sleep(0.05)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """One that listens; what is posted elsewhere than to OTLP's address is answered as a model would."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/traces":
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                for each in ExportTraceServiceRequest.FromString(body).resource_spans:
                    found.spans.extend(span for scope in each.scope_spans for span in scope.spans)
                self.answer(b"", "application/x-protobuf")
            else:
                found.headers.append({name.lower(): value for name, value in self.headers.items()})
                self.answer(b'{"predictions": [1]}', "application/json", TIMING)

        def answer(self, body: bytes, kind: str, timing: str = "") -> None:
            self.send_response(200)
            if timing:
                self.send_header("Server-Timing", timing)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.address = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()
