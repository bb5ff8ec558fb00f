"""A local server that speaks the protocol of OpenAI and misbehaves as it is told."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Request = dict[str, Any]
Answer = tuple[int, Any]
Behaviour = Callable[[Request, int], Answer]
"""From a request and how many came before it to a status and what is sent."""


def completion(text: str | None, letters: dict[str, float] | None = None) -> dict[str, Any]:
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

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            content["headers"] = {name.lower(): value for name, value in self.headers.items()}
            with requests.lock:
                number = len(requests)
                requests.append(content)
                requests.open += 1
                requests.most_open = max(requests.most_open, requests.open)
            status, body = behaviour(content, number)
            with requests.lock:
                requests.open -= 1
            if status == 0:  # It hangs up.
                self.close_connection = True
                return
            sent = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            # Clients that ask again need not wait.
            self.send_header("retry-after-ms", "1")
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def asked(request: Request) -> str:
    """The prompt of a request."""
    return str(request["messages"][0]["content"])
