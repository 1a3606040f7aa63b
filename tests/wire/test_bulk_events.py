"""Bulk commands that tell of each row, as single writes do."""

import asyncio

from live import follow, watch
from test_feed import FeedServer

PATH = "/ws/accounts/"
TOO_MANY = 10_001


def rows(count, owner):
    return [{"owner": f"{owner}{number}", "balance": number} for number in range(count)]


async def bulk(control, what, **arguments):
    reply = await control.request(f"bulk_{what}", model="account", events=True, **arguments)
    assert reply["errors"] == [], reply
    return reply["data"]["count"]


def test_each_row_is_told_of_as_single_writes_are(tmp_path):
    async def run():
        async with server.connect(None, PATH) as client, server.connect(None, "/ws/control/") as control:
            await client.request("subscribe_all")
            assert await bulk(control, "create", rows=rows(3, "a")) == 3
            created = [await client.receive() for _ in range(3)]
            assert [(event["action"], event["data"]["owner"]) for event in created] == [
                ("create", f"a{number}") for number in range(3)
            ]
            assert await bulk(control, "update", fields={"owner": "b"}) == 3
            updated = [await client.receive() for _ in range(3)]
            assert [(event["action"], event["data"]["owner"]) for event in updated] == [("update", "b")] * 3
            assert await bulk(control, "delete") == 3
            deleted = [await client.receive() for _ in range(3)]
            assert sorted(event["data"]["id"] for event in deleted) == sorted(x["data"]["id"] for x in created)
            # Without events there are none.
            await control.request("bulk_create", model="account", rows=rows(2, "silent"))
            await control.request("create", model="account", fields={"owner": "last", "balance": 0})
            assert (await client.receive())["data"]["owner"] == "last"

    with FeedServer(tmp_path / "app.db") as server:
        asyncio.run(run())


def test_live_subscriptions_and_who_resumes_see_them_as_one_whole(tmp_path):
    async def run():
        async with server.connect(None, "/ws/control/") as control:
            async with server.connect(None, PATH) as client:
                copy, _ = await follow(client)
                await bulk(control, "create", rows=rows(3, "a"))
                assert await copy.whole_came() == ["create"] * 3
                at, known = copy.at, dict(copy.rows)
            await bulk(control, "update", fields={"owner": "b"})
            async with server.connect(None, PATH) as client:
                copy, reply = await follow(client, since=at)
                assert reply["live"] == {"resumed": True, "more": True}
                copy.rows = known
                assert await copy.whole_came() == ["update"] * 3
                assert {row["owner"] for row in copy.rows.values()} == {"b"}

    with FeedServer(tmp_path / "app.db", "--feed-retention=1h") as server:
        asyncio.run(run())


def test_lists_follow_them(tmp_path):
    async def run():
        async with server.connect(None, PATH) as client, server.connect(None, "/ws/control/") as control:
            copy = await watch(client, owner="a1", ordering="id")
            assert copy.rows == []
            await bulk(control, "create", rows=rows(3, "a"))
            await copy.whole_came()
            assert [row["owner"] for row in copy.rows] == ["a1"]
            at = copy.at
            await bulk(control, "create", rows=rows(1, "elsewhere"))
            resumed = await client.request("subscribe_list", owner="a1", ordering="id", live={"since": at})
            assert resumed["live"]["resumed"] is True
            await bulk(control, "delete")
            await copy.whole_came()
            assert copy.rows == []

    with FeedServer(tmp_path / "app.db", "--feed-retention=1h") as server:
        asyncio.run(run())


def test_where_they_are_too_many_a_gap_is_told(tmp_path):
    async def run():
        async with server.connect(None, PATH) as client, server.connect(None, PATH) as live, server.connect(
            None, "/ws/control/"
        ) as control, server.connect(None, "/ws/gadgets/") as other:
            await client.request("subscribe_all")
            await other.request("subscribe_all")
            copy, _ = await follow(live)
            watched = await watch(live, request_id="t", ordering="-id", limit=2)
            at = copy.at
            assert await bulk(control, "create", rows=rows(TOO_MANY, "a")) == TOO_MANY
            missed = await client.receive()
            assert (missed["action"], missed["response_status"]) == ("missed", 205)
            frames = {}
            while len(frames) < 2:
                frame = await live.receive()
                frames[frame["request_id"]] = frame
            assert frames["w"]["action"] == "missed"
            assert frames["w"]["live"]["reason"] == "too_many"
            watched.take(frames["t"])
            resumed = await client.request("subscribe_all", live={"since": at})
            assert resumed["live"]["resumed"] is False and resumed["live"]["reason"] == "too_many"
            # Others are not concerned.
            await control.request("create", model="gadget", fields={"name": "g", "description": ""})
            assert (await other.receive())["action"] == "create"

    with FeedServer(tmp_path / "app.db", "--feed-retention=1h") as server:
        asyncio.run(run())
