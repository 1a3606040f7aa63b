"""The programs of the README and the tutorial do what these say."""

import asyncio
import json
import os
import shlex
import signal
import subprocess

import pytest

from chat import BIN_DIR, PATIENCE, ChatServer
from client import Terminal
from documents import ROOT, commands, section, talk


def start(program, tmp_path):
    server = ChatServer(tmp_path / "chat.db")
    server.program = program
    return server


def on(server, command):
    """A command of a document, for the port that the server has here."""
    return command.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")


def terminal(server, command):
    program, *words = shlex.split(on(server, command))
    assert program == "dcrf"
    return Terminal(*words)


def test_the_first_program(tmp_path):
    text = section("README.md", "A first program")
    [[(command, _)]] = commands(text)
    with start("dcrf-first", tmp_path) as server:
        assert asyncio.run(talk(text, lambda _: terminal(server, command))) == 1


def test_the_program_with_an_actor_of_its_own(tmp_path):
    async def two_notes(url):
        async with Terminal(url) as client:
            for number in [1, 2]:
                await client.send("create data.text=milk")
                frames = [await client.receive(), await client.receive()]
                assert {"notes": number} in frames
                assert [x["response_status"] for x in frames if "action" in x] == [201]

    with start("dcrf-actors", tmp_path) as server:
        asyncio.run(two_notes(f"ws://127.0.0.1:{server.port}/ws/notes/"))
        assert server.stop(signal.SIGTERM) == 0


class Shell:
    """Runs the commands of a document, with the programs of the build in its path."""

    def __init__(self, server):
        self.server = server
        self.status = 0
        self.environment = {**os.environ, "PATH": f"{BIN_DIR}:{os.environ['PATH']}"}

    def start(self, command):
        # The status of the command before is what `$?` is.
        script = f"(exit {self.status}); {on(self.server, command)}"
        return subprocess.Popen(
            ["sh", "-c", script], stdout=subprocess.PIPE, text=True, env=self.environment
        )

    def run(self, command):
        process = self.start(command)
        printed, _ = process.communicate(timeout=PATIENCE)
        self.status = process.returncode
        return printed


def test_the_page_on_the_command_line_client(tmp_path):
    text = (ROOT / "docs/guide/command-line.md").read_text()
    ran = 0
    with start("dcrf-first", tmp_path) as server:
        shell = Shell(server)
        following, expected = None, ""
        for block in commands(text):
            for command, printed in block:
                ran += 1
                if "\n> " in f"\n{printed}":
                    talked = f"```text\n{printed}```\n"
                    asyncio.run(talk(talked, lambda _, typed=command: terminal(server, typed)))
                elif "--follow" in command:
                    following, expected = shell.start(f"exec {command}"), printed
                    first = following.stdout.readline()
                    assert expected.startswith(first)
                else:
                    assert shell.run(command) == printed
        while len(first) < len(expected):
            first += following.stdout.readline()
        assert first == expected
        # What the page does after that is seen, too: two creations, a patch and a deletion.
        later = [json.loads(following.stdout.readline())["action"] for _ in range(4)]
        assert later == ["create", "create", "update", "delete"]
        following.send_signal(signal.SIGINT)
        assert following.wait(PATIENCE) == 0
    assert ran == 10


# Each part goes on with the database of the one before.
@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tutorial")


def test_part_1_of_the_tutorial(folder):
    text = section("docs/tutorial.md", "Part 1")
    [[(command, _)]] = commands(text)
    with start("dcrf-tutorial-1", folder) as server:
        assert asyncio.run(talk(text, lambda _: terminal(server, command))) == 1


def test_part_2_of_the_tutorial(folder):
    text = section("docs/tutorial.md", "Part 2")
    with start("dcrf-tutorial-2", folder) as server:

        def connect(name):
            return terminal(server, f"dcrf 'ws://127.0.0.1:8000/ws/chat/room/?user={name}'")

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
