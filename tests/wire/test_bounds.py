"""What one client can make a server hold, and how others fare meanwhile."""

import asyncio
import contextlib
import re
from pathlib import Path

import pytest
import websockets
from chat import BIN_DIR, ChatServer

MiB = 1024 * 1024
# The sanitizers keep what was freed.
BOUND = None if "san" in str(BIN_DIR) else 40 * MiB


def held(server):
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return 1024 * int(re.search(r"^RssAnon:\s+(\d+) kB", text, re.M)[1])


class ConformanceServer(ChatServer):
    program = "dcrf-conformance"


@pytest.fixture
def conformance(tmp_path):
    with ConformanceServer(tmp_path / "bounds.db") as running:
        yield running


async def answers(client, count):
    return [await client.receive() for _ in range(count)]


@pytest.mark.parametrize("path", ["/ws/actions/", "/ws/mux/"])
def test_requests_as_large_as_a_message_wait_for_their_turn(conformance, path):
    def framed(frame):
        return {"stream": "actions", "payload": frame} if "mux" in path else frame

    async def talk():
        async with conformance.connect(None, path) as client:
            await client.send(framed({"action": "slow", "delay_ms": 300, "request_id": 1}))
            for number, size in ((2, 200_000), (3, 900_000), (4, 900_000)):
                await client.send(
                    framed({"action": "echo", "request_id": number, "x": "a" * size})
                )
            frames = await answers(client, 4)
        return [frame.get("payload", frame)["request_id"] for frame in frames]

    assert asyncio.run(talk()) == [1, 2, 3, 4]


def test_a_message_larger_than_the_session_may_hold_waits_as_well(tmp_path):
    async def talk(server):
        async with server.connect(None, "/ws/actions/") as client:
            await client.send({"action": "slow", "delay_ms": 300, "request_id": 1})
            await client.send({"action": "echo", "request_id": 2, "x": "a" * 6_000_000})
            return [frame["request_id"] for frame in await answers(client, 2)]

    with ConformanceServer(tmp_path / "large.db", "--message-size=8388608") as server:
        assert asyncio.run(talk(server)) == [1, 2]


def test_what_subscriptions_hold_is_bounded(conformance):
    async def talk():
        async with conformance.connect(None, "/ws/control/") as control:
            await control.request("create", model="user", fields={"username": "ann"})
        before = held(conformance)
        async with conformance.connect(None, "/ws/users/") as client:
            statuses = []
            for number in range(100):
                request_id = f"{number}" + "x" * 500_000
                await client.send(
                    {"action": "subscribe_instance", "pk": 1, "request_id": request_id}
                )
                statuses.append((await client.receive())["response_status"])
            assert statuses[0] == 201
            assert statuses[-1] == 429
            assert BOUND is None or held(conformance) < before + BOUND
            # It goes on, and may subscribe again when it has given something back.
            await client.send(
                {"action": "unsubscribe_instance", "pk": 1, "request_id": "0" + "x" * 500_000}
            )
            assert (await client.receive())["response_status"] == 204
            await client.send(
                {"action": "subscribe_instance", "pk": 1, "request_id": "y" * 500_000}
            )
            assert (await client.receive())["response_status"] == 201

    asyncio.run(talk())


def test_what_runs_in_the_background_is_bounded(conformance):
    async def talk():
        before = held(conformance)
        async with conformance.connect(None, "/ws/actions/") as client:
            for number in range(100):
                await client.send(
                    {
                        "action": "detached_slow",
                        "delay_ms": 3_600_000,
                        "value": "y" * 500_000,
                        "request_id": number,
                    }
                )
            await client.send({"action": "echo", "request_id": "last"})
            refused = 0
            while (frame := await client.receive())["request_id"] != "last":
                assert frame["response_status"] == 429
                assert frame["errors"]
                refused += 1
            assert 90 <= refused < 100
            assert BOUND is None or held(conformance) < before + BOUND

    asyncio.run(talk())


def test_empty_frames_of_a_client_that_goes_are_few(conformance):
    async def flood():
        before = held(conformance)
        async with conformance.connect(None, "/ws/actions/", ping_interval=None) as client:
            await client.send({"action": "slow", "delay_ms": 3_600_000, "request_id": 1})

            async def send_much():
                for _ in range(300_000):
                    await client.socket.send("")

            # It can't send them all: the server has stopped reading.
            with contextlib.suppress(asyncio.TimeoutError, websockets.ConnectionClosed):
                await asyncio.wait_for(send_much(), 3)
            assert BOUND is None or held(conformance) < before + BOUND
            client.socket.transport.abort()
        async with conformance.connect(None, "/ws/actions/") as other:
            assert (await other.request("echo"))["response_status"] == 200

    asyncio.run(flood())


def test_a_client_may_not_be_in_more_groups_than_the_bound(tmp_path):
    async def talk(server):
        cookie = server.sign_up("ann")
        async with server.connect(cookie) as client:
            statuses = []
            for room in range(12):
                reply = await client.request("subscribe_to_messages_in_room", pk=room)
                statuses.append(reply["response_status"])
            return statuses

    with ChatServer(tmp_path / "groups.db", "--session-groups=10") as server:
        statuses = asyncio.run(talk(server))
    assert statuses.count(201) + statuses.count(429) == 12
    assert statuses[-1] == 429
