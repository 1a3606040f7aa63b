"""Changes, signals and messages to groups reach their members on every node."""

import asyncio

import pytest
from suite.harness import envelope


def run(test):
    asyncio.run(asyncio.wait_for(test, 60))


def test_a_change_through_any_node_reaches_all_once_and_in_order(cluster):
    nodes = cluster.three()

    async def test():
        testers = [node.tester() for node in nodes]
        ann = await testers[0].user("ann")
        watchers = [await tester.open("/ws/comments/") for tester in testers]
        for watcher in watchers:
            await watcher.call("subscribe_all", 201, None, request_id="s")
        for number in range(60):
            await testers[number % 3].create("comment", user=ann, text=str(number))
        for watcher in watchers:
            events = [await watcher.recv() for _ in range(60)]
            assert [x["data"]["text"] for x in events] == [str(x) for x in range(60)]
            await watcher.silence(0.3)
        for tester in testers:
            await tester.finish()

    run(test())


def test_every_change_after_the_reply_to_a_subscription_arrives(cluster):
    a, b, c = cluster.three()

    async def test():
        writer, reader = c.tester(), b.tester()
        ann = await writer.user("ann")
        # The group is new each time, so that each subscription is the first on its node.
        for number in range(40):
            ws = await reader.open("/ws/comments/")
            await ws.call("subscribe_all", 201, None, request_id=number)
            await writer.create("comment", user=ann, text=str(number))
            event = await ws.recv()
            assert event["data"]["text"] == str(number) and event["request_id"] == number
            await ws.silence(0.02)
            await ws.close()
        await writer.finish()
        await reader.finish()

    run(test())


def test_a_subscription_is_answered_when_every_node_knows(cluster):
    a, b, c = cluster.three()

    async def test():
        reader = b.tester()
        ws = await reader.open("/ws/comments/")
        other = await reader.open("/ws/comments/")
        c.freeze()
        for watcher in (ws, other):
            await watcher.send({"action": "subscribe_all", "request_id": 1})
        await ws.silence(0.5)
        await other.silence(0.1)
        c.resume()
        for watcher in (ws, other):
            await watcher.expect(envelope("subscribe_all", None, 201, 1))
        await reader.finish()

    run(test())


@pytest.mark.parametrize("is_first", [True, False])
def test_a_change_before_the_subscription_does_not_arrive(cluster, is_first):
    """Be it the first one on its node, or one of several."""
    a, b, c = cluster.three()

    async def test():
        writers, reader = [a.tester(), c.tester()], b.tester()
        ann = await writers[0].user("ann")
        if not is_first:
            other = await reader.open("/ws/comments/")
            await other.call("subscribe_all", 201, None, request_id="other")
        ws = await reader.open("/ws/comments/")
        for number in range(60):
            writer = writers[number % 2]
            await writer.create("comment", user=ann, text=f"before {number}")
            await ws.call("subscribe_all", 201, None, request_id=number)
            await writer.create("comment", user=ann, text=f"after {number}")
            event = await ws.recv()
            assert event["data"]["text"] == f"after {number}" and event["request_id"] == number
            await ws.call("unsubscribe_all", 204, None, request_id=number)
        for tester in (*writers, reader):
            await tester.finish()

    run(test())


def test_nothing_is_sent_to_nodes_without_members(cluster):
    a, b, c = cluster.three()

    async def test():
        writer, reader = a.tester(), b.tester()
        ann = await writer.user("ann")
        ws = await reader.open("/ws/comments/")
        await ws.call("subscribe_all", 201, None, request_id=1)
        before = c.get("/nodes")[1]
        for number in range(10):
            await writer.create("comment", user=ann, text=str(number))
        for number in range(10):
            await ws.recv()
        assert c.get("/nodes")[1] == before
        await ws.call("unsubscribe_all", 204, None, request_id=1)
        await writer.finish()
        await reader.finish()

    run(test())


def test_signals_and_free_groups_cross_nodes(cluster):
    a, b, c = cluster.three()

    async def test():
        testers = [node.tester() for node in (a, b, c)]
        ears = [await tester.open("/ws/signals/") for tester in testers]
        for ear in ears:
            await ear.call("subscribe", 201, None, request_id=1, observer="full")
        await testers[1].control("fire", value=5, channel="red")
        for ear in ears:
            await ear.expect(envelope("full", {"value": 5, "channel": "red"}, 200, 1))
        talkers = [await tester.open("/ws/actions/") for tester in testers]
        for talker in talkers:
            await talker.call("join", name="lobby")
        await talkers[2].send({"action": "say", "request_id": 9, "name": "lobby", "words": "hi"})
        for talker in talkers[:2]:
            await talker.expect({"heard": "hi", "in": "lobby"})
            await talker.silence(0.2)
        for tester in testers:
            await tester.finish()

    run(test())
