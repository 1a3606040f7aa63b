"""Bad input is normal input: each gets a clear error, and the others don't notice."""

import asyncio
import json
import socket

import pytest
import websockets

from chat import ChatServer

SQL = "Robert'); DROP TABLE chat_message;--"
HTML = "<script>alert(1)</script><b onload=x>&amp;"


def run_with_two(server, scenario):
    """Runs the scenario with one client, and shows that another one did not notice."""

    async def run():
        ann, bob = server.sign_up("ann"), server.sign_up("bob")
        async with server.connect(bob) as other:
            async with server.connect(ann) as client:
                await scenario(client)
            assert (await other.request("list"))["response_status"] == 200

    asyncio.run(run())


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "",
        "null",
        "[]",
        "12",
        '"text"',
        '{"action": NaN}',
        '{"action": "list", "request_id": 1} x',
        '{"a":' * 1001 + "1" + "}" * 1001,
        '{"action": "list", "x": ' + '{"a":' * 100_000 + "1" + "}" * 100_001,
        '{"action": "list", "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
        b'{"action": "list"}',
        b"\x00\xff",
    ],
    ids=lambda frame: repr(frame[:24]),
)
def test_what_is_no_request_gets_400(server, frame):
    async def scenario(client):
        await client.send(frame)
        reply = await client.receive()
        assert reply["response_status"] == 400
        assert reply["action"] is None and reply["request_id"] is None and reply["data"] is None
        assert reply["errors"]
        assert (await client.request("list"))["response_status"] == 200

    run_with_two(server, scenario)


@pytest.mark.parametrize(
    "arguments, status, names",
    [
        ({}, 405, "Unable to find action"),
        ({"action": "no_such"}, 405, 'Method "no_such" not allowed.'),
        ({"action": "reply"}, 405, 'Method "reply" not allowed.'),
        ({"action": 7}, 405, 'Method "7" not allowed.'),
        ({"action": None}, 405, "not allowed"),
        ({"action": ["list"]}, 405, "not allowed"),
        ({"action": "retrieve"}, 400, "pk"),
        ({"action": "retrieve", "pk": "x"}, 404, "Not found"),
        ({"action": "retrieve", "pk": {}}, 404, "Not found"),
        ({"action": "retrieve", "pk": 10**30}, 404, "Not found"),
        ({"action": "join_room", "pk": "x"}, 400, "A valid integer is required."),
        ({"action": "join_room", "pk": 404}, 404, "Not found"),
        ({"action": "create_message"}, 400, "This field is required."),
        ({"action": "create_message", "message": [5]}, 400, "Not a valid string."),
        ({"action": "create_message", "message": "x"}, 400, "Join a room first."),
        ({"action": "create"}, 400, "data"),
        ({"action": "create", "data": []}, 400, "Expected a dictionary, but got list."),
        ({"action": "create", "data": {}}, 400, "This field is required."),
        ({"action": "create", "data": {"name": ""}}, 400, "This field may not be blank."),
        ({"action": "create", "data": {"name": "x" * 101}}, 400, "no more than 100"),
        ({"action": "list_messages", "room": "one"}, 400, "A valid integer is required."),
        ({"action": "subscribe_instance", "pk": 404}, 404, "Not found"),
    ],
    ids=lambda x: json.dumps(x)[:60] if isinstance(x, dict) else None,
)
def test_bad_requests_get_their_errors(server, arguments, status, names):
    async def scenario(client):
        await client.send({"request_id": "mine", **arguments})
        reply = await client.receive()
        assert reply["response_status"] == status, reply
        assert reply["request_id"] == "mine"
        assert names in json.dumps(reply["errors"], ensure_ascii=False).replace('\\"', '"')

    run_with_two(server, scenario)


@pytest.mark.parametrize("text", [SQL, HTML, "ünïcode 🎉", "a\\\"'`\t\n%_b", "x" * 500])
def test_any_text_comes_back_as_it_was(server, text):
    async def scenario(client):
        pk = (await client.request("create", data={"name": text[:100]}))["data"]["pk"]
        room = await client.request("retrieve", pk=pk)
        assert room["data"]["name"] == text[:100].strip()
        await client.join(pk)
        sent = await client.request("create_message", message=text)
        assert sent["data"]["text"] == text
        listed = await client.request("list_messages", room=pk)
        assert [message["text"] for message in listed["data"]] == [text]

    run_with_two(server, scenario)


def test_a_frame_beyond_the_limit_closes_with_1009(server):
    async def scenario(client):
        await client.send(json.dumps({"action": "list", "x": "y" * (1 << 20)}))
        assert await client.closed() == 1009

    run_with_two(server, scenario)


def test_a_frame_within_the_limit_passes(server):
    async def scenario(client):
        reply = await client.request("list", x="y" * (256 << 10))
        assert reply["response_status"] == 200

    run_with_two(server, scenario)


async def asks_for_much_and_reads_nothing(client, pk, times):
    """Requests with answers of some 150 kB each."""
    client.socket.transport.pause_reading()
    request = {"action": "list_messages", "room": pk, "limit": 200}
    for i in range(times):
        await client.send({**request, "request_id": i})


async def room_with_many_messages(client):
    pk = (await client.request("create", data={"name": "lobby"}))["data"]["pk"]
    await client.join(pk)
    for _ in range(200):
        await client.request("create_message", message="x" * 500)
    return pk


def test_a_client_that_reads_late_gets_every_answer(server):
    async def scenario():
        async with server.connect(server.sign_up("ann"), max_queue=None) as client:
            pk = await room_with_many_messages(client)
            await asks_for_much_and_reads_nothing(client, pk, 200)
            async with server.connect(server.sign_up("bob")) as other:
                assert (await other.request("list"))["response_status"] == 200
            client.socket.transport.resume_reading()
            for i in range(200):
                reply = await client.until(lambda frame: frame.get("action") == "list_messages")
                assert reply["request_id"] == i and len(reply["data"]) == 200

    asyncio.run(scenario())


def test_a_client_that_takes_nothing_is_closed(tmp_path):
    async def scenario(server):
        ann, bob = server.sign_up("ann"), server.sign_up("bob")
        async with server.connect(ann) as client:
            pk = await room_with_many_messages(client)
            stuck = await server.connect(bob, max_queue=None).__aenter__()
            await stuck.join(pk)
            await client.until(lambda frame: len(frame.get("usuarios", [])) == 2)
            await asks_for_much_and_reads_nothing(stuck, pk, 400)
            await client.until(lambda frame: len(frame.get("usuarios", [])) == 1)
            stuck.socket.transport.resume_reading()
            assert await stuck.closed() == 1006
            assert (await client.request("list"))["response_status"] == 200

    with ChatServer(tmp_path / "chat.db", "--ping-interval=3s") as server:
        asyncio.run(scenario(server))


# -- the handshake ---------------------------------------------------------------------------------


def refused_with(server, **options):
    async def connect():
        with pytest.raises(websockets.InvalidStatusCode) as refused:
            await server.connect(**options).__aenter__()
        return refused.value.status_code

    return asyncio.run(connect())


def test_handshakes_that_are_refused(server):
    cookie = server.sign_up("ann")
    assert refused_with(server, cookie=None) == 403
    assert refused_with(server, cookie="session=wrong") == 403
    assert refused_with(server, cookie="session=") == 403
    assert refused_with(server, cookie="session=" + "x" * 4000) == 403
    assert refused_with(server, cookie=cookie, path="/ws/chat/room") == 404
    assert refused_with(server, cookie=cookie, path="/nowhere/") == 404
    foreign = {"Origin": "http://evil.example"}
    assert refused_with(server, cookie=cookie, headers=foreign) == 403


def test_the_own_origin_is_allowed(server):
    async def scenario():
        own = {"Origin": f"http://127.0.0.1:{server.port}"}
        async with server.connect(server.sign_up("ann"), headers=own) as client:
            assert (await client.request("list"))["response_status"] == 200

    asyncio.run(scenario())


# -- HTTP ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/rooms/x/", 404),
        ("GET", "/static/../main.cpp", 404),
        ("GET", "/static/nothing.js", 404),
        ("DELETE", "/", 405),
        ("GET", "/api/login", 405),
        ("OPTIONS", "/api/login", 200),
        ("GET", "/%ff", 404),
        ("GET", "/%00", 400),
        ("GET", "/%zz", 400),
    ],
)
def test_http_routes(server, method, path, status):
    found, headers, _ = server.request(method, path)
    assert found == status
    if status == 405:
        assert headers["Allow"]


@pytest.mark.parametrize(
    "body, status, names",
    [
        ("{", 400, "detail"),
        ("[]", 400, "username"),
        ({"username": "bob"}, 400, "password"),
        ({"username": 5, "password": "long enough"}, 400, "Not a valid string."),
        ({"username": "", "password": "long enough"}, 400, "may not be blank"),
        ({"username": "x" * 31, "password": "long enough"}, 400, "no more than 30"),
        ({"username": "bob", "password": "short"}, 400, "at least 8"),
        ({"username": "ann", "password": "long enough"}, 400, "already exists"),
        ({"username": SQL[:30], "password": "long enough"}, 201, "Robert"),
    ],
)
def test_sign_up_says_what_is_wrong(server, body, status, names):
    server.sign_up("ann")
    content = {"Content_Type": "application/json"}
    found, _, answer = server.request("POST", "/api/signup", body, **content)
    assert found == status
    assert names in answer.decode()


def test_other_sites_can_not_post(server):
    body = {"username": "bob", "password": "long enough"}
    plain = json.dumps(body)
    assert server.request("POST", "/api/signup", plain, Content_Type="text/plain")[0] == 415
    form = "application/x-www-form-urlencoded"
    assert server.request("POST", "/api/signup", "username=bob", Content_Type=form)[0] == 415
    assert server.request("POST", "/api/signup", body, Origin="http://evil.example")[0] == 403
    assert server.request("POST", "/api/signup", body)[0] == 201


def test_logging_out_ends_the_session(server):
    cookie = server.sign_up("ann")
    assert json.loads(server.request("GET", "/api/session", Cookie=cookie)[2])["user"]["id"] == 1
    assert server.request("POST", "/api/logout", {}, Cookie=cookie)[0] == 204
    assert json.loads(server.request("GET", "/api/session", Cookie=cookie)[2])["user"] is None
    assert refused_with(server, cookie=cookie) == 403


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        b"POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
        b"GET /ws/chat/room/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)
def test_broken_http_gets_an_error(server, sent):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(sent)
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 4")
    assert server.request("GET", "/")[0] == 200
