"""Stands in for the engine that keeps the tables: notes what it is asked, answers as told."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    operation: str
    """With its service: `DynamoDB_20120810.GetItem`."""
    scope: str
    """Of the credential."""
    body: bytes

    @property
    def request(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class TablesEngine:
    """A context: it listens until the end of it."""

    answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    """By the name of the operation. Others are answered with an empty object."""
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> "TablesEngine":
        engine = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                operation = self.headers["x-amz-target"]
                scope = self.headers["authorization"].split("Credential=")[1].split(",")[0]
                engine.asked.append(Asked(operation, scope, body))
                status, answer = engine.answers.get(operation.split(".")[1], (200, {}))
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/x-amz-json-1.0")
                self.send_header("x-amz-crc32", "42")
                self.send_header("access-control-allow-origin", "*")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()
