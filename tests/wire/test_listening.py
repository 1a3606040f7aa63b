"""Where a server listens: addresses, names, sockets of paths, and what systemd passes and is told."""

import contextlib
import http.client
import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import time

import pytest
from chat import BIN_DIR, PATIENCE
from documents import section
from tls import Authority

PROGRAM = BIN_DIR / "dcrf-conformance"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


def seen(connection, headers=()):
    """What the server sees of this client."""
    connection.request("GET", "/connection", headers=dict(headers))
    return json.loads(connection.getresponse().read())


class Listening:
    """The conformance app with these options; `lines` is where it says that it listens."""

    def __init__(self, folder, *options, count=1, command=(), **how):
        self.command = [
            *command, PROGRAM, f"--database=sqlite://{folder}/app.db", "--log-level=error", "--drain=0s", *options
        ]
        self.count = count
        self.how = how

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True, **self.how)
        self.lines = [self.process.stdout.readline() for _ in range(self.count)]
        self.urls = [re.fullmatch(r"listening on (.+)\n", x)[1] for x in self.lines]
        self.ports = [int(x.rsplit(":", 1)[1]) for x in self.urls if not x.startswith("unix:")]
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(PATIENCE) == 0


def fails(folder, *options, **how):
    """The line of a server that can't start."""
    command = Listening(folder, *options).command
    result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **how)
    assert result.returncode == 1 and result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    return result.stderr


def has_ipv6():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as x:
        x.bind(("::1", 0))
        return True
    return False


# -- addresses and names ---------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["::1", "[::1]"])
def test_an_address_of_ipv6(tmp_path, address):
    if not has_ipv6():
        pytest.skip("there is no IPv6 here")
    with Listening(tmp_path, f"--address={address}", "--port=0") as server:
        assert server.urls == [f"http://[::1]:{server.ports[0]}"]
        assert seen(http.client.HTTPConnection("::1", server.ports[0]))["client"] == "::1"


def test_all_of_ipv6_is_all_of_ipv4_too(tmp_path):
    if not has_ipv6():
        pytest.skip("there is no IPv6 here")
    with Listening(tmp_path, "--address=::", "--port=0") as server:
        port = server.ports[0]
        assert server.urls == [f"http://[::]:{port}"]
        assert seen(http.client.HTTPConnection("127.0.0.1", port))["client"] == "127.0.0.1"
        assert seen(http.client.HTTPConnection("::1", port))["client"] == "::1"


def test_a_name_is_all_of_its_addresses(tmp_path):
    names = {x[4][0] for x in socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)}
    with Listening(tmp_path, "--address=localhost", "--port=0") as server:
        assert server.urls == [f"http://localhost:{server.ports[0]}"]
        for name in names:
            assert seen(http.client.HTTPConnection(name, server.ports[0]))["client"] == name


def test_several_addresses(tmp_path):
    path = tmp_path / "http.sock"
    with Listening(
        tmp_path, f"--listen=127.0.0.1:0,127.0.0.2:0,unix:{path}", count=3
    ) as server:
        one, two = server.ports
        assert server.urls == [f"http://127.0.0.1:{one}", f"http://127.0.0.2:{two}", f"unix:{path}"]
        assert seen(http.client.HTTPConnection("127.0.0.1", one))["client"] == "127.0.0.1"
        assert seen(http.client.HTTPConnection("127.0.0.2", two))["client"] == "127.0.0.1"
        assert seen(UnixConnection(path))["client"] == "unix:"


def test_one_address_that_is_taken_is_enough_to_refuse(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = fails(tmp_path, f"--listen=127.0.0.1:0,127.0.0.1:{port},unix:{tmp_path}/x.sock")
    assert f"http://127.0.0.1:{port}" in line and "in use" in line
    assert not (tmp_path / "x.sock").exists()
    assert "No such" in fails(tmp_path, f"--listen=unix:{tmp_path}/none/x.sock")
    assert "too long" in fails(tmp_path, f"--listen=unix:{tmp_path}/{'x' * 108}")


def test_the_example_of_the_documents(tmp_path):
    words = re.search(r"```sh\ndcrf-chat (--listen=.*?)\n```", section("docs/operations.md", "Where it listens"))
    options = words[1].replace(":8000", ":0").replace("/run/dcrf-chat", str(tmp_path))
    if not has_ipv6():
        options = options.replace('"[::1]:0", ', "")
    with Listening(tmp_path, *shlex.split(options), count=options.count(",") + 1) as server:
        assert seen(UnixConnection(tmp_path / "http.sock"))["client"] == "unix:"
        assert len(server.ports) == options.count(",")


# -- sockets of paths ------------------------------------------------------------------------------


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_socket_of_a_path_has_its_mode_and_goes_with_the_server(tmp_path):
    path = tmp_path / "http.sock"
    with Listening(tmp_path, f"--listen=unix:{path}"):
        assert mode_of(path) == 0o660
    assert not path.exists()
    with Listening(tmp_path, f"--listen=unix:{path}", "--socket-mode=600", umask=0):
        assert mode_of(path) == 0o600
    assert sorted(x.name for x in tmp_path.iterdir()) == ["app.db"]


def test_a_socket_that_was_left_behind_is_replaced(tmp_path):
    path = tmp_path / "http.sock"
    with Listening(tmp_path, f"--listen=unix:{path}") as killed:
        killed.process.kill()
        killed.process.wait()
    assert path.exists()
    with Listening(tmp_path, f"--listen=unix:{path}"):
        assert seen(UnixConnection(path))["client"] == "unix:"


def test_what_is_in_use_or_no_socket_is_not_replaced(tmp_path):
    path, file, other = tmp_path / "http.sock", tmp_path / "file", tmp_path / "other"
    file.write_text("precious")
    other.mkdir()
    with Listening(tmp_path, f"--listen=unix:{path}"):
        assert "in use" in fails(other, f"--listen=unix:{path}")
        assert seen(UnixConnection(path))["client"] == "unix:"
    assert "in use" in fails(other, f"--listen=unix:{file}")
    assert file.read_text() == "precious"
    # Somebody else's socket that has taken the place stays, too.
    with Listening(tmp_path, f"--listen=unix:{path}"):
        path.unlink()
        with socket.socket(socket.AF_UNIX) as theirs:
            theirs.bind(str(path))
    assert path.exists()


def test_of_many_servers_that_start_at_once_one_has_the_socket(tmp_path):
    path = tmp_path / "http.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    started = []
    for i in range(4):
        (tmp_path / str(i)).mkdir()
        command = Listening(tmp_path / str(i), f"--listen=unix:{path}").command
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
    lines = [x.stdout.readline() for x in started]
    assert sorted(lines) == ["", "", "", f"listening on unix:{path}\n"]
    assert seen(UnixConnection(path))["client"] == "unix:"
    for x in started:
        if x.poll() is None:
            x.terminate()
        x.wait(PATIENCE)


def test_who_is_trusted_on_a_path_says_who_its_clients_are(tmp_path):
    path = tmp_path / "http.sock"
    said = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    for trusted, client in (("unix:", "203.0.113.7"), ("127.0.0.1", "unix:")):
        with Listening(tmp_path, f"--listen=unix:{path}", f"--trusted-proxies={trusted}"):
            assert seen(UnixConnection(path), said.items())["client"] == client


# -- systemd ---------------------------------------------------------------------------------------


def passing(sockets, names=None):
    """How to start a program with these sockets, as systemd does."""
    script = "import os,sys; os.environ['LISTEN_PID']=str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])"
    numbers = range(3, 3 + len(sockets))

    def move():
        copies = [os.dup(x.fileno()) for x in sockets]
        high = [os.dup2(x, 100 + i) for i, x in enumerate(copies)]
        for number, x in zip(numbers, high):
            os.dup2(x, number)

    environment = {**os.environ, "LISTEN_FDS": str(len(sockets))}
    if names:
        environment["LISTEN_FDNAMES"] = ":".join(names)
    return {
        "command": ["/usr/bin/python3", "-c", script],
        "env": environment, "preexec_fn": move, "close_fds": False,
    }


def test_sockets_that_were_passed_are_used(tmp_path):
    path = tmp_path / "http.sock"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as local:
        local.bind(str(path))
        local.listen()
        port = tcp.getsockname()[1]
        # Somebody connects before the server is there.
        early = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        early.connect()
        with Listening(tmp_path, "--port=1", count=2, **passing([tcp, local])) as server:
            assert server.urls == [f"http://127.0.0.1:{port}", f"unix:{path}"]
            assert seen(early)["client"] == "127.0.0.1"
            assert seen(UnixConnection(path))["client"] == "unix:"
            assert "LISTEN_FDS" in passing([tcp])["env"]
    assert path.exists()  # it is not the server's


def test_names_say_how_passed_sockets_are_used(tmp_path):
    authority = Authority(tmp_path / "pki")
    certificate, key = authority.certify("server")
    tls = [f"--certificate={certificate}", f"--certificate-key={key}"]
    with contextlib.ExitStack() as stack:
        three = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        secure, plain, leading = (x.getsockname()[1] for x in three)
        how = passing(three, ["https", "http", "redirect"])
        with Listening(tmp_path, *tls, count=3, **how) as server:
            assert server.urls[0] == f"https://127.0.0.1:{secure}"
            client = http.client.HTTPSConnection("127.0.0.1", secure, context=authority.trust())
            assert seen(client)["scheme"] == "https"
            assert seen(http.client.HTTPConnection("127.0.0.1", plain))["scheme"] == "http"
            client = http.client.HTTPConnection("127.0.0.1", leading)
            client.request("GET", "/x", headers={"Host": "a.test"})
            assert client.getresponse().headers["Location"] == f"https://a.test:{secure}/x"


def test_a_socket_that_cannot_be_used_is_one_line(tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        how = passing([udp])
        command = [*how.pop("command"), *Listening(tmp_path).command]
        result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **how)
    assert result.returncode == 1 and "the socket 3 that was passed" in result.stderr


def test_systemd_socket_activate(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as x:
        port = x.getsockname()[1]
    activate = ["systemd-socket-activate", f"--listen=127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*activate, *Listening(tmp_path).command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                assert seen(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE))
                break
            assert time.monotonic() < end
            time.sleep(0.01)
        assert process.stdout.readline() == f"listening on http://127.0.0.1:{port}\n"
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


class Manager:
    """Who is told how a server is."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(PATIENCE)
        self.socket.bind(name)
        self.environment = {**os.environ, "NOTIFY_SOCKET": name.replace("\0", "@")}

    def told(self):
        return dict(x.split("=", 1) for x in self.socket.recv(4096).decode().splitlines())


@pytest.mark.parametrize("is_abstract", [False, True])
def test_who_started_it_is_told_how_it_is(tmp_path, is_abstract):
    name = f"\0dcrf test {os.getpid()}" if is_abstract else str(tmp_path / "notify")
    manager = Manager(name)
    certificate, key = Authority(tmp_path / "pki").certify("server")
    tls = [f"--certificate={certificate}", f"--certificate-key={key}", "--port=0"]
    with manager.socket, Listening(tmp_path, *tls, env=manager.environment) as server:
        assert manager.told() == {"READY": "1"}
        for _ in range(2):
            before = time.monotonic_ns() // 1000
            server.process.send_signal(signal.SIGHUP)
            reloading = manager.told()
            assert reloading["RELOADING"] == "1"
            assert before <= int(reloading["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
            assert manager.told() == {"READY": "1"}
        server.process.send_signal(signal.SIGTERM)
        assert manager.told() == {"STOPPING": "1"}
        assert server.process.wait(PATIENCE) == 0


def test_a_server_that_cannot_start_is_never_ready(tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    with manager.socket:
        fails(tmp_path, "--listen=192.0.2.1:80", env=manager.environment)
        manager.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            manager.told()
