"""What a client may is taken away while it is connected."""

import asyncio
import time

import pytest
import websockets
from chat import PATIENCE
from conformance_app import app_fixture  # noqa: F401

PATH = "/ws/perms/revoke/?user=ann"
WITHIN = 5


def control(app):
    return app.connect(None, "/ws/control/")


async def create(controlling, model, **fields):
    reply = await controlling.request("create", model=model, fields=fields)
    assert reply["response_status"] == 201, reply
    return reply["data"]["pk"]


class Rows:
    """Ann with two entries, eve with one."""

    @classmethod
    async def create(cls, controlling):
        await controlling.request("reset")
        self = cls()
        self.ann = await create(controlling, "user", username="ann", email="ann@example.org", password="x")
        self.eve = await create(controlling, "user", username="eve", email="eve@example.org", password="x")
        self.entries = [await create(controlling, "entry", name="ann") for _ in range(2)]
        await create(controlling, "entry", name="eve")
        return self

    async def comment(self, controlling, text, **fields):
        return await create(controlling, "comment", text=text, user=self.ann, **fields)


def test_permissions_and_querysets_that_await(app):
    async def run():
        async with control(app) as controlling:
            with pytest.raises(websockets.exceptions.InvalidStatusCode) as refused:
                async with app.connect(None, PATH):
                    pass
            assert refused.value.status_code == 403
            rows = await Rows.create(controlling)
            low = await rows.comment(controlling, "low", id=10)
            high = await rows.comment(controlling, "high", id=1500)
            async with app.connect(None, PATH) as client:
                listed = (await client.request("list"))["data"]
                assert [x["id"] for x in listed] == [low, high]
                await controlling.request("delete", model="entry", pk=rows.entries[0])
                listed = (await client.request("list"))["data"]
                assert [x["id"] for x in listed] == [low]
                reply = await client.request("retrieve", pk=high)
                assert reply["response_status"] == 404
                reply = await client.request("patch", pk=high, data={"text": "x"})
                assert reply["response_status"] == 404
                reply = await client.request("subscribe_instance", pk=high)
                assert reply["response_status"] == 404
                reply = await client.request("create", data={"text": "new", "user": rows.ann})
                assert reply["response_status"] == 201
                await controlling.request("delete", model="entry", pk=rows.entries[1])
                assert (await client.request("list"))["response_status"] == 403
                assert (await client.request("create", data={"text": "no", "user": rows.ann}))["response_status"] == 403
                assert (await client.request("nothing"))["response_status"] == 403

    asyncio.run(run())


def test_a_connection_that_may_not_stay_is_closed(app):
    async def run():
        async with control(app) as controlling:
            rows = await Rows.create(controlling)
            async with app.connect(None, PATH) as ann, app.connect(
                None, "/ws/perms/revoke/?user=eve"
            ) as eve:
                assert (await ann.request("subscribe_all"))["response_status"] == 201
                await controlling.request("delete", model="entry", pk=rows.entries[0])
                # Ann has one left: she may stay.
                await controlling.request("revoke", user="ann")
                assert (await ann.request("list"))["response_status"] == 200
                await controlling.request("delete", model="entry", pk=rows.entries[1])
                began = time.monotonic()
                await controlling.request("revoke", user="ann")
                assert await ann.closed() == 4403
                assert time.monotonic() - began < WITHIN
                assert (await eve.request("list"))["response_status"] == 200

    asyncio.run(run())


def test_a_subscription_that_is_not_allowed_any_more_ends(app):
    async def run():
        async with control(app) as controlling:
            rows = await Rows.create(controlling)
            async with app.connect(None, "/ws/perms/revoke/?user=ann") as client:
                low = await rows.comment(controlling, "low", id=20)
                high = await rows.comment(controlling, "high", id=1600)
                for pk, request_id in ((low, "low"), (high, "high")):
                    await client.send({"action": "subscribe_instance", "pk": pk, "request_id": request_id})
                    assert (await client.receive())["response_status"] == 201
                # One entry less: comments from 1,000 on are not hers any more.
                await controlling.request("delete", model="entry", pk=rows.entries[0])
                await controlling.request("revoke", user="ann")
                ended = await client.receive()
                assert ended["request_id"] == "high"
                assert ended["action"] == "subscribe_instance"
                assert ended["response_status"] == 403
                await controlling.request("update", model="comment", pk=high, fields={"text": "unseen"})
                await controlling.request("update", model="comment", pk=low, fields={"text": "seen"})
                event = await client.receive()
                assert event["request_id"] == "low"
                assert event["data"]["text"] == "seen"

    asyncio.run(run())


def test_who_is_kicked_may_come_again(app):
    async def run():
        async with control(app) as controlling:
            await Rows.create(controlling)
            async with app.connect(None, PATH) as first, app.connect(
                None, "/ws/comments/?user=ann"
            ) as second, app.connect(None, "/ws/comments/?user=eve") as other:
                await controlling.request("kick", user="ann")
                assert await first.closed() == 4403
                assert await second.closed() == 4403
                assert (await other.request("list"))["response_status"] == 200
            async with app.connect(None, PATH) as again:
                assert (await again.request("list"))["response_status"] == 200

    asyncio.run(run())


def test_a_user_who_is_gone_may_not_stay(app):
    async def run():
        async with control(app) as controlling:
            rows = await Rows.create(controlling)
            async with app.connect(None, "/ws/comments/?user=ann") as client:
                assert (await client.request("list"))["response_status"] == 200
                await controlling.request("delete", model="user", pk=rows.ann)
                await controlling.request("revoke", user=rows.ann)
                assert await client.closed() == 4403

    asyncio.run(run())


def test_nothing_is_delivered_to_many_who_may_not_stay(app):
    async def run():
        async with control(app) as controlling:
            rows = await Rows.create(controlling)
            clients = [await app.connect(None, PATH).__aenter__() for _ in range(100)]
            for client in clients:
                assert (await client.request("subscribe_all"))["response_status"] == 201
            for pk in rows.entries:
                await controlling.request("delete", model="entry", pk=pk)
            await controlling.request("revoke", user="ann")
            codes = await asyncio.wait_for(asyncio.gather(*(x.closed() for x in clients)), PATIENCE)
            assert set(codes) == {4403}
            await rows.comment(controlling, "unseen")
            stats = await controlling.request("stats")
            assert stats["data"]["memberships"] == 0

    asyncio.run(run())


def test_a_list_ends_when_rights_have_changed(app):
    async def run():
        async with control(app) as controlling:
            await Rows.create(controlling)
            async with app.connect(None, "/ws/own-comments/?user=ann") as client:
                for number in range(65):
                    await client.send({"action": "subscribe_list", "request_id": number, "limit": 1 + number})
                    reply = await client.receive()
                    assert reply["response_status"] == (200 if number < 64 else 429), reply
                await controlling.request("revoke", user="ann")
                ended = [await client.receive() for _ in range(64)]
                assert {x["response_status"] for x in ended} == {403}
                assert sorted(x["request_id"] for x in ended) == list(range(64))

    asyncio.run(run())
