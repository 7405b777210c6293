"""The demo guides as the real API says them, for tests of the lookup terminal."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from config import load_hall
from kiosk.guides_client import read_catalogue
from queue_server.api import guide_models as m
from queue_server.api.guide_views import whole
from queue_server.guides.search import Entry, build
from queue_server.guides.source import load_folder
from queue_server.guides.telling import told
from queue_server.guides.versions import Status, Version

DEMO = Path(__file__).parents[2] / "config" / "demo"
AT = datetime(2026, 11, 25, 1, 41, tzinfo=UTC)
DAY = date(2026, 11, 25)


@cache
def written():
    return load_folder(DEMO / "guides")


@cache
def catalogue_bytes(revision=7, leave_out=0):
    """The answer of `GET /guides/catalogue`; `leave_out` guides at the end are not in it."""
    tables, guides = written()
    hall = load_hall(DEMO / "hall.toml")
    versions = [
        Version(3, Status.PUBLISHED, one.guide, one.guide.effective_from, None, AT, "import", AT, "import")
        for one in guides[: len(guides) - leave_out]
    ]
    said = [whole(one, DAY, {hall.id: hall}, "http://server") for one in versions]
    return m.CatalogueOut(revision=revision, day=DAY, tables=tables, guides=said).model_dump_json().encode()


@cache
def catalogue():
    return read_catalogue(catalogue_bytes())


def index_bytes(folder, version="7-2026-11-25"):
    """The file of `GET /guides/index`."""
    tables, guides = written()
    entries = [
        Entry(g.code, g.name, g.short_name, g.aliases, g.department, fields=told(g, tables, "zh"))
        for g in (one.guide for one in guides)
    ]
    path = folder / f"built-{version}"
    build(path, entries, version=version, built_at=AT)
    return path.read_bytes()
