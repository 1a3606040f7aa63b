"""What a server holds after it has had much to do."""

import asyncio
import re
from pathlib import Path

from chat import BIN_DIR, ChatServer

MiB = 1024 * 1024
# The sanitizers keep what was freed.
BOUND = None if "san" in str(BIN_DIR) else 2 * MiB


def held(server):
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return 1024 * int(re.search(r"^RssAnon:\s+(\d+) kB", text, re.M)[1])


class EchoServer(ChatServer):
    program = "dcrf-conformance"


async def echo(server, size):
    for _ in range(8):
        async with server.connect(None, "/ws/actions/") as client:
            for _ in range(3):
                reply = await client.request("echo", x="y" * size)
                assert len(reply["data"]["x"]) == size


def test_what_large_messages_took_is_given_back(tmp_path):
    with EchoServer(tmp_path / "echo.db", "--io-threads=4") as server:
        asyncio.run(echo(server, 1000))
        before = held(server)
        asyncio.run(echo(server, 900_000))
        asyncio.run(echo(server, 300_000))
        assert BOUND is None or held(server) < before + BOUND
