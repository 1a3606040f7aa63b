"""Signals that are committed with their transaction, and kept for who comes back."""

import asyncio

import pytest
from test_feed import FeedServer

PATH = "/ws/signals/"


@pytest.fixture
def server(tmp_path):
    with FeedServer(tmp_path / "app.db", "--feed-retention=1h") as running:
        yield running


async def entries(server):
    async with server.connect(None, "/ws/control/") as control:
        return (await control.request("count", model="entry"))["data"]


async def subscribe(client, **live):
    await client.send({"action": "subscribe_durable", "request_id": "s", **live})
    reply = await client.receive()
    assert reply["response_status"] == 201, reply
    return reply


def test_they_are_told_after_the_commit_and_not_without_it(server):
    async def run():
        async with server.connect(None, PATH) as client, server.connect(None, PATH) as sender:
            await subscribe(client)
            refused = await sender.request("send_durable", text="lost", fail=True)
            assert refused["response_status"] == 400
            assert (await sender.request("send_durable", text="kept"))["response_status"] == 200
            event = await client.receive()
            assert event == {
                "errors": [],
                "data": {"text": "kept"},
                "action": "durable",
                "response_status": 200,
                "request_id": "s",
            }
            assert await entries(server) == 1

    asyncio.run(run())


def test_who_comes_back_is_told_what_was_sent_meanwhile(server):
    async def run():
        async with server.connect(None, PATH) as client:
            at = (await subscribe(client, live={}))["live"]["at"]
            await client.send({"action": "send_durable", "request_id": 1, "text": "one"})
            event = await client.until(lambda frame: frame["request_id"] == "s")
            assert event["data"] == {"text": "one"}
            assert event["live"]["at"] != at
            last = event["live"]["at"]
        async with server.connect(None, PATH) as sender:
            for text in ("two", "three", "two"):
                assert (await sender.request("send_durable", text=text))["errors"] == []
            await sender.request("send_durable", text="lost", fail=True)
        server.kill()
        server.start()
        async with server.connect(None, PATH) as client:
            reply = await subscribe(client, live={"since": last})
            assert reply["live"] == {"resumed": True, "more": True}
            told = [await client.receive() for _ in range(3)]
            assert [event["data"]["text"] for event in told] == ["two", "three", "two"]
            assert {event["action"] for event in told} == {"durable"}
            assert "at" in told[-1]["live"]
            again = await subscribe(client, live={"since": told[-1]["live"]["at"]})
            assert again["live"]["resumed"] is True and "more" not in again["live"]

    asyncio.run(run())


def test_a_signal_that_is_sent_once_is_told_once(server):
    async def run():
        async with server.connect(None, PATH) as client, server.connect(None, PATH) as sender:
            await subscribe(client)
            for _ in range(3):
                reply = await sender.request("send_durable", text="once", once="0123456789abcdefghijklmn")
                assert reply["response_status"] == 200
            await sender.request("send_durable", text="last")
            assert [(await client.receive())["data"]["text"] for _ in range(2)] == ["once", "last"]
            assert await entries(server) == 2

    asyncio.run(run())


def test_other_signals_have_no_positions(server):
    async def run():
        async with server.connect(None, PATH) as client:
            reply = await client.request("subscribe", observer="bare", live={})
            assert reply["response_status"] == 400

    asyncio.run(run())
