"""What happens when a node, or the link to it, is gone for a while: no silent gap."""

import asyncio
import os
import subprocess
import time
from pathlib import Path

import network
import pytest
from nodes import certificates, tls, wait_until
from suite.harness import envelope

needs_namespaces = pytest.mark.skipif(
    not network.is_permitted(), reason="network namespaces are not permitted here"
)


def run(test):
    asyncio.run(asyncio.wait_for(test, 90))


MISSED = envelope("missed", {"node": "a"}, 205, "s")


async def watch(tester, pk):
    """A subscriber to all comments, and one to a user."""
    comments = await tester.open("/ws/comments/")
    await comments.call("subscribe_all", 201, None, request_id="s")
    users = await tester.open("/ws/users/")
    await users.call("subscribe_instance", 201, None, request_id="u", pk=pk)
    return comments, users


async def catch_up(comments, users, name):
    await comments.expect(MISSED, 10)
    event = await users.recv(10)
    assert (event["action"], event["request_id"]) == ("update", "u")
    assert event["data"]["username"] == name


async def unavailable(ws, within):
    started = time.monotonic()
    await ws.send({"action": "list", "request_id": "r"})
    reply = await ws.recv(within + 1)
    assert reply["request_id"] == "r" and reply["response_status"] == 503, reply
    assert time.monotonic() - started < within


async def linked(a, b):
    await asyncio.to_thread(wait_until, lambda: a.sees(b="linked") and b.sees(a="linked"), "a link")


def test_the_node_with_the_database_is_killed_and_comes_back(cluster, tmp_path):
    a = cluster.start("a", database=f"sqlite://{tmp_path}/a.db")
    b = cluster.start("b", join=[a], repositories=a)

    async def test():
        t = b.tester()
        pk = await t.user("ann")
        comments, users = await watch(t, pk)
        a.kill()
        await unavailable(users, 6)
        assert b.get("/readyz")[0] == 503
        a.start()
        await linked(a, b)
        await comments.expect(MISSED, 10)
        event = await users.recv(10)
        assert event["data"]["username"] == "ann"
        # The same connections work again.
        await t.update("user", pk, username="eve")
        event = await users.recv()
        assert event["data"]["username"] == "eve"
        await t.finish()

    run(test())


def with_clock(folder, seconds):
    """What a program is started by to have another time of day."""
    library = folder / "earlier_clock.so"
    source = Path(__file__).parent / "earlier_clock.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    # A sanitizer wants to be loaded first, unless it is told not to mind.
    asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return ["env", f"LD_PRELOAD={library}", f"DCRF_CLOCK_OFFSET={seconds}", f"ASAN_OPTIONS={asan}"]


def test_the_node_with_the_database_comes_back_with_an_earlier_clock(cluster, tmp_path):
    a = cluster.start("a")
    b = cluster.start("b", join=[a], repositories=a)

    async def test():
        t = b.tester()
        await t.user("ann")
        comments = await t.open("/ws/comments/")
        await comments.call("subscribe_all", 201, None, request_id="s")
        a.kill()
        # Its memory is another one, and what it commits has lower versions.
        a.prefix = with_clock(tmp_path, -86_400)
        a.start()
        await linked(a, b)
        await comments.expect(MISSED, 10)
        ann = await t.user("ann")
        late = await t.open("/ws/comments/")
        for number in range(3):
            await t.create("comment", user=ann, text=f"before {number}")
            # Who subscribes now is told of nothing that had committed before.
            await late.call("subscribe_all", 201, None, request_id=number)
            await t.create("comment", user=ann, text=f"after {number}")
            event = await late.recv()
            assert event["data"]["text"] == f"after {number}", event
            await late.call("unsubscribe_all", 204, None, request_id=number)
            for when in ("before", "after"):
                event = await comments.recv(10)
                assert event["data"]["text"] == f"{when} {number}", event
        await t.finish()

    run(test())


def test_who_subscribes_before_the_database_is_there_is_told(cluster):
    a = cluster.node("a")
    b = cluster.start("b", join=[a], repositories=a)  # lets clients in after a while

    async def test():
        t = b.tester()
        comments = await t.open("/ws/comments/")
        await comments.call("subscribe_all", 201, None, request_id="s")
        a.start()
        await linked(a, b)
        await comments.expect(MISSED, 10)
        await t.finish()

    run(test())


def test_requests_in_flight_are_answered_when_the_database_freezes(cluster):
    a = cluster.start("a")
    b = cluster.start("b", join=[a], repositories=a)

    async def test():
        t = b.tester()
        pk = await t.user("ann")
        users = await t.open("/ws/users/")
        a.freeze()
        await unavailable(users, 6)
        a.resume()
        await linked(a, b)
        reply = await users.ask("retrieve", pk=pk)
        assert reply["response_status"] == 200
        await t.finish()

    run(test())


def test_a_transaction_of_a_node_that_is_gone_is_rolled_back(cluster):
    a = cluster.start("a")
    b = cluster.start("b", join=[a], repositories=a)

    async def test():
        t, other = b.tester(), a.tester()
        control = await t.open("/ws/control/")
        fields = {"username": "bob", "email": "bob@example.com", "password": ""}
        steps = [{"do": "create", "fields": fields}]
        work = {"action": "transaction", "model": "user", "steps": steps, "hold_ms": 60000}
        await control.send({"request_id": 1, **work})
        await asyncio.sleep(0.5)  # nothing tells from outside that a transaction is open
        waiting = asyncio.create_task(other.user("ann"))
        done, _ = await asyncio.wait([waiting], timeout=1)
        assert not done
        b.kill()
        # Sooner than the database would end the transaction by itself.
        await asyncio.wait_for(waiting, 5)
        assert await other.count("user") == 1
        await other.finish()

    run(test())


def test_a_frozen_node_tells_its_subscribers_when_it_runs_again(cluster):
    a = cluster.start("a")
    b = cluster.start("b", join=[a], repositories=a)

    async def test():
        t, writer = b.tester(), a.tester()
        pk = await writer.user("ann")
        comments, users = await watch(t, pk)
        b.freeze()
        await asyncio.to_thread(wait_until, lambda: a.sees(b="lost"), "b is lost")
        await writer.update("user", pk, username="anna")
        b.resume()
        await catch_up(comments, users, "anna")
        await linked(a, b)
        await t.finish()
        await writer.finish()

    run(test())


def test_a_node_in_front_that_is_gone_is_no_loss_for_those_who_watch_rows(cluster):
    a, b, c = cluster.three()

    async def test():
        t = a.tester()
        pk = await t.user("ann")
        comments, users = await watch(t, pk)
        signals = await t.open("/ws/signals/")
        await signals.call("subscribe", 201, None, request_id=1, observer="full")
        b.kill()
        await asyncio.to_thread(wait_until, lambda: a.sees(b="lost"), "b is lost")
        b.start()
        await linked(a, b)
        await signals.expect(envelope("missed", {"node": "b"}, 205, 1))
        await comments.silence(0.3)
        await users.silence(0.3)
        await t.finish()

    run(test())


@needs_namespaces
def test_a_node_that_is_cut_off_and_healed(cluster, tmp_path):
    pki = certificates(tmp_path / "pki", "a", "b")
    with network.Network("a", "b") as hosts:
        a = cluster.start("a", *tls(pki, "a"), **hosts.settings("a"))
        b = cluster.start(
            "b", *tls(pki, "b"), join=[a], repositories=a, **hosts.settings("b")
        )  # fmt: skip

        async def test():
            t, writer = b.tester(), a.tester()
            pk = await writer.user("ann")
            comments, users = await watch(t, pk)
            hosts.cut_off("b")
            started = time.monotonic()
            lost = lambda: a.sees(b="lost") and b.sees(a="lost")  # noqa: E731
            await asyncio.to_thread(wait_until, lost, "both notice")
            assert time.monotonic() - started < 5.5
            await writer.update("user", pk, username="anna")
            await unavailable(await t.open("/ws/gadgets/"), 1)
            hosts.heal("b")
            await catch_up(comments, users, "anna")
            await t.finish()
            await writer.finish()

        run(test())
        cluster.end()
