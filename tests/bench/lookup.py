"""How well and how fast guides are found, beside plain FTS5 trigram and LIKE over the same titles in the same run.

The guides are the real titles of ../shared/data, without everyday names: what a guide is known by besides its title,
the search's own tables know. Sets: our queries (lookup_queries.toml) at 300 guides and at all of them, four people's
(lookup_firsts.toml) against the demo catalogue with and without its everyday names, the portal's everyday names, one
wrong character that sounds alike. Hit is a guide that was meant: the first, one of the first three.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import time
import tomllib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queue_server.guides.search import Entry, Index, build, sound, words
from tests.system.rig import ROOT

DATA = ROOT.parent / "shared" / "data"
QUERIES = Path(__file__).with_name("lookup_queries.toml")
FIRSTS = Path(__file__).with_name("lookup_firsts.toml")
DEMO = ROOT / "config" / "demo" / "guides"
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
FEW, MANY, TYPOS = 300, 5_000, 300
Asked = list[tuple[str, set[str]]]  # a query, and the codes of the guides it means
Engine = Callable[[str], Sequence[str]]  # a query -> codes, best first


def lookup(folder: Path) -> dict[str, Any]:
    """{set: {engine: [hit@1, hit@3]}, sure: {…}, speed: {…}}, or why it was left out."""
    if not DATA.is_dir():
        return {"skipped": f"{DATA} is missing"}
    items, guides = district_items(), portal_guides()
    everything = [*items, *guides]
    found: dict[str, Any] = {}
    for name in ("tuned", "held"):
        said = queries(name)
        for entries in (around([part for _, part in said], items, guides), everything):
            found[f"{name}_{len(entries)}"] = rates(folder, entries, meant(said, entries))
    for name in ("one", "two", "three"):
        found[f"demo_{name}"] = rates(folder, demo_guides(), first_sight(name))
        found[f"demo_{name}_bare"] = rates(folder, demo_guides(aliases=False), first_sight(name))
    found["everyday"] = rates(folder, guides, everyday(guides))
    found["everyday_not_the_title"] = rates(folder, guides, [(n, c) for n, c in everyday(guides) if not own(n, guides)])
    found["homophones"] = rates(folder, guides, homophones(guides))
    found["sure"] = sure(folder, everything)
    found["speed"] = speed(folder, everything, [query for query, _ in queries("tuned")])
    return found


def demo_guides(*, aliases: bool = True) -> list[Entry]:
    """The demo catalogue as it is written, a code for every row: an item's code may stand at several guides."""
    guides = [
        one for path in sorted(DEMO.glob("*.toml")) for one in tomllib.loads(path.read_text("utf-8")).get("guides", [])
    ]
    return [
        Entry(
            f"{n}",
            guide["name"],
            guide["short_name"],
            tuple(guide["aliases"]) if aliases else (),
            "",
            fields={"title_en": guide["name_en"]},
        )
        for n, guide in enumerate(guides)
    ]


def first_sight(name: str) -> Asked:
    """A set of lookup_firsts.toml against the demo catalogue."""
    codes: dict[str, set[str]] = {}
    for entry in demo_guides():
        codes.setdefault(entry.short, set()).add(entry.code)
    table = tomllib.loads(FIRSTS.read_text("utf-8"))[name]
    return [(query, set().union(*(codes[one] for one in meant))) for kind in table.values() for query, *meant in kind]


def queries(name: str) -> list[tuple[str, str]]:
    """(query, part of the title that is meant, or nothing) of one set."""
    table = tomllib.loads(QUERIES.read_text("utf-8"))
    return [(query, "".join(part)) for kind in table[name].values() for query, *part in kind]


def district_items() -> list[Entry]:
    offices = json.loads((DATA / "items-guangan.json").read_text("utf-8"))
    rows = {item["code"]: (item["name"], office["department"]) for office in offices for item in office["items"]}
    return [Entry(code, name, "", (), department) for code, (name, department) in rows.items()]


def portal_rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / "guides-guangdong.jsonl").read_text("utf-8").splitlines()]


def portal_guides() -> list[Entry]:
    rows = {row["TASK_CODE"]: row for row in portal_rows()}
    return [Entry(code, row["TASK_NAME"], "", (), row["DEPT_NAME"]) for code, row in rows.items()]


def around(parts: Iterable[str], items: list[Entry], others: list[Entry]) -> list[Entry]:
    """A hall's catalogue: the guides our queries mean, and others up to FEW."""
    wanted = [words.plain(part) for part in parts]
    mine = [entry for entry in items if any(part in words.plain(entry.title) for part in wanted)]
    rest = [entry for entry in (*items, *others) if entry not in mine]
    return mine + random.Random(3).sample(rest, max(0, FEW - len(mine)))


def meant(said: list[tuple[str, str]], entries: list[Entry]) -> Asked:
    titles = {entry.code: words.plain(entry.title) for entry in entries}
    return [(query, {code for code, title in titles.items() if words.plain(part) in title}) for query, part in said]


def everyday(guides: list[Entry]) -> Asked:
    """The portal's everyday names. A name that several guides have means all of them."""
    codes: dict[str, set[str]] = {}
    for row in portal_rows():
        name = row.get("matter_daily", "")
        if name:
            codes.setdefault(name, set()).add(row["TASK_CODE"])
    return [(name, same_title(found, guides)) for name, found in sorted(codes.items())]


def own(name: str, guides: list[Entry]) -> bool:
    """Whether the name is just some guide's title."""
    return any(words.plain(name) == words.plain(entry.title) for entry in guides)


def homophones(guides: list[Entry]) -> Asked:
    """Titles of 4 to 14 characters, one of them exchanged for another of the catalogue's that sounds alike."""
    rng = random.Random(11)
    said = {one: sound.syllables(one)[0] for entry in guides for one in words.plain(entry.title) if not one.isascii()}
    asked: Asked = []
    for entry in rng.sample(guides, len(guides)):
        at = rng.randrange(len(entry.title))
        mine = entry.title[at]
        alike = [one for one in sorted(said) if one != mine and said[one] == said.get(mine)]
        if 4 <= len(entry.title) <= 14 and alike and len(asked) < TYPOS:
            typed = entry.title[:at] + rng.choice(alike) + entry.title[at + 1 :]
            asked.append((typed, same_title({entry.code}, guides)))
    return asked


def same_title(codes: set[str], guides: list[Entry]) -> set[str]:
    """The portal lists some guides twice."""
    titles = {entry.title for entry in guides if entry.code in codes}
    return {entry.code for entry in guides if entry.title in titles}


def rates(folder: Path, entries: list[Entry], asked: Asked) -> dict[str, Any]:
    found: dict[str, Any] = {"guides": len(entries), "queries": len(asked)}
    for name, engine in engines(folder, entries).items():
        answers = [(engine(query)[:3], codes) for query, codes in asked]
        first, three = (sum(bool(codes & set(hits[:n])) for hits, codes in answers) / len(asked) for n in (1, 3))
        found[name] = [round(first, 3), round(three, 3)]
    print(f"  {found}", flush=True)
    return found


def engines(folder: Path, entries: list[Entry]) -> dict[str, Engine]:
    path = folder / "guides.db"
    build(path, entries, version="bench", built_at=NOW)
    index = Index(path)
    return {"ours": lambda query: [hit.code for hit in index.search(query).hits], **plain_engines(entries)}


def plain_engines(entries: list[Entry]) -> dict[str, Engine]:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE three USING fts5(code UNINDEXED, title, tokenize='trigram')")
    db.executemany("INSERT INTO three VALUES (?, ?)", [(entry.code, words.plain(entry.title)) for entry in entries])

    def trigram(query: str) -> list[str]:
        text = words.plain(query)
        parts = {text[at : at + 3] for at in range(len(text) - 2)}
        matching = " OR ".join(f'"{part}"' for part in sorted(parts))
        sql = "SELECT code FROM three WHERE three MATCH ? ORDER BY rank LIMIT 3"
        return [code for (code,) in db.execute(sql, (matching,))] if parts else []

    def like(query: str) -> list[str]:
        sql = "SELECT code FROM three WHERE title LIKE ? ORDER BY length(title) LIMIT 3"
        return [code for (code,) in db.execute(sql, (f"%{words.plain(query)}%",))]

    return {"trigram": trigram, "like": like}


def sure(folder: Path, entries: list[Entry]) -> dict[str, float]:
    """How many of each kind were answered as sure: near 1 of what there is, near 0 of what there is not."""
    build(folder / "guides.db", entries, version="bench", built_at=NOW)
    index = Index(folder / "guides.db")
    found = {}
    for name in ("tuned", "held", "nothing"):
        said = queries(name)
        found[name] = round(sum(index.search(query).sure for query, _ in said) / len(said), 3)
    return found


def speed(folder: Path, entries: list[Entry], said: list[str]) -> dict[str, Any]:
    """MANY guides: every title for the city, and again for a county until there are enough. ms as a terminal waits, for
    whole queries and for every key on the way to them; cpu_ms is this thread's own work, whoever else is busy.
    """
    county = [Entry(f"X{entry.code}", f"{entry.title}（临江县）", "", (), "") for entry in entries]
    many = [*entries, *county][:MANY]
    start = time.perf_counter()
    build(folder / "many.db", many, version="bench", built_at=NOW)
    built = time.perf_counter() - start
    index = Index(folder / "many.db")
    index.search("社宝卡")  # the tables are read once
    keys = [query[:end] for query in said[::4] for end in range(1, len(query) + 1)]
    found: dict[str, Any] = {"guides": len(many), "build_s": round(built, 2)}
    for name, asked in (("query", said), ("key", keys)):
        rows = [timed(index, query) for query in asked]
        for unit, column in zip(("ms", "cpu_ms"), zip(*rows, strict=True), strict=True):
            cuts = statistics.quantiles(column, n=20)
            found[f"{name}_{unit}"] = {"p50": round(cuts[9], 1), "p95": round(cuts[18], 1)}
    found["file_mb"] = round((folder / "many.db").stat().st_size / 1e6, 1)
    print(f"  {found}", flush=True)
    return found


def timed(index: Index, query: str) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.thread_time()
    index.search(query)
    return (time.perf_counter() - wall) * 1e3, (time.thread_time() - cpu) * 1e3
