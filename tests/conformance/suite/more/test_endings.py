"""How connections end, and what is done by then."""

from suite.harness import case, check, eventually

MESSAGES = 30


async def write_and_leave(t, leave):
    """A client in a room writes messages and goes without waiting for anything."""
    await t.user("ann")
    await t.create("room", name="lobby", host=1)
    ws = await t.open("/ws/chat/room/", user="ann")
    await ws.send({"action": "join_room", "request_id": 1, "pk": 1})
    for n in range(MESSAGES):
        await ws.send({"action": "create_message", "request_id": n, "message": f"message {n}"})
    await leave(ws)


@case("protocol")
async def requests_before_the_close_are_handled(t):
    await write_and_leave(t, lambda ws: ws.close())
    check(await eventually(lambda: t.count("message"), MESSAGES), MESSAGES)
    check((await t.row("message", MESSAGES))["text"], f"message {MESSAGES - 1}")


@case("protocol")
async def requests_before_the_end_of_the_socket_are_handled(t):
    # To close the socket while something is unread would reset it.
    async def end(ws):
        ws.socket.transport.write_eof()

    await write_and_leave(t, end)
    check(await eventually(lambda: t.count("message"), MESSAGES), MESSAGES)


@case("mux")
async def requests_of_streams_before_the_close_are_handled(t):
    ws = await t.mux("/ws/mux/")
    for name in ("actions", "actions2"):
        stream = ws.stream(name)
        await stream.send({"action": "slow", "request_id": 1})
        await stream.send({"action": "atomic_write", "request_id": 2, "name": name})
    await ws.close()
    check(await eventually(lambda: t.count("entry"), 2), 2)


@case("protocol", robust=True)
async def a_closed_connection_has_nothing_left_to_do(t):
    for n in range(10):
        await t.control("reset")
        await write_and_leave(t, lambda ws: ws.close())
        check(await t.count("message"), MESSAGES)
        check((await t.row("room", 1))["current_users"], [])
