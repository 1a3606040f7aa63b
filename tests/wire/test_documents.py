"""The programs of the README and the tutorial do what these say."""

import asyncio

import pytest

from chat import ChatServer
from documents import section, talk


def start(program, tmp_path):
    server = ChatServer(tmp_path / "chat.db")
    server.program = program
    return server


def test_the_first_program(tmp_path):
    text = section("README.md", "A first program")
    with start("dcrf-first", tmp_path) as server:
        assert asyncio.run(talk(text, lambda _: server.connect(None, "/ws/notes/"))) == 1


# Each part goes on with the database of the one before.
@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tutorial")


def test_part_1_of_the_tutorial(folder):
    text = section("docs/tutorial.md", "Part 1")
    with start("dcrf-tutorial-1", folder) as server:
        assert asyncio.run(talk(text, lambda _: server.connect(None))) == 1


def test_part_2_of_the_tutorial(folder):
    text = section("docs/tutorial.md", "Part 2")
    with start("dcrf-tutorial-2", folder) as server:

        def connect(name):
            return server.connect(None, f"/ws/chat/room/?user={name}")

        assert asyncio.run(talk(text, connect)) == 3


def test_part_3_of_the_tutorial(folder):
    with start("dcrf-tutorial-3", folder) as server:
        assert server.request("GET", "/")[0] == 200
        assert server.request("GET", "/chat.js")[0] == 200
        assert server.request("GET", "/api/me")[0] == 401
        zoe = {"username": "zoe", "password": "correct horse"}
        form = {"body": "username=zoe", "Content_Type": "text/plain"}
        assert server.request("POST", "/api/login", **form)[0] == 415
        assert server.request("POST", "/api/login", zoe)[0] == 204
        assert server.request("POST", "/api/login", {**zoe, "password": "wrong"})[0] == 400
        # Ann came before there were passwords.
        assert server.request("POST", "/api/login", {**zoe, "username": "ann"})[0] == 400
        status, headers, _ = server.request("POST", "/api/login", zoe)
        cookie = headers["Set-Cookie"].split(";")[0]
        assert server.request("GET", "/api/me", Cookie=cookie)[0] == 200

        async def chat():
            async with server.connect(cookie) as client:
                await client.request("subscribe_instance", pk=1)
                await client.send({"action": "join_room", "pk": 1, "request_id": 1})
                event = await client.until(lambda frame: frame["action"] == "update")
                assert [x["username"] for x in event["data"]["current_users"]] == ["zoe"]
                sent = await client.request("create_message", message="<b>hello</b>")
                listed = await client.request("list_messages", pk=1)
                assert listed["data"][0] == sent["data"]

        asyncio.run(chat())
        assert server.request("POST", "/api/logout", {}, Cookie=cookie)[0] == 204
        assert server.request("GET", "/api/me", Cookie=cookie)[0] == 401
