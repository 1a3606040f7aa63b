"""Who is a node of the cluster, and who is not."""

import os
import resource
import shutil
import socket
import ssl
import struct
import subprocess
import time
from pathlib import Path

import pytest
from nodes import BIN_DIR, PATIENCE, certificates, free_port, tls, wait_until

# What docs/nodes.md promises for a node that is frozen or can't be reached.
DETECTION = 5
# The sanitizers keep what was freed.
BOUND = None if "san" in str(BIN_DIR) else 16 * 2**20


def test_the_mesh_completes_itself_through_any_node(cluster):
    a, b, c = cluster.three()
    assert "cluster: node c at" in a.log()
    assert a.get("/healthz")[0] == 200
    assert c.get("/readyz")[0] == 200


def test_a_node_that_is_killed_is_noticed_and_joins_again(cluster):
    a, b, c = cluster.three()
    b.kill()
    wait_until(lambda: a.sees(b="lost") and c.sees(b="lost"), "b is lost")
    assert a.sees(c="linked")
    assert "cluster: node b is lost" in a.log()
    b.start()
    wait_until(lambda: b.sees(a="linked", c="linked"), "b is back")
    wait_until(lambda: a.sees(b="linked") and c.sees(b="linked"), "all see b")


def test_a_seed_that_starts_later_is_joined(cluster):
    a = cluster.node("a")
    b = cluster.start("b", join=[a])
    assert b.others() == {}
    a.start()
    wait_until(lambda: b.sees(a="linked") and a.sees(b="linked"), "a and b link")


def test_a_frozen_node_is_noticed_in_time_and_comes_back(cluster):
    a, b, c = cluster.three()
    b.freeze()
    started = time.monotonic()
    wait_until(lambda: a.sees(b="lost") and c.sees(b="lost"), "b is lost")
    assert time.monotonic() - started < DETECTION + 0.5  # half a second for asking
    b.resume()
    wait_until(lambda: b.sees(a="linked", c="linked"), "b is back")
    wait_until(lambda: a.sees(b="linked") and c.sees(b="linked"), "all see b")


def test_a_node_that_stops_says_so(cluster):
    a, b, c = cluster.three()
    assert b.stop() == 0
    wait_until(lambda: a.sees(b="lost") and c.sees(b="lost"), "b is gone")
    assert "node b is lost: it has left" in a.log()


@pytest.mark.parametrize(
    "name, options, why",
    [
        ("b", ["--cluster-name=other"], "it belongs to the cluster other, not dcrf"),
        ("a", [], "this node has the name a itself"),
    ],
)
def test_a_stranger_is_refused_and_nothing_is_kept_of_it(cluster, name, options, why):
    a = cluster.start("a")
    before = a.sockets()
    stranger = cluster.node(name, *options, join=[a])
    stranger.log_file = stranger.log_file.with_suffix(".stranger")
    stranger.start()
    wait_until(lambda: why in a.log(), "the refusal")
    assert a.others() == {} and stranger.others() == {}
    assert "refuses this node" in stranger.log()
    stranger.stop()
    wait_until(lambda: a.sockets() <= before, "its connection is closed")


# -- off the loopback address, and TLS --------------------------------------------------------------


def refusal_of(*options):
    run = subprocess.run(
        [BIN_DIR / "dcrf-conformance", "--port=0", "--database=sqlite://:memory:", *options],
        capture_output=True, text=True, timeout=PATIENCE)  # fmt: skip
    assert run.returncode == 1
    return run.stderr


def test_off_loopback_a_node_wants_certificate_key_and_ca(tmp_path):
    pki = certificates(tmp_path / "pki", "a")
    address = f"--cluster-address=192.0.2.1:{free_port()}"
    assert "are needed" in refusal_of("--node-name=a", address)
    for option in range(3):
        some = tls(pki, "a")
        del some[option]
        assert "belong together" in refusal_of("--node-name=a", address, *some)


@pytest.mark.parametrize(
    "options, said",
    [
        (["--cluster-address=127.0.0.1:1"], "node-name"),
        (["--cluster-address=nonsense", "--node-name=a"], "HOST:PORT"),
        (["--cluster-address=0.0.0.0:1", "--node-name=a"], "reach this one"),
        (["--join=127.0.0.1:1"], "needs --cluster-address"),
        (["--cluster-address=127.0.0.1:1", "--node-name=a", "--join=x"], "join"),
        (["--cluster-address=127.0.0.1:1", "--node-name=a", "--repositories=a"], "another node"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, said):
    assert said in refusal_of(*options)


def test_nodes_link_over_tls(cluster, tmp_path):
    pki = certificates(tmp_path / "pki", "a", "b")
    a = cluster.start("a", *tls(pki, "a"))
    b = cluster.start("b", *tls(pki, "b"), join=[a], repositories=a)
    wait_until(lambda: a.sees(b="linked") and b.sees(a="linked"), "a and b link")
    assert b.get("/readyz")[0] == 200
    b.kill()
    wait_until(lambda: a.sees(b="lost"), "b is lost")


def test_a_peer_without_the_right_certificate_gets_nowhere(cluster, tmp_path):
    pki = certificates(tmp_path / "pki", "a")
    foreign = certificates(tmp_path / "foreign", "b")
    a = cluster.start("a", *tls(pki, "a"))
    before = a.sockets()
    wrong = cluster.start("b", *tls(foreign, "b"), join=[a])
    plain = cluster.start("c", join=[a])
    wait_until(lambda: f"no link to {a.address}" in wrong.log(), "the failure")
    wait_until(lambda: f"no link to {a.address}" in plain.log(), "the failure")
    # Each is refused by the other side as well, which says whom and why.
    # The one of another CA refuses the certificate of this node, and says so.
    wait_until(lambda: "is refused: tlsv1 alert" in a.log(), "the refusal")
    wait_until(lambda: "is refused: wrong version number" in a.log(), "the refusal")
    refusals = [line for line in a.log().splitlines() if "is refused" in line]
    assert all("a connection from 127.0.0.1:" in line for line in refusals), refusals
    assert a.others() == wrong.others() == plain.others() == {}
    wrong.stop()
    plain.stop()
    wait_until(lambda: a.sockets() <= before, "their connections are closed")
    b = cluster.node("b", *tls(certificates(tmp_path / "pki", "b"), "b"), join=[a])
    b.start()
    wait_until(lambda: a.sees(b="linked"), "a right one is let in")


def test_a_peer_without_a_certificate_is_refused_and_logged(cluster, tmp_path):
    pki = certificates(tmp_path / "pki", "a")
    a = cluster.start("a", *tls(pki, "a"))
    before = a.sockets()
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=pki / "ca.crt")
        context.check_hostname = False
        context.minimum_version = context.maximum_version = version
        plain = socket.create_connection((a.host, a.cluster_port))
        with pytest.raises(OSError), context.wrap_socket(plain) as connection:
            # In TLS 1.3 the client is done before the server has looked at its certificate.
            connection.sendall(b"hello")
            connection.recv(100)
    refusal = "is refused: peer did not return a certificate"
    wait_until(lambda: a.log().count(refusal) == 2, "both refusals")
    wait_until(lambda: a.sockets() <= before, "their connections are closed")
    assert a.others() == {}


def test_who_only_looks_whether_a_node_listens_is_no_news(cluster, tmp_path):
    pki = certificates(tmp_path / "pki", "a", "b")
    a = cluster.start("a", *tls(pki, "a"))
    socket.create_connection((a.host, a.cluster_port)).close()
    b = cluster.start("b", *tls(pki, "b"), join=[a])
    wait_until(lambda: a.sees(b="linked") and b.sees(a="linked"), "a and b link")
    assert "is refused" not in a.log() + b.log()


# -- what is no node --------------------------------------------------------------------------------


HUGE = b"\x00\x00\x00\x00" + (2**32 - 1).to_bytes(4, "big") + bytes(64)


RANDOM = os.urandom(4096)
# A message of CAF's own protocol from somebody who has not greeted.
BASP = struct.pack(">BBBBIQQQ", 0, 0, 0, 0, 0, 4, 1, 1)
GARBAGE = [b"", b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)) * 64, RANDOM, BASP]
NAMES = ["nothing", "http", "bytes", "random", "basp", "4GiB"]


@pytest.mark.parametrize("garbage", [*GARBAGE, HUGE], ids=NAMES)
def test_what_is_no_node_does_no_harm_on_the_tls_port(cluster, tmp_path, garbage):
    pki = certificates(tmp_path / "pki", "a", "b")
    a = cluster.start("a", *tls(pki, "a"))
    memory = a.memory()
    connections = []
    for _ in range(20):
        connection = socket.create_connection((a.host, a.cluster_port))
        connection.sendall(garbage)
        connections.append(connection)  # half open: it says no more
    b = cluster.start("b", *tls(pki, "b"), join=[a])
    wait_until(lambda: a.sees(b="linked"), "a node is let in all the same")
    assert a.memory() < memory + 32 * 2**20
    for connection in connections:
        connection.close()
    assert a.is_running()
    wait_until(lambda: b.sees(a="linked"), "and sees it")


@pytest.mark.parametrize("garbage", [*GARBAGE, HUGE], ids=NAMES)
def test_what_is_no_node_does_no_harm_on_the_plain_port(cluster, garbage):
    a = cluster.start("a")
    connections = []
    for _ in range(20):
        connection = socket.create_connection((a.host, a.cluster_port))
        connection.sendall(garbage)
        connections.append(connection)
    b = cluster.start("b", join=[a])
    wait_until(lambda: a.sees(b="linked"), "a node is let in all the same")
    for connection in connections:
        connection.close()
    assert a.is_running()
    wait_until(lambda: b.sees(a="linked"), "and sees it")


def test_a_certificate_that_can_not_be_read_ends_no_node(cluster, tmp_path):
    pki = certificates(tmp_path / "pki", "a", "b", "c")
    a = cluster.start("a", *tls(pki, "a"))
    b = cluster.start("b", *tls(pki, "b"))
    (pki / "a.crt").rename(pki / "away")
    socket.create_connection((a.host, a.cluster_port)).close()
    c = cluster.start("c", *tls(pki, "c"), join=[a, b])
    wait_until(lambda: c.sees(a="linked", b="linked"), "those who have read theirs link")
    wait_until(lambda: a.sees(b="linked"), "on both sides")
    assert "a.crt can't be used" in a.log()
    assert a.is_running()


def test_a_new_certificate_is_used_without_a_restart(cluster, tmp_path):
    pki = certificates(tmp_path / "pki", "a", "b")
    other = certificates(tmp_path / "other", "a")
    a = cluster.start("a", *tls(pki, "a"))
    for file in ("a.crt", "a.key", "ca.crt"):
        shutil.copy(other / file, pki / file)
    b = cluster.start("b", *tls(certificates(tmp_path / "more", "b"), "b"), join=[a])
    wait_until(lambda: f"no link to {a.address}" in b.log(), "another authority's are refused")
    certificates(tmp_path / "other", "b")
    c = cluster.start("c", *tls(tmp_path / "other", "b"), join=[a])
    wait_until(lambda: a.sees(c="linked"), "one of the new authority links")


@pytest.mark.parametrize("has_tls", [True, False], ids=["TLS", "plain"])
def test_silent_connections_keep_no_node_out(cluster, tmp_path, has_tls):
    pki = certificates(tmp_path / "pki", "a", "b")
    a = cluster.start("a", *(tls(pki, "a") if has_tls else []))
    memory, sockets = a.memory(), a.sockets()
    silent = [socket.create_connection((a.host, a.cluster_port)) for _ in range(400)]
    b = cluster.start("b", *(tls(pki, "b") if has_tls else []), join=[a])
    wait_until(lambda: a.sees(b="linked") and b.sees(a="linked"), "a node is let in all the same")
    assert BOUND is None or a.memory() < memory + BOUND
    # None of them says anything, and none is waited for.
    wait_until(lambda: a.sockets() <= sockets + 4, "the silent ones are left")
    for connection in silent:
        connection.close()


@pytest.mark.parametrize("has_tls", [True, False], ids=["TLS", "plain"])
def test_without_descriptors_a_node_waits_for_some(cluster, tmp_path, has_tls):
    pki = certificates(tmp_path / "pki", "a", "b")
    a = cluster.start("a", *(tls(pki, "a") if has_tls else []))
    pid = a.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = max(int(x.name) for x in Path(f"/proc/{pid}/fd").iterdir()) + 1
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, hard))
    waiting = [socket.create_connection((a.host, a.cluster_port)) for _ in range(10)]
    b = cluster.start("b", *(tls(pki, "b") if has_tls else []), join=[a])
    wait_until(lambda: f"no link to {a.address}" in b.log(), "nobody is let in")
    assert a.is_running()
    for connection in waiting:
        connection.close()
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    wait_until(lambda: a.sees(b="linked") and b.sees(a="linked"), "a node is let in again")
