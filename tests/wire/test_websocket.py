"""The WebSocket protocol by itself (RFC 6455 and 7692), on the path that sends everything back.

All of it with TLS, too."""

import asyncio
import base64
import hashlib
import os
import struct
import zlib

import pytest
import websockets
from chat import PATIENCE
from conformance_app import both_fixture  # noqa: F401
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

MiB = 1024 * 1024
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class RawClient:
    """Frames as bytes, right or wrong."""

    def __init__(self, server, path="/echo/", headers=""):
        self.socket = server.open_socket()
        self.socket.sendall(
            (
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n{headers}\r\n"
            ).encode()
        )
        self.input = self.socket.makefile("rb")
        self.head = b""
        while not self.head.endswith(b"\r\n\r\n"):
            self.head += self.input.read(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.input.close()
        self.socket.close()

    def send(self, *frames):
        self.socket.sendall(b"".join(frames))

    def receive(self):
        first, size = self.input.read(2)
        if size >= 126:
            form, count = (">H", 2) if size == 126 else (">Q", 8)
            (size,) = struct.unpack(form, self.input.read(count))
        return first, self.input.read(size)

    def expect_failure(self, code):
        """A close frame with this code, and then the end."""
        first, payload = self.receive()
        assert first == 0x80 | CLOSE
        assert struct.unpack(">H", payload[:2]) == (code,)
        assert self.input.read() == b""


def frame(opcode, payload=b"", fin=True, reserved=0):
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    size = len(payload)
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += bytes([0x80 | 126]) + struct.pack(">H", size)
    else:
        head += bytes([0x80 | 127]) + struct.pack(">Q", size)
    # A mask of zeros leaves the payload as it is.
    return head + bytes(4) + payload


def echo(app, messages, **options):
    async def run():
        options.setdefault("compression", None)
        async with websockets.connect(
            app.url("/echo/"), ssl=app.tls, max_size=None, open_timeout=PATIENCE, ping_interval=None, **options
        ) as client:
            for message in messages:
                await client.send(message)
                whole = b"".join if isinstance(message, list) and isinstance(message[0], bytes) else "".join
                expected = whole(message) if isinstance(message, list) else message
                assert await asyncio.wait_for(client.recv(), PATIENCE) == expected
            return client.extensions

    return asyncio.run(run())


SIZES = [0, 1, 125, 126, 127, 65535, 65536, MiB, 16 * MiB]


@pytest.mark.parametrize("size", SIZES)
def test_texts_and_bytes_come_back(app, size):
    echo(app, ["*" * size, os.urandom(size)])


def test_fragments_come_back_whole(app):
    part = "\u00fc" * 1000
    echo(app, [[part] * 64, [os.urandom(65536)] * 64, ["", "a", ""]])


def test_a_message_beyond_16_mib_is_refused(app):
    with RawClient(app) as client:
        client.send(frame(BINARY, bytes(16 * MiB), fin=False), frame(0, b"x"))
        client.expect_failure(1009)


@pytest.mark.parametrize(
    "offered",
    [
        {},
        {"client_no_context_takeover": True},
        {"server_no_context_takeover": True},
        {"client_max_window_bits": 9},
        {"server_max_window_bits": 9, "client_max_window_bits": True},
        {"server_no_context_takeover": True, "server_max_window_bits": 10},
    ],
    ids=str,
)
def test_compressed_messages_come_back(app, offered):
    factory = ClientPerMessageDeflateFactory(**offered)
    messages = []
    for size in (0, 1, 16, 255, 256, 257, 1000, 8192, 70_000, MiB):
        messages += ["some words, " * (size // 12), os.urandom(size), b"\0" * size]
    extensions = echo(app, messages * 3 + [["fragment " * 50] * 20], extensions=[factory])
    assert [x.name for x in extensions] == ["permessage-deflate"]


def test_who_offers_no_compression_gets_none(app):
    assert echo(app, ["x"]) == []


def test_what_inflates_beyond_the_bound_is_refused(app):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(17 * MiB)) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert len(bomb) < 20_000
    with RawClient(app, headers="Sec-WebSocket-Extensions: permessage-deflate\r\n") as client:
        assert b"permessage-deflate" in client.head
        client.send(frame(BINARY, bomb[:-4], reserved=4))
        client.expect_failure(1009)


BAD_UTF8 = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"


def test_bad_utf8_fails_before_the_message_is_whole(app):
    with RawClient(app) as client:
        client.send(frame(TEXT, BAD_UTF8, fin=False))
        client.expect_failure(1007)
    with RawClient(app) as client:
        whole = frame(TEXT, BAD_UTF8 + bytes(100_000))
        client.send(whole[: len(whole) // 2])
        client.expect_failure(1007)
    with RawClient(app) as client:
        client.send(frame(TEXT, b"\xf4", fin=False), frame(0, b"\x90\x80\x80", fin=False))
        client.expect_failure(1007)


def test_a_character_may_be_cut_by_fragments(app):
    text = "\u03ba\U0001f600".encode()
    with RawClient(app) as client:
        client.send(frame(TEXT, text[:1], fin=False))
        for i in range(1, len(text)):
            client.send(frame(PING, b"between"), frame(0, text[i : i + 1], fin=i == len(text) - 1))
            assert client.receive() == (0x80 | PONG, b"between")
        assert client.receive() == (0x80 | TEXT, text)


@pytest.mark.parametrize(
    "broken",
    [
        frame(TEXT, b"x", reserved=1),
        frame(TEXT, b"x", reserved=2),
        frame(TEXT, b"x", reserved=4),
        frame(PING, b"x", reserved=4),
        frame(3, b"x"),
        frame(7, b""),
        frame(11, b""),
        frame(15, b"x"),
        frame(PING, b"x" * 126),
        frame(PING, b"x", fin=False),
        frame(0, b"nothing to continue"),
        frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"),
        frame(CLOSE, b"x"),
        frame(CLOSE, struct.pack(">H", 1005)),
        frame(CLOSE, struct.pack(">H", 5000)),
        frame(CLOSE, struct.pack(">H", 65535)),
        b"\x81\x01x",
    ],
    ids=lambda x: x[:6].hex(),
)
def test_what_breaks_the_protocol_closes_with_1002(app, broken):
    with RawClient(app) as client:
        client.send(frame(TEXT, b"good"), broken, frame(TEXT, b"ignored"))
        assert client.receive() == (0x80 | TEXT, b"good")
        client.expect_failure(1002)


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1011, 3000, 3999, 4000, 4999])
def test_a_close_is_answered_with_its_code(app, code):
    with RawClient(app) as client:
        client.send(frame(CLOSE, struct.pack(">H", code) + b"bye"), frame(TEXT, b"too late"))
        client.expect_failure(code)


def test_bytes_are_counted(app):
    async def run():
        async with app.connect(None, "/ws/actions/") as client:
            for size in (0, 1, 100_000):
                data = os.urandom(size)
                await client.send(data)
                assert await client.receive() == {
                    "bytes": size,
                    "sha256": hashlib.sha256(data).hexdigest(),
                }
            await client.send(b'{"action": "echo"}')
            assert (await client.receive())["response_status"] == 400
            assert (await client.request("echo", x=1))["data"] == {"x": 1}

    asyncio.run(run())
