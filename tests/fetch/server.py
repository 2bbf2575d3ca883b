"""A small server on the loopback address that behaves like Zenodo and GIRO do, faults included."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote


class Provider:
    """Files by key, faults to inject, and a record of what was asked and sent."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = dict(files)
        self.listed = {key: hashlib.md5(body).hexdigest() for key, body in files.items()}
        self.requests: list[dict] = []
        self.bytes_sent = 0
        self.concurrent = self.most_concurrent = 0
        self.faults: dict[str, list] = {}
        self.constant: dict[str, object] = {}
        self.ranges = True
        self.record = self.latest = 15713532
        self.giro: dict[str, tuple[int, str]] = {}
        self.lock = threading.Lock()

    def fault(self, key: str, *faults) -> None:
        """Faults for the coming requests of a key, one each, in order; a function writes the answer itself."""
        self.faults.setdefault(key, []).extend(faults)

    def always(self, key: str, fault) -> None:
        """A fault for every request of a key."""
        self.constant[key] = fault

    def next_fault(self, key: str):
        with self.lock:
            queue = self.faults.get(key) or [self.constant.get(key)]
            return queue.pop(0)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider

    def log_message(self, *arguments) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        with self.provider.lock:
            self.provider.requests.append({"path": self.path, "headers": dict(self.headers)})
            self.provider.concurrent += 1
            self.provider.most_concurrent = max(self.provider.most_concurrent, self.provider.concurrent)
        try:
            self._answer()
        finally:
            with self.provider.lock:
                self.provider.concurrent -= 1

    def _answer(self) -> None:
        path = self.path.split("?")[0]
        if path.startswith("/fastchar"):
            day = re.search(r"fromDate=(\d{4}/\d{2}/\d{2})", self.path).group(1)
            status, text = self.provider.giro.get(day, (404, "not found"))
            self.send(status, text.encode(), "text/plain")
        elif path == "/login":
            self.send(200, b"<!DOCTYPE html><html>please log in</html>", "text/html; charset=utf-8")
        elif path.endswith("/versions/latest"):
            self.json({"id": self.provider.latest})
        elif path.endswith("/content"):
            self._file(unquote(path.split("/files/")[1].removesuffix("/content")))
        else:
            self._listing()

    def _listing(self) -> None:
        fault = self.provider.next_fault("listing")
        if isinstance(fault, dict):
            self._status(fault)
            return
        base = f"http://127.0.0.1:{self.server.server_address[1]}/api/records/{self.provider.record}/files"
        files = [
            {
                "key": key,
                "size": len(self.provider.files[key]),
                "checksum": f"md5:{digest}",
                "links": {"self": f"{base}/{quote(key)}/content"},
            }
            for key, digest in self.provider.listed.items()
        ]
        metadata = {"title": "A record", "version": "v1", "license": {"id": "cc-by-4.0"}}
        record = self.provider.record
        content = {"id": record, "doi": f"10.5281/zenodo.{record}", "metadata": metadata, "files": files}
        if callable(fault):
            fault(self, content)
        else:
            self.json(content)

    def _file(self, key: str) -> None:
        body, fault = self.provider.files[key], self.provider.next_fault(key)
        if isinstance(fault, dict):
            self._status(fault)
            return
        if callable(fault):
            fault(self, body)
            return
        if fault == "redirect":
            self.send_response(302)
            self.send_header("Location", "/login")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = 0
        match = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if match and self.provider.ranges and fault != "no range":
            start = int(match.group(1))
        rest = body[start:]
        if fault == "corrupt":
            rest = rest[:-1] + bytes([rest[-1] ^ 1])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Type", "application/octet-stream")
        if fault == "truncate":
            rest = rest[: len(rest) // 2]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if isinstance(fault, tuple) and fault[0] == "die after":
            self.write(rest[: fault[1]])
            self.wfile.flush()
            self.connection.shutdown(2)
            self.close_connection = True
        elif isinstance(fault, tuple) and fault[0] == "stall after":
            self.write(rest[: fault[1]])
            self.wfile.flush()
            time.sleep(fault[2])
            self.close_connection = True
        else:
            self.write(rest)

    def write(self, data: bytes) -> None:
        self.wfile.write(data)
        with self.provider.lock:
            self.provider.bytes_sent += len(data)

    def _status(self, fault: dict) -> None:
        self.send(fault["status"], b"slow down", "text/plain", fault.get("headers", {}))

    def json(self, content: dict) -> None:
        self.send(200, json.dumps(content).encode(), "application/json")

    def send(self, status: int, body: bytes, kind: str, headers: dict | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        """A client that hangs up is part of the game."""


def start(provider: Provider) -> tuple[ThreadingHTTPServer, str]:
    """Start serving on a free port of the loopback address; returns the server and its base URL."""
    handler = type("BoundHandler", (Handler,), {"provider": provider})
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}"
