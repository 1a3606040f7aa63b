"""Frames, actions and connections, where the open part does not look."""

import asyncio
import json

from suite.harness import ANY, SOME_ERRORS, case, check, envelope, one_of, refusal, true


# ---------------------------------------------------------------- connections


@case("protocol")
async def path_may_be_percent_encoded(t):
    ws = await t.open("/ws/%61ctions/")
    await ws.call("echo", data={"a": 1}, a=1)


@case("protocol")
async def paths_that_fit_no_parameter_are_refused(t):
    for path in (
        "/ws/talk/1/a.b/", "/ws/talk/1/a/b/", "/ws/talk/-1/a/", "/ws/talk/1//", "/ws/talk//a/",
        "/ws/talk/1/a", "/ws/talk/1/%C3%BC/", "//ws/actions/", "/ws/actions//", "/WS/actions/", "/",
    ):  # fmt: skip
        true(await t.handshake_refused(path) >= 400, path)


@case("protocol")
async def last_user_parameter_counts(t):
    for name in ("ann", "bob", "b c", "ü&=?"):
        await t.user(name)
    for query, name in (
        ("user=ann&user=bob", "bob"), ("x=1&user=ann&y=user", "ann"), ("user=b%20c", "b c"),
        ("user=b+c", "b c"), ("user=%C3%BC%26%3D%3F", "ü&=?"), ("user=", None), ("User=ann", None),
        ("user=ann&user=", None), ("user", None), ("user=ANN", None), ("user=ann%00", None),
    ):  # fmt: skip
        ws = await t.open("/ws/actions/", query=query)
        await ws.call("whoami", data={"username": name, "authenticated": name is not None})
        await ws.close()


@case("protocol")
async def user_is_looked_up_once(t):
    pk = await t.user("ann")
    ws = await t.open("/ws/actions/", user="ann")
    await t.update("user", pk, username="ben")
    await ws.call("whoami", data={"username": "ann", "authenticated": True})
    await t.delete("user", pk)
    await ws.call("whoami", data={"username": "ann", "authenticated": True})


@case("protocol")
async def close_codes_of_the_client_are_answered(t):
    for code in (1000, 1001, 3000, 4999):
        ws = await t.open("/ws/actions/")
        await ws.close(code)
        check(ws.socket.close_code, code)


# ---------------------------------------------------------------- frames


@case("protocol")
async def request_ids_keep_type_and_value(t):
    ws = await t.open("/ws/actions/")
    for text in (
        "0", "-0", "1", "1.0", "-1.5", "true", "false", "null", '""', '"1"', "[]", "{}", '{"b":1,"a":[null]}',
        "9223372036854775808", "18446744073709551615", "-9223372036854775808", "1e3", "0.1", "1.7976931348623157e308",
        '"\\u0000\\ud83d\\ude00\\"\\\\/"', "[[[[1.0]]]]",
    ):  # fmt: skip
        await ws.send_text('{"action":"echo","request_id":%s,"x":%s}' % (text, text))
        value = json.loads(text)
        await ws.expect(envelope("echo", {"x": value}, 200, value))


@case("protocol")
async def unknown_actions_are_quoted(t):
    ws = await t.open("/ws/actions/")
    for name in ("", " ", "echo ", "Echo", "ECHO", 'a"b', "a\\b", "ü😀", "a\nb", "__init__", "original_name", "x" * 500):
        await ws.send({"action": name, "request_id": 1})
        await ws.expect(refusal(name, 405, 1, [f'Method "{name}" not allowed.']))
    for name in (5, 0, -7, 12345678901):
        await ws.send({"action": name, "request_id": 1})
        await ws.expect(refusal(name, 405, 1, [f'Method "{name}" not allowed.']))


@case("protocol")
async def name_that_is_no_text_is_no_action(t):
    ws = await t.open("/ws/actions/")
    await ws.send({"action": True, "request_id": 1})
    await ws.expect(refusal(True, 405, 1, ['Method "True" not allowed.']))
    await ws.send({"action": 1.5, "request_id": 1})
    await ws.expect(refusal(1.5, 405, 1, ['Method "1.5" not allowed.']))


@case("protocol", robust=True)
async def object_or_list_as_action_is_refused(t):
    ws = await t.open("/ws/actions/")
    for name in ([], ["echo"], {}, {"action": "echo"}):
        await ws.send({"action": name, "request_id": 1})
        await ws.expect(refusal(one_of(name, None), one_of(400, 405), 1))
    await ws.call("echo", data={})


@case("protocol")
async def missing_action_comes_before_permission(t):
    ws = await t.open("/ws/perms/authenticated/")
    await ws.send({"request_id": 1})
    await ws.expect(refusal(None, 405, 1, ["Unable to find action in message body."]))
    await ws.send({"action": "nothing", "request_id": 2})
    await ws.expect(refusal("nothing", 403, 2, ["You do not have permission to perform this action."]))


# ---------------------------------------------------------------- actions


@case("actions")
async def every_failure_in_every_kind_of_action(t):
    ws = await t.open("/ws/actions/")
    kinds = {
        "validation_text": (400, ["Bad value."]),
        "validation_list": (400, ["First.", "Second."]),
        "validation_dict": (400, [{"name": ["Too odd."], "size": ["Too big.", "Too round."]}]),
        "validation_nested": (400, [{"address": {"street": ["Unknown street."]}}]),
        "parse": (400, ["Malformed request."]),
        "not_authenticated": (401, ["Authentication credentials were not provided."]),
        "authentication_failed": (401, ["Incorrect authentication credentials."]),
        "permission_denied": (403, ["You do not have permission to perform this action."]),
        "permission_denied_text": (403, ["Members only."]),
        "not_found": (404, ["Not found."]),
        "http404": (404, ["Not found"]),
        "method_not_allowed": (405, ['Method "TRACE" not allowed.']),
        "throttled": (429, ["Request was throttled."]),
        "throttled_wait": (429, ["Request was throttled. Expected available in 30 seconds."]),
        "api": (500, ["A server error occurred."]),
        "teapot": (418, ["Short and stout."]),
    }
    for kind, (status, errors) in kinds.items():
        for action in ("fail", "sync_fail"):
            await ws.refused(action, status, errors, kind=kind)
        await ws.refused("detached_fail", status, errors, kind=kind, delay_ms=1)
        await ws.refused("atomic_write", status, errors, name="x", fail=kind)
    check(await t.count("entry"), 0)


@case("actions")
async def answers_may_have_any_status(t):
    ws = await t.open("/ws/actions/")
    for status in (0, -1, 99, 204, 299, 404, 500, 599, 1000, 123456789):
        await ws.send({"action": "answer", "request_id": 1, "data": [status, None], "status": status})
        await ws.expect(envelope("answer", [status, None], status, 1))
    await ws.send({"action": "answer", "request_id": 1})
    await ws.expect(envelope("answer", None, 200, 1))


@case("actions")
async def frames_of_any_shape_are_sent(t):
    ws = await t.open("/ws/actions/")
    for frame in ({}, [], "text", 5, None, {"a": {"b": ["ü", 1.0, None]}}):
        await ws.send({"action": "raw_frame", "request_id": 1, "frame": frame})
        await ws.expect(frame)
    await ws.call("echo", data={})


@case("actions")
async def detached_actions_end_with_the_connection(t):
    ws = await t.open("/ws/actions/")
    await ws.send({"action": "detached_write", "request_id": 1, "name": "x", "delay_ms": 400})
    await ws.call("echo", data={})
    await ws.close()
    await asyncio.sleep(0.8)
    check(await t.count("entry"), 0)


@case("actions")
async def request_in_hand_is_done_before_the_next(t):
    ws = await t.open("/ws/actions/")
    await ws.send({"action": "slow", "request_id": 1, "delay_ms": 150, "value": {"a": 1}})
    await ws.send({"action": "detached_slow", "request_id": 2, "delay_ms": 600})
    await ws.send({"action": "start_background", "request_id": 3, "delay_ms": 300, "value": "b"})
    await ws.send({"action": "echo", "request_id": 4})
    await ws.expect(envelope("slow", {"a": 1}, 200, 1))
    await ws.expect(envelope("start_background", "started", 202, 3))
    await ws.expect(envelope("echo", {}, 200, 4))
    await ws.expect({"background": "b"})
    await ws.expect(envelope("detached_slow", None, 200, 2))


@case("actions")
async def joining_twice_and_leaving_once(t):
    ws = await t.open("/ws/actions/")
    before = await t.steady_memberships()
    await ws.call("leave", data=None, name="g")
    await ws.call("join", data=None, name="g")
    await ws.call("join", data=None, name="g")
    check(await t.memberships(), before + 1)
    await ws.send({"action": "say", "request_id": 5, "name": "g"})
    await ws.expect(envelope("say", None, 200, 5))
    await ws.expect({"heard": None, "in": "g"})
    await ws.call("leave", data=None, name="g")
    check(await t.memberships(), before)
    await ws.call("say", data=None, name="g", words=1)
    await ws.silence()


@case("actions")
async def talks_are_named_by_their_paths(t):
    one, other = await t.open("/ws/talk/007/a-B_9/"), await t.open("/ws/talk/8/a-B_9/")
    await one.call("where", data={"number": 7, "name": "a-B_9"})
    await other.send({"action": "say", "request_id": 1, "name": "a-B_9", "words": "hi"})
    await one.expect({"heard": "hi", "in": "a-B_9"})
    await other.expect(envelope("say", None, 200, 1))
    await other.expect({"heard": "hi", "in": "a-B_9"})
    lobby = await t.open("/ws/lobby/")
    await one.call("say", data=None, name="lobby", words=[1])
    await lobby.expect({"heard": [1], "in": "lobby"})
    await lobby.call("whoami", data=ANY)


@case("actions")
async def bye_closes_with_its_code(t):
    for code, wanted in ((None, 4001), (3000, 3000), (4999, 4999), (1000, 1000)):
        ws = await t.open("/ws/actions/")
        await ws.send({"action": "bye", "request_id": 1, **({"code": code} if code else {})})
        check(await ws.wait_closed(), wanted)


@case("actions")
async def method_key_takes_no_action_member(t):
    ws = await t.open("/ws/method-key/")
    await ws.send({"method": "echo", "request_id": 1, "a": 1})
    await ws.expect(envelope("echo", {"a": 1}, 200, 1))
    await ws.send({"method": "no", "request_id": 1})
    await ws.expect(refusal("no", 405, 1, ['Method "no" not allowed.']))
    await ws.send({"request_id": 3})
    await ws.expect(refusal(None, 405, 3, ["Unable to find action in message body."]))
    await ws.send({"action": "echo", "request_id": 4})
    await ws.expect(refusal(None, 405, 4, ["Unable to find action in message body."]))
    for name, quoted in ((5, "5"), (1.5, "1.5"), (True, "True"), ("", "")):
        await ws.send({"method": name, "action": "echo", "request_id": 5})
        await ws.expect(refusal(name, 405, 5, [f'Method "{quoted}" not allowed.']))


@case("protocol")
async def names_are_quoted_whole(t):
    ws = await t.open("/ws/actions/")
    for name in ("echo\0", "\0", 'a"b\\', "ü😀"):
        await ws.refused(name, 405, [f'Method "{name}" not allowed.'])


@case("protocol")
async def nested_values_come_back(t):
    ws = await t.open("/ws/actions/")
    for depth in (65, 300, 900):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            value = json.loads(opening * depth + "1" + closing * depth)
            await ws.call("echo", data={"x": value}, x=value)
            await ws.call("echo", data={"x": 1}, request_id=value, x=1)
    mux = await t.mux("/ws/mux/")
    await mux.stream("actions").call("echo", data={"x": value}, x=value)


@case("protocol", robust=True)
async def nesting_without_end_is_400(t):
    ws = await t.open("/ws/actions/")
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        await ws.send_text('{"action": "echo", "x": ' + opening * 100_000 + "1" + closing * 100_000 + "}")
        check((await ws.recv())["response_status"], one_of(200, 400))
    await ws.call("echo", data={"a": 1}, a=1)


@case("protocol")
async def who_reads_late_gets_everything(t):
    ws = await t.open("/ws/actions/")
    for number in range(40):
        await ws.send({"action": "echo", "request_id": number, "x": "x" * 250_000})
    for number in range(40):
        reply = await ws.recv()
        check([reply["request_id"], len(reply["data"]["x"])], [number, 250_000])
    await ws.send({"action": "many_answers", "request_id": "m", "count": 20_000})
    for number in range(20_000):
        check((await ws.recv())["data"], number)
    check((await ws.recv())["data"], "done")


@case("actions")
async def numbers_are_exact(t):
    ws = await t.open("/ws/actions/")
    for number in (2**52, 2**53 + 1, 2**62 - 1, -(2**62) + 1, 1.5, 4.0, -0.5):
        await ws.call("needs_number", data=2 * number, number=number)
    for number in (2**62, 2**63 - 1, 2**63, 2**64 - 1, -(2**62) - 1, -(2**63)):
        await ws.call("needs_number", data=2.0 * number, number=number)
    await ws.call("slow", data="x", delay_ms=10.0, value="x")


@case("actions", robust=True)
async def missing_arguments_are_400(t):
    ws = await t.open("/ws/actions/")
    for action in ("needs_number", "fail", "sync_fail", "detached_fail", "atomic_write", "plain_write", "join", "say", "leave", "detached_write"):
        await ws.refused(action, 400)
    await ws.call("needs_number", data=8, number=4)
    await ws.call("needs_number", data=3.0, number=1.5)
    await ws.refused("needs_number", one_of(400, 500), number={"a": 1})


@case("actions")
async def atomic_action_tells_of_nothing_when_it_fails(t):
    ws = await t.open("/ws/actions/")
    await ws.call("atomic_write", 201, {"count": 1}, name="a")
    await ws.refused("atomic_write", 400, name="b", fail="validation_text")
    await ws.refused("atomic_write", 500, name="c", fail="crash")
    await ws.refused("plain_write", 418, name="d", fail="teapot")
    await ws.call("count", data={"count": 2})
    await ws.call("plain_write", 201, {"count": 3}, name="e")


@case("permissions")
async def permissions_table(t):
    await t.user("ann")
    await t.user("eve")
    await t.user("root", is_staff=True)
    nobody, ann, eve, root = None, "ann", "eve", "root"
    everybody = (nobody, ann, eve, root)
    allowed = {
        "any": everybody, "none": everybody, "authenticated": (ann, eve, root), "and": (root,), "or": (eve, root),
        "complex": (ann, root), "all": (root,), "drf-authenticated": (ann, eve, root), "drf-complex": (ann, root),
        "mixed": (root,), "connect": (ann, eve, root), "connect-and": (root,), "connect-or": (ann, eve, root),
        "drf-read-only": everybody,
    }  # fmt: skip
    at_handshake = {
        "drf-authenticated": (ann, eve, root), "drf-complex": (ann, root), "mixed": (ann, eve, root),
        "connect": (ann, eve, root), "connect-and": (root,), "connect-or": (ann, eve, root), "not": (), "connect-not": (nobody, ann, eve),
        "complex": everybody,
    }  # fmt: skip
    forbidden = ["You do not have permission to perform this action."]
    for name in ("not", "connect-not", *allowed):
        for user in everybody:
            where = f"{name} as {user}"
            if user not in at_handshake.get(name, everybody):
                check(await t.handshake_refused(f"/ws/perms/{name}/", user=user), 403, where)
                continue
            ws = await t.open(f"/ws/perms/{name}/", user=user)
            for action, status, data in (("read", 200, "read"), ("write", 200, "written"), ("list", 200, "listed"), ("create", 201, "created")):
                good = user in allowed.get(name, ())
                if name == "drf-read-only" and user is nobody:
                    good = action == "list"
                await ws.send({"action": action, "request_id": 1})
                wanted = envelope(action, data, status, 1) if good else refusal(action, 403, 1, forbidden)
                check(await ws.recv(), wanted, where)
            await ws.close()


@case("permissions")
async def permissions_see_action_and_arguments(t):
    await t.user("ann")
    ws = await t.open("/ws/perms/by-action/")
    await ws.call("read", data="read")
    for action in ("write", "list", "create", "nothing", "READ"):
        await ws.refused(action, 403)
    ws = await t.open("/ws/perms/by-action/", user="ann")
    await ws.call("write", data="written")
    await ws.refused("nothing", 405)
    ws = await t.open("/ws/perms/by-argument/")
    await ws.call("write", data="written", secret="xyzzy")
    for secret in ("XYZZY", None, 1, ["xyzzy"], "xyzzy ", {}):
        await ws.refused("write", 403, secret=secret)
    ws = await t.open("/ws/perms/sync/")
    await ws.call("create", 201, "created")
    await ws.refused("write", 403)


@case("permissions")
async def observed_updates_are_denied_but_deletes_are_told(t):
    pk = await t.user("ann")
    ws = await t.open("/ws/perms/observed/")
    await ws.call("subscribe_instance", 201, None, "sub", pk=pk)
    await t.update("user", pk, is_staff=True)
    for frame in await ws.collect(0.3):
        check(frame["response_status"], 403)
        check(frame["errors"], SOME_ERRORS)
    await t.delete("user", pk)
    await ws.expect(envelope("delete", {"pk": pk}, 204, "sub"))
