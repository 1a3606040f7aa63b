"""Hosts that can be cut off from each other: a network namespace for each."""

import os
import shutil
import subprocess

# Two networks, so that clients still reach a host that is cut off from the others. Several tests may
# run at once: DCRF_NETWORK tells theirs apart.
NUMBER = int(os.environ.get("DCRF_NETWORK", "0"))
CLIENTS = f"10.213.{8 + 2 * NUMBER}"
NODES = f"10.213.{9 + 2 * NUMBER}"
NAME = f"dcrf{NUMBER}"


def is_permitted():
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    probe = f"dcrf-probe-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", probe], capture_output=True).returncode != 0:
        return False
    entered = subprocess.run(["ip", "netns", "exec", probe, "true"], capture_output=True)
    subprocess.run(["ip", "netns", "del", probe], check=True)
    return entered.returncode == 0


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Network:
    """`with Network("a", "b") as network`: two hosts, and this one as their client."""

    def __init__(self, *names):
        self.names = names
        self.made = []

    def __enter__(self):
        try:
            for bridge, network in ((f"{NAME}-cl", CLIENTS), (f"{NAME}-no", NODES)):
                ip("link", "add", bridge, "type", "bridge")
                self.made.append(("link", "del", bridge))
                ip("link", "set", bridge, "up")
            ip("address", "add", f"{CLIENTS}.1/24", "dev", f"{NAME}-cl")
            for number, name in enumerate(self.names, 2):
                self.add_host(number, name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for words in reversed(self.made):
            subprocess.run(["ip", *words], capture_output=True)

    def add_host(self, number, name):
        space = f"{NAME}-{name}"
        ip("netns", "add", space)
        self.made.append(("netns", "del", space))
        ip("-n", space, "link", "set", "lo", "up")
        for kind, network in (("cl", CLIENTS), ("no", NODES)):
            outer, inner = f"{NAME}-{kind}-{name}", f"{NAME}-{kind}"
            ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space)
            self.made.append(("link", "del", outer))
            ip("link", "set", outer, "master", f"{NAME}-{kind}", "up")
            ip("-n", space, "address", "add", f"{network}.{number}/24", "dev", inner)
            ip("-n", space, "link", "set", inner, "up")

    def settings(self, name):
        """What Node takes to run on a host."""
        number = self.names.index(name) + 2
        return {
            "prefix": ("ip", "netns", "exec", f"{NAME}-{name}"),
            "host": f"{CLIENTS}.{number}",
            "cluster_host": f"{NODES}.{number}",
        }

    def cut_off(self, name):
        """Packets between the host and the other hosts vanish."""
        ip("link", "set", f"{NAME}-no-{name}", "nomaster")

    def heal(self, name):
        ip("link", "set", f"{NAME}-no-{name}", "master", f"{NAME}-no")
