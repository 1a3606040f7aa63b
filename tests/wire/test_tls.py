"""TLS at the server's own port."""

import asyncio
import contextlib
import http.client
import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
import websockets
from chat import BIN_DIR, PATIENCE
from documents import section
from tls import Authority, TlsServer

MiB = 1024 * 1024


@pytest.fixture(name="authority")
def authority_fixture(tmp_path):
    return Authority(tmp_path / "pki")


@pytest.fixture(name="server")
def server_fixture(tmp_path, authority):
    with TlsServer(tmp_path / "app.db", authority) as running:
        yield running


def common_name(server, name):
    """Whose certificate a client gets that asks for this name; None for who asks for none."""
    context = ssl.create_default_context(cafile=server.authority.certificate)
    context.check_hostname = False
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as plain:
        with context.wrap_socket(plain, server_hostname=name) as client:
            return dict(x[0] for x in client.getpeercert()["subject"])["commonName"]


def start_fails(tmp_path, *options):
    """The line that a program says which can't start."""
    result = subprocess.run(
        [BIN_DIR / "dcrf-chat", "--port=0", f"--database=sqlite://{tmp_path}/other.db", *options],
        capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, start_new_session=True,
    )
    assert result.returncode == 1 and result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "other.db").exists()
    return result.stderr.strip()


def line_of(capfd, pattern):
    """Waits for a line in the log."""
    seen = ""
    end = time.monotonic() + PATIENCE
    while not (found := re.search(pattern, seen)):
        assert time.monotonic() < end, seen
        time.sleep(0.01)
        seen += capfd.readouterr().err
    return found


# -- what is spoken --------------------------------------------------------------------------------


def test_https_and_wss_on_one_port(server):
    status, headers, body = server.request("GET", "/connection")
    assert status == 200 and headers["Server"] == "dcrf"
    assert json.loads(body) == {
        "client": "127.0.0.1", "scheme": "https", "host": f"127.0.0.1:{server.port}", "prefix": ""
    }

    async def talk():
        async with server.connect(None, "/ws/actions/") as client:
            return (await client.request("echo", x=1))["data"]

    assert asyncio.run(talk()) == {"x": 1}


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_both_versions_with_forward_secrecy(server, version):
    said = server.s_client(version, "-alpn", "http/1.1", text="Q\n").stdout
    assert "Verify return code: 0 (ok)" in said
    assert "ALPN protocol: http/1.1" in said
    assert re.search(r"Cipher is (ECDHE-ECDSA|TLS)_?\S+", said)
    assert "Secure Renegotiation IS" in said


@pytest.mark.parametrize(
    "words",
    [
        ["-tls1_1", "-cipher", "ALL@SECLEVEL=0"],
        ["-tls1_2", "-cipher", "AES128-SHA"],
        ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"],
        ["-tls1_2", "-cipher", "NULL@SECLEVEL=0"],
        ["-alpn", "h2"],
    ],
    ids=" ".join,
)
def test_what_is_old_or_weak_is_refused(server, words):
    result = server.s_client(*words)
    assert result.returncode != 0 and "Cipher is (NONE)" in result.stdout
    assert re.search(r"alert (protocol version|handshake failure)|no application protocol", result.stderr)


def test_who_renegotiates_is_closed(server):
    result = server.s_client("-tls1_2", text="R\n")
    assert "no renegotiation" in result.stderr


def test_curl_and_its_own_http_version(server):
    url = f"https://127.0.0.1:{server.port}/connection"
    answer = subprocess.run(
        ["curl", "-sS", "--cacert", server.authority.certificate, url],
        capture_output=True, text=True, timeout=PATIENCE,
    )
    assert json.loads(answer.stdout)["scheme"] == "https", answer.stderr


def test_plain_http_is_told_that_this_is_https(capfd, tmp_path, authority):
    with TlsServer(tmp_path / "app.db", authority) as server:
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.makefile("rb").read().startswith(b"HTTP/1.1 400 ")
        line_of(capfd, r"TLS handshake with 127\.0\.0\.1 failed: the client speaks HTTP without TLS")


def test_cookies_are_secure(tmp_path, authority):
    class TlsChat(TlsServer):
        program = "dcrf-chat"

    with TlsChat(tmp_path / "chat.db", authority) as server:
        user = {"username": "ann", "password": "correct horse"}
        _, headers, _ = server.request("POST", "/api/signup", user)
        assert "; Secure" in headers["Set-Cookie"]
        cookie = headers["Set-Cookie"].split(";")[0]
        _, headers, _ = server.request("POST", "/api/logout", {}, Cookie=cookie)
        assert "; Secure" in headers["Set-Cookie"]


def test_pages_over_http_are_not_the_own_ones(server):
    def origin(scheme):
        async def run():
            options = {"origin": f"{scheme}://127.0.0.1:{server.port}", "ssl": server.tls}
            async with websockets.connect(server.url("/echo/"), open_timeout=PATIENCE, **options):
                pass

        asyncio.run(run())

    origin("https")
    with pytest.raises(websockets.exceptions.InvalidStatusCode, match="403"):
        origin("http")


# -- several names, and new certificates -----------------------------------------------------------


def test_a_client_gets_the_certificate_of_the_name_it_asks_for(tmp_path, authority):
    one = authority.certify("one", "one.test", "www.one.test")
    two = authority.certify("two", "*.two.test", key="rsa:2048")
    server = TlsServer(tmp_path / "app.db", authority, certificate=one)
    server.options = [f"--certificate={one[0]},{two[0]}", f"--certificate-key={one[1]},{two[1]}"]
    with server:
        assert common_name(server, "www.one.test") == "one"
        assert common_name(server, "a.two.test") == "two"
        assert common_name(server, "A.TWO.test") == "two"
        assert common_name(server, "b.a.two.test") == "one"
        assert common_name(server, "nobody.test") == "one"
        assert common_name(server, None) == "one"


def test_a_new_certificate_is_used_and_nobody_is_dropped(capfd, tmp_path, authority):
    with TlsServer(tmp_path / "app.db", authority) as server:
        async def run():
            async with server.connect(None, "/echo/") as client:
                old = server.certificate.read_bytes()
                server.certificate.write_text("no certificate")
                server.process.send_signal(signal.SIGHUP)
                await asyncio.to_thread(line_of, capfd, r"reloading: certificate: .*server\.crt holds no")
                assert common_name(server, None) == "server"
                new = server.authority.certify("renewed")
                for x, y in zip((server.certificate, server.key), new):
                    os.replace(y, x)
                server.process.send_signal(signal.SIGHUP)
                end = time.monotonic() + PATIENCE
                while common_name(server, None) != "renewed":
                    assert time.monotonic() < end
                assert old != server.certificate.read_bytes()
                await client.socket.send("still here")
                assert await client.socket.recv() == "still here"

        asyncio.run(run())


def test_a_start_that_cannot_be_is_one_line(tmp_path, authority):
    good, key = authority.certify("good")
    _, other = authority.certify("other")
    _, rsa = authority.certify("rsa", key="rsa:2048")
    old, old_key = authority.certify("old", days=-1)
    authority.openssl("ec -in good.key -aes128 -passout pass:secret -out locked.key")
    junk = tmp_path / "junk"
    junk.write_text("junk")
    said = lambda *options: start_fails(tmp_path, *options)  # noqa: E731
    pair = lambda x, y: said(f"--certificate={x}", f"--certificate-key={y}")  # noqa: E731
    assert f"{tmp_path}/none can't be read: No such file" in pair(f"{tmp_path}/none", key)
    assert "can't be read: No such file" in pair(good, f"{tmp_path}/none")
    assert "can't be read: Is a directory" in pair(tmp_path, key)
    assert "holds no certificate" in pair(junk, key)
    assert "holds no private key" in pair(good, junk)
    assert "is not that of the certificate" in pair(good, other)
    assert "is not that of the certificate" in pair(good, rsa)
    assert "is encrypted" in pair(good, authority.folder / "locked.key")
    assert "has expired, on 20" in pair(old, old_key)
    assert "needs --certificate" in said(f"--certificate-key={key}")
    assert "a key for each" in said(f"--certificate={good},{good}", f"--certificate-key={key}")
    assert "needs --certificate" in said("--redirect-port=1")
    assert "transport-security" in said("--transport-security=max-age=1; x")


def test_a_key_may_be_in_the_file_of_its_certificate(tmp_path, authority):
    certificate, key = authority.certify("both")
    certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
    server = TlsServer(tmp_path / "app.db", authority, certificate=(certificate, key))
    server.options = [f"--certificate={certificate}"]
    with server:
        assert common_name(server, None) == "both"


# -- plain HTTP beside it --------------------------------------------------------------------------


def test_plain_http_leads_to_https(tmp_path, authority):
    with socket.socket() as x:
        x.bind(("127.0.0.1", 0))
        port = x.getsockname()[1]
    security = "max-age=31536000; includeSubDomains"
    options = [f"--redirect-port={port}", f"--transport-security={security}"]
    with TlsServer(tmp_path / "app.db", authority, *options) as server:
        assert server.process.stdout.readline() == f"listening on http://127.0.0.1:{port}\n"

        def ask(method, path, **headers):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            client.request(method, path, headers=headers)
            answer = client.getresponse()
            answer.read()
            return answer.status, answer.headers

        status, headers = ask("POST", "/api/x/?a=b%20c", Host="shop.test:80")
        assert status == 308
        assert headers["Location"] == f"https://shop.test:{server.port}/api/x/?a=b%20c"
        assert headers["Strict-Transport-Security"] is None
        assert ask("GET", "//evil.test/", Host="[::1]")[1]["Location"] == (
            f"https://[::1]:{server.port}//evil.test/"
        )
        assert ask("GET", "/", Host="")[0] == 400
        handshake = {
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        assert ask("GET", "/echo/", **handshake)[0] == 308
        assert server.request("GET", "/connection")[1]["Strict-Transport-Security"] == security
        assert server.request("GET", "/nowhere")[1]["Strict-Transport-Security"] == security


def test_the_example_of_the_documents(tmp_path, authority):
    """With ports of the test's own, and files of its own certificate."""
    certificate, key = authority.certify("server")
    example = re.search(r"```sh\n(dcrf-chat .*?)\n```", section("docs/operations.md", "TLS"), re.DOTALL)[1]
    with socket.socket() as x:
        x.bind(("127.0.0.1", 0))
        port = x.getsockname()[1]
    for old, new in {
        "/etc/letsencrypt/live/chat.example.org/fullchain.pem": certificate,
        "/etc/letsencrypt/live/chat.example.org/privkey.pem": key,
        "--port=443": "--port=0",
        "--redirect-port=80": f"--redirect-port={port}",
        "--address=::": "--address=127.0.0.1",
    }.items():
        assert old in example
        example = example.replace(old, str(new))
    words = shlex.split(example.replace("\\\n", " "))
    command = [BIN_DIR / words[0], *words[1:], f"--database=sqlite://{tmp_path}/chat.db", "--drain=0s"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        secure = re.fullmatch(r"listening on https://127.0.0.1:(\d+)\n", process.stdout.readline())
        assert process.stdout.readline() == f"listening on http://127.0.0.1:{port}\n"
        client = http.client.HTTPSConnection("127.0.0.1", int(secure[1]), context=authority.trust())
        client.request("GET", "/healthz")
        answer = client.getresponse()
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


# -- what a client can make it hold ----------------------------------------------------------------


def held(server):
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return 1024 * int(re.search(r"^RssAnon:\s+(\d+) kB", text, re.M)[1])


def test_who_says_nothing_holds_little_and_keeps_nobody_out(tmp_path, authority):
    with contextlib.ExitStack() as stack:
        server = TlsServer(tmp_path / "app.db", authority, "--max-connections=1000", "--handshake-timeout=1h")
        stack.enter_context(server)
        server.request("GET", "/connection")
        before = held(server)
        silent = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE))
            for _ in range(1000)
        ]
        # Whoever comes then is served: those who have said nothing make room.
        assert server.request("GET", "/connection")[0] == 200
        assert held(server) < before + 5 * MiB
        assert silent[0].recv(1) == b""


def test_a_handshake_has_a_deadline(capfd, tmp_path, authority):
    with TlsServer(tmp_path / "app.db", authority, "--handshake-timeout=300ms") as server:
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as client:
            client.sendall(b"\x16\x03\x01\x02")
            assert client.recv(1) == b""
    line_of(capfd, "TLS handshake with 127.0.0.1 failed: it takes too long")


def test_the_log_cannot_be_filled_with_handshakes(capfd, tmp_path, authority):
    with TlsServer(tmp_path / "app.db", authority) as server:
        for _ in range(60):
            with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as client:
                client.sendall(b"\x16\x03\x01\x00\x04junk")
                assert client.makefile("rb").read().startswith(b"\x15\x03")  # an alert
        socket.create_connection(("127.0.0.1", server.port), PATIENCE).close()  # no line at all
        assert server.stop() == 0
        assert 0 < capfd.readouterr().err.count("a TLS handshake with 127.0.0.1 failed: ") <= 20


def test_a_slow_handshake_holds_up_nobody(server):
    context = server.authority.trust()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    slow = context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as client:
        def step(call):
            while True:
                try:
                    return call()
                except ssl.SSLWantReadError:
                    for byte in outgoing.read():
                        client.sendall(bytes([byte]))
                        assert server.request("GET", "/connection")[0] == 200 if byte == 0x42 else True
                    incoming.write(client.recv(17))
        step(slow.do_handshake)
        slow.write(b"GET /connection HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        for byte in outgoing.read():
            client.sendall(bytes([byte]))
        assert step(lambda: slow.read(17)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("size", [8 * MiB])
def test_a_slow_reader_gets_all_of_it(server, size):
    async def run():
        async with server.connect(None, "/echo/") as client:
            data = os.urandom(size)
            await client.socket.send(data)
            await asyncio.sleep(0)
            return await client.socket.recv() == data

    assert asyncio.run(run())
    data = os.urandom(size)
    with server.open_socket() as client:
        client.sendall(
            b"GET /echo/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        stream = client.makefile("rb")
        while stream.readline() != b"\r\n":
            pass
        client.sendall(b"\x82\xff" + size.to_bytes(8, "big") + bytes(4) + data)
        # The server has far more to send than the kernel takes; it is taken in small pieces.
        assert stream.read(10) == b"\x82\x7f" + size.to_bytes(8, "big")
        received = bytearray()
        while len(received) < size:
            received += stream.read(min(100_000, size - len(received)))
        assert received == data


# -- the end ---------------------------------------------------------------------------------------


def test_the_end_is_said_by_tls_too(server):
    plain = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
    # Raises if the stream ends without.
    strict = server.authority.trust()
    strict.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    options = {"server_hostname": "127.0.0.1", "suppress_ragged_eofs": False}
    with strict.wrap_socket(plain, **options) as client:
        client.sendall(b"GET /connection HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert client.makefile("rb").read().startswith(b"HTTP/1.1 200")


def test_a_half_closed_client_is_still_answered(server):
    """It says that it sends nothing more (close_notify), and then reads."""
    context = server.authority.trust()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as plain:
        def step(call):
            while True:
                try:
                    result = call()
                    plain.sendall(outgoing.read())
                    return result
                except ssl.SSLWantReadError:
                    plain.sendall(outgoing.read())
                    data = plain.recv(65536)
                    incoming.write(data) if data else incoming.write_eof()
        step(client.do_handshake)
        client.write(b"GET /connection HTTP/1.1\r\nHost: a\r\n\r\n")
        with contextlib.suppress(ssl.SSLWantReadError):
            client.unwrap()
        plain.sendall(outgoing.read())
        answer = plain.makefile("rb").read()
    assert len(answer) > 300  # tickets, the answer and the end, encrypted


def test_a_stream_that_is_cut_off_is_an_end(server):
    plain = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
    client = server.tls.wrap_socket(plain, server_hostname="127.0.0.1")
    client.sendall(b"POST /connection HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
    os.close(client.detach())

    async def run():
        client = await websockets.connect(server.url("/echo/"), ssl=server.tls)
        await client.send("x")
        assert await client.recv() == "x"
        client.transport.abort()

    asyncio.run(run())
    assert server.request("GET", "/connection")[0] == 200
    assert server.stop() == 0 # nobody is there to be waited for


def test_a_server_that_stops_says_so(server):
    async def run():
        async with server.connect(None, "/echo/") as client:
            server.process.send_signal(signal.SIGTERM)
            return await client.closed()

    assert asyncio.run(run()) == 1012
    assert server.process.wait(PATIENCE) == 0


def test_a_plain_socket_may_listen_beside_it(tmp_path, authority):
    certificate, key = authority.certify("server")
    command = [
        BIN_DIR / "dcrf-conformance", f"--database=sqlite://{tmp_path}/app.db", "--drain=0s",
        "--listen=https://127.0.0.1:0,http://127.0.0.1:0", f"--certificate={certificate}",
        f"--certificate-key={key}",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        secure = re.fullmatch(r"listening on https://127.0.0.1:(\d+)\n", process.stdout.readline())
        plain = re.fullmatch(r"listening on http://127.0.0.1:(\d+)\n", process.stdout.readline())
        client = http.client.HTTPSConnection("127.0.0.1", int(secure[1]), context=authority.trust())
        client.request("GET", "/connection")
        assert json.loads(client.getresponse().read())["scheme"] == "https"
        client = http.client.HTTPConnection("127.0.0.1", int(plain[1]))
        client.request("GET", "/connection")
        assert json.loads(client.getresponse().read())["scheme"] == "http"
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0
