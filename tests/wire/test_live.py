"""Live subscriptions: positions, wholes, loading, resuming, slow readers; with restarts and kills."""

import asyncio
import json
import random

import pytest
from chat import ChatServer
from documents import conversations, section
from live import Copy, canonical, follow


class LiveServer(ChatServer):
    program = "dcrf-conformance"

    def __init__(self, database, *options):
        super().__init__(database, "--feed-retention=1h,64MiB", *options)

    def accounts(self):
        return self.connect(None, "/ws/accounts/")

    def control(self):
        return self.connect(None, "/ws/control/")


@pytest.fixture
def server(tmp_path):
    with LiveServer(tmp_path / "live.db") as running:
        yield running


async def open_account(client, owner, balance=100):
    reply = await client.request("create", data={"owner": owner, "balance": balance})
    assert reply["errors"] == [], reply
    return reply["data"]["id"]


async def subscribed(client, action="subscribe_all", request_id="w", live=None, **arguments):
    await client.send(
        {"action": action, "request_id": request_id, "live": {} if live is None else live, **arguments}
    )
    return await client.receive()


def test_a_live_subscription_is_told_of_each_commit_with_its_position(server):
    async def talk():
        async with server.accounts() as reader, server.accounts() as writer:
            reply = await subscribed(reader)
            assert list(reply) == ["errors", "data", "action", "response_status", "request_id", "live"]
            assert list(reply["live"]) == ["at"]
            pk = await open_account(writer, "ann")
            created = await reader.receive()
            assert (created["action"], created["request_id"]) == ("create", "w")
            assert created["data"] == {"id": pk, "owner": "ann", "balance": 100, "revision": 0}
            assert list(created)[-1] == "live" and list(created["live"]) == ["at"]
            assert created["live"]["at"] != reply["live"]["at"]
            await writer.request("delete", pk=pk)
            deleted = await reader.receive()
            assert (deleted["action"], deleted["data"]) == ("delete", {"pk": pk})

    asyncio.run(talk())


def test_without_the_member_nothing_is_other_than_before(server):
    async def talk():
        async with server.accounts() as plain, server.accounts() as live, server.accounts() as writer:
            await subscribed(live)
            await plain.send({"action": "subscribe_all", "request_id": 1})
            assert "live" not in await plain.receive()
            pk = await open_account(writer, "ann")
            await writer.request("delete", pk=pk)
            for event in [await plain.receive() for _ in range(2)]:
                assert list(event) == ["errors", "data", "action", "response_status", "request_id"]
            assert event["data"] == {"id": pk, "owner": "ann", "balance": 100, "revision": 0}

    asyncio.run(talk())


def test_what_is_committed_together_is_one_whole(server):
    async def talk():
        async with server.accounts() as reader, server.accounts() as writer:
            one, two = await open_account(writer, "ann"), await open_account(writer, "bob")
            await subscribed(reader)
            reply = await writer.request("transfer", **{"from": one, "to": two, "amount": 30})
            assert reply["data"] == {"from": 70, "to": 130}
            events = [await reader.receive() for _ in range(2)]
            assert [event["data"]["balance"] for event in events] == [70, 130]
            assert events[0]["live"] == {"more": True}
            assert list(events[1]["live"]) == ["at"]

    asyncio.run(talk())


def test_live_needs_a_request_id_an_object_and_changes_that_are_kept(server):
    async def talk():
        async with server.accounts() as client:
            await client.send({"action": "subscribe_all", "live": {}})
            reply = await client.receive()
            assert reply["response_status"] == 400
            assert reply["errors"] == [{"request_id": ["This field is required."]}]
            for member in (5, "x", [], True, {"since": 5}):
                reply = await subscribed(client, live=member)
                assert reply["response_status"] == 400, member
                assert list(reply["errors"][0]) == ["live"]
            assert (await client.request("list", live={"of": "nobody"}))["response_status"] == 400
            assert "live" not in await client.request("list", live=None)
        async with server.connect(None, "/ws/streamed/") as client:
            assert (await client.request("list", live={}))["response_status"] == 400
        async with server.connect(None, "/ws/signals/") as client:
            reply = await subscribed(client, "subscribe", observer="full")
            assert reply["response_status"] == 400
            assert list(reply["errors"][0]) == ["live"]

    asyncio.run(talk())


def test_without_a_feed_live_is_refused(tmp_path):
    async def talk(server):
        async with server.connect(None, "/ws/accounts/") as client:
            for action in ("subscribe_all", "list"):
                reply = await client.request(action, live={})
                assert reply["response_status"] == 501, reply
            reply = await client.request("create", data={"owner": "x"}, live={})
            assert reply["response_status"] == 501
            assert (await client.request("list"))["data"] == []

    class PlainServer(ChatServer):
        program = "dcrf-conformance"

    with PlainServer(tmp_path / "plain.db") as server:
        asyncio.run(talk(server))


def test_a_load_skips_what_it_has_seen(server):
    async def talk():
        async with server.accounts() as reader, server.accounts() as writer:
            stop = asyncio.Event()

            async def write():
                number = 0
                while not stop.is_set():
                    number += 1
                    await open_account(writer, f"{number}")
                return number

            writing = asyncio.create_task(write())
            for number in range(20):
                copy = Copy(reader, f"s{number}")
                await subscribed(reader, request_id=copy.request_id)
                await reader.send(
                    {"action": "list", "request_id": "load", "live": {"of": copy.request_id}}
                )
                # Those before the load are not exact, those after it are.
                while (frame := await reader.receive())["request_id"] != "load":
                    pass
                copy.load(frame)
                await copy.whole_came()
                await reader.send({"action": "unsubscribe_all", "request_id": copy.request_id})
                while (frame := await reader.receive())["action"] != "unsubscribe_all":
                    copy.take(frame)
            stop.set()
            await writing

    asyncio.run(talk())


def test_a_write_says_whether_it_has_changed_anything(server):
    async def talk():
        async with server.accounts() as client:
            reply = await client.request("create", data={"owner": "ann"}, live={})
            assert reply["live"] == {"changed": True}
            pk = reply["data"]["id"]
            for action, arguments in (
                ("patch", {"pk": pk, "data": {"owner": "eve"}}),
                ("deposit", {"pk": pk, "amount": 5}),
                ("delete", {"pk": pk}),
            ):
                reply = await client.request(action, live={}, **arguments)
                assert reply["live"] == {"changed": True}, action
                assert list(reply)[-1] == "live"
            reply = await client.request("bulk_deposit", amount=1, live={})
            assert (reply["data"], reply["live"]) == ({"count": 0}, {"changed": False})
            assert "live" not in await client.request("delete", pk=pk, live={})

    asyncio.run(talk())


def test_who_was_away_is_told_the_sum_of_what_was_missed(server):
    async def talk():
        async with server.accounts() as writer:
            kept, changed, gone = [await open_account(writer, name) for name in ("kept", "changed", "gone")]
            async with server.accounts() as reader:
                copy, _ = await follow(reader)
            await writer.request("patch", pk=changed, data={"owner": "once"})
            await writer.request("delete", pk=gone)
            brief = await open_account(writer, "brief")
            new = await open_account(writer, "new")
            await writer.request("patch", pk=changed, data={"owner": "twice"})
            await writer.request("delete", pk=brief)
            await writer.request("patch", pk=new, data={"balance": 7})
            server.stop() if random.random() < 0.5 else server.kill()
            server.start()
            async with server.accounts() as reader:
                again, reply = await follow(reader, since=copy.at)
                assert reply["live"] == {"resumed": True, "more": True}
                again.rows = dict(copy.rows)
                again.whole.append({"action": "-"})
                assert await again.whole_came() == ["-", "delete", "update", "create"]
                assert sorted(again.rows) == sorted([kept, changed, new])
                assert again.rows[changed]["owner"] == "twice"
                assert again.rows[new]["balance"] == 7
                nothing, reply = await follow(reader, request_id="n", since=again.at)
                assert reply["live"] == {"resumed": True, "at": again.at}
                async with server.accounts() as writer:
                    await writer.request("patch", pk=kept, data={"owner": "still"})
                    frames = [await reader.receive() for _ in range(2)]
                    assert sorted(frame["request_id"] for frame in frames) == ["n", "w"]

    asyncio.run(talk())


def test_a_position_that_does_not_help_is_said_to_be_so(tmp_path):
    async def talk(server):
        async with server.accounts() as client:
            old = (await subscribed(client))["live"]["at"]
            for number in range(6):
                await open_account(client, f"{number}")
                await client.receive()
            reply = await subscribed(client, request_id="t", live={"since": old})
            live = reply["live"]
            assert (live["resumed"], live["reason"]) == (False, "too_many")
            async with server.control() as control:
                await control.request("prune")
            reply = await subscribed(client, request_id="e", live={"since": old})
            assert (reply["live"]["resumed"], reply["live"]["reason"]) == (False, "expired")
            for position in ("", "nonsense", "ffffffff-1", reply["live"]["at"] + "0"):
                reply = await subscribed(client, request_id="u", live={"since": position})
                assert (reply["live"]["resumed"], reply["live"]["reason"]) == (False, "unknown")
            await open_account(client, "later")
            told = {(await client.receive())["request_id"] for _ in range(4)}
            assert told == {"w", "t", "e", "u"}

    with LiveServer(tmp_path / "live.db", "--resume-limit=5") as server:
        asyncio.run(talk(server))


def test_a_row_that_goes_from_one_group_into_another_of_a_subscription_changes_once(server):
    async def talk():
        async with server.control() as control, server.connect(None, "/ws/comments/") as reader:
            for name in ("ann", "bob"):
                fields = {"username": name, "email": f"{name}@x.org", "password": "p"}
                await control.request("create", model="user", fields=fields)
            fields = {"text": "moves", "user": 1}
            pk = (await control.request("create", model="comment", fields=fields))["data"]["pk"]
            for user in (1, 2):
                reply = await subscribed(reader, "subscribe_user", user_pk=user)
                assert reply["response_status"] == 201
            await subscribed(reader, "subscribe_user", request_id="one", user_pk=1)
            await control.request("update", model="comment", pk=pk, fields={"user": 2})
            events = {}
            for _ in range(2):
                event = await reader.receive()
                events[event["request_id"]] = event
            assert events["w"]["action"] == "update"
            assert events["w"]["data"] == {"id": pk, "text": "moves", "user": 2}
            assert (events["one"]["action"], events["one"]["data"]) == ("delete", {"pk": pk})
            # The same, when it was missed.
            at = {name: event["live"]["at"] for name, event in events.items()}
        async with server.control() as control, server.connect(None, "/ws/comments/") as reader:
            await control.request("update", model="comment", pk=pk, fields={"user": 1})
            await subscribed(reader, "subscribe_user", user_pk=1)
            reply = await subscribed(reader, "subscribe_user", user_pk=2, live={"since": at["w"]})
            assert reply["live"] == {"resumed": True, "more": True}
            assert (await reader.receive())["action"] == "update"
            reply = await subscribed(
                reader, "subscribe_user", request_id="one", user_pk=1, live={"since": at["one"]}
            )
            assert (await reader.receive())["action"] == "create"

    asyncio.run(talk())


def test_one_row_is_followed_over_restarts(server):
    async def talk():
        async with server.accounts() as writer:
            pk = await open_account(writer, "ann")
            other = await open_account(writer, "bob")
            async with server.accounts() as reader:
                reply = await subscribed(reader, "subscribe_instance", pk=pk)
                assert list(reply["live"]) == ["at"]
                await writer.request("patch", pk=other, data={"balance": 1})
                await writer.request("patch", pk=pk, data={"balance": 1})
                event = await reader.receive()
                assert (event["action"], event["data"]["balance"]) == ("update", 1)
                at = event["live"]["at"]
            await writer.request("patch", pk=pk, data={"balance": 2})
            await writer.request("patch", pk=pk, data={"balance": 3})
        server.kill()
        server.start()
        async with server.accounts() as writer, server.accounts() as reader:
            reply = await subscribed(reader, "subscribe_instance", pk=pk, live={"since": at})
            assert reply["live"] == {"resumed": True, "more": True}
            event = await reader.receive()
            assert (event["action"], event["data"]["balance"]) == ("update", 3)
            await writer.request("delete", pk=pk)
            event = await reader.receive()
            assert (event["action"], event["data"]) == ("delete", {"pk": pk})
            assert list(event["live"]) == ["at"]

    asyncio.run(talk())


def test_streams_have_live_subscriptions_too(server):
    async def talk():
        async with server.control() as control, server.connect(None, "/ws/mux/") as reader:
            fields = {"username": "ann", "email": "ann@x.org", "password": "p"}
            await control.request("create", model="user", fields=fields)
            request = {"action": "subscribe_all", "request_id": "w", "live": {}}
            await reader.send({"stream": "comments", "payload": request})
            reply = await reader.receive()
            assert list(reply["payload"]["live"]) == ["at"]
            await control.request("create", model="comment", fields={"text": "x", "user": 1})
            event = await reader.receive()
            assert list(event) == ["stream", "payload"]
            assert event["payload"]["action"] == "create"
            assert list(event["payload"]["live"]) == ["at"]

    asyncio.run(talk())


def test_a_handler_of_the_application_is_told_of_what_was_missed(server):
    async def talk():
        async with server.control() as control, server.connect(None, "/ws/comments/") as reader:
            fields = {"username": "ann", "email": "ann@x.org", "password": "p"}
            await control.request("create", model="user", fields=fields)
            reply = await subscribed(reader, "subscribe_pks")
            at = reply["live"]["at"]
            await control.request("create", model="comment", fields={"text": "x", "user": 1})
            event = await reader.receive()
            assert event == {"event": "create", "body": {"pk": 1}, "request_ids": ["w"]}
            position = await reader.receive()
            assert (position["action"], position["data"]) == ("position", None)
        async with server.connect(None, "/ws/comments/") as reader:
            reply = await subscribed(reader, "subscribe_pks", live={"since": at})
            assert reply["live"] == {"resumed": True, "more": True}
            assert await reader.receive() == event
            assert (await reader.receive())["live"] == position["live"]

    asyncio.run(talk())


def test_silent_subscriptions_are_told_how_far_they_are(tmp_path):
    async def talk(server):
        async with server.connect(None, "/ws/comments/") as silent, server.accounts() as writer:
            at = (await subscribed(silent))["live"]["at"]
            for number in range(200):
                await open_account(writer, f"{number}")
            position = await silent.receive()
            assert (position["action"], position["data"], position["response_status"]) == ("position", None, 200)
            assert list(position)[-1] == "live"
            while True:
                reply = await subscribed(writer, request_id="old", live={"since": at})
                if reply["live"].get("reason") == "expired":
                    break
                await writer.request("bulk_deposit", amount=1)
            await silent.send({"action": "unsubscribe_all", "request_id": "w"})
            while (frame := await silent.receive())["action"] != "unsubscribe_all":
                position = frame
            reply = await subscribed(silent, live={"since": position["live"]["at"]})
            assert reply["live"]["resumed"]

    with LiveServer(tmp_path / "live.db", "--feed-retention=64") as server:
        asyncio.run(talk(server))


def test_before_the_server_stops_each_is_told_how_far_it_is(server):
    async def talk():
        async with server.connect(None, "/ws/comments/") as silent, server.accounts() as writer:
            await subscribed(silent)
            await open_account(writer, "ann")
            server.process.terminate()
            frame = await silent.receive()
            assert frame["action"] == "position"
            assert await silent.closed() == 1012
        assert server.process.wait() == 0
        server.start()
        async with server.connect(None, "/ws/comments/") as reader:
            reply = await subscribed(reader, live={"since": frame["live"]["at"]})
            assert reply["live"] == {"resumed": True, "at": frame["live"]["at"]}

    asyncio.run(talk())


def test_a_slow_reader_catches_up_instead_of_being_closed(server):
    async def talk():
        async with server.control() as control, server.connect(None, "/ws/comments/") as slow:
            fields = {"username": "ann", "email": "ann@x.org", "password": "p"}
            await control.request("create", model="user", fields=fields)
            comment = {"model": "comment", "fields": {"text": "x", "user": 1}}
            for _ in range(2):
                await control.request("create", **comment)
            copy, _ = await follow(slow)
            slow.socket.transport.pause_reading()
            # More than the kernel holds for it, too.
            count = 70
            for number in range(count):
                text = f"{number} " + "x" * 300_000
                await control.request("update", model="comment", pk=1, fields={"text": text})
            await control.request("delete", model="comment", pk=2)
            slow.socket.transport.resume_reading()
            while 2 in copy.rows:
                await copy.whole_came()
            assert copy.rows[1]["text"] == text
            assert sum(len(whole) for whole in copy.wholes) < count
            # It is told of what happens as before.
            await control.request("delete", model="comment", pk=1)
            assert await copy.whole_came() == ["delete"]

    asyncio.run(talk())


def test_copies_stay_true_over_kills_and_stops(server):
    """Transfers keep the sum of all balances, so each whole that is told in part shows."""
    seed = random.randrange(1_000_000)
    draw = random.Random(seed)

    async def write(pks, count):
        async with server.accounts() as writer:
            for _ in range(count):
                one, two = draw.sample(pks, 2)
                await writer.request("transfer", **{"from": one, "to": two, "amount": draw.randrange(5)})

    async def read(copy, until):
        while copy.at != until:
            await copy.whole_came()
            assert sum(row["balance"] for row in copy.rows.values()) == 1000, seed

    async def talk():
        async with server.accounts() as writer:
            pks = [await open_account(writer, f"{number}") for number in range(10)]
        async with server.accounts() as reader:
            copy, _ = await follow(reader)
        for _ in range(6):
            await write(pks, draw.randrange(20))
            server.kill() if draw.random() < 0.5 else server.stop()
            server.start()
            async with server.accounts() as reader:
                again, reply = await follow(reader, since=copy.at)
                assert reply["live"]["resumed"], (seed, reply)
                again.rows = copy.rows
                if "more" in reply["live"]:
                    await again.whole_came()
                await write(pks, draw.randrange(20))
                async with server.control() as control:
                    newest = (await control.request("feed"))["data"]["newest"]
                if again.at is not None or newest != reply["live"].get("at"):
                    await read(again, newest)
                copy = again if again.at is not None else copy
                async with server.accounts() as writer:
                    expected = await writer.request("list")
                assert canonical(copy.rows.values()) == canonical(expected["data"]), seed

    asyncio.run(talk())


def positions_in(text, known):
    """A text of the document with the positions that stand for those in it."""
    for name, position in known.items():
        text = text.replace(f'"{name}"', f'"{position}"')
    return text


def test_the_protocol_is_as_the_document_shows_it(server):
    """Each position of the document is one that came before, or comes here."""
    known = {}

    async def talk(frames):
        async with server.accounts() as client:
            for direction, frame in frames:
                if direction == ">":
                    await client.send(positions_in(frame, known))
                    continue
                received = await client.receive()
                expected = json.loads(frame)
                name = expected.get("live", {}).get("at")
                if name is not None:
                    known.setdefault(name, received["live"]["at"])
                assert received == json.loads(positions_in(frame, known))

    played = conversations(section("docs/protocol.md", "Live subscriptions"))
    assert len(played) == 2
    for _, frames in played:
        asyncio.run(talk(frames))
        server.kill()
        server.start()
    assert len(set(known.values())) == len(known) == 4
