"""A local server that speaks the protocol of OpenAI and misbehaves as it is told."""

import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Request = dict[str, Any]
NO_WAIT = {"retry-after-ms": "1"}
"""Clients that ask again need not wait."""


@dataclass(frozen=True)
class Sent:
    """What a server sends: a status, a body, and how it misbehaves.

    Attributes
    ----------
    status
        0 hangs up before a word.
    body
        JSON, or bytes as they are.
    headers
        Besides those of every answer.
    share
        Of the body that is sent.
    hangs
        Seconds of silence after that, before it hangs up.
    trickles
        Seconds between single bytes of the answer, its headers among them.
    """

    status: int
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=lambda: NO_WAIT)
    share: float = 1.0
    hangs: float = 0.0
    trickles: float = 0.0


Answer = tuple[int, Any] | Sent
Behaviour = Callable[[Request, int], Answer]
"""From a request and how many came before it to what is sent."""


def completion(text: Any, letters: dict[str, float] | None = None) -> dict[str, Any]:
    """What a server sends: a text, and the probabilities of first tokens."""
    logprobs = None
    if letters is not None:
        top = [
            {"token": token, "logprob": math.log(share), "bytes": None} for token, share in letters.items()
        ]
        logprobs = {"content": [{**top[0], "top_logprobs": top}], "refusal": None}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "toy",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "logprobs": logprobs,
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {"prompt_tokens": 20, "completion_tokens": 1, "total_tokens": 21},
    }


class Requests(list[Request]):
    """What came, with the headers under "headers", and the most that were answered at once."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.open = self.most_open = 0


@contextmanager
def served(behaviour: Behaviour) -> Iterator[tuple[str, Requests]]:
    """Yield the address of a server, and the requests that it gets."""
    requests = Requests()
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            content["headers"] = {name.lower(): value for name, value in self.headers.items()}
            content["time"] = time.monotonic()
            with requests.lock:
                number = len(requests)
                requests.append(content)
                requests.open += 1
                requests.most_open = max(requests.most_open, requests.open)
            answer = behaviour(content, number)
            sent = answer if isinstance(answer, Sent) else Sent(*answer)
            with requests.lock:
                requests.open -= 1
            if sent.status == 0:
                self.close_connection = True
                return
            body = sent.body if isinstance(sent.body, bytes) else json.dumps(sent.body).encode()
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **sent.headers}
            if sent.trickles:
                named = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                for byte in f"HTTP/1.1 {sent.status} OK\r\n{named}\r\n".encode() + body:
                    self.wfile.write(bytes([byte]))
                    if stopped.wait(sent.trickles):
                        break
                return
            self.send_response(sent.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: round(sent.share * len(body))])
            self.wfile.flush()
            if sent.hangs:
                stopped.wait(sent.hangs)
            self.close_connection = sent.share < 1.0

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Clients that give up are none of its business."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", requests
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


def asked(request: Request) -> str:
    """The prompt of a request."""
    return str(request["messages"][0]["content"])
