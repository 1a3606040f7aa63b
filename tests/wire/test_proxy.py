"""Behind the real nginx: who the client is, and who can't pretend to be another one."""

import asyncio
import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import websockets
from chat import PATIENCE
from conformance_app import ConformanceServer
from test_listening import Listening
from tls import Authority, TlsServer

NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")

CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} {tls};
        location /inner/ {{
            proxy_pass {server};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $http_connection;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto {scheme};
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-Prefix /inner;
            proxy_set_header Forwarded "";
        }}
    }}
}}
"""


def free_port():
    with socket.socket() as x:
        x.bind(("127.0.0.1", 0))
        return x.getsockname()[1]


class Proxy:
    """nginx in front of an address; with TLS if it has a certificate and its key."""

    def __init__(self, folder, address, certificate=None):
        self.port = free_port()
        tls = "ssl; ssl_certificate {}; ssl_certificate_key {}".format(*certificate) if certificate else ""
        (folder / "nginx.conf").write_text(
            CONFIGURATION.format(
                folder=folder, port=self.port, server=address, tls=tls,
                scheme="$scheme" if certificate else "https",
            )
        )
        self.command = [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except ConnectionRefusedError:
                assert self.process.poll() is None and time.monotonic() < end
                time.sleep(0.01)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)


def seen(port, path, headers="", source="127.0.0.1"):
    """What the server sees of a client at this address."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0)) as x:
        x.sendall(
            f"GET {path} HTTP/1.1\r\nHost: shop.test:{port}\r\nConnection: close\r\n{headers}\r\n".encode()
        )
        answer = x.makefile("rb").read()
    return json.loads(answer.partition(b"\r\n\r\n")[2])


@pytest.fixture(name="trusted", params=[True, False], ids=["trusted", "not trusted"])
def trusted_fixture(request):
    return request.param


@pytest.fixture(name="server")
def server_fixture(tmp_path, trusted):
    options = ['--trusted-proxies=["127.0.0.1"]'] if trusted else []
    with ConformanceServer(tmp_path / "app.db", *options) as running:
        yield running


def test_nginx_says_who_the_client_is(server, trusted, tmp_path):
    with Proxy(tmp_path, f"http://127.0.0.1:{server.port}/") as proxy:
        pretended = "X-Forwarded-For: 203.0.113.66\r\nForwarded: for=203.0.113.66\r\n"
        for headers in ("", pretended):
            assert seen(proxy.port, "/inner/connection", headers, "127.0.0.5") == (
                {
                    "client": "127.0.0.5",
                    "scheme": "https",
                    "host": f"shop.test:{proxy.port}",
                    "prefix": "/inner",
                }
                if trusted
                else {
                    "client": "127.0.0.1",
                    "scheme": "http",
                    "host": f"shop.test:{proxy.port}",
                    "prefix": "",
                }
            )


def test_a_websocket_through_nginx(server, trusted, tmp_path):
    async def run(port, origin):
        url = f"ws://127.0.0.1:{port}/inner/echo/"
        async with websockets.connect(url, origin=origin, open_timeout=PATIENCE) as client:
            await client.send("through")
            assert await asyncio.wait_for(client.recv(), PATIENCE) == "through"

    with Proxy(tmp_path, f"http://127.0.0.1:{server.port}/") as proxy:
        # The proxy says that it is asked by https.
        asyncio.run(run(proxy.port, f"https://127.0.0.1:{proxy.port}"))
        if trusted:
            with pytest.raises(websockets.exceptions.InvalidStatusCode, match="403"):
                asyncio.run(run(proxy.port, f"http://127.0.0.1:{proxy.port}"))
        with pytest.raises(websockets.exceptions.InvalidStatusCode, match="403"):
            asyncio.run(run(proxy.port, "http://evil.test"))


def test_nginx_with_tls_in_front_of_a_socket_of_a_path(tmp_path):
    authority = Authority(tmp_path / "pki")
    # nginx may run as somebody else, who sees nothing of the test's own folder.
    folder = Path(tempfile.mkdtemp(prefix="dcrf-"))
    path = folder / "http.sock"
    options = [f"--listen=unix:{path}", "--socket-mode=666", "--trusted-proxies=unix:"]

    async def echo(url, origin):
        tls = {"ssl": authority.trust(), "origin": origin, "open_timeout": PATIENCE}
        async with websockets.connect(url, **tls) as client:
            await client.send("through")
            assert await asyncio.wait_for(client.recv(), PATIENCE) == "through"

    with contextlib.ExitStack() as stack:
        stack.callback(folder.rmdir)
        folder.chmod(0o755)
        stack.enter_context(Listening(tmp_path, *options))
        address = f"http://unix:{path}:/"
        proxy = stack.enter_context(Proxy(tmp_path, address, authority.certify("proxy")))
        client = http.client.HTTPSConnection("127.0.0.1", proxy.port, context=authority.trust())
        client.request("GET", "/inner/connection")
        assert json.loads(client.getresponse().read()) == {
            "client": "127.0.0.1", "scheme": "https", "host": f"127.0.0.1:{proxy.port}", "prefix": "/inner",
        }
        url = f"wss://127.0.0.1:{proxy.port}/inner/echo/"
        asyncio.run(echo(url, f"https://127.0.0.1:{proxy.port}"))
        with pytest.raises(websockets.exceptions.InvalidStatusCode, match="403"):
            asyncio.run(echo(url, f"http://127.0.0.1:{proxy.port}"))


def test_nginx_in_front_of_tls(tmp_path):
    authority = Authority(tmp_path / "pki")
    with TlsServer(tmp_path / "app.db", authority, "--trusted-proxies=127.0.0.1") as server:
        with Proxy(tmp_path, f"https://127.0.0.1:{server.port}/") as proxy:
            for _ in range(20):
                assert seen(proxy.port, "/inner/connection", "", "127.0.0.5")["client"] == "127.0.0.5"


def test_who_is_not_trusted_cannot_pretend(server, trusted):
    pretended = (
        "X-Forwarded-For: 203.0.113.66\r\nX-Forwarded-Proto: https\r\n"
        "X-Forwarded-Host: evil.test\r\nX-Forwarded-Prefix: /evil\r\n"
    )
    outside = seen(server.port, "/connection", pretended, "127.0.0.5")
    assert outside == {
        "client": "127.0.0.5",
        "scheme": "http",
        "host": f"shop.test:{server.port}",
        "prefix": "",
    }
    proxy = seen(server.port, "/connection", pretended)
    assert (proxy["client"] == "203.0.113.66") == trusted


def test_a_refused_origin_is_a_line_in_the_log(tmp_path, capfd):
    async def run(server, origin):
        url = f"ws://127.0.0.1:{server.port}/echo/"
        async with websockets.connect(url, origin=origin, open_timeout=PATIENCE):
            pass

    listed = '--allowed-origins=["https://*.app.test"]'
    with ConformanceServer(tmp_path / "app.db", listed) as server:
        asyncio.run(run(server, "https://one.app.test"))
        with pytest.raises(websockets.exceptions.InvalidStatusCode, match="403"):
            asyncio.run(run(server, "https://evil.test"))
    assert re.search(
        rf"127\.0\.0\.1 is refused.* origin https://evil\.test .* host 127\.0\.0\.1:{server.port} ",
        capfd.readouterr().err,
    )
