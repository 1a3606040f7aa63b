"""The chat's main job, between real connections."""

import asyncio

import pytest
import websockets

from chat import ChatServer


async def create_room(client, name="lobby"):
    reply = await client.request("create", data={"name": name})
    assert reply["response_status"] == 201, reply
    return reply["data"]["pk"]


def test_a_message_reaches_the_others(server):
    async def scenario():
        ann, bob = server.sign_up("ann"), server.sign_up("bob")
        async with server.connect(ann) as a, server.connect(bob) as b:
            pk = await create_room(a)
            assert [user["username"] for user in await a.join(pk)] == ["ann"]
            assert [user["username"] for user in await b.join(pk)] == ["ann", "bob"]
            subscribed = await b.request("subscribe_to_messages_in_room", pk=pk)
            assert subscribed["response_status"] == 201
            sent = await a.request("create_message", message="hello")
            assert sent["response_status"] == 201
            event = await b.until(lambda frame: frame.get("action") == "create")
            assert event["request_id"] == subscribed["request_id"]
            assert event["data"] == sent["data"]
            assert event["data"]["user"] == {"id": 1, "username": "ann"}

    asyncio.run(scenario())


def test_who_leaves_is_seen_to_leave(server):
    async def scenario():
        ann, bob = server.sign_up("ann"), server.sign_up("bob")
        async with server.connect(ann) as a:
            pk = await create_room(a)
            watched = await a.request("subscribe_instance", pk=pk)
            assert watched["response_status"] == 201
            await a.join(pk)
            b = await server.connect(bob).__aenter__()
            await b.join(pk)
            # Without a close handshake.
            b.socket.transport.abort()
            present = [
                {"id": 1, "username": "ann"},
            ]
            await a.until(lambda frame: len(frame.get("usuarios", [])) == 2)
            await a.until(lambda frame: frame.get("usuarios") == present)

    asyncio.run(scenario())


def test_who_entered_is_told_each_name_once(server):
    guests = [server.sign_up(f"guest {i}") for i in range(20)]

    async def scenario():
        async with server.connect(server.sign_up("host")) as host:
            pk = await create_room(host)
            entered = await host.request("enter_room", pk=pk)
            assert [user["username"] for user in entered["data"]["people"]] == ["host"]
            clients = [await server.connect(cookie).__aenter__() for cookie in guests]
            for client in clients:
                reply = await client.request("enter_room", pk=pk)
                assert reply["response_status"] == 200

            came, frames = [], 0
            while len(came) < len(guests):
                event = await host.until(lambda frame: frame.get("action") == "people")
                assert event["data"]["went"] == []
                came += [x for x in event["data"]["came"] if x["username"] != "host"]
                frames += 1
            assert sorted(x["username"] for x in came) == sorted(f"guest {i}" for i in range(20))
            assert frames <= len(guests) + 1

            went = []
            for client in clients:
                await client.socket.close()
            while len(went) < len(guests):
                event = await host.until(lambda frame: frame.get("action") == "people")
                assert event["data"]["came"] == []
                went += event["data"]["went"]
            assert sorted(went) == sorted(x["id"] for x in came)

    asyncio.run(scenario())


def test_200_members_see_the_same_messages_in_the_same_order(server):
    members, own_messages = 200, 3

    async def member(cookie, pk, ready, name):
        async with server.connect(cookie) as client:
            await client.join(pk)
            await client.request("subscribe_to_messages_in_room", pk=pk)
            ready.release()
            await ready.everybody.wait()
            for i in range(own_messages):
                await client.send(
                    {"action": "create_message", "message": f"{name}/{i}", "request_id": i}
                )
            seen, acknowledged = [], 0
            while len(seen) < members * own_messages or acknowledged < own_messages:
                frame = await client.receive()
                if frame.get("response_status") == 201:
                    acknowledged += 1
                elif frame.get("action") == "create":
                    seen.append(frame["data"]["text"])
            return seen

    class Ready:
        def __init__(self):
            self.count = 0
            self.everybody = asyncio.Event()

        def release(self):
            self.count += 1
            if self.count == members:
                self.everybody.set()

    async def scenario():
        cookie = server.sign_up("ann")
        async with server.connect(cookie) as host:
            pk = await create_room(host)
        ready = Ready()
        seen = await asyncio.gather(*(member(cookie, pk, ready, n) for n in range(members)))
        expected = {f"{n}/{i}" for n in range(members) for i in range(own_messages)}
        assert set(seen[0]) == expected and len(seen[0]) == len(expected)
        assert all(other == seen[0] for other in seen)

    asyncio.run(scenario())


def test_what_was_acknowledged_survives_a_kill(server):
    async def scenario():
        cookie = server.sign_up("ann")
        acknowledged = []
        async with server.connect(cookie) as client:
            pk = await create_room(client)
            await client.join(pk)

            async def write():
                for i in range(100_000):
                    await client.send(
                        {"action": "create_message", "message": f"m{i}", "request_id": i}
                    )

            writing = asyncio.create_task(write())
            try:
                while True:
                    frame = await client.receive()
                    if frame.get("response_status") == 201:
                        acknowledged.append(frame["data"]["id"])
                        if len(acknowledged) == 300:
                            server.kill()
            except websockets.ConnectionClosed:
                pass
            writing.cancel()
        assert len(acknowledged) >= 300
        server.start()
        async with server.connect(cookie) as client:
            room = await client.request("retrieve", pk=pk)
            assert room["data"]["current_users"] == []
            kept, before = set(), None
            while True:
                arguments = {"before": before} if before else {}
                page = await client.request("list_messages", room=pk, limit=200, **arguments)
                if not page["data"]:
                    break
                kept.update(message["id"] for message in page["data"])
                before = page["data"][-1]["id"]
        assert kept.issuperset(acknowledged)

    asyncio.run(scenario())


@pytest.mark.parametrize("io_threads", [1, 4])
def test_a_stop_closes_with_1012_and_loses_nothing(tmp_path, io_threads):
    async def scenario(server):
        cookie = server.sign_up("ann")
        clients = [await server.connect(cookie).__aenter__() for _ in range(20)]
        pk = await create_room(clients[0])
        for client in clients:
            await client.join(pk)
        server.process.terminate()
        codes = [await client.closed() for client in clients]
        assert codes == [1012] * len(clients)
        assert server.process.wait(timeout=10) == 0

    with ChatServer(tmp_path / "chat.db", f"--io-threads={io_threads}") as server:
        asyncio.run(scenario(server))
