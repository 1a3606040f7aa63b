"""Pages of other origins: what browsers are told of them (CORS), and who they are refused as."""

import json
import re

import pytest
from chat import PASSWORD, ChatServer
from conformance_app import ConformanceServer

LISTED = '--allowed-origins=["https://app.test", "https://*.shop.test"]'


def preflight(server, path, origin):
    return server.request(
        "OPTIONS", path, Origin=origin, Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="content-type",
    )


def test_a_preflight_is_answered_before_anybody_asks_who_it_is(tmp_path, capfd):
    with ConformanceServer(tmp_path / "app.db", LISTED) as server:
        for origin in ("https://app.test", "https://a.shop.test", "https://app.test:443"):
            status, headers, body = preflight(server, "/api/members/", origin)
            assert (status, body) == (204, b"")
            assert headers["Access-Control-Allow-Origin"] == origin
            assert headers["Access-Control-Allow-Credentials"] == "true"
            assert headers["Access-Control-Allow-Headers"] == "content-type"
        for origin in ("https://evil.test", "http://app.test", "https://shop.test", "null"):
            status, headers, _ = preflight(server, "/api/members/", origin)
            assert status == 403 and headers["Access-Control-Allow-Origin"] is None
    refused = re.findall(r"127\.0\.0\.1 is refused: its origin (\S+) is neither", capfd.readouterr().err)
    assert refused == ["https://evil.test", "http://app.test", "https://shop.test", "null"]


def test_lines_about_refusals_are_bounded(tmp_path, capfd):
    with ConformanceServer(tmp_path / "app.db", LISTED) as server:
        for _ in range(150):
            assert preflight(server, "/", "https://evil.test")[0] == 403
    assert capfd.readouterr().err.count("is refused") == 100


@pytest.mark.parametrize("origin, status", [("https://app.test", 201), ("https://evil.test", 403)])
def test_a_page_of_a_listed_origin_can_log_in_to_the_chat(tmp_path, origin, status):
    with ChatServer(tmp_path / "chat.db", LISTED) as server:
        got, headers, body = server.request(
            "POST", "/api/signup", {"username": "ann", "password": PASSWORD}, Origin=origin
        )
        assert got == status, body
        assert headers["Access-Control-Allow-Origin"] == (origin if status == 201 else None)
        assert "Origin" in headers["Vary"]
        assert "Secure" not in headers.get("Set-Cookie", "")
        assert json.loads(body)
