"""The conformance app as a process, for what is not in its suite."""

import pytest
from chat import ChatServer


class ConformanceServer(ChatServer):
    program = "dcrf-conformance"


@pytest.fixture(name="app")
def app_fixture(tmp_path):
    with ConformanceServer(tmp_path / "app.db") as running:
        yield running
