"""Live lists: `subscribe_list`, `count_list`; with resuming, restarts, slow readers and bounds."""

import asyncio
import json
import random

import pytest
from documents import conversations, section
from live import ListCopy, watch
from test_live import LiveServer


@pytest.fixture
def server(tmp_path):
    with LiveServer(tmp_path / "lists.db") as running:
        yield running


async def make(control, model, **fields):
    reply = await control.request("create", model=model, fields=fields)
    assert reply["errors"] == [], reply
    return reply["data"]["pk"]


async def make_users(control, *names):
    return [
        await make(control, "user", username=name, email=f"{name}@x.org", password="p") for name in names
    ]


async def fresh(client, action="list", **arguments):
    return (await client.request(action, **arguments))["data"]


def test_a_list_is_told_with_what_becomes_of_it(server):
    async def talk():
        async with server.accounts() as reader, server.accounts() as writer:
            pks = [
                (await writer.request("create", data={"owner": owner, "balance": balance}))["data"]["id"]
                for owner, balance in (("ann", 3), ("bob", 2), ("cleo", 1))
            ]
            copy = await watch(reader, ordering="-balance", limit=2)
            assert [row["owner"] for row in copy.rows] == ["ann", "bob"]
            # Into it: the last row gives way.
            await writer.request("patch", pk=pks[2], data={"balance": 5})
            assert await copy.whole_came() == ["delete", "create"]
            assert [row["owner"] for row in copy.rows] == ["cleo", "ann"]
            # Within it: who only gives way is not told of.
            await writer.request("patch", pk=pks[0], data={"balance": 6})
            assert await copy.whole_came() == ["update"]
            assert [row["owner"] for row in copy.rows] == ["ann", "cleo"]
            # Out of it: it is filled again.
            await writer.request("delete", pk=pks[0])
            assert await copy.whole_came() == ["delete", "create"]
            assert [row["owner"] for row in copy.rows] == ["cleo", "bob"]
            # What happens beyond is not told.
            await writer.request("create", data={"owner": "dan", "balance": 0})
            await writer.request("patch", pk=pks[2], data={"owner": "eve"})
            assert await copy.whole_came() == ["update"]
            assert [row["owner"] for row in copy.rows] == ["eve", "bob"]
            reply = await reader.request("unsubscribe_list")
            assert (reply["response_status"], reply["data"]) == (204, None)
            await writer.request("delete", pk=pks[2])
            assert await fresh(reader, balance=2) == copy.rows[1:]

    asyncio.run(talk())


def test_frames_of_a_list_bear_index_and_position(server):
    async def talk():
        async with server.accounts() as reader, server.accounts() as writer:
            await reader.send({"action": "subscribe_list", "request_id": "t"})
            reply = await reader.receive()
            assert list(reply) == ["errors", "data", "action", "response_status", "request_id", "live"]
            assert (reply["action"], reply["response_status"], reply["data"]) == ("subscribe_list", 200, [])
            assert list(reply["live"]) == ["at"]
            await writer.request("create", data={"owner": "ann", "balance": 1})
            event = await reader.receive()
            assert (event["action"], event["response_status"]) == ("create", 200)
            assert list(event["live"]) == ["index", "at"] and event["live"]["index"] == 0
            await writer.request("bulk_deposit", amount=1)
            event = await reader.receive()
            assert (event["action"], event["data"]["balance"]) == ("update", 2)
            await writer.request("delete", pk=1)
            event = await reader.receive()
            assert (event["action"], event["response_status"], event["data"]) == ("delete", 204, {"pk": 1})

    asyncio.run(talk())


def test_what_a_list_can_not_be_is_refused(server):
    async def talk():
        async with server.accounts() as client:
            await client.send({"action": "subscribe_list"})
            reply = await client.receive()
            assert reply["response_status"] == 400
            assert reply["errors"] == [{"request_id": ["This field is required."]}]
            for arguments in ({"limit": 1001}, {"limit": 1000, "offset": 1}, {"offset": 2**62}):
                reply = await client.request("subscribe_list", **arguments)
                assert reply["response_status"] == 400, arguments
                assert list(reply["errors"][0]) == ["limit"]
            reply = await client.request("subscribe_list", balance="much")
            assert (reply["response_status"], list(reply["errors"][0])) == (400, ["balance"])
            reply = await client.request("subscribe_list", limit=1000)
            assert reply["response_status"] == 200
            refused = 0
            for number in range(200):
                reply = await client.request("subscribe_list", limit=900, offset=number % 100)
                refused += reply["response_status"] == 429
            assert refused > 0
            # Without a request id it ends all of them.
            await client.send({"action": "unsubscribe_list"})
            reply = await client.until(lambda frame: frame.get("action") == "unsubscribe_list")
            assert reply["response_status"] == 204
            assert (await client.request("subscribe_list"))["response_status"] == 200

    asyncio.run(talk())


def test_conditions_follow_related_rows(server):
    async def talk():
        async with server.control() as control, server.connect(None, "/ws/comments/") as reader:
            ann, bob = await make_users(control, "ann", "bob")
            pk = await make(control, "comment", text="hello", user=ann)
            copy = await watch(reader, user__username="ann", ordering="text")
            count = await watch(reader, "count_list", "n", user__username="ann")
            assert count.rows == {"count": 1}
            await make(control, "comment", text="other", user=bob)
            other = await make(control, "comment", text="again", user=ann)
            for _ in range(2):
                await ListCopy.take_next(reader, copy, count)
            assert [row["id"] for row in copy.rows] == [other, pk]
            assert count.rows == {"count": 2}
            await control.request("update", model="user", pk=ann, fields={"username": "zoe"})
            while copy.rows or count.rows != {"count": 0}:
                await ListCopy.take_next(reader, copy, count)

    asyncio.run(talk())


def test_who_loses_a_membership_sees_its_rows_leave(server):
    async def talk():
        async with server.control() as control:
            ann, bob = await make_users(control, "ann", "bob")
            room = await make(control, "room", name="lobby", host=bob)
            async with (
                server.connect(None, "/ws/member-rooms/?user=ann") as reader,
                server.connect(None, "/ws/member-rooms/?user=bob") as other,
            ):
                copy, others = await watch(reader), await watch(other)
                assert copy.rows == []
                link = {"model": "room", "pk": room, "field": "current_users", "pks": [ann]}
                await control.request("relate", how="add", **link)
                assert await copy.whole_came() == ["create"]
                assert copy.rows == [{"id": room, "name": "lobby"}]
                await control.request("update", model="room", pk=room, fields={"name": "hall"})
                assert await copy.whole_came() == ["update"]
                await control.request("relate", how="remove", **link)
                assert await copy.whole_came() == ["delete"]
                assert others.rows == [] and await fresh(other) == []

    asyncio.run(talk())


def test_a_list_of_ones_own_is_shown_to_each_in_their_way(server):
    async def talk():
        async with server.control() as control:
            ann, bob = await make_users(control, "ann", "bob")
            async with (
                server.connect(None, "/ws/own-comments/?user=ann") as one,
                server.connect(None, "/ws/own-comments/?user=bob") as two,
            ):
                copies = [await watch(one), await watch(two)]
                await make(control, "comment", text="mine", user=ann)
                await make(control, "comment", text="his", user=bob)
                assert await copies[0].whole_came() == ["create"]
                assert await copies[1].whole_came() == ["create"]
                assert copies[0].rows == [{"id": 1, "text": "mine", "author": "ann", "mine": True}]
                assert copies[1].rows == [{"id": 2, "text": "his", "author": "bob", "mine": True}]
                await control.request("update", model="user", pk=ann, fields={"username": "zoe"})
                assert await copies[0].whole_came() == ["update"]
                assert copies[0].rows[0]["author"] == "zoe"

    asyncio.run(talk())


def test_resuming_says_whether_the_list_can_have_changed(server):
    async def talk():
        async with server.accounts() as writer:
            for owner in ("ann", "ann", "bob"):
                await writer.request("create", data={"owner": owner, "balance": 1})
            async with server.accounts() as reader:
                copy = await watch(reader, owner="ann")
            # Of another list.
            await writer.request("patch", pk=3, data={"balance": 7})
            server.kill()
            server.start()
        async with server.accounts() as reader, server.accounts() as writer:
            request = {"action": "subscribe_list", "owner": "ann"}
            await reader.send({**request, "request_id": 1, "live": {"since": copy.at}})
            reply = await reader.receive()
            assert reply["data"] is None
            assert list(reply["live"]) == ["resumed", "at"] and reply["live"]["resumed"] is True
            await writer.request("patch", pk=1, data={"balance": 9})
            assert (await reader.receive())["data"]["balance"] == 9
            await reader.send({**request, "request_id": 2, "live": {"since": copy.at}})
            reply = await reader.receive()
            assert (reply["live"]["resumed"], reply["live"]["reason"]) == (False, "changed")
            assert [row["balance"] for row in reply["data"]] == [9, 1]
            await reader.send({**request, "request_id": 3, "live": {"since": "of another database"}})
            reply = await reader.receive()
            assert (reply["live"]["resumed"], reply["live"]["reason"]) == (False, "unknown")
            assert len(reply["data"]) == 2
            at = reply["live"]["at"]
        # A row that left is not in the list as it is now.
        for change in ({"action": "patch", "data": {"owner": "bob"}}, {"action": "delete"}):
            async with server.accounts() as reader, server.accounts() as writer:
                pk = (await writer.request("list", owner="ann"))["data"][-1]["id"]
                await writer.request(change["action"], pk=pk, data=change.get("data"))
                await reader.send({**request, "request_id": 1, "live": {"since": at}})
                reply = await reader.receive()
                assert (reply["live"]["resumed"], reply["live"]["reason"]) == (False, "changed")
                assert pk not in [row["id"] for row in reply["data"]]
                at = reply["live"]["at"]

    asyncio.run(talk())


def test_a_slow_reader_gets_the_list_when_it_has_read(server):
    async def talk():
        async with server.control() as control, server.connect(None, "/ws/comments/") as slow:
            (ann,) = await make_users(control, "ann")
            for _ in range(2):
                await make(control, "comment", text="x", user=ann)
            copy = await watch(slow)
            slow.socket.transport.pause_reading()
            # More than the kernel holds for it, too.
            count = 70
            for number in range(count):
                text = f"{number} " + "x" * 300_000
                await control.request("update", model="comment", pk=1, fields={"text": text})
            await control.request("delete", model="comment", pk=2)
            slow.socket.transport.resume_reading()
            while len(copy.rows) == 2:
                await copy.whole_came()
            assert copy.rows == [{"id": 1, "text": text, "user": ann}]
            assert len(copy.wholes) < count and ["subscribe_list"] in copy.wholes
            # It is told of what happens as before.
            await control.request("delete", model="comment", pk=1)
            assert await copy.whole_came() == ["delete"]
            assert copy.rows == []

    asyncio.run(talk())


def test_what_is_written_in_bulk_is_seen(server):
    async def talk():
        async with server.control() as control, server.connect(None, "/ws/paginated/") as reader:
            copy = await watch(reader, ordering="-rank", limit=2)
            rows = [{"name": name, "rank": rank} for rank, name in enumerate("abc")]
            await control.request("bulk_create", model="item", rows=rows)
            assert await copy.whole_came() == ["create", "create"]
            assert [row["name"] for row in copy.rows] == ["c", "b"]
            await control.request("bulk_update", model="item", fields={"name": "z"})
            assert await copy.whole_came() == ["update", "update"]
            assert [row["name"] for row in copy.rows] == ["z", "z"]

    asyncio.run(talk())


def test_a_server_that_stops_tells_the_last_position(server):
    async def talk():
        async with server.accounts() as reader, server.accounts() as writer:
            copy = await watch(reader, owner="nobody")
            await writer.request("create", data={"owner": "ann", "balance": 1})
            newest = (await writer.request("list", live={}))["live"]["at"]
            assert copy.at != newest
            stopping = asyncio.create_task(asyncio.to_thread(server.stop))
            assert await copy.whole_came() == ["position"]
            assert copy.at == newest
            await stopping
        server.start()

    asyncio.run(talk())


def test_lists_stay_true_while_much_is_written(server):
    async def talk():
        seed = random.randrange(1_000_000)
        chance = random.Random(seed)
        async with server.control() as control, server.connect(None, "/ws/paginated/") as reader:
            orders = ("rank", "-rank", "name,-rank", "-name")
            copies = [
                await watch(reader, request_id=number, ordering=orders[number % 4], **arguments)
                for number, arguments in enumerate(
                    ({}, {"rank__gte": 3}, {"offset": 2, "limit": 3}, {"name": "b"}, {"rank__lt": 5, "limit": 9})
                )
            ]
            pks = []
            for _ in range(200):
                fields = {"name": chance.choice("abc"), "rank": chance.randrange(8)}
                match chance.randrange(3):
                    case 0 if pks:
                        await control.request("delete", model="item", pk=pks.pop(chance.randrange(len(pks))))
                    case 1 if pks:
                        await control.request("update", model="item", pk=chance.choice(pks), fields=fields)
                    case _:
                        pks.append(await make(control, "item", **fields))
            # What is written last reaches each of them.
            await make(control, "item", name="b", rank=4)
            for copy in copies:
                wanted = (await reader_list(reader, copies, copy))["results"]
                for _ in range(1000):
                    if copy.rows == wanted:
                        break
                    await ListCopy.take_next(reader, *copies)
                assert copy.rows == wanted, seed

    async def reader_list(reader, copies, copy):
        await reader.send({"action": "list", "request_id": "load", **copy.arguments})
        while (frame := await reader.receive())["request_id"] != "load":
            ListCopy.give(frame, *copies)
        return frame["data"]

    asyncio.run(talk())


def test_without_a_feed_lists_have_no_positions(tmp_path):
    class PlainServer(LiveServer):
        def __init__(self, database):
            super().__init__(database)
            self.options = ()

    async def talk(server):
        async with server.accounts() as client:
            await client.send({"action": "subscribe_list", "request_id": "t"})
            reply = await client.receive()
            assert (reply["data"], reply["live"]) == ([], {})
            await client.send({"action": "create", "request_id": 1, "data": {"owner": "x"}})
            assert (await client.receive())["response_status"] == 201
            event = await client.receive()
            assert (event["action"], event["live"]) == ("create", {"index": 0})
            reply = await client.request("subscribe_list", live={})
            assert reply["response_status"] == 501

    with PlainServer(tmp_path / "plain.db") as server:
        asyncio.run(talk(server))


def test_the_document_is_right(server):
    """docs/protocol.md: positions stand for those that come."""

    async def talk():
        known = {}

        def same(wanted, found):
            if isinstance(wanted, dict):
                return (
                    isinstance(found, dict)
                    and list(wanted) == list(found)
                    and all(same(wanted[key], found[key]) for key in wanted)
                )
            if isinstance(wanted, list):
                return len(wanted) == len(found) and all(map(same, wanted, found))
            if isinstance(wanted, str) and wanted.startswith("AT"):
                return known.setdefault(wanted, found) == found
            return wanted == found

        for _, frames in conversations(section("docs/protocol.md", "Live lists")):
            async with server.accounts() as client:
                for direction, text in frames:
                    if direction == ">":
                        await client.send(text)
                    else:
                        found = await client.receive()
                        assert same(json.loads(text), found), (text, found)

    asyncio.run(talk())
