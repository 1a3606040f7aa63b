import pytest
from nodes import Cluster


@pytest.fixture
def cluster(tmp_path):
    running = Cluster(tmp_path)
    try:
        yield running
    finally:
        statuses = running.end()
    assert all(status == 0 for _, status in statuses), statuses
