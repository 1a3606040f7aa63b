"""Writes that are sent twice are done once."""

import asyncio
import contextlib
import random
import signal
import sys
import uuid
from pathlib import Path

import pytest
import websockets
from chat import ChatServer
from conformance_app import ConformanceServer, app_fixture  # noqa: F401
from documents import section, talk

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from postgresql import temporary  # noqa: E402

PATH = "/ws/accounts/"


def key():
    return uuid.uuid4().hex


def new_account(owner, balance=0):
    return {"data": {"owner": owner, "balance": balance}}


def without_id(reply):
    return {name: value for name, value in reply.items() if name != "request_id"}


async def count(server, model="account"):
    async with server.connect(None, "/ws/control/") as control:
        return (await control.request("count", model=model))["data"]


def test_what_is_sent_again_is_answered_as_it_was(app):
    async def run():
        once = key()
        async with app.connect(None, PATH) as one, app.connect(None, PATH) as two:
            first = await one.request("create", once=once, **new_account("ann"))
            assert first["response_status"] == 201
            await two.request("patch", pk=first["data"]["id"], data={"owner": "bob"})
            again = await two.request("create", once=once, **new_account("ann"))
            assert without_id(again) == without_id(first)
            assert await count(app) == 1
            other = await two.request("create", once=once, **new_account("eve"))
            assert other["response_status"] == 409
            assert other["errors"] == ["This `once` was used for something else."]
        app.kill()
        app.start()
        async with app.connect(None, PATH) as client:
            again = await client.request("create", once=once, **new_account("ann"))
            assert without_id(again) == without_id(first)
            assert await count(app) == 1

    asyncio.run(run())


def test_an_atomic_action_is_done_once_and_tells_of_it_once(app):
    async def run():
        async with app.connect(None, PATH) as client, app.connect(None, PATH) as watching:
            pks = [(await client.request("create", **new_account("ann", 10)))["data"]["id"] for _ in range(2)]
            await watching.request("subscribe_all")
            move = {"from": pks[0], "to": pks[1], "amount": 4}
            once = key()
            # One that fails is not done, and may be sent again.
            refused = await client.request("transfer", once=once, **{**move, "amount": 40})
            assert refused["response_status"] == 400
            replies = [await client.request("transfer", once=once, **move) for _ in range(3)]
            assert [reply["data"] for reply in replies] == [{"from": 6, "to": 14}] * 3
            events = [await watching.receive() for _ in range(2)]
            assert [event["data"]["balance"] for event in events] == [6, 14]
            # Nothing of the repetitions has come before this one.
            await client.request("patch", pk=pks[0], data={"owner": "last"})
            assert (await watching.receive())["data"]["owner"] == "last"

    asyncio.run(run())


def test_permissions_are_asked_of_a_repetition(app):
    async def run():
        async with app.connect(None, "/ws/control/") as control:
            user = (await control.request("create", model="user", fields={"username": "ann", "email": "a@b.c"}))["data"]
            entry = (await control.request("create", model="entry", fields={"name": "ann"}))["data"]
            async with app.connect(None, "/ws/perms/revoke/?user=ann") as client:
                comment = {"data": {"text": "once", "user": user["pk"]}}
                first = await client.request("create", once="k", **comment)
                assert first["response_status"] == 201, first
                again = await client.request("create", once="k", **comment)
                assert without_id(again) == without_id(first)
                await control.request("delete", model="entry", pk=entry["pk"])
                refused = await client.request("create", once="k", **comment)
                assert refused["response_status"] == 403

    asyncio.run(run())


def test_a_repetition_with_live_has_changed_nothing(tmp_path):
    async def run():
        once = key()
        async with server.connect(None, PATH) as client:
            first = await client.request("create", once=once, live={}, **new_account("ann"))
            assert first["live"] == {"changed": True}
            again = await client.request("create", once=once, live={}, **new_account("ann"))
            assert again["data"] == first["data"]
            assert again["live"] == {"changed": False}
            # `live` is no part of what is asked for.
            plain = await client.request("create", once=once, **new_account("ann"))
            assert plain["data"] == first["data"] and "live" not in plain

    with ConformanceServer(tmp_path / "app.db", "--feed-retention=1h") as server:
        asyncio.run(run())


async def race(*servers):
    """Sends the same from many connections at once; answers the rows that came of it."""
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(server.connect(None, PATH)) for server in servers * 4]
        for number in range(20):
            once = key()
            replies = await asyncio.gather(
                *(client.request("create", once=once, **new_account(str(number))) for client in clients)
            )
            assert {reply["response_status"] for reply in replies} == {201}, replies
            assert len({reply["data"]["id"] for reply in replies}) == 1, replies
    return await count(servers[0])


def test_many_that_are_sent_at_once_are_done_once(app):
    assert asyncio.run(race(app)) == 20


class NodeOverPostgresql(ChatServer):
    program = "dcrf-conformance"

    def __init__(self, url):
        super().__init__(None, f"--database={url}", "--log-level=critical")


def test_nodes_over_one_postgresql_do_once_what_both_are_asked_for():
    with temporary() as postgresql:
        with NodeOverPostgresql(postgresql.url) as one, NodeOverPostgresql(postgresql.url) as two:
            assert asyncio.run(race(one, two)) == 20


async def retry(server, action, **arguments):
    """Sends a write until it is answered, over connections and servers that end."""
    once = key()
    for attempt in range(1000):
        try:
            async with server.connect(None, PATH) as client:
                reply = await client.request(action, once=once, **arguments)
                assert reply["response_status"] in (200, 201), reply
                return attempt, reply
        except (OSError, asyncio.TimeoutError, websockets.exceptions.WebSocketException):
            await asyncio.sleep(0.01)
    raise AssertionError("never answered")


async def write_through_kills(server, kills):
    """Payments by some clients while the server is killed; how many were sent again."""
    async with server.connect(None, PATH) as client:
        pks = [(await client.request("create", **new_account("ann", 1000)))["data"]["id"] for _ in range(2)]
    ended = asyncio.Event()
    sent_again, payments = 0, 0

    async def pay():
        nonlocal sent_again, payments
        while not ended.is_set():
            attempts, _ = await retry(server, "create", **new_account("paid"))
            sent_again += attempts > 0
            attempts, _ = await retry(server, "transfer", **{"from": pks[0], "to": pks[1], "amount": 1})
            sent_again += attempts > 0
            payments += 1

    async def kill():
        for _ in range(kills):
            await asyncio.sleep(random.uniform(0.05, 0.3))
            await asyncio.to_thread(server.stop, signal.SIGKILL)
            await asyncio.to_thread(server.start)
        ended.set()

    await asyncio.gather(kill(), *(pay() for _ in range(6)))
    async with server.connect(None, PATH) as client:
        rows = {row["id"]: row for row in (await client.request("list"))["data"]}
    assert rows[pks[0]]["balance"] == 1000 - payments
    assert rows[pks[1]]["balance"] == 1000 + payments
    assert await count(server) == 2 + payments
    return sent_again


def test_whenever_the_server_is_killed_nothing_is_done_twice_or_lost(tmp_path):
    with ConformanceServer(tmp_path / "app.db", "--log-level=critical") as server:
        assert asyncio.run(write_through_kills(server, 8)) > 0


def test_killed_over_postgresql_nothing_is_done_twice_or_lost():
    with temporary() as postgresql, NodeOverPostgresql(postgresql.url) as server:
        assert asyncio.run(write_through_kills(server, 4)) > 0


def test_more_than_is_kept_is_refused_until_some_is_forgotten(tmp_path):
    async def run():
        async with server.connect(None, PATH) as client:
            kept = [key() for _ in range(2)]
            for once in kept:
                assert (await client.request("create", once=once, **new_account("ann")))["response_status"] == 201
            refused = await client.request("create", once=key(), **new_account("ann"))
            assert refused["response_status"] == 429
            assert (await client.request("create", once=kept[0], **new_account("ann")))["response_status"] == 201
            assert await count(server) == 2
            while (await client.request("create", once=key(), **new_account("ann")))["response_status"] == 429:
                await asyncio.sleep(0.05)
            assert await count(server) == 3

    with ConformanceServer(tmp_path / "app.db", "--once-retention=1s,4") as server:
        asyncio.run(run())


@pytest.mark.parametrize("value", ["off", "1x", ""])
def test_the_option_wants_limits(tmp_path, value):
    server = ConformanceServer(tmp_path / "app.db", f"--once-retention={value}")
    with pytest.raises(AssertionError):
        server.start()
    assert server.process.wait() != 0


def test_the_protocol_is_as_the_document_shows_it(app):
    def client(_):
        return app.connect(None, "/ws/gadgets/")

    assert asyncio.run(talk(section("docs/protocol.md", "Writes that are done once"), client)) == 1
