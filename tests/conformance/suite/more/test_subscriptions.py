"""Subscriptions, transactions and relations, where the open part does not look."""

import asyncio

from suite.harness import case, check, envelope, eventually, refusal


def comment(pk, text, user):
    return {"id": pk, "text": text, "user": user}


def told(action, data, request_id, status=200):
    return envelope(action, data, status, request_id)


async def work(t, *steps, model="comment", **options):
    return await t.control("transaction", model=model, steps=list(steps), **options)


# ---------------------------------------------------------------- bookkeeping


@case("observer-model")
async def request_ids_of_different_types_differ(t):
    user = await t.user("ann")
    ws = await t.open("/ws/comments/")
    ids = [1, "1", 1.5, True, False, "true", ""]
    for name in ids:
        await ws.call("subscribe_all", 201, None, name)
        await ws.call("subscribe_all", 201, None, name)
    await t.create("comment", text="a", user=user)
    await ws.expect_all(*(told("create", comment(1, "a", user), name) for name in ids))
    await ws.call("unsubscribe_all", 204, None, "other", target="1")
    await ws.call("unsubscribe_all", 204, None, True)
    await t.update("comment", 1, text="b")
    left = [1, 1.5, False, "true", ""]
    await ws.expect_all(*(told("update", comment(1, "b", user), name) for name in left))
    await ws.silence()


@case("observer-model")
async def unsubscribing_without_any_request_id_ends_all(t):
    user = await t.user("ann")
    ws = await t.open("/ws/comments/")
    before = await t.steady_memberships()
    await ws.call("subscribe_all", 201, None, "a")
    await ws.call("subscribe_all", 201, None, "b")
    await ws.send({"action": "subscribe_all"})
    await ws.expect(envelope("subscribe_all", None, 201, None))
    check(await t.memberships(), before + 1)
    await ws.send({"action": "unsubscribe_all"})
    await ws.expect(envelope("unsubscribe_all", None, 204, None))
    check(await t.memberships(), before)
    await t.create("comment", text="a", user=user)
    await ws.silence()


@case("observer-model", robust=True)
async def nameless_and_named_end_apart(t):
    user = await t.user("ann")
    ws = await t.open("/ws/comments/")
    before = await t.steady_memberships()
    await ws.call("subscribe_pks", 201, None, "n", anonymous=True)
    await ws.call("subscribe_pks", 201, None, "a")
    await ws.call("unsubscribe_pks", 204, None, "a")
    check(await t.memberships(), before + 1)
    await t.create("comment", text="a", user=user)
    await ws.expect({"event": "create", "body": {"pk": 1}, "request_ids": []})
    await ws.call("unsubscribe_pks", 204, None, "x", anonymous=True)
    check(await t.memberships(), before)
    await ws.call("subscribe_pks", 201, None, "b")
    await ws.call("subscribe_pks", 201, None, 10)
    await t.delete("comment", 1)
    await ws.expect({"event": "delete", "body": {"pk": 1}, "request_ids": [10, "b"]})
    await ws.call("unsubscribe_pks", 204, None, "x", anonymous=True)
    check(await t.memberships(), before)


@case("observer-model")
async def live_comments_need_no_request(t):
    user = await t.user("ann")
    ws = await t.open("/ws/comments-live/")
    await t.create("comment", text="a", user=user)
    await ws.expect({"event": "create", "body": {"pk": 1}, "request_ids": []})
    await ws.call("subscribe_pks", 201, None, "a")
    await t.update("comment", 1, text="b")
    await ws.expect({"event": "update", "body": {"pk": 1}, "request_ids": ["a"]})
    await ws.call("unsubscribe_pks", 204, None, "a")
    await t.update("comment", 1, text="c")
    await ws.expect({"event": "update", "body": {"pk": 1}, "request_ids": []})


@case("observer-model")
async def either_group_has_its_own_frame(t):
    ann, bob = await t.user("ann"), await t.user("bob")
    ws = await t.open("/ws/comments/")
    await ws.call("subscribe_either", 201, None, "both", user_pk=ann, comment_pk=1)
    await ws.call("subscribe_either", 201, None, "user", user_pk=ann)
    await ws.call("subscribe_either", 201, None, "none")
    await t.create("comment", text="zw\u00f6lf stra\u00dfen", user=ann)

    def either(event, text, name):
        return {"either": {"pk": 1, "shout": text, "event": event}, "request_id": name}

    shown = "ZW\u00d6LF STRASSEN"
    await ws.expect_all(*(either("create", shown, name) for name in ("both", "both", "user")))
    await t.update("comment", 1, text="x", user=bob)
    await ws.expect_all(
        either("delete", "X", "both"), either("delete", "X", "user"), either("update", "X", "both")
    )
    await ws.call("unsubscribe_either", 204, None, "both", comment_pk=1)
    await t.update("comment", 1, user=ann)
    await ws.expect_all(either("create", "X", "both"), either("create", "X", "user"))
    await ws.silence()


@case("observer-model")
async def own_comments_of_nobody_are_not_watched(t):
    user = await t.user("ann")
    nobody, ann = await t.open("/ws/comments/"), await t.open("/ws/comments/", user="ann")
    await nobody.call("subscribe_user", 201, {"groups": 0}, "n")
    await ann.call("subscribe_user", 201, {"groups": 1}, "u", user_pk=user)
    await ann.call("subscribe_mine", 201, None, "m")
    await t.create("comment", text="a", user=user)
    await ann.expect_all(
        told("create", comment(1, "a", user), "u"), told("create", comment(1, "a", user), "m")
    )
    await ann.call("unsubscribe_user", 204, None, "m", user_pk=user)
    await ann.call("unsubscribe_user", 204, None, "x")
    await t.update("comment", 1, text="b")
    await ann.expect(told("update", comment(1, "b", user), "u"))
    await nobody.silence()


# ---------------------------------------------------------------- one object


@case("observer-instance")
async def instance_is_shown_as_it_is_at_delivery(t):
    pk = await t.user("ann")
    ws = await t.open("/ws/users/")
    await ws.call("subscribe_instance", 201, None, "s", pk=str(pk))
    await work(
        t,
        {"do": "load", "pk": pk},
        {"do": "save", "fields": {"email": "one@x.org"}},
        {"do": "save", "fields": {"email": "two@x.org"}},
        model="user",
    )
    shown = {"id": pk, "username": "ann", "email": "two@x.org", "is_staff": False}
    await ws.expect(told("update", shown, "s"))
    await ws.silence()


@case("observer-instance")
async def unusable_keys_are_404_for_subscriptions(t):
    before = await t.steady_memberships()
    ws = await t.open("/ws/users/")
    for pk in ("x", "", [], {}, None, 77, -1):
        for action in ("subscribe_instance", "unsubscribe_instance"):
            await ws.refused(action, 404, ["Not found"], pk=pk)
    check(await t.memberships(), before)


@case("observer-instance", robust=True)
async def bookkeeping_of_instances(t):
    before = await t.steady_memberships()
    pks = [await t.user(name) for name in ("a", "b")]
    ws = await t.open("/ws/users/")

    async def update(pk):
        await t.update("user", pk, is_staff=True)

    def shown(pk):
        name = "ab"[pk - 1]
        return {"id": pk, "username": name, "email": f"{name}@example.com", "is_staff": True}

    for pk in pks:
        await ws.call("subscribe_instance", 201, None, "x", pk=pk)
    await ws.call("subscribe_instance", 201, None, "y", pk=pks[0])
    check(await t.memberships(), before + 2)
    await update(pks[0])
    await ws.expect_all(told("update", shown(1), "x"), told("update", shown(1), "y"))
    await ws.call("unsubscribe_instance", 204, None, "x", pk=pks[0])
    await update(pks[0])
    await ws.expect(told("update", shown(1), "y"))
    await update(pks[1])
    await ws.expect(told("update", shown(2), "x"))
    await ws.call("unsubscribe_instance", 204, None, "unknown", pk=pks[1])
    check(await t.memberships(), before + 2)
    await ws.send({"action": "unsubscribe_instance", "pk": pks[0]})
    await ws.expect(envelope("unsubscribe_instance", None, 204, None))
    check(await t.memberships(), before + 1)
    await ws.call("unsubscribe_instance", 204, None, "x", pk=pks[1])
    check(await t.memberships(), before)
    await update(pks[0])
    await update(pks[1])
    await ws.silence()


@case("observer-instance")
async def delete_event_of_each_key(t):
    await t.create("gadget", name="hammer")
    pk = await t.create("ticket", title="x")
    gadgets, tickets = await t.open("/ws/gadgets/"), await t.open("/ws/tickets/")
    await gadgets.call("subscribe_instance", 201, None, 1, pk="hammer")
    await tickets.call("subscribe_instance", 201, None, 2, pk=pk.upper().replace("-", ""))
    await gadgets.send({"action": "patch", "request_id": 3, "pk": "hammer", "data": {"description": "d"}})
    await gadgets.expect(envelope("patch", {"name": "hammer", "description": "d"}, 200, 3))
    await gadgets.expect(told("update", {"name": "hammer", "description": "d"}, 1))
    await t.delete("gadget", "hammer")
    await gadgets.expect(told("delete", {"pk": "hammer"}, 1, 204))
    await t.delete("ticket", pk)
    await tickets.expect(told("delete", {"pk": pk}, 2, 204))


# ---------------------------------------------------------------- transactions


@case("observer-model")
async def changes_of_one_row_become_one(t):
    ann, bob = await t.user("ann"), await t.user("bob")
    ws = await t.open("/ws/comments/")
    await ws.call("subscribe_all", 201, None, "all")
    await ws.call("subscribe_user", 201, {"groups": 1}, "ann", user_pk=ann)
    await ws.call("subscribe_user", 201, {"groups": 1}, "bob", user_pk=bob)

    def create(user, text="t"):
        return {"do": "create", "fields": {"text": text, "user": user}}

    def save(**fields):
        return {"do": "save", "fields": fields}

    # Made with one user and moved to the other: it never was the first one's.
    await work(t, create(ann), save(user=bob), save(text="z"))
    await ws.expect_all(told("create", comment(1, "z", bob), "all"), told("create", comment(1, "z", bob), "bob"))
    # Moved and deleted.
    await work(t, {"do": "load", "pk": 1}, save(user=ann), {"do": "delete"})
    await ws.expect_all(told("delete", comment(1, "z", ann), "all"), told("delete", comment(1, "z", ann), "bob"))
    # Moved there and back.
    await work(t, create(ann, "a"))
    await ws.expect_all(told("create", comment(2, "a", ann), "all"), told("create", comment(2, "a", ann), "ann"))
    await work(t, {"do": "load", "pk": 2}, save(user=bob), save(user=ann, text="b"))
    await ws.expect_all(told("update", comment(2, "b", ann), "all"), told("update", comment(2, "b", ann), "ann"))
    # Moved, and saved again.
    await work(t, {"do": "load", "pk": 2}, save(user=bob), save(text="c"))
    await ws.expect_all(
        told("update", comment(2, "c", bob), "all"),
        told("delete", comment(2, "c", bob), "ann"),
        told("create", comment(2, "c", bob), "bob"),
    )
    # Made and deleted; loaded only; rolled back.
    await work(t, create(ann), save(text="x"), {"do": "delete"})
    await work(t, {"do": "load", "pk": 2})
    result = await work(t, create(ann), {"do": "load", "pk": 2}, save(text="no"), {"do": "delete"}, commit=False)
    check(result["committed"], False)
    await ws.silence()
    check((await t.row("comment", 2))["text"], "c")


@case("observer-model")
async def several_rows_keep_the_order_of_their_changes(t):
    ann = await t.user("ann")
    for text in "abc":
        await t.create("comment", text=text, user=ann)
    ws = await t.open("/ws/comments/")
    await ws.call("subscribe_pks", 201, None, "s")
    await work(
        t,
        {"do": "load", "pk": 3},
        {"do": "save", "fields": {}},
        {"do": "create", "fields": {"text": "d", "user": ann}},
        {"do": "load", "pk": 1},
        {"do": "delete"},
        {"do": "load", "pk": 2},
        {"do": "save", "fields": {"text": "x"}},
    )
    for event, pk in (("update", 3), ("create", 4), ("delete", 1), ("update", 2)):
        await ws.expect({"event": event, "body": {"pk": pk}, "request_ids": ["s"]})
    await ws.silence()


@case("observer-model")
async def nothing_is_told_before_the_commit(t):
    ann = await t.user("ann")
    ws = await t.open("/ws/comments/")
    await ws.call("subscribe_pks", 201, None, "s")
    steps = ({"do": "create", "fields": {"text": "d", "user": ann}},)
    running = asyncio.ensure_future(work(t, *steps, hold_ms=500))
    await ws.silence(0.35)
    check(await running, {"pk": 1, "committed": True})
    await ws.expect({"event": "create", "body": {"pk": 1}, "request_ids": ["s"]})


@case("observer-model")
async def bodies_are_made_when_the_change_happens(t):
    ann = await t.user("ann")
    ws = await t.open("/ws/comments/")
    await ws.call("subscribe_all", 201, None, "s")
    slow = await t.open("/ws/comments/")
    await slow.call("subscribe_all", 201, None, "t")
    for text in "abc":
        if text == "a":
            await t.create("comment", text=text, user=ann)
        else:
            await t.update("comment", 1, text=text)
    for peer, name in ((ws, "s"), (slow, "t")):
        for action, text in (("create", "a"), ("update", "b"), ("update", "c")):
            await peer.expect(told(action, comment(1, text, ann), name))


@case("observer-signal")
async def signals_do_not_wait_for_commits(t):
    ws = await t.open("/ws/signals/")
    await ws.call("subscribe", 201, None, "f", observer="full")
    await ws.call("subscribe", 201, None, "r", observer="royal")
    steps = (
        {"do": "create", "fields": {"name": "x"}},
        {"do": "fire", "value": {"a": 1}, "channel": "c"},
        {"do": "fire", "value": 2, "sender": "royal"},
    )
    await work(t, *steps, model="entry", commit=False)
    await ws.expect(envelope("full", {"value": {"a": 1}, "channel": "c"}, 200, "f"))
    await ws.expect_all(
        envelope("full", {"value": 2, "channel": None}, 200, "f"), envelope("royal", {"value": 2}, 200, "r")
    )
    await ws.call("unsubscribe", 204, None, "f", observer="full")
    await t.control("fire")
    await ws.silence()
    check(await t.count("entry"), 0)


@case("observer-signal")
async def channels_are_groups(t):
    ws = await t.open("/ws/signals/")
    await ws.call("subscribe", 201, None, "a", observer="by_channel", channel="a")
    await ws.call("subscribe", 201, None, "b", observer="by_channel", channel="b")
    await ws.call("subscribe", 201, None, "x", observer="by_channel")
    await t.control("fire", value="v", channel="b")
    await ws.expect(envelope("by_channel", {"value": "v"}, 200, "b"))
    await ws.call("unsubscribe", 204, None, "b", observer="by_channel", channel="a")
    await ws.call("unsubscribe", 204, None, "b", observer="by_channel", channel="b")
    await t.control("fire", value=None, channel="b")
    await t.control("fire", value="w", channel="a")
    await ws.expect(envelope("by_channel", {"value": "w"}, 200, "a"))
    await ws.call("subscribe", 201, None, "n", observer="bare")
    await t.control("fire", value=[1], channel="c", sender="royal")
    await ws.expect(envelope("bare", {}, 200, "n"))


# ---------------------------------------------------------------- relations and cascades


@case("observer-instance")
async def relations_change_from_either_side(t):
    for name in ("ann", "bob", "eve"):
        await t.user(name)
    rooms = [await t.create("room", name=name, host=1) for name in ("one", "two")]
    ws, plain = await t.open("/ws/rooms/"), await t.open("/ws/rooms-plain/")
    await ws.call("subscribe_all", 201, None, "all")
    await plain.call("subscribe_instance", 201, None, "p", pk=1)

    async def relate(model, pk, field, how, *pks):
        await t.control("relate", model=model, pk=pk, field=field, how=how, pks=list(pks))

    def room(pk, *members):
        name = ("one", "two")[pk - 1]
        return told("update", {"id": pk, "name": name, "host": 1, "current_users": list(members)}, "all")

    await relate("room", 1, "current_users", "add", 1, 2)
    await ws.expect(room(1, 1, 2))
    await relate("user", 3, "current_rooms", "add", *rooms)
    await ws.expect_all(room(1, 1, 2, 3), room(2, 3))
    await relate("user", 3, "current_rooms", "set", 2)
    await ws.expect(room(1, 1, 2))
    await relate("user", 3, "current_rooms", "clear")
    await ws.expect(room(2))
    await relate("room", 1, "current_users", "set", 3, 2)
    check((await ws.recv())["data"]["id"], 1)
    for frame in await ws.collect(0.3):
        check(frame, room(1, 2, 3))
    check((await t.row("room", 1))["current_users"], [2, 3])
    await relate("user", 2, "current_rooms", "remove", 1)
    await ws.expect(room(1, 3))
    await relate("room", 1, "current_users", "clear")
    await ws.expect(room(1))
    await plain.silence()
    await t.update("room", 1, name="one")
    await plain.expect(told("update", {"id": 1, "name": "one", "host": 1, "current_users": []}, "p"))


@case("observer-model")
async def cascades_tell_of_every_row(t):
    ann, bob = await t.user("ann"), await t.user("bob")
    for text, user in (("a", ann), ("b", bob), ("c", ann)):
        await t.create("comment", text=text, user=user)
    await t.create("sample", name="s", owner=ann)
    await t.create("room", name="r", host=ann)
    rooms = await t.open("/ws/rooms/")
    await rooms.call("subscribe_instance", 201, None, "r", pk=1)
    ws = await t.open("/ws/comments/")
    await ws.call("subscribe_all", 201, None, "s")
    await t.delete("user", ann)
    await ws.expect_all(
        told("delete", comment(1, "a", ann), "s"), told("delete", comment(3, "c", ann), "s")
    )
    await rooms.expect(told("delete", {"pk": 1}, "r", 204))
    check((await t.row("sample", 1))["owner"], None)
    check(await t.count("room"), 0)
    await ws.silence()


@case("observer-model")
async def bulk_changes_tell_nothing(t):
    ann = await t.user("ann")
    ws = await t.open("/ws/comments/")
    await ws.call("subscribe_all", 201, None, "s")
    rows = [{"text": "a", "user": ann}, {"text": "b", "user": ann}]
    check(await t.control("bulk_create", model="comment", rows=rows), {"count": 2})
    check(await t.control("bulk_update", model="comment", fields={"text": "z"}), {"count": 2})
    await ws.silence()
    await t.update("comment", 2)
    await ws.expect(told("update", comment(2, "z", ann), "s"))


# ---------------------------------------------------------------- the control endpoint


@case("protocol")
async def control_knows_every_column(t):
    ann = await t.user("ann", password="p")
    check(
        await t.row("user", ann),
        {"id": 1, "username": "ann", "email": "ann@example.com", "password": "p", "is_staff": False},
    )
    team = await t.create("team", name="reds")
    one = await t.create("profile", team=team, user=ann)
    other = await t.create("profile", team=team)
    check(await t.row("profile", other), {"id": 2, "user": None, "team": 1, "friends": []})
    await t.control("relate", model="profile", pk=other, field="friended", how="add", pks=[one])
    check((await t.row("profile", one))["friends"], [other])
    check((await t.row("profile", other))["friends"], [])
    control = await t.open("/ws/control/")
    await control.refused("get", 404, model="team", pk=9)
    await control.refused("delete", 404, model="team", pk=9)
    check(await t.control("transaction", model="team", steps=[{"do": "load", "pk": 1}]), {"pk": 1, "committed": True})
    await control.call("delete", 204, None, model="user", pk=ann)
    check(await t.count("profile"), 1)


@case("observer-model")
async def memberships_count_each_stream_once(t):
    before = await t.steady_memberships()
    user = await t.user("ann")
    mux = await t.mux("/ws/mux/")
    comments = mux.stream("comments")
    await comments.call("subscribe_all", 201, None, 1)
    await comments.call("subscribe_all", 201, None, 2)
    await comments.call("subscribe_user", 201, {"groups": 1}, 1, user_pk=user)
    await mux.stream("users").call("subscribe_instance", 201, None, 1, pk=user)
    check(await t.memberships(), before + 3)
    await mux.close()
    await eventually(t.memberships, before)


@case("observer-model", robust=True)
async def subscriptions_of_unusable_groups_are_refused(t):
    ws = await t.open("/ws/comments/")
    for action, arguments in (
        ("subscribe_user", {"user_pk": []}), ("subscribe_either", {"comment_pk": {"a": 1}}),
    ):  # fmt: skip
        await ws.send({"action": action, "request_id": 1, **arguments})
        got = await ws.recv()
        if got["response_status"] != 201:
            check(got, refusal(action, 400, 1))
    await ws.close()
