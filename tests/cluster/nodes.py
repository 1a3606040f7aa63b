"""Nodes of a cluster as processes: the conformance app, which has all that a client may want."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BIN_DIR = Path(os.environ.get("DCRF_BIN_DIR", ROOT / "build/release/bin")).resolve()
# Long enough for a busy machine; nothing waits this long unless it fails.
PATIENCE = 30

sys.path.insert(0, str(ROOT / "tests/conformance"))
from suite.harness import Tester  # noqa: E402


def free_port(host="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def wait_until(condition, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.02)
    return found


class Node:
    """One process; `prefix` is what it is started by, to have a network of its own, say."""

    def __init__(self, name, folder, *options, host="127.0.0.1", cluster_host=None, join=(), repositories=None,
                 database="sqlite://:memory:", prefix=(), program="dcrf-conformance"):  # fmt: skip
        self.name = name
        self.host = host
        self.cluster_host = cluster_host or host
        self.port = 0
        self.cluster_port = free_port()
        self.join = join
        self.repositories = repositories
        self.database = database
        self.options = options
        self.prefix = prefix
        self.program = program
        self.log_file = folder / f"{name}.log"
        self.stdin = None
        self.process = None

    @property
    def address(self):
        return f"{self.cluster_host}:{self.cluster_port}"

    @property
    def url(self):
        return f"ws://{self.host}:{self.port}"

    def command(self):
        command = [*self.prefix, BIN_DIR / self.program, f"--port={self.port}",
                   f"--address={self.host}", f"--node-name={self.name}",
                   f"--cluster-address={self.address}", "--drain=0s", *self.options]  # fmt: skip
        if self.join:
            command.append("--join=" + ",".join(x.address for x in self.join))
        if self.repositories:
            command.append(f"--repositories={self.repositories.name}")
        else:
            command.append(f"--database={self.database}")
        return command

    def start(self):
        log = open(self.log_file, "a")
        self.process = subprocess.Popen(
            self.command(), stdin=self.stdin, stdout=subprocess.PIPE, stderr=log, text=True
        )
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on http://[\d.]+:(\d+)\n", line)
        assert found, f"{self.name} said {line!r}\n{self.log()}"
        self.port = int(found[1])
        return self

    def log(self):
        return self.log_file.read_text() if self.log_file.exists() else ""

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def freeze(self):
        """Returns when no thread runs any more, which is a while after the signal was sent."""
        self.process.send_signal(signal.SIGSTOP)
        wait_until(self.is_frozen, f"{self.name} is frozen")

    def is_frozen(self):
        try:
            threads = list(Path(f"/proc/{self.process.pid}/task").iterdir())
            stats = [(x / "stat").read_text() for x in threads]
        except FileNotFoundError:  # a thread has just ended
            return False
        return all(x.rpartition(")")[2].split()[0] == "T" for x in stats)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def get(self, path):
        """Status and body of one HTTP request."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, body

    def others(self):
        """The state of the other nodes, by name."""
        status, body = self.get("/nodes")
        assert status == 200
        return {x["name"]: x["state"] for x in json.loads(body)["nodes"]}

    def sees(self, **states):
        found = self.others()
        return all(found.get(name) == state for name, state in states.items())

    def tester(self, control=None):
        return Tester(self.url, control.url if control else None)

    def memory(self):
        """Bytes that this process has written, so not the pages of programs and libraries."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return 1024 * int(re.search(r"^Private_Dirty:\s+(\d+) kB", text, re.M)[1])

    def sockets(self):
        folder = Path(f"/proc/{self.process.pid}/fd")
        return sum(x.is_socket() for x in folder.iterdir())


def certificates(folder, *names):
    subprocess.run([ROOT / "scripts/make_certificates", folder, *names], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    return folder


def tls(folder, name):
    return [f"--cluster-certificate={folder}/{name}.crt", f"--cluster-key={folder}/{name}.key",
            f"--cluster-ca={folder}/ca.crt"]  # fmt: skip


class Cluster:
    """Nodes that end with the test, and must end well if they still run."""

    def __init__(self, folder):
        self.folder = folder
        self.nodes = []

    def node(self, name, *options, **settings):
        node = Node(name, self.folder, *options, **settings)
        self.nodes.append(node)
        return node

    def start(self, name, *options, **settings):
        return self.node(name, *options, **settings).start()

    def three(self, *options):
        """A node with a database, and two in front of it."""
        a = self.start("a", *options)
        b = self.start("b", *options, join=[a], repositories=a)
        c = self.start("c", *options, join=[b], repositories=a)
        wait_until(lambda: a.sees(b="linked", c="linked"), "a sees all")
        wait_until(lambda: b.sees(a="linked", c="linked"), "b sees all")
        wait_until(lambda: c.sees(a="linked", b="linked"), "c sees all")
        return a, b, c

    def end(self):
        statuses = []
        for node in reversed(self.nodes):
            if node.is_running():
                node.resume()
                statuses.append((node.name, node.stop()))
        return statuses
