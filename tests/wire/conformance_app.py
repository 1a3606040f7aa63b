"""The conformance app as a process, for what is not in its suite."""

import pytest
from chat import ChatServer
from tls import Authority, TlsServer


class ConformanceServer(ChatServer):
    program = "dcrf-conformance"


@pytest.fixture(name="app")
def app_fixture(tmp_path):
    with ConformanceServer(tmp_path / "app.db") as running:
        yield running


@pytest.fixture(name="app", params=["ws", "wss"])
def both_fixture(request, tmp_path):
    """With TLS and without."""
    if request.param == "ws":
        server = ConformanceServer(tmp_path / "app.db")
    else:
        server = TlsServer(tmp_path / "app.db", Authority(tmp_path / "pki"))
    with server as running:
        yield running
