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


@dataclass
class Receiver:
    """The spans that came, by name; `address` is what OTEL_EXPORTER_OTLP_ENDPOINT says. `headers` are of questions."""

    address: str = ""
    spans: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def named(self, *names: str) -> list[Any]:
        """A span of each of these names, when all have come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            known = {span.name: span for span in self.spans}
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
                self.answer(b'{"predictions": [1]}', "application/json")

        def answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
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
