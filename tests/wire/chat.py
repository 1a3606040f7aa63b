"""The demo chat as a process, and clients that speak its protocol."""

import asyncio
import http.client
import itertools
import json
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import websockets

BIN_DIR = Path(os.environ.get("DCRF_BIN_DIR", "build/release/bin")).resolve()
PASSWORD = "correct horse"
# Long enough for a busy machine; nothing waits this long unless it fails.
PATIENCE = 30


class ChatServer:
    """`dcrf-chat`, or another program with its options, on a port of its own."""

    program = "dcrf-chat"
    scheme = "http"
    # Of clients, with TLS.
    tls = None

    def __init__(self, database, *options):
        self.database = database
        self.options = options
        self.port = 0
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            assert self.stop() == 0

    def start(self):
        self.process = subprocess.Popen(
            [
                BIN_DIR / self.program,
                f"--port={self.port}",
                f"--database=sqlite://{self.database}",
                "--log-level=warning",
                "--drain=0s",
                *self.options,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        found = re.fullmatch(rf"listening on {self.scheme}://127\.0\.0\.1:(\d+)\n", line)
        assert found, f"the server said {line!r}"
        self.port = int(found[1])

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def request(self, method, path, body=None, **headers):
        """One HTTP request; answers (status, headers, body)."""
        options = {"timeout": PATIENCE, **({"context": self.tls} if self.tls else {})}
        kind = http.client.HTTPSConnection if self.tls else http.client.HTTPConnection
        connection = kind("127.0.0.1", self.port, **options)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, response.headers, content

    def url(self, path):
        """Of a WebSocket."""
        return f"{'wss' if self.tls else 'ws'}://127.0.0.1:{self.port}{path}"

    def open_socket(self):
        """A connection for bytes."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        return self.tls.wrap_socket(plain, server_hostname="127.0.0.1") if self.tls else plain

    def sign_up(self, username):
        """A new user's cookie."""
        status, headers, body = self.request(
            "POST", "/api/signup", {"username": username, "password": PASSWORD}
        )
        assert status == 201, body
        return headers["Set-Cookie"].split(";")[0]

    def log_in(self, username):
        """The cookie of a user who has signed up."""
        status, headers, body = self.request(
            "POST", "/api/login", {"username": username, "password": PASSWORD}
        )
        assert status == 200, body
        return headers["Set-Cookie"].split(";")[0]

    def connect(self, cookie, path="/ws/chat/room/", **options):
        headers = {"Cookie": cookie} if cookie else {}
        headers.update(options.pop("headers", {}))
        return Client(
            websockets.connect(
                self.url(path),
                ssl=self.tls,
                extra_headers=headers,
                max_size=None,
                open_timeout=PATIENCE,
                **options,
            )
        )


class Client:
    """One WebSocket connection: `async with server.connect(cookie) as client`."""

    def __init__(self, connecting):
        self.connecting = connecting
        self.ids = itertools.count(1)

    async def __aenter__(self):
        self.socket = await self.connecting
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, frame):
        await self.socket.send(frame if isinstance(frame, (str, bytes)) else json.dumps(frame))

    async def receive(self):
        return json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))

    async def until(self, matches):
        """The next frame that matches; those before it are dropped."""
        while True:
            frame = await self.receive()
            if matches(frame):
                return frame

    async def request(self, action, **arguments):
        """The reply to a request."""
        request_id = f"{action} {next(self.ids)}"
        await self.send({"action": action, "request_id": request_id, **arguments})
        return await self.until(lambda frame: frame.get("request_id") == request_id)

    async def join(self, pk):
        """Joins a room; answers who is here."""
        await self.send({"action": "join_room", "pk": pk, "request_id": None})
        return (await self.until(lambda frame: "usuarios" in frame))["usuarios"]

    async def closed(self):
        """The code that the server closes the connection with."""
        await asyncio.wait_for(self.socket.wait_closed(), PATIENCE)
        return self.socket.close_code
