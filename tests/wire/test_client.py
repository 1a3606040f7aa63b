"""dcrf, the command line client: what it sends, prints and ends with."""

import asyncio
import json
import signal
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager

import pytest
import websockets

from chat import PATIENCE, ChatServer
from client import (
    CONNECTION,
    DCRF,
    ERROR_REPLY,
    GOOD,
    INTERRUPTED,
    USAGE,
    Terminal,
    frames,
    run,
    start,
    url,
)


@pytest.fixture
def notes(tmp_path):
    server = ChatServer(tmp_path / "notes.db")
    server.program = "dcrf-first"
    with server:
        yield server


class Place:
    """Where something listens that is no ChatServer."""

    def __init__(self, port):
        self.port = port


@contextmanager
def on_a_thread(making):
    """The place of a server that a coroutine makes, and that runs beside the test."""
    loop = asyncio.new_event_loop()
    made = loop.run_until_complete(making)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def close():
        made.close()
        await made.wait_closed()

    try:
        yield Place(made.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def listening(handler):
    """A WebSocket server of a few lines."""

    async def serve():
        return await websockets.serve(handler, "127.0.0.1", 0)

    return on_a_thread(serve())


# -- one action -----------------------------------------------------------------------------------


def test_an_action_and_its_reply(notes):
    result = run(url(notes), "create", "data.text=Buy milk")
    assert result.returncode == GOOD, result.stderr
    assert frames(result) == [
        {
            "errors": [],
            "data": {"id": 1, "text": "Buy milk"},
            "action": "create",
            "response_status": 201,
            "request_id": 1,
        }
    ]
    assert result.stderr == ""


def test_a_request_in_json(notes):
    result = run(url(notes), '{"action": "create", "data": {"text": "5"}, "request_id": "x"}')
    assert frames(result)[0]["request_id"] == "x"
    assert frames(run(url(notes), "retrieve", '{"pk": 1}'))[0]["data"]["text"] == "5"


def test_an_error_reply_is_the_exit_status(notes):
    result = run(url(notes), "retrieve", "pk=7")
    assert result.returncode == ERROR_REPLY
    assert frames(result)[0]["response_status"] == 404


def test_pretty_frames_take_several_lines(notes):
    result = run(url(notes), "list", "--pretty")
    assert result.stdout.startswith('{\n  "errors": []')
    assert json.loads(result.stdout)["data"] == []


def test_text_of_any_kind(notes):
    text = "<b>Grüße</b> 你好 🎉 'x' \"y\" \\ " + "w" * 100
    result = run(url(notes), "create", f"data.text={text}")
    assert frames(result)[0]["data"]["text"] == text


# -- standard input -------------------------------------------------------------------------------


def test_requests_from_a_pipe(notes):
    lines = "create data.text='a b'\n\n  " + '{"action": "list"}' + "\nretrieve pk=1"
    result = run(url(notes), text=lines)
    assert result.returncode == GOOD, result.stderr
    assert [frame["request_id"] for frame in frames(result)] == [1, 2, 3]
    assert frames(result)[2]["data"]["text"] == "a b"


def test_requests_from_a_file(notes, tmp_path):
    file = tmp_path / "requests.txt"
    file.write_text("".join(f"create data.text={number}\n" for number in range(2000)))
    with file.open() as source:
        result = run(url(notes), stdin=source)
    assert result.returncode == GOOD, result.stderr
    assert [frame["data"]["id"] for frame in frames(result)] == list(range(1, 2001))


def test_no_requests(notes):
    result = run(url(notes))
    assert (result.returncode, result.stdout, result.stderr) == (GOOD, "", "")


def test_a_bad_line_is_told_and_the_others_are_sent(notes):
    result = run(url(notes), text="list\n{\"action\": \ncreate 'x\nretrieve pk=1\n")
    assert result.returncode == USAGE
    assert [frame["response_status"] for frame in frames(result)] == [200, 404]
    assert "line 2: " in result.stderr and "line 3: " in result.stderr


def test_a_conversation(notes):
    async def type_to_it():
        async with Terminal(url(notes)) as client:
            await client.send("watch request_id=w")
            assert (await client.receive())["response_status"] == 201
            await client.send("create data.text='Buy milk'")
            assert (await client.receive())["request_id"] == 1
            assert (await client.receive())["request_id"] == "w"
            await client.send("create 'x")
            await client.show(b"error: a quote does not end")
            await client.send("retrieve pk=7")
            assert (await client.receive())["response_status"] == 404
            await client.send('{"action": "list"}')
            assert len((await client.receive())["data"]) == 1
        return client.status

    assert asyncio.run(type_to_it()) == GOOD


def test_the_end_of_the_server_ends_a_conversation(notes):
    async def type_to_it():
        async with Terminal(url(notes)) as client:
            assert await asyncio.to_thread(notes.stop) == 0
            await client.show(b"closed by the server: 1012")
            await asyncio.to_thread(client.process.wait, PATIENCE)
        return client.status

    assert asyncio.run(type_to_it()) == CONNECTION


# -- subscriptions --------------------------------------------------------------------------------


def test_following_prints_events_until_interrupted(notes):
    with start(url(notes), "watch", "--follow") as client:
        assert json.loads(client.stdout.readline())["response_status"] == 201
        for number in (1, 2):
            run(url(notes), "create", f"data.text={number}")
            event = json.loads(client.stdout.readline())
            assert (event["action"], event["data"]["id"]) == ("create", number)
        client.send_signal(signal.SIGINT)
        assert client.wait(PATIENCE) == GOOD
        assert client.stderr.read() == ""


def test_following_goes_on_after_a_restart_of_the_server(notes):
    with start(url(notes), "watch", "--follow", "request_id=w") as client:
        assert json.loads(client.stdout.readline())["response_status"] == 201
        notes.kill()
        assert "connecting again in" in client.stderr.readline()
        notes.start()
        assert json.loads(client.stdout.readline())["response_status"] == 201
        run(url(notes), "create", "data.text=again")
        assert json.loads(client.stdout.readline())["request_id"] == "w"
        client.terminate()
        assert client.wait(PATIENCE) == GOOD


def test_following_ends_if_the_subscription_is_denied(notes):
    result = run(url(notes), "no_such_action", "--follow")
    assert result.returncode == ERROR_REPLY


def test_following_a_server_that_is_not_there(notes):
    notes.stop()
    result = run(url(notes), "watch", "--follow")
    assert result.returncode == CONNECTION
    notes.start()


# -- streams and headers --------------------------------------------------------------------------


def test_streams(tmp_path):
    server = ChatServer(tmp_path / "conformance.db")
    server.program = "dcrf-conformance"
    with server:
        result = run(url(server, "/ws/mux/"), "--stream=users", "list")
        assert result.returncode == GOOD, result.stderr
        assert frames(result)[0]["stream"] == "users"
        assert frames(result)[0]["payload"]["response_status"] == 200
        result = run(url(server, "/ws/mux/"), "--stream=nowhere", "list")
        assert result.returncode == ERROR_REPLY


def test_a_cookie_says_who_asks(server):
    cookie = server.sign_up("ann")
    path = "/ws/chat/room/"
    assert run(url(server, path), "list", f"--cookie={cookie}").returncode == GOOD
    assert run(url(server, path), "list", f"--header=Cookie: {cookie}").returncode == GOOD
    refused = run(url(server, path), "list")
    assert refused.returncode in (ERROR_REPLY, CONNECTION)


def test_a_foreign_origin_is_refused(notes):
    result = run(url(notes), "list", "--origin=https://evil.test")
    assert result.returncode == CONNECTION
    assert "403 Forbidden" in result.stderr


# -- what goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words, names",
    [
        ([], "URL"),
        (["notes"], "notes"),
        (["http://127.0.0.1/"], "ws://"),
        (["ws://127.0.0.1/", "--no-such-option"], "--no-such-option"),
        (["ws://127.0.0.1/", "list", "limit"], "limit"),
        (["ws://127.0.0.1/", '{"action"'], "JSON"),
        (["wss://127.0.0.1/", "list", "--ca=/no/such/file"], "/no/such/file"),
    ],
)
def test_a_wrong_command_line_is_one_clear_line(words, names):
    result = run(*words)
    assert result.returncode == USAGE
    assert result.stdout == ""
    assert names in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        result = run(url(Place(free.getsockname()[1])), "list")
    assert result.returncode == CONNECTION
    assert "Connection refused" in result.stderr


def test_nothing_is_served_there(notes):
    result = run(url(notes, "/nowhere/"), "list")
    assert result.returncode == CONNECTION
    assert "404 Not Found" in result.stderr


def test_a_handshake_that_is_not_answered():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        result = run(url(Place(silent.getsockname()[1])), "list", "--timeout=200ms")
    assert result.returncode == CONNECTION
    assert len(result.stderr.splitlines()) == 1


def test_a_request_that_is_not_answered():
    async def silent(connection):
        await connection.wait_closed()

    with listening(silent) as place:
        result = run(url(place), "list", "--timeout=200ms")
    assert result.returncode == CONNECTION
    assert "no reply within 0.2 s to the request 1" in result.stderr


def test_an_interrupted_request():
    asked = threading.Event()

    async def silent(connection):
        await connection.recv()
        asked.set()
        await connection.wait_closed()

    with listening(silent) as place, start(url(place), "list") as client:
        assert asked.wait(PATIENCE)
        client.send_signal(signal.SIGINT)
        assert client.wait(PATIENCE) == INTERRUPTED


def test_the_server_closes():
    async def unwilling(connection):
        await connection.recv()
        await connection.send("no JSON")
        await connection.close(1013, "too slow")

    with listening(unwilling) as place:
        result = run(url(place), "list")
    assert result.returncode == CONNECTION
    assert result.stdout == "no JSON\n"
    assert "closed by the server: 1013 too slow" in result.stderr


def test_output_that_can_not_be_written(notes):
    with open("/dev/full", "w") as full:
        result = subprocess.run([DCRF, url(notes), "list"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == USAGE
    assert "standard output" in result.stderr


# -- TLS ------------------------------------------------------------------------------------------


@pytest.fixture
def secure(notes, tmp_path):
    """The notes behind a proxy that speaks TLS with a certificate for 127.0.0.1."""
    subprocess.run(
        [
            *"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1".split(),
            *"-subj /CN=notes -addext subjectAltName=IP:127.0.0.1".split(),
            *["-keyout", tmp_path / "key.pem", "-out", tmp_path / "ca.pem"],
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")

    async def copy(source, target):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()

    async def pass_on(reader, writer):
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", notes.port)
        await asyncio.gather(copy(reader, there_writer), copy(there_reader, writer))

    with on_a_thread(asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=context)) as place:
        place.authority = tmp_path / "ca.pem"
        yield place


def test_tls_with_a_certificate_that_is_trusted(secure):
    result = run(url(secure, scheme="wss"), "list", f"--ca={secure.authority}")
    assert result.returncode == GOOD, result.stderr
    assert frames(result)[0]["data"] == []


def test_tls_with_a_certificate_that_is_not_trusted(secure):
    result = run(url(secure, scheme="wss"), "list")
    assert result.returncode == CONNECTION
    assert "certificate" in result.stderr
    assert run(url(secure, scheme="wss"), "list", "--insecure").returncode == GOOD


def test_tls_with_a_certificate_for_another_name(secure):
    where = f"wss://localhost:{secure.port}/ws/notes/"
    result = run(where, "list", f"--ca={secure.authority}")
    assert result.returncode == CONNECTION
    assert "TLS" in result.stderr


def test_tls_with_a_server_that_has_none(notes):
    result = run(url(notes, scheme="wss"), "list", "--timeout=5s")
    assert result.returncode == CONNECTION
    assert "TLS" in result.stderr


class Door:
    """A port in front of another one, as of a proxy; shut, it breaks what comes and what is there."""

    def __init__(self, port):
        self.port = port
        self.how = "open"
        self.loop = None
        self.writers = set()

    async def pass_on(self, reader, writer):
        self.loop = asyncio.get_running_loop()
        if self.how == "slammed":
            writer.close()
            return
        self.writers.add(writer)
        if self.how == "silent":
            return
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.add(there_writer)
        await asyncio.gather(
            self.copy(reader, there_writer),
            self.copy(there_reader, writer),
            return_exceptions=True,
        )

    @staticmethod
    async def copy(source, target):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()

    def shut(self, how):
        self.how = how
        for writer in self.writers:
            self.loop.call_soon_threadsafe(writer.transport.abort)


@pytest.mark.parametrize("how", ["slammed", "silent"])
def test_following_goes_on_after_a_tls_handshake_that_breaks(secure, how):
    """As that of a proxy that is started anew."""
    door = Door(secure.port)
    with on_a_thread(asyncio.start_server(door.pass_on, "127.0.0.1", 0)) as place:
        options = ["watch", "--follow", f"--ca={secure.authority}", "--timeout=1s"]
        with start(url(place, scheme="wss"), *options) as client:
            assert json.loads(client.stdout.readline())["response_status"] == 201
            door.shut(how)
            while "TLS" not in (line := client.stderr.readline()):
                assert "connecting again in" in line
            door.shut("open")
            assert json.loads(client.stdout.readline())["response_status"] == 201
            client.send_signal(signal.SIGINT)
            assert client.wait(PATIENCE) == GOOD


def test_a_server_that_says_when_is_connected_to_then():
    async def close(socket):
        await socket.recv()
        await socket.close(1012, "retry after 0.0 s")

    with listening(close) as place, start(url(place), "watch", "--follow") as client:
        for _ in range(3):
            assert "connecting again in 0.0 s" in client.stderr.readline()
        client.send_signal(signal.SIGINT)
        assert client.wait(PATIENCE) == GOOD
