import pytest

from tests.ingest.small import Bench


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)
