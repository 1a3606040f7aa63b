"""The command line client as a process."""

import asyncio
import json
import os
import pty
import subprocess

from chat import BIN_DIR, PATIENCE

DCRF = BIN_DIR / "dcrf"
GOOD, ERROR_REPLY, USAGE, CONNECTION, INTERRUPTED = 0, 1, 2, 3, 130


def url(server, path="/ws/notes/", scheme="ws"):
    return f"{scheme}://127.0.0.1:{server.port}{path}"


def run(*words, stdin=subprocess.DEVNULL, text=None):
    """A run to its end, with a text or a file as its input."""
    source = {"input": text} if text is not None else {"stdin": stdin}
    return subprocess.run([DCRF, *words], capture_output=True, text=True, timeout=PATIENCE, **source)


def frames(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def start(*words):
    return subprocess.Popen(
        [DCRF, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


class Terminal:
    """Someone who types to the client at a terminal: `async with Terminal(url) as client`."""

    def __init__(self, *words):
        self.words = words
        self.shown = b""

    async def __aenter__(self):
        self.fd, theirs = pty.openpty()
        self.process = subprocess.Popen([DCRF, *self.words], stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.ready = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.fd, self.read)
        await self.show(b"> ")
        return self

    async def __aexit__(self, *_):
        if self.process.poll() is None:
            os.write(self.fd, b"\x04")
        self.status = await asyncio.to_thread(self.process.wait, PATIENCE)
        asyncio.get_running_loop().remove_reader(self.fd)
        os.close(self.fd)

    def read(self):
        try:
            self.shown += os.read(self.fd, 65536)
        except OSError:  # the client has ended
            asyncio.get_running_loop().remove_reader(self.fd)
        self.ready.set()

    async def show(self, text):
        """Waits until a text is shown; it and what comes before it are taken away."""
        while text not in self.shown:
            self.ready.clear()
            await asyncio.wait_for(self.ready.wait(), PATIENCE)
        before, _, self.shown = self.shown.partition(text)
        return before

    async def send(self, line):
        os.write(self.fd, line.encode() + b"\n")

    async def receive(self):
        """The next frame."""
        await self.show(b"\r\x1b[K< ")
        return json.loads(await self.show(b"\r\n"))
