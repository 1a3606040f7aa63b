import pytest
from chat import ChatServer


@pytest.fixture
def server(tmp_path):
    with ChatServer(tmp_path / "chat.db") as running:
        yield running
