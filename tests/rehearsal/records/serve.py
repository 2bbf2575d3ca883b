"""Serve a folder on the loopback interface as the Zenodo REST API would.

    python serve.py RECORD_DIR --port 8123

    GET /api/records/15713532                          the record, files[]
    GET /api/records/15713532/files                    entries[]
    GET /api/records/15713532/files/<key>/content      a file; Range is honoured

With --port 0 a free port is taken; the first line printed is the base address.
A file zenodo.json beside RECORD_DIR supplies title and description.
"""

import argparse
import hashlib
import json
import mimetypes
import pathlib
import re
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BLOCK = 1 << 20


class Record:
    """The files of a folder with what Zenodo tells about them."""

    def __init__(self, folder, number):
        self.number = number
        self.files = {p.name: p for p in sorted(folder.iterdir()) if p.is_file()}
        self.md5 = {key: self._digest(p) for key, p in self.files.items()}
        beside = folder.resolve().parent / "zenodo.json"
        self.metadata = (
            json.loads(beside.read_text("utf-8")) if beside.is_file() else {"title": folder.name, "description": ""}
        )

    @staticmethod
    def _digest(path):
        digest = hashlib.md5()
        with path.open("rb") as f:
            while block := f.read(BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def file_entry(self, base, key):
        address = f"{base}/api/records/{self.number}/files/{urllib.parse.quote(key)}/content"
        return {
            "id": hashlib.sha1(key.encode()).hexdigest()[:32],
            "key": key,
            "size": self.files[key].stat().st_size,
            "checksum": "md5:" + self.md5[key],
            "links": {"self": address},
        }

    def document(self, base):
        doi = f"10.5281/zenodo.{self.number}"
        me = f"{base}/api/records/{self.number}"
        return {
            "created": "2025-06-22T09:15:20.112233+00:00",
            "modified": "2025-06-22T09:15:20.445566+00:00",
            "id": self.number,
            "conceptrecid": str(self.number - 1),
            "doi": doi,
            "conceptdoi": f"10.5281/zenodo.{self.number - 1}",
            "doi_url": "https://doi.org/" + doi,
            "metadata": {
                "doi": doi,
                "access_right": "open",
                "resource_type": {"title": "Dataset", "type": "dataset"},
                **self.metadata,
            },
            "title": self.metadata["title"],
            "links": {
                "self": me,
                "files": me + "/files",
                "archive": me + "/files-archive",
                "self_html": f"{base}/records/{self.number}",
            },
            "recid": str(self.number),
            "revision": 4,
            "files": [self.file_entry(base, key) for key in self.files],
            "status": "published",
            "state": "done",
            "submitted": True,
        }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    record = None

    def do_GET(self):
        self.answer(body=True)

    def do_HEAD(self):
        self.answer(body=False)

    def answer(self, body):
        host, port = self.server.server_address[:2]
        base = f"http://{host}:{port}"
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        root = f"/api/records/{self.record.number}"
        if path.rstrip("/") == root:
            return self.send_json(self.record.document(base), body)
        if path.rstrip("/") == root + "/files":
            entries = [self.record.file_entry(base, k) for k in self.record.files]
            return self.send_json({"enabled": True, "entries": entries}, body)
        match = re.fullmatch(re.escape(root) + r"/files/([^/]+)/content", path)
        if match and match[1] in self.record.files:
            return self.send_file(match[1], body)
        return self.send_json({"status": 404, "message": "The requested URL was not found on the server."}, body, 404)

    def send_json(self, document, body, status=200):
        data = json.dumps(document, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)

    def send_file(self, key, body):
        path = self.record.files[key]
        size = path.stat().st_size
        first, last, status = 0, size - 1, 200
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", "").strip())
        if wanted and wanted[0] != "bytes=-":
            begin, end = wanted.groups()
            if begin:
                first = int(begin)
                last = min(int(end), size - 1) if end else size - 1
            else:
                first = max(0, size - int(end))
            if first > last:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{size}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            status = 206
        self.send_response(status)
        kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{self.record.md5[key]}"')
        name = urllib.parse.quote(key)
        self.send_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.end_headers()
        if body:
            with path.open("rb") as f:
                f.seek(first)
                left = last - first + 1
                while left > 0:
                    block = f.read(min(BLOCK, left))
                    if not block:
                        break
                    self.wfile.write(block)
                    left -= len(block)

    def log_message(self, text, *values):
        pass


def make_server(folder, port=0, number=15713532):
    """A server that is ready for serve_forever()."""
    handler = type("RecordHandler", (Handler,), {"record": Record(pathlib.Path(folder), number)})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("record_dir", type=pathlib.Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", type=int, default=15713532)
    options = parser.parse_args()
    server = make_server(options.record_dir, options.port, options.record)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
