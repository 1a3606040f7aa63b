"""The chat's accounts: names, errors, and what becomes of connections when a login ends."""

import asyncio
import json

import pytest
from chat import PASSWORD


def sign_up(server, username, password=PASSWORD):
    status, _, body = server.request(
        "POST", "/api/signup", {"username": username, "password": password}
    )
    return status, json.loads(body)


TAKEN = {"username": ["user with this username already exists."]}


def test_all_that_is_wrong_with_a_sign_up_is_told_at_once(server):
    server.sign_up("ann")
    short = ["Ensure this field has at least 8 characters."]
    assert sign_up(server, "", "x") == (
        400,
        {"username": ["This field may not be blank."], "password": short},
    )
    assert sign_up(server, "ann", "x") == (400, {**TAKEN, "password": short})
    assert sign_up(server, "a\u202eb", "x") == (
        400,
        {"username": ["Use only signs that can be seen."], "password": short},
    )
    assert sign_up(server, 7, "x") == (
        400,
        {"username": ["Not a valid string."], "password": short},
    )
    status, _, body = server.request("POST", "/api/signup", {})
    required = ["This field is required."]
    assert (status, json.loads(body)) == (400, {"username": required, "password": required})


@pytest.mark.parametrize("other", ["ACE", "\uff21\uff43\uff45", " Ace ", "\u0410\u0421\u0415"])
def test_a_name_that_looks_like_anothers_is_taken(server, other):
    server.sign_up("Ace")
    assert sign_up(server, other) == (400, TAKEN)


def test_a_name_of_several_scripts_is_refused(server):
    mixed = ["Use letters of one script only: some look alike in several."]
    assert sign_up(server, "\u0410ce") == (400, {"username": mixed})


def test_who_logs_in_may_write_the_name_in_any_case(server):
    server.sign_up("Ada")
    status, _, body = server.request(
        "POST", "/api/login", {"username": "aDA", "password": PASSWORD}
    )
    assert (status, body) == (200, b'{"user":{"id":1,"username":"Ada"}}')


def test_a_logout_closes_the_connections_of_that_login(server):
    async def scenario():
        first = server.sign_up("ann")
        login = {"username": "ann", "password": PASSWORD}
        _, headers, _ = server.request("POST", "/api/login", login)
        second = headers["Set-Cookie"].split(";")[0]
        async with server.connect(first) as one, server.connect(second) as other:
            status, _, _ = server.request("POST", "/api/logout", {}, Cookie=first)
            assert status == 204
            assert await one.closed() == 4401
            assert (await other.request("list"))["response_status"] == 200

    asyncio.run(scenario())
