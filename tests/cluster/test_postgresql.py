"""Nodes that have repositories of their own, over one PostgreSQL."""

import asyncio
import subprocess
import sys

import pytest
from chaos import Chaos
from nodes import ROOT, wait_until
from test_composing import Kitchen
from suite.harness import envelope
from test_chaos import SEEDS
from test_presence import Chat, listed

sys.path.insert(0, str(ROOT / "tests"))

from postgresql import temporary  # noqa: E402

STEPS = 4


@pytest.fixture
def postgresql():
    with temporary() as running:
        yield running


def over(postgresql, cluster, *names, **settings):
    """Linked nodes, each with a connection of its own."""
    nodes = []
    for name in names:
        nodes.append(cluster.start(name, "--log-level=critical", database=postgresql.url,
                                   join=nodes[:1], **settings))  # fmt: skip
    for node in nodes:
        others = {x.name: "linked" for x in nodes if x is not node}
        wait_until(lambda: node.sees(**others), f"{node.name} sees all")
    return nodes


def run(test):
    asyncio.run(asyncio.wait_for(test, 90))


@pytest.mark.parametrize("clients, changes", [("a", "a"), ("b", "b"), ("a", "b"), ("f", "a")])
def test_the_suite_passes(postgresql, cluster, clients, changes):
    """Clients are on one node, and others make their changes on another one; f has no database."""
    a, b = over(postgresql, cluster, "a", "b")
    nodes = {"a": a, "b": b}
    if clients == "f":
        nodes["f"] = cluster.start("f", "--log-level=critical", join=[a], repositories=b)
        wait_until(lambda: nodes["f"].sees(a="linked", b="linked"), "f sees both")
    suite = subprocess.run(
        [sys.executable, "-m", "suite", "--quiet", "--url", nodes[clients].url,
         "--control-url", nodes[changes].url],
        cwd=ROOT / "tests/conformance", capture_output=True, text=True)  # fmt: skip
    assert suite.returncode == 0, suite.stdout
    print(suite.stdout.splitlines()[-1])


def test_each_change_comes_once_and_those_of_a_row_in_order(postgresql, cluster):
    """All nodes change the same row, in turns and at once."""
    a, b = over(postgresql, cluster, "a", "b")
    f = cluster.start("f", "--log-level=critical", join=[a], repositories=b)
    nodes = [a, b, f]

    async def test():
        testers = [node.tester() for node in nodes]
        ann = await testers[0].user("ann")
        pk = await testers[0].create("comment", user=ann, text="-")
        watchers = [await tester.open("/ws/comments/") for tester in testers]
        for watcher in watchers:
            await watcher.call("subscribe_all", 201, None, request_id="s")
        for number in range(60):
            await testers[number % 3].update("comment", pk, text=str(number))
        for watcher in watchers:
            events = [await watcher.recv() for _ in range(60)]
            assert [x["data"]["text"] for x in events] == [str(x) for x in range(60)]
        # At once there is one order, whichever it is.
        await asyncio.gather(
            *(write(tester, pk, name) for tester, name in zip(testers, "abf", strict=True))
        )
        orders = []
        for watcher in watchers:
            orders.append([(await watcher.recv())["data"]["text"] for _ in range(90)])
            await watcher.silence(0.3)
        assert orders[0] == orders[1] == orders[2]
        assert sorted(orders[0]) == sorted(f"{name} {n}" for name in "abf" for n in range(30))
        assert orders[0][-1] == (await testers[0].row("comment", pk))["text"]
        for tester in testers:
            await tester.finish()

    async def write(tester, pk, name):
        for number in range(30):
            await tester.update("comment", pk, text=f"{name} {number}")

    run(test())


def test_what_had_committed_before_a_first_subscription_does_not_come(postgresql, cluster):
    """On a node without a database, when the other node's is asked of what a third one has done."""
    a, b = over(postgresql, cluster, "a", "b")
    f = cluster.start("f", "--log-level=critical", join=[b], repositories=b)

    async def test():
        writer, reader = a.tester(), f.tester()
        ann = await writer.user("ann")
        ws = await reader.open("/ws/comments/")
        for number in range(50):
            await writer.create("comment", user=ann, text=f"before {number}")
            await ws.call("subscribe_all", 201, None, request_id=number)
            await writer.create("comment", user=ann, text=f"after {number}")
            event = await ws.recv()
            assert event["data"]["text"] == f"after {number}" and event["request_id"] == number
            await ws.call("unsubscribe_all", 204, None, request_id=number)
        await writer.finish()
        await reader.finish()

    run(test())


@pytest.mark.parametrize("where", ["b", "f"])
def test_what_had_committed_before_a_subscription_does_not_come(postgresql, cluster, where):
    a, b = over(postgresql, cluster, "a", "b")
    f = cluster.start("f", "--log-level=critical", join=[b], repositories=b)

    async def test():
        writer, reader = a.tester(), {"b": b, "f": f}[where].tester()
        ann = await writer.user("ann")
        ws = await reader.open("/ws/comments/")
        other = await reader.open("/ws/comments/")
        await other.call("subscribe_all", 201, None, request_id="other")
        for number in range(50):
            await writer.create("comment", user=ann, text=f"before {number}")
            await ws.call("subscribe_all", 201, None, request_id=number)
            await writer.create("comment", user=ann, text=f"after {number}")
            event = await ws.recv()
            assert event["data"]["text"] == f"after {number}" and event["request_id"] == number
            await ws.call("unsubscribe_all", 204, None, request_id=number)
        seen = [(await other.recv())["data"]["text"] for _ in range(100)]
        assert seen == [f"{x} {n}" for n in range(50) for x in ("before", "after")]
        await writer.finish()
        await reader.finish()

    run(test())


def test_increments_of_two_nodes_are_all_there(postgresql, cluster):
    """And a version that two have seen is written over by one of them."""
    nodes = over(postgresql, cluster, "a", "b")

    async def test():
        testers = [node.tester() for node in nodes]
        clients = [await tester.open("/ws/accounts/") for tester in testers]
        created = await clients[0].ask("create", data={"owner": "ann", "balance": 0})
        pk = created["data"]["id"]
        await asyncio.gather(*(pay(client, pk) for client in clients))
        row = await clients[1].call("retrieve", pk=pk)
        assert (row["balance"], row["revision"]) == (400, 400)
        for number in range(20):
            data = {"owner": f"n{number}", "revision": 400 + number}
            statuses = await asyncio.gather(*(patch(client, pk, data) for client in clients))
            assert sorted(statuses) == [200, 409]
        for tester in testers:
            await tester.finish()

    async def pay(client, pk):
        for _ in range(200):
            await client.call("deposit", pk=pk, amount=1)

    async def patch(client, pk, data):
        return (await client.ask("patch", pk=pk, data=data))["response_status"]

    run(test())


def test_a_link_that_is_down_loses_nothing(postgresql, cluster):
    """Nodes that don't even know each other find each other's changes."""
    a = cluster.start("a", "--log-level=critical", database=postgresql.url)
    b = cluster.start("b", "--log-level=critical", database=postgresql.url)
    assert a.others() == b.others() == {}

    async def test():
        writer, reader = a.tester(), b.tester()
        ann = await writer.user("ann")
        ws = await reader.open("/ws/comments/")
        await ws.call("subscribe_all", 201, None, request_id="s")
        for number in range(20):
            await writer.create("comment", user=ann, text=str(number))
        for number in range(20):
            assert (await ws.recv())["data"]["text"] == str(number)
        await writer.finish()
        await reader.finish()

    run(test())


def test_who_could_not_read_changes_in_time_tells_its_subscribers(postgresql, cluster):
    a, b = over(postgresql, cluster, "a", "b")
    f = cluster.start("f", "--log-level=critical", join=[a], repositories=b)

    async def test():
        writer = a.tester()
        ann = await writer.user("ann")
        testers = [b.tester(), f.tester()]
        watchers = []
        for tester in testers:
            watchers.append(await tester.open("/ws/comments/"))
            await watchers[-1].call("subscribe_all", 201, None, request_id="s")
        b.freeze()
        await writer.create("comment", user=ann, text="lost")
        pruned = await asyncio.to_thread(
            postgresql.execute, "SELECT dcrf_prune_changes(interval '0')"
        )
        assert int(pruned) > 0
        b.resume()
        for watcher in watchers:
            await watcher.expect(envelope("missed", {"node": "b"}, 205, "s"))
        await writer.create("comment", user=ann, text="found")
        for watcher in watchers:
            assert (await watcher.recv())["data"]["text"] == "found"
        await writer.finish()
        for tester in testers:
            await tester.finish()

    run(test())


def test_changes_that_cannot_be_read_for_a_while_come_later(postgresql, cluster):
    """Own ones wait for what others may have done before, and all are announced without another."""
    a, b = over(postgresql, cluster, "a", "b")

    async def test():
        testers = [a.tester(), b.tester()]
        ann = await testers[0].user("ann")
        watchers = [await tester.open("/ws/comments/") for tester in testers]
        for watcher in watchers:
            await watcher.call("subscribe_all", 201, None, request_id="s")
        with postgresql.transaction("LOCK TABLE dcrf_feed"):
            await testers[1].create("comment", user=ann, text="of b")
            await testers[0].create("comment", user=ann, text="of a")
            for watcher in watchers:
                await watcher.silence(0.5)
        for watcher in watchers:
            events = [await watcher.recv() for _ in range(2)]
            assert sorted(x["data"]["text"] for x in events) == ["of a", "of b"]
        for tester in testers:
            await tester.finish()

    run(test())


def test_a_transaction_of_very_many_rows(postgresql, cluster):
    """What psql inserts with one statement reaches subscribers in order, and others don't wait."""
    (a,) = over(postgresql, cluster, "a")
    count = 30_000

    async def test():
        tester = a.tester()
        ann = await tester.user("ann")
        ws = await tester.open("/ws/comments/")
        await ws.call("subscribe_all", 201, None, request_id="s")
        await asyncio.to_thread(
            postgresql.execute,
            f"INSERT INTO comment (\"user\", text) SELECT {ann}, 'x' || n "
            f"FROM generate_series(1, {count}) AS n",
        )
        before = a.memory()
        for number in range(1, count + 1):
            assert (await ws.recv())["data"]["text"] == f"x{number}"
        assert a.memory() - before < 100_000_000
        await tester.finish()

    run(test())


def test_a_node_that_starts_leaves_people_in_their_rooms(postgresql, cluster):
    """The chat's database says who is in which room, whichever node has let them in."""
    a, b = over(postgresql, cluster, "a", "b", program="dcrf-chat")
    on_a, on_b = Chat(a), Chat(b)
    ann, bob = on_a.sign_up("ann"), on_b.sign_up("bob")

    def departures():
        return int(postgresql.execute(
            "SELECT count(*) FROM dcrf_change WHERE after IS NULL "
            "AND \"table\" = 'chat_room_current_users'"))  # fmt: skip

    async def test():
        async with on_a.connect(ann) as first:
            await first.request("create", data={"name": "lobby"})
            await first.join(1)
            second = await on_b.connect(bob).__aenter__()
            await second.join(1)
            await listed(first, "ann", "bob")
            assert departures() == 0
            b.kill()
            await listed(first, "ann")
            assert departures() == 1
            b.start()
            wait_until(lambda: b.sees(a="linked"), "b is back")
            async with Chat(b).connect(bob) as second:
                await second.join(1)
                await listed(second, "ann", "bob")
            await listed(first, "ann")
            assert departures() == 2
            # Nobody is left to say who was there.
            a.kill()
            b.kill()
        b.start()
        async with Chat(b).connect(bob) as second:
            await listed(second)

    run(test())


class PostgreSQLChaos(Chaos):
    """Nodes are killed and frozen, and PostgreSQL is restarted, with a crash or without."""

    def __init__(self, postgresql, nodes, seed):
        super().__init__(nodes, None, seed)
        self.postgresql = postgresql

    async def disturb(self):
        mode = self.random.choice(["node", "fast", "immediate"])
        if mode == "node":
            await super().disturb()
            return
        pause = self.random.choice([0, 0.5, 2])
        print(f"PostgreSQL stops ({mode}) for {pause} s")
        await asyncio.to_thread(self.postgresql.stop, mode)
        await asyncio.sleep(pause)
        await asyncio.to_thread(self.postgresql.restart)
        await asyncio.sleep(self.random.choice([0, 0.5, 3]))


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_and_nothing_comes_twice(postgresql, cluster, seed):
    print(f"seed {seed}")
    a, b = over(postgresql, cluster, "a", "b")
    f = cluster.start("f", "--log-level=critical", join=[a, b], repositories=b)
    a.join = [b, f]
    wait_until(lambda: f.sees(a="linked", b="linked"), "f sees both")
    chaos = PostgreSQLChaos(postgresql, [a, b, f], seed)
    problems = asyncio.run(asyncio.wait_for(chaos.run(STEPS), 180))
    assert problems == []
    # Nodes with a database find everything there.
    notices = [
        x.name for x in chaos.spans if x.name[-1] in "ab" and any(f[1] is None for f in x.frames)
    ]
    assert notices == []
    written = sum(len(row.committed) for row in chaos.rows)
    print(f"{written} writes, {sum(len(x.frames) for x in chaos.spans)} frames")
    assert written > 100


def test_a_periodic_task_runs_on_one_of_the_nodes(postgresql, cluster):
    """And on the other one when that is gone, though nobody has told it to end."""

    def kitchen(name, *join):
        return Kitchen(
            cluster.node(name, "--ticks", database=postgresql.url, join=join,
                         program="dcrf-composed-node"))  # fmt: skip

    a = kitchen("a")
    assert a.hear() == {"tick": True}
    b = kitchen("b", a.node)
    wait_until(lambda: a.node.sees(b="linked"), "they are linked")
    for _ in range(100):
        assert a.hear() == {"tick": True}
    assert b.said.empty()
    a.node.kill()
    assert b.hear() == {"tick": True}
    b.stop()
