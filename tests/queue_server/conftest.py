"""A desk over a fresh store, and a served hall."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_server.store import postgres
from tests.queue_server.cluster import Cluster
from tests.queue_server.helpers import Clock, Desk, Served, demo_hall, serving


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    postgres.LISTEN_FOR, postgres.LOOK_EVERY = 0.02, 1_000  # stores are closed by the hundred; no look may help a push
    cluster = Cluster()
    yield cluster
    cluster.close()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """An empty PostgreSQL database if the test is for that (`helpers.BOTH`), else None: SQLite."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield None
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    url = cluster.database()
    yield url
    cluster.give_back(url)


@pytest.fixture
def desk(tmp_path: Path, clock: Clock, database: str | None) -> Iterator[Desk]:
    desk = Desk(tmp_path / "data", demo_hall(), clock, url=database)
    yield desk
    desk.close()


@pytest.fixture
def served(tmp_path: Path, database: str | None) -> Iterator[Served]:
    with serving(tmp_path / "data", url=database) as served:
        yield served
