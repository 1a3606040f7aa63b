"""What the chat answers to browsers: its files, and paths that it does not have."""

import gzip
import json

import pytest

PAGES = ["/", "/login", "/signup", "/rooms/1/"]
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_what_a_browser_has_already_is_not_sent_again(server):
    for path in [*PAGES, "/static/chat.css", "/static/room.js"]:
        status, headers, body = server.request("GET", path, Accept_Encoding="gzip")
        assert (status, headers["Content-Encoding"]) == (200, "gzip")
        assert headers["Cache-Control"] == "no-cache"
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        _, _, plain = server.request("GET", path)
        assert gzip.decompress(body) == plain and len(body) < len(plain)
        known = {"Accept_Encoding": "gzip", "If_None_Match": headers["ETag"]}
        again = server.request("GET", path, **known)
        assert (again[0], again[2]) == (304, b"")
        assert again[1]["ETag"] == headers["ETag"]


def test_a_part_of_a_file_can_be_asked_for(server):
    _, _, whole = server.request("GET", "/static/chat.css")
    status, headers, part = server.request("GET", "/static/chat.css", Range="bytes=10-19")
    assert (status, part) == (206, whole[10:20])
    assert headers["Content-Range"] == f"bytes 10-19/{len(whole)}"


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere", "/static/nowhere.js", "/rooms/x/"])
def test_an_unknown_path_is_a_page_for_browsers_and_json_for_others(server, path):
    for accepted in [{}, {"Accept": "*/*"}, {"Accept": "application/json"}]:
        status, headers, body = server.request("GET", path, **accepted)
        assert (status, headers["Content-Type"]) == (404, "application/json")
        assert json.loads(body) == {"detail": "Not found."}
    if not path.startswith("/static/"):
        status, headers, body = server.request("GET", path, **HTML)
        assert (status, headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        assert b"There is no such page" in body


@pytest.mark.parametrize(
    "path, meant", [("/rooms/7", "/rooms/7/"), ("/login/", "/login"), ("/signup/", "/signup")]
)
def test_a_browser_is_led_to_the_page_that_was_meant(server, path, meant):
    status, headers, _ = server.request("GET", path, **HTML)
    assert (status, headers["Location"]) == (301, meant)
    assert server.request("GET", path)[0] == 404
