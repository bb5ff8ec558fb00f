"""A Hub of one dataset on a port of this machine, with the paths and headers of the Hub's own API."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, *arguments: object) -> None:
        pass

    def _answer(self, body: bool) -> None:
        server = self.server
        assert isinstance(server, _Server)
        path = unquote(urlsplit(self.path).path)
        server.requests.append(path)
        files = {
            file.relative_to(server.root).as_posix(): file
            for file in server.root.rglob("*")
            if file.is_file()
        }
        revisions = {f"/api/datasets/{server.repo}/revision/{name}" for name in ("main", COMMIT)}
        resolved = f"/datasets/{server.repo}/resolve/{COMMIT}/"
        if path in revisions:
            siblings = [{"rfilename": name} for name in sorted(files)]
            known = {"id": server.repo, "sha": COMMIT, "private": False, "tags": [], "siblings": siblings}
            self._send(200, json.dumps(known).encode(), {"Content-Type": "application/json"}, body)
        elif path == f"/api/datasets/{server.repo}/tree/{COMMIT}":
            tree = [
                {"type": "file", "path": name, "size": file.stat().st_size, "oid": name}
                for name, file in sorted(files.items())
            ]
            self._send(200, json.dumps(tree).encode(), {"Content-Type": "application/json"}, body)
        elif path.startswith(resolved) and (name := path.removeprefix(resolved)) in files:
            content = files[name].read_bytes()
            etag = hashlib.sha256(content).hexdigest()
            self._send(200, content, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT}, body)
        else:
            code = "RepoNotFound" if server.repo not in path else "EntryNotFound"
            self._send(404, b"", {"X-Error-Code": code}, body)

    def _send(self, status: int, content: bytes, headers: dict[str, str], body: bool) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    def __init__(self, repo: str, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repo = repo
        self.root = root
        self.requests: list[str] = []


@contextmanager
def served_hub(repo: str, root: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve the files of a folder as a dataset; the address, and the paths that were asked for."""
    server = _Server(repo, root)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
