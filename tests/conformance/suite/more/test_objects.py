"""Actions on objects, pages and views, where the open part does not look."""

from suite.harness import ANY, Mux, case, check, envelope, one_of, refusal


# ---------------------------------------------------------------- actions on rows


@case("crud")
async def update_keeps_what_is_not_given(t):
    ws = await t.open("/ws/samples/")
    await ws.send({"action": "create", "request_id": 1, "data": {"name": "n", "count": 5, "kind": "b", "note": "x"}})
    first = (await ws.recv())["data"]
    await ws.send({"action": "update", "request_id": 2, "pk": 1, "data": {"name": "m"}})
    await ws.expect(envelope("update", {**first, "name": "m"}, 200, 2))
    await ws.send({"action": "update", "request_id": 3, "pk": 1, "data": {"count": 6}})
    await ws.expect(refusal("update", 400, 3, [{"name": ["This field is required."]}]))
    await ws.send({"action": "patch", "request_id": 4, "pk": 1, "data": {"count": 6, "id": 9, "pk": 9, "other": 1}})
    await ws.expect(envelope("patch", {**first, "name": "m", "count": 6}, 200, 4))
    await ws.send({"action": "patch", "request_id": 5, "pk": 1, "data": {"name": None, "count": None}})
    null = ["This field may not be null."]
    await ws.expect(refusal("patch", 400, 5, [{"name": null, "count": null}]))
    check((await t.row("sample", 1))["count"], 6)


@case("crud")
async def data_of_every_wrong_type(t):
    ws = await t.open("/ws/samples/")
    await t.create("sample", name="n")
    for value, name in (([], "list"), ([{}], "list"), ("x", "str"), ("", "str"), (5, "int"), (True, "bool"), (1.5, "float"), (0, "int"), (False, "bool")):
        wrong = [{"non_field_errors": [f"Invalid data. Expected a dictionary, but got {name}."]}]
        for action in ("create", "update", "patch"):
            await ws.send({"action": action, "request_id": 1, "pk": 1, "data": value})
            await ws.expect(refusal(action, 400, 1, wrong))
    for action in ("create", "update", "patch"):
        await ws.send({"action": action, "request_id": 1, "pk": 1, "data": None})
        await ws.expect(refusal(action, 400, 1, [{"non_field_errors": ["No data provided"]}]))
    for action in ("update", "patch"):
        await ws.send({"action": action, "request_id": 1, "pk": 2, "data": []})
        await ws.expect(refusal(action, 404, 1, ["Not found"]))


@case("crud")
async def keys_of_every_type(t):
    await t.user("ann")
    await t.create("gadget", name="5")
    ticket = await t.create("ticket", title="x")
    users, gadgets, tickets = [await t.open(f"/ws/{x}/") for x in ("users", "gadgets", "tickets")]
    for pk in (1, "1", " 1 ", 1.0, "+1", "01"):
        check((await users.call("retrieve", pk=pk))["id"], 1)
    for pk in ("x", "", " ", "1.0", "1.5", "1e0", [], [1], {}, {"pk": 1}, None, 0, -1, 2, "9" * 30):
        for action in ("retrieve", "delete"):
            await users.refused(action, one_of(404, 400), pk=pk)
    for pk in ("5", 5):
        check((await gadgets.call("retrieve", pk=pk))["name"], "5")
    for pk in ("", " 5", 6, [], {}, None, "5\u0000"):
        await gadgets.refused("retrieve", 404, ["Not found"], pk=pk)
    for pk in (ticket, ticket.upper(), ticket.replace("-", ""), "{%s}" % ticket, "urn:uuid:" + ticket):
        check((await tickets.call("retrieve", pk=pk))["id"], ticket)
    for pk in ("x", "", 5, [], {}, None, True, ticket[:-1]):
        await tickets.refused("retrieve", 404, ["Not found"], pk=pk)


@case("crud")
async def unique_values_count_with_their_case(t):
    ws = await t.open("/ws/users/")
    data = {"username": "ann", "email": "a@b.co", "password": "p"}
    await ws.send({"action": "create", "request_id": 1, "data": {**data, "id": 7, "is_staff": True}})
    shown = {"id": 1, "username": "ann", "email": "a@b.co", "is_staff": False}
    await ws.expect(envelope("create", shown, 201, 1))
    check((await t.row("user", 1))["password"], "set:p")
    taken = ["user with this username already exists."]
    await ws.send({"action": "create", "request_id": 2, "data": {"username": " ann\t", "email": "no", "password": ""}})
    wrong = {"username": taken, "email": ["Enter a valid email address."], "password": ["This field may not be blank."]}
    await ws.expect(refusal("create", 400, 2, [wrong]))
    await ws.send({"action": "create", "request_id": 3, "data": {**data, "username": "Ann"}})
    await ws.expect(envelope("create", {**shown, "id": 2, "username": "Ann"}, 201, 3))
    await ws.send({"action": "patch", "request_id": 4, "pk": 2, "data": {"username": "ann"}})
    await ws.expect(refusal("patch", 400, 4, [{"username": taken}]))
    await ws.send({"action": "update", "request_id": 5, "pk": 1, "data": {**data, "password": "q"}})
    await ws.expect(envelope("update", shown, 200, 5))
    check((await t.row("user", 1))["password"], "set:q")
    await ws.send({"action": "patch", "request_id": 6, "pk": 1, "data": {}})
    await ws.expect(envelope("patch", shown, 200, 6))
    check((await t.row("user", 1))["password"], "set:q")


@case("crud")
async def keys_that_are_texts_are_unique(t):
    ws = await t.open("/ws/gadgets/")
    await ws.send({"action": "create", "request_id": 1, "data": {"name": "a"}})
    await ws.expect(envelope("create", {"name": "a", "description": None}, 201, 1))
    await ws.send({"action": "create", "request_id": 2, "data": {"name": "a", "description": "x" * 256}})
    wrong = {
        "name": ["gadget with this name already exists."],
        "description": ["Ensure this field has no more than 255 characters."],
    }
    await ws.expect(refusal("create", 400, 2, [wrong]))
    await ws.send({"action": "update", "request_id": 3, "pk": "a", "data": {"name": "a", "description": ""}})
    await ws.expect(envelope("update", {"name": "a", "description": ""}, 200, 3))
    tickets = await t.open("/ws/tickets/")
    given = "12345678-1234-5678-1234-567812345678"
    await tickets.send({"action": "create", "request_id": 1, "data": {"id": given, "title": "b"}})
    made = (await tickets.recv())["data"]
    check(made["id"] != given, True)
    await t.create("ticket", title="a")
    check([x["title"] for x in await tickets.call("list")], ["a", "b"])


@case("crud")
async def own_comments_are_nobody_elses(t):
    ann, bob = await t.user("ann"), await t.user("bob")
    theirs = await t.create("comment", text="Their SPAN", user=bob)
    ws = await t.open("/ws/own-comments/", user="ann")
    await ws.send({"action": "create", "request_id": 1, "data": {"text": "mine", "author": "bob", "mine": False, "user": bob}})
    shown = {"id": 2, "text": "mine", "author": "ann", "mine": True}
    await ws.expect(envelope("create", shown, 201, 1))
    check((await t.row("comment", 2))["user"], ann)
    await ws.call("list", data=[{"id": 2, "text": "mine"}])
    await ws.call("list", data=[{"id": 2, "text": "mine"}], search="MI")
    await ws.call("list", data=[], search="x")
    await ws.call("list", data=[], search="%")
    await ws.call("retrieve", pk=2, data=shown, search="ine")
    await ws.refused("retrieve", 404, ["Not found"], pk=2, search="no")
    for action in ("retrieve", "delete"):
        await ws.refused(action, 404, ["Not found"], pk=theirs)
    for action in ("patch", "update"):
        await ws.send({"action": action, "request_id": 3, "pk": theirs, "data": {"text": "spam"}})
        await ws.expect(refusal(action, 404, 3, ["Not found"]))
        for text, wrong in (
            ("a spam b", {"text": ["No spam here."]}), (" forbidden ", {"non_field_errors": ["This comment is not allowed."]}),
            ("", {"text": ["This field may not be blank."]}),
        ):  # fmt: skip
            await ws.send({"action": action, "request_id": 4, "pk": 2, "data": {"text": text}})
            await ws.expect(refusal(action, 400, 4, [wrong]))
    await ws.call("delete", 204, None, pk=2)


@case("crud")
async def depth_shows_the_owner_whole(t):
    await t.user("ann", password="secret")
    await t.create("sample", name="a", owner=1)
    await t.create("sample", name="b")
    ws = await t.open("/ws/samples/")
    owner = {"id": 1, "username": "ann", "email": "ann@example.com", "password": "secret", "is_staff": False}
    await ws.call("retrieve", pk=1, depth=True, data={"id": 1, "name": "a", "owner": owner})
    await ws.call("list", depth=True, data=[{"id": 1, "name": "a", "owner": owner}, {"id": 2, "name": "b", "owner": None}])
    check(len(await ws.call("retrieve", pk=2, depth=False)), 15)


@case("crud")
async def looked_up_by_name_in_every_action(t):
    await t.user("ann")
    ws = await t.open("/ws/users-by-name/")
    shown = {"id": 1, "username": "ann", "email": "ann@example.com", "is_staff": False}
    await ws.call("retrieve", name="ann", data=shown)
    for name in ("Ann", "", None, 1, [], {}):
        await ws.refused("retrieve", 404, ["Not found"], name=name)
    await ws.refused("retrieve", 400, pk=1)
    await ws.send({"action": "patch", "request_id": 1, "name": "ann", "data": {"username": "ben"}})
    await ws.expect(envelope("patch", {**shown, "username": "ben"}, 200, 1))
    await ws.refused("delete", 404, ["Not found"], name="ann")
    await ws.call("delete", 204, None, name="ben")


@case("crud")
async def actions_that_are_not_offered_are_405(t):
    await t.create("room", name="r", host=await t.user("ann"))
    for path, actions in (
        ("/ws/rooms/", ("create", "update", "patch", "delete")),
        ("/ws/rooms-plain/", ("list", "create", "subscribe_all")),
        ("/ws/paginated/", ("retrieve", "create", "list_cancel", "subscribe_instance")),
        ("/ws/samples/", ("subscribe_instance", "unsubscribe_instance")),
    ):
        ws = await t.open(path)
        for action in actions:
            await ws.refused(action, 405, [f'Method "{action}" not allowed.'], pk=1)


# ---------------------------------------------------------------- pages


@case("pagination")
async def limits_and_offsets_of_every_form(t):
    items = await t.items(12)
    ws = await t.open("/ws/paginated/")

    def page(limit, offset):
        return {"count": 12, "results": items[offset : offset + limit], "limit": limit, "offset": offset}

    for limit, used in (
        (1, 1), (10, 10), (11, 10), (10**30, 10), ("3", 3), (" 3 ", 3), ("3.0", 5), ("x", 5), ("", 5), (0, 5), (-3, 5),
        ("-3", 5), ("0", 5), ("99", 10), (3.0, 3),
    ):  # fmt: skip
        await ws.call("list", limit=limit, data=page(used, 0))
    for offset, used in ((0, 0), (3, 3), ("4", 4), (" 4 ", 4), (-1, 0), ("-1", 0), ("x", 0), ("", 0), (11, 11), (12, 12), (99, 99)):
        await ws.call("list", offset=offset, data=page(5, used))
    await ws.call("list", min_rank=9, data={"count": 4, "results": items[8:], "limit": 5, "offset": 0})
    plain = await t.open("/ws/paginated-no-default/")
    await plain.call("list", data=items)
    await plain.call("list", offset=3, data=items)
    await plain.call("list", limit=0, data=items)
    await plain.call("list", limit="x", min_rank=12, data=items[11:])
    for rank, first in ((10.5, 10), (11.0, 10), (2**31, 12), (2**40, 12), (-(2**40), 0)):
        await plain.call("list", min_rank=rank, data=items[first:])
    await plain.call("list", limit=100, offset=10, data={"count": 12, "results": items[10:], "limit": 100, "offset": 10})
    off = await t.open("/ws/paginated-off/")
    await off.call("list", limit=2, offset=3, data=items)


@case("streaming")
async def streams_of_every_size(t):
    items = await t.items(7)
    ws = await t.open("/ws/streamed/")
    for arguments, offsets, limit in (
        ({}, (0, 3, 6), 3), ({"limit": 7}, (0,), 7), ({"limit": 6}, (0, 6), 6), ({"limit": 100}, (0,), 100), ({"offset": 4}, (4,), 3),
        ({"offset": 5}, (5,), 3), ({"offset": 3}, (3, 6), 3), ({"limit": "2", "offset": "3"}, (3, 5), 2), ({"limit": 0}, (0, 3, 6), 3),
        ({"offset": 50}, (50,), 3), ({"limit": 1, "min_rank": 6}, (0, 1), 1),
    ):  # fmt: skip
        await ws.send({"action": "list", "request_id": 1, **arguments})
        kept = [x for x in items if x["rank"] >= arguments.get("min_rank", 0)]
        for offset in offsets:
            data = {"count": len(kept), "results": kept[offset : offset + limit], "limit": limit, "offset": offset}
            await ws.expect(envelope("list", data, 200, 1))
        await ws.call("ping", data="pong")
    await ws.call("list_cancel", data=None)


@case("streaming", robust=True)
async def cancel_ends_every_stream_of_the_connection(t):
    await t.items(30)
    ws = await t.open("/ws/streamed-slow/")
    other = await t.open("/ws/streamed-slow/")
    for name in "abc":
        await ws.send({"action": "list", "request_id": name})
    await other.send({"action": "list", "request_id": "o", "limit": 15})
    await ws.send({"action": "list_cancel", "request_id": "cancel"})
    while (frame := await ws.recv())["action"] == "list":
        pass
    check(frame, envelope("list_cancel", None, 200, "cancel"))
    await ws.silence(0.7)
    await ws.call("list_cancel", data=None)
    for offset in (0, 15):
        check((await other.recv())["data"]["offset"], offset)


# ---------------------------------------------------------------- views


@case("view")
async def views_get_what_the_request_has(t):
    await t.user("ann")
    ws = await t.open("/ws/view/mirror/", user="ann")
    for parameters in ({"pk": 1}, {"pk": "1", "x": [1, {"y": None}]}, {"ü": 1.5, "t": True}):
        data = {"method": "PUT", "query": {"q": [1]}, "parameters": parameters, "user": "ann"}
        await ws.send({"action": "create", "request_id": 1, "parameters": parameters, "query": {"q": 1}, "data": [1]})
        await ws.expect(envelope("create", data, 200, 1))
    for action in ("delete", "patch", "get", "GET", "POST", "post"):
        await ws.refused(action, 405, [f'Method "{action}" not allowed.'])
    mapped = await t.open("/ws/view/mapped/")
    for action, method in (("fetch", "GET"), ("store", "POST")):
        await mapped.call(action, data={"method": method, "query": {}, "parameters": {}, "user": None})
    await mapped.call("remove", 204, None)
    for action in ("list", "create", "retrieve", "update"):
        await mapped.refused(action, 405)


@case("view", robust=True)
async def bodies_of_every_type_arrive(t):
    ws = await t.open("/ws/view/body/")
    for data in ({}, {"a": None}, [], [1, "ü"], "text", 5, 1.5, True, None, {"n": 12345678901234567890}):
        await ws.send({"action": "create", "request_id": 1, "data": data})
        await ws.expect(envelope("create", {"body": data}, 201, 1))
    for action in ("list", "update"):
        await ws.send({"action": action, "request_id": 1})
        got = await ws.recv()
        check(got["response_status"], 405)
        check(got["errors"], [])


@case("view")
async def rows_through_views(t):
    items = await t.items(3)
    ws = await t.open("/ws/view/items/")
    await ws.call("list", query={"min_rank": "2", "name": "item 3"}, data=items[2:])
    await ws.call("list", query={"min_rank": 2.5}, data=items[2:])
    await ws.call("list", query={"name": []}, data=ANY)
    await ws.send({"action": "create", "request_id": 1, "data": {"name": "new", "rank": "4"}})
    await ws.expect(envelope("create", {"id": 4, "name": "new", "rank": 4}, 201, 1))
    await ws.send({"action": "create", "request_id": 2, "data": {"name": "x" * 51, "rank": "a"}})
    wrong = {"name": ["Ensure this field has no more than 50 characters."], "rank": ["A valid integer is required."]}
    await ws.expect(envelope("create", wrong, 400, 2))
    item = await t.open("/ws/view/item/")
    await item.call("retrieve", parameters={"pk": "2"}, data=items[1])
    for pk in (9, "x", None, [], {}):
        await item.call("retrieve", 404, {"detail": "Not found."}, parameters={"pk": pk})
    await item.send({"action": "update", "request_id": 1, "parameters": {"pk": 9}, "data": {"rank": "x"}})
    await item.expect(envelope("update", {"detail": "Not found."}, 404, 1))
    await item.send({"action": "update", "request_id": 1, "parameters": {"pk": 1}, "data": {"rank": "x"}})
    await item.expect(envelope("update", {"rank": ["A valid integer is required."]}, 400, 1))
    await item.call("create", 405, {"detail": 'Method "PUT" not allowed.'}, parameters={"pk": 1})


@case("view")
async def plain_views_answer_text_and_bytes(t):
    ws = await t.open("/ws/view/plain/")
    await ws.call("list", 203, "plain text, ünïcode")
    await ws.call("list", 200, '{"method": "GET"}', parameters={"kind": "json"})
    await ws.call("retrieve", 200, "fffe0001", parameters={"kind": "bytes"})
    for kind in ("other", "", 1, None, []):
        await ws.refused("list", 404, ["Not found"], parameters={"kind": kind})


@case("view")
async def views_ask_their_own_permissions(t):
    await t.user("ann")
    ws = await t.open("/ws/view/private/")
    await ws.call("list", 401, {"detail": "Authentication credentials were not provided."})
    ws = await t.open("/ws/view/private/", user="ann")
    await ws.call("list", 200, {"hello": "ann"})
    ws = await t.open("/ws/view/guarded/")
    for action in ("list", "create", "nothing"):
        await ws.refused(action, 403, ["You do not have permission to perform this action."])
    ws = await t.open("/ws/view/guarded/", user="ann")
    await ws.call("list", data=ANY)
    await ws.refused("nothing", 405)


# ---------------------------------------------------------------- streams


@case("mux")
async def counting_and_watching_some_things(t):
    mux = await t.open("/ws", kind=Mux)
    things = mux.stream("things")
    await things.send({"action": "count_to", "request_id": 1})
    for number in (1, 2, 3):
        check(await things.recv(), envelope("count_to", number, 200, 1))
    await things.send({"action": "count_to", "request_id": 2, "limit": 1, "fail": True})
    check(await things.recv(), envelope("count_to", 1, 200, 2))
    check(await things.recv(), refusal("count_to", 400, 2, ["stopped"]))
    await things.send({"action": "count_to", "request_id": 3, "limit": 0})
    pks = [await t.create("thing", name=name) for name in "ab"]
    await things.call("subscribe_many", 201, None, "s", things=pks)
    await things.call("subscribe_many", 201, None, "all")
    await things.call("unsubscribe_many", 204, None, "s", things=pks[:1])
    await t.update("thing", pks[0], counter=1)
    check(await things.recv(), envelope("update", {"pk": pks[0], "name": "a", "counter": 1}, 200, "all"))
    await t.update("thing", pks[1], counter=2)
    got = [await things.recv(), await things.recv()]
    check(sorted(x["request_id"] for x in got), ["all", "s"])
    await t.delete("thing", pks[1])
    got = [await things.recv(), await things.recv()]
    for x in got:
        check(x, envelope("delete", {"pk": pks[1]}, 204, ANY))
    await mux.silence()


@case("mux")
async def last_stream_that_closes_closes_the_connection(t):
    mux = await t.mux("/ws/mux-oneshot/")
    await mux.stream("first").call("echo", data={"a": 1}, a=1)
    await mux.stream("second").call("echo", data={"a": 2}, a=2)
    check(await mux.wait_closed(), 4002)


@case("mux", robust=True)
async def frames_for_streams_that_are_closed(t):
    mux = await t.mux("/ws/mux/")
    await mux.stream("oneshot").call("echo", data={})
    for action in ("echo", "other"):
        await mux.send({"stream": "oneshot", "payload": {"action": action, "request_id": 5}})
        await mux.expect({"stream": "oneshot", "payload": refusal(one_of(action, None), one_of(404, 410), 5)})
    for payload in ([], "x", 5, None, True):
        await mux.send({"stream": "actions", "payload": payload})
        await mux.expect({"stream": "actions", "payload": refusal(None, 400, None)})
    await mux.send({"stream": "actions", "payload": {"request_id": 1}})
    await mux.expect({"stream": "actions", "payload": refusal(None, 405, 1, ["Unable to find action in message body."])})


# ---------------------------------------------------------------- links


def link(stream, action="retrieve", **lookups):
    return {"stream": stream, "payload": {"action": action, **lookups}}


async def world(t):
    ann, bob = await t.user("ann"), await t.user("bob")
    reds, blues = await t.create("team", name="reds"), await t.create("team", name="blues")
    for user, team in ((ann, reds), (bob, blues), (None, blues)):
        await t.create("profile", user=user, team=team)
    return await t.mux("/ws/hyper/")


@case("hyper")
async def links_of_a_profile(t):
    mux = await world(t)
    profiles = mux.stream("profiles")
    shown = {
        "@id": link("profiles", pk=2),
        "user": link("users", username="bob", profile_pk=2, team_pk=2),
        "team": link("active_teams", pk=2),
        "friends": link("profiles", "friends_of", profile_pk=2),
        "friended": link("profiles", "list", pk=2),
    }
    await profiles.call("retrieve", pk=2, data=shown)
    await profiles.call("list", data=[link("profiles", pk=pk) for pk in (1, 2, 3)])
    await profiles.call("list", deep=True, data=[link("profiles", pk=pk) for pk in (1, 2, 3)])
    deep = {"@id": link("profiles", pk=2), "team_of": link("teams", member="bob", pk=2)}
    await profiles.call("retrieve", pk=2, deep=True, data=deep)
    await mux.stream("users").call("list", data=[link("users", pk=pk) for pk in (1, 2)])
    await mux.stream("comments").call("list", data=[])
    await mux.stream("teams").call("find_team", data=None, name="greens")
    await mux.stream("active_teams").call("find_team", data={"pk": 2}, name="blues")


@case("hyper", robust=True)
async def profiles_are_written_by_links(t):
    mux = await world(t)
    profiles = mux.stream("profiles")
    data = {"user": link("users", pk=2), "team": link("active_teams", pk=1), "friends": [1, link("profiles", pk=2)]}
    await profiles.send({"action": "create", "request_id": 1, "data": data})
    got = await profiles.recv()
    check(got["response_status"], 201)
    check(await t.row("profile", 4), {"id": 4, "user": 2, "team": 1, "friends": [1, 2]})
    await profiles.send({"action": "patch", "request_id": 2, "pk": 4, "data": {"user": None, "friends": []}})
    check((await profiles.recv())["data"]["user"], None)
    check(await t.row("profile", 4), {"id": 4, "user": None, "team": 1, "friends": []})
    await profiles.send({"action": "patch", "request_id": 3, "pk": 4, "data": {"team": None}})
    check(await profiles.recv(), refusal("patch", 400, 3, [{"team": ["This field may not be null."]}]))
    await profiles.send({"action": "create", "request_id": 5, "data": {"team": 2}})
    check((await profiles.recv())["response_status"], 201)
    await profiles.send({"action": "create", "request_id": 4, "data": {"team": 1, "friends": None}})
    check(await profiles.recv(), refusal("create", 400, 4, [{"friends": ["This field may not be null."]}]))


@case("hyper", robust=True)
async def links_that_can_not_be_written(t):
    mux = await world(t)
    comments = mux.stream("comments")
    for value, wrong in (
        (link("users", pk=9), "Not found"), (9, "Not found"), (-1, "Not found"), ("1", "Must be either a hyper-media reference or a pk value"),
        (link("users", "fly", pk=1), "action fly not supported on users."), (link("users"), "Incorrect lookup arguments"),
        (link("users", name="ann"), "Incorrect lookup arguments"), (link("Users", pk=1), "stream Users not found."),
        ({"stream": "users", "payload": {"action": None, "pk": 1}}, "must have an action key"),
        ({"stream": "users", "payload": [1]}, "Must be of the format {stream: ..., payload: {..}}"),
        ({"stream": None, "payload": {"action": "retrieve"}}, "Must be of the format {stream: ..., payload: {..}}"),
    ):  # fmt: skip
        await comments.send({"action": "create", "request_id": 1, "data": {"text": "", "user": value}})
        got = await comments.recv()
        check(got, refusal("create", 400, 1, [{"text": ["This field may not be blank."], "user": [wrong]}]), str(value))
    await comments.send({"action": "create", "request_id": 2, "data": {"text": "x", "user": None}})
    check(await comments.recv(), refusal("create", 400, 2, [{"user": ["This field may not be null."]}]))
    await comments.send({"action": "create", "request_id": 2, "data": {}})
    required = ["This field is required."]
    check(await comments.recv(), refusal("create", 400, 2, [{"text": required, "user": required}]))


# ---------------------------------------------------------------- the chat


ANN = {"id": 1, "username": "ann", "email": "ann@example.com", "is_staff": False}
BOB = {"id": 2, "username": "bob", "email": "bob@example.com", "is_staff": False}


async def chat(t):
    await t.user("ann")
    await t.user("bob")
    await t.create("room", name="lobby", host=1)
    await t.create("room", name="attic", host=2)
    return [await t.open("/ws/chat/room/", user=name) for name in ("ann", "bob")]


async def does(ws, action, **arguments):
    await ws.send({"action": action, "request_id": "r", **arguments})


@case("chat")
async def end_of_a_connection_leaves_the_room(t):
    ann, bob = await chat(t)
    await does(ann, "join_room", pk=1)
    await ann.expect({"usuarios": [ANN]})
    await does(bob, "join_room", pk=1)
    for ws in (ann, bob):
        await ws.expect({"usuarios": [ANN, BOB]})
    bob.drop()
    await ann.expect({"usuarios": [ANN]})
    check((await t.row("room", 1))["current_users"], [1])
    again = await t.open("/ws/chat/room/", user="bob")
    await does(again, "join_room", pk=1)
    await ann.expect({"usuarios": [ANN, BOB]})
    await again.close()
    await ann.expect({"usuarios": [ANN]})


@case("chat")
async def messages_are_stored_as_they_came(t):
    ann, bob = await chat(t)
    await does(bob, "subscribe_to_messages_in_room", pk=1)
    # It has no reply, but this has.
    await bob.refused("retrieve", 404, pk=0)
    await does(ann, "join_room", pk=1)
    await ann.expect({"usuarios": [ANN]})
    for pk, text in enumerate(("hello", "  two  spaces ", "<b>ü😀</b>", "x" * 500), 1):
        await does(ann, "create_message", message=text)
        frame = await bob.recv()
        check([frame["action"], frame["pk"], frame["data"]["text"]], ["create", pk, text])
        check(frame["data"]["room"], {"id": 1, "name": "lobby", "host": 1, "current_users": [1]})
        check((await t.row("message", pk))["text"], text)
    await t.update("message", 1, text="changed")
    frame = await bob.recv()
    check([frame["action"], frame["data"]["text"]], ["update", "changed"])
    await t.delete("message", 1)
    check(((await bob.recv())["action"]), "delete")
    await t.update("message", 2, room=2)
    check(((await bob.recv())["action"]), "delete")


@case("chat")
async def messages_that_go_with_others_show_them(t):
    ann, bob = await chat(t)
    for user, text in ((1, "a"), (2, "b"), (2, "c")):
        await t.create("message", room=1, user=user, text=text)
    await does(ann, "join_room", pk=1)
    await ann.expect({"usuarios": [ANN]})
    await does(ann, "subscribe_to_messages_in_room", pk=1)
    await ann.refused("retrieve", 404, pk=0)
    await t.delete("user", 2)
    lobby = {"id": 1, "name": "lobby", "host": 1}
    for pk in (3, 2):
        frame = await ann.recv()
        check([frame["action"], frame["pk"], frame["data"]["user"]], ["delete", pk, BOB])
        check(frame["data"]["room"], {**lobby, "current_users": [1]})
    await t.delete("room", 1)
    frame = await ann.recv()
    check([frame["action"], frame["pk"], frame["data"]["user"]], ["delete", 1, ANN])
    check(frame["data"]["room"], {**lobby, "current_users": []})
    await bob.silence()


@case("chat")
async def rooms_that_are_not_there(t):
    ann, bob = await chat(t)
    for action in ("join_room", "leave_room"):
        for pk in (9, "9", "x", None, [], {}):
            await ann.refused(action, 404, ["Not found"], pk=pk)
    await ann.refused("create_message", 400, ["Join a room first."], message="x")
    await does(ann, "join_room", pk="1")
    await ann.expect({"usuarios": [ANN]})
    await ann.refused("join_room", 404, ["Not found"], pk=9)
    await does(bob, "join_room", pk=1)
    await ann.expect({"usuarios": [ANN, BOB]})
    await t.delete("room", 1)
    await ann.refused("leave_room", 404, ["Not found"], pk=1)
    await does(ann, "join_room", pk=2)
    await ann.expect({"usuarios": [ANN]})
    check((await t.row("room", 2))["current_users"], [1])


@case("chat")
async def two_connections_of_one_user(t):
    ann, _ = await chat(t)
    other = await t.open("/ws/chat/room/", user="ann")
    await does(ann, "join_room", pk=1)
    await ann.expect({"usuarios": [ANN]})
    await does(other, "join_room", pk=1)
    for ws in (ann, other):
        await ws.expect({"usuarios": [ANN]})
    await does(other, "leave_room", pk=1)
    await ann.expect({"usuarios": []})
    await other.silence()
    check((await t.row("room", 1))["current_users"], [])
