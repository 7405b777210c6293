"""The demo's tables, one good guide to break, and a desk with a small catalogue on both databases."""

from __future__ import annotations

import pytest

from config.loader import load
from queue_server.guides import importing
from queue_server.guides.command import DEMO
from queue_server.guides.model import Guide, Tables
from queue_server.guides.source import SHARED, Shared, load_file, load_tables
from queue_server.guides.transfer import Row
from queue_server.store.guides import CATALOGUE
from tests.queue_server.helpers import Desk

THREE = ("社保参保登记", "灵活就业参保", "失业金申领")  # short names


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def tables() -> Tables:
    return load_tables(DEMO)


@pytest.fixture(scope="session")
def three(tables: Tables) -> list[Guide]:
    """The model guides of the demo, nothing wrong with them; in force since 2025."""
    guides = load_file(DEMO / "social.toml", tables, load(DEMO / SHARED, Shared))
    return [next(guide for guide in guides if guide.short_name == name) for name in THREE]


@pytest.fixture(scope="session")
def guide(three: list[Guide]) -> Guide:
    """社保参保登记."""
    return three[0]


@pytest.fixture
def city(desk: Desk, tables: Tables, three: list[Guide]) -> Desk:
    """A desk whose city has published the three."""
    file = importing.File([Row(place, guide) for place, guide in enumerate(three, 1)], tables=tables)
    done = desk.store.run(CATALOGUE, lambda tx: importing.run(tx, desk.guides, file, "hall"))
    assert done.faults == []
    return desk
