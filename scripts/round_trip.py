#!/usr/bin/env python3
"""Chats with a running demo: signs up, creates a room, says something, and finds it in the history.

usage: scripts/round_trip.py http://127.0.0.1:8000
Exits with 2 while nobody listens there. Needs nothing but Python.
"""

import base64
import json
import os
import secrets
import socket
import struct
import sys
import urllib.error
import urllib.parse
import urllib.request


class WebSocket:
    """As much of a WebSocket client as one short conversation needs."""

    def __init__(self, origin: str, path: str, cookie: str):
        host = urllib.parse.urlsplit(origin)
        self.stream = socket.create_connection((host.hostname, host.port), timeout=10).makefile("rwb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.stream.write(
            f"GET {path} HTTP/1.1\r\nHost: {host.netloc}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self.stream.flush()
        status = self.stream.readline()
        assert b" 101 " in status, status
        while self.stream.readline().strip():
            pass

    def send(self, **frame: object) -> None:
        data = json.dumps(frame).encode()
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        # The shortest form of the length, as RFC 6455 (5.2) wants it.
        if len(data) < 126:
            head = struct.pack("!BB", 0x81, 0x80 | len(data))
        else:
            head = struct.pack("!BBH", 0x81, 0x80 | 126, len(data))
        self.stream.write(head + mask + masked)
        self.stream.flush()

    def receive(self) -> dict:
        while True:
            opcode, length = struct.unpack("!BB", self.stream.read(2))
            if length == 126:
                (length,) = struct.unpack("!H", self.stream.read(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self.stream.read(8))
            data = self.stream.read(length)
            if opcode == 0x81:
                return json.loads(data)

    def request(self, action: str, **arguments: object) -> object:
        request_id = secrets.token_hex(8)
        self.send(action=action, request_id=request_id, **arguments)
        while True:
            reply = self.receive()
            if reply.get("request_id") == request_id:
                assert reply["response_status"] < 300, reply
                return reply["data"]


def main(origin: str) -> int:
    name = f"visitor-{secrets.token_hex(4)}"
    sign_up = urllib.request.Request(
        f"{origin}/api/signup",
        data=json.dumps({"username": name, "password": secrets.token_hex(16)}).encode(),
        headers={"Content-Type": "application/json", "Origin": origin},
    )
    # Straight to this machine, past any proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        page = opener.open(f"{origin}/", timeout=10).read().decode()
    except urllib.error.URLError:
        return 2
    assert "<title>" in page, page
    with opener.open(sign_up, timeout=10) as answer:
        assert answer.status == 201, answer.status
        cookie = answer.headers["Set-Cookie"].split(";")[0]

    ws = WebSocket(origin, "/ws/chat/room/", cookie)
    room = ws.request("create", data={"name": f"room of {name}"})["pk"]
    ws.send(action="join_room", request_id=0, pk=room)
    ws.request("create_message", message="Hello, room!")
    history = ws.request("list_messages", room=room)
    assert [message["text"] for message in history] == ["Hello, room!"], history
    print(f"{origin}: signed up, created a room, said hello, and found it in the history")
    return 0


sys.exit(main(sys.argv[1]))
