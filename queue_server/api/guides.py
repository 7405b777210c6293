"""Guides: what is published, for everybody; the life of a guide, for publishers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, TypeVar

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, ValidationError

from config import Hall
from config.loader import faults_in
from queue_server.access import Permission
from queue_server.api import guide_models as m
from queue_server.api.gate import answer, change, idempotency_key, needs, parts, public, who
from queue_server.api.guide_views import difference, due, placed, review, short, version, versions_of, whole
from queue_server.domain.errors import Conflict, NotFound, Unprocessable
from queue_server.guides import importing, telling, transfer
from queue_server.guides.catalogue import Published, told
from queue_server.guides.diff import differences
from queue_server.guides.model import Guide, Place, Tables
from queue_server.guides.search import Answer
from queue_server.guides.versions import Status, Version
from queue_server.store import guides as stored
from queue_server.store.writer import Transaction

guides = APIBlueprint("guides", __name__, tag="guides", url_prefix="/api/v1")

LARGEST = 32 * 1024 * 1024  # a catalogue of 5,000 guides as base64
SEARCHES_SHOWN = 500
Model = TypeVar("Model", bound=BaseModel)


@guides.before_request
def room() -> None:
    request.max_content_length = LARGEST


# -- for everybody ----------------------------------------------------------------------------------------------------


@guides.get("/guides")
@public()
@guides.input(m.GuidesIn, location="query")
@guides.output(m.GuidesOut)
def list_guides(query_data: m.GuidesIn) -> Response:
    """The guides in force today, by name, or by how well they answer `q`; all conditions hold together"""
    asked, now = query_data, _published()
    chosen = {code: one for code, one in now.guides.items() if _chosen(one.guide, asked)}
    found, said = _named(chosen), Answer((), sure=True)
    if asked.q is not None and asked.q.strip():
        said = parts().finder.index(now).search(asked.q, asked.offset + asked.limit)
        found = [chosen[hit.code] for hit in said.hits if hit.code in chosen]
    # what a question asks for is answered by the first guide: only if that one is among the chosen
    first = bool(said.hits) and said.hits[0].code in chosen
    text = said.text if first else None
    if text is not None and asked.lang == "en":
        text = telling.told(chosen[said.hits[0].code].guide, now.tables, "en").get(said.field or "")
    return answer(
        m.GuidesOut.model_construct(
            revision=now.revision,
            day=now.day,
            total=len(found),
            guides=[short(one) for one in found[asked.offset : asked.offset + asked.limit]],
            sure=said.sure,
            field=said.field,
            text=text,
        )
    )


def _named(chosen: Mapping[str, Version]) -> list[Version]:
    return sorted(chosen.values(), key=lambda one: (one.guide.name, one.guide.code))


@guides.get("/guides/index")
@public()
def get_index() -> Response:
    """The search's file (SQLite), for terminals that find without the server; with `If-None-Match` 304"""
    index, path = parts().finder.index(_published()), parts().finder.path
    given = Response(path.read_bytes(), mimetype="application/vnd.sqlite3")
    given.set_etag(f"{index.version}-{index.built_at.timestamp():.0f}")
    given.make_conditional(request)
    return given


def _chosen(guide: Guide, asked: m.GuidesIn) -> bool:
    there = [place for place in guide.places if asked.area in (None, place.area) and asked.hall in (None, place.hall)]
    if (asked.area or asked.hall) and not there:
        return False
    if asked.line:
        queues = [placed(place, _halls()).queue for place in there]
        if not any(queue and queue.id == asked.line for queue in queues):
            return False
    return (
        (asked.theme is None or asked.theme in guide.themes)
        and asked.department in (None, guide.department)
        and (asked.audience is None or asked.audience in guide.audience)
        and (asked.life_event is None or asked.life_event in guide.life_events)
    )


@guides.get("/guides/tables")
@public()
@guides.output(Tables)
def get_tables() -> Response:
    """What the codes in guides mean"""
    return answer(_published().tables)


@guides.get("/guides/catalogue")
@public()
@guides.output(m.CatalogueOut)
def get_catalogue() -> Response:
    """Everything in force today; with `If-None-Match` 304 while nothing changed"""
    service = parts().service
    with service.store.read() as reading:
        now = parts().guides.published(reading)
        states = [reading.hall(name) for name in service.halls]
    # the queue of a place is part of the answer: a change of settings is another answer
    tag = f"{now.revision}-{now.day}-" + "-".join(
        f"{state.epoch}.{state.settings_version}" for state in states if state
    )
    if request.if_none_match.contains(tag):
        return Response(status=304, headers={"ETag": f'"{tag}"'})
    halls, server = _halls(), parts().views.server_url
    made = m.CatalogueOut.model_construct(
        revision=now.revision,
        day=now.day,
        tables=now.tables,
        guides=[whole(one, now.day, halls, server) for one in now.guides.values()],
    )
    given = answer(made)
    given.set_etag(tag)
    return given


@guides.get("/guides/export")
@public()
@guides.input(m.ExportIn, location="query")
def export(query_data: m.ExportIn) -> Response:
    """The guides in force today as a file that can be imported"""
    now = [one.guide for one in _published().guides.values()]
    if query_data.format == "csv":
        return Response(transfer.csv_text(now), mimetype="text/csv", content_type="text/csv; charset=utf-8")
    return Response(transfer.json_text(now), mimetype="application/json")


@guides.get("/guides/<code>")
@public()
@guides.output(m.GuideOut)
def get_guide(code: str) -> Response:
    """The version in force today, with the line and windows of each place as they are now"""
    now = _published()
    if code not in now.guides:
        raise _not_in_force(code, now.day)
    return answer(whole(now.guides[code], now.day, _halls(), parts().views.server_url))


def _not_in_force(code: str, day: date) -> NotFound:
    with parts().service.store.read() as reading:
        versions = [one for one in parts().guides.versions(reading, code) if one.status is not Status.DRAFT]
    coming = [one.effective_from for one in versions if one.effective_from and one.effective_from > day]
    if not versions:
        return NotFound(f"there is no guide {code!r}", code=code)
    if coming:
        return NotFound(f"guide {code!r} holds from {min(coming)} on", code=code, effective_from=str(min(coming)))
    return NotFound(f"guide {code!r} is no longer in force; its versions can still be read", code=code)


@guides.get("/guides/<code>/versions")
@public()
@guides.output(m.VersionsOut)
def list_versions(code: str) -> Response:
    """Every version there was, is and will be; publishers see the draft too"""
    with parts().service.store.read() as reading:
        day, found = parts().guides.today(reading), parts().guides.versions(reading, code)
    seen = [one for one in found if one.status is not Status.DRAFT or Permission.GUIDES in who().permissions]
    if not seen:
        raise NotFound(f"there is no guide {code!r}", code=code)
    return answer(m.VersionsOut(versions=[version(one, day) for one in seen]))


@guides.get("/guides/<code>/versions/<int:number>")
@public()
@guides.output(m.GuideOut)
def get_version(code: str, number: int) -> Response:
    """One version as it was published; a draft is for publishers"""
    with parts().service.store.read() as reading:
        day, found = parts().guides.today(reading), parts().guides.version(reading, code, number)
    if found.status is Status.DRAFT:
        who().may(Permission.GUIDES)
    return answer(whole(found, day, _halls(), parts().views.server_url))


# -- the life of a guide ----------------------------------------------------------------------------------------------


@guides.put("/guides/<code>/draft")
@needs(Permission.GUIDES)
@guides.input(m.DraftIn)
@guides.output(m.DraftOut)
def save_draft(code: str, json_data: m.DraftIn) -> Response:
    """Begin or change the draft of a guide's next version; it may break rules until it is published"""
    guide = _read(Guide, json_data.guide)
    if guide.code != code:
        raise Unprocessable(f"code: this is guide {code!r}; its code stays through all versions", field="code")
    catalogue, actor = parts().guides, who().actor

    def work(tx: Transaction) -> m.DraftOut:
        found = [m.BreachOut(**told(one)) for one in catalogue.breaches(tx, guide)]
        if json_data.dry_run:
            return m.DraftOut(dry_run=True, number=0, edits=0, breaches=found)
        draft = catalogue.save_draft(tx, guide, actor, json_data.if_edits)
        return m.DraftOut(dry_run=False, number=draft.number, edits=draft.edits, breaches=found)

    return change(stored.CATALOGUE, work)


@guides.post("/guides/<code>/publish")
@needs(Permission.GUIDES)
@guides.input(m.PublishIn)
@guides.output(m.VersionOut)
def publish(code: str, json_data: m.PublishIn) -> Response:
    """The draft holds from a date on; 422 with every rule it breaks, 409 if it overlaps another version"""
    catalogue, actor = parts().guides, who().actor
    start, end = json_data.effective_from, json_data.effective_to

    def work(tx: Transaction) -> m.VersionOut:
        return version(catalogue.publish(tx, code, actor, start, end), catalogue.today(tx))

    return change(stored.CATALOGUE, work)


@guides.put("/guides/<code>/places/<area>")
@needs(Permission.GUIDES)
@guides.input(m.PlaceIn)
@guides.output(m.VersionOut)
def put_place(code: str, area: str, json_data: m.PlaceIn) -> Response:
    """Where a county or township does it, from a date on; the standard itself stays as the city published it"""
    place = _read(Place, {**json_data.place, "area": area})
    catalogue, actor = parts().guides, who().actor

    def work(tx: Transaction) -> m.VersionOut:
        done = catalogue.put_place(tx, code, place, json_data.effective_from, actor)
        return version(done, catalogue.today(tx))

    return change(stored.CATALOGUE, work)


@guides.post("/guides/<code>/retire")
@needs(Permission.GUIDES)
@guides.input(m.RetireIn)
@guides.output(m.VersionsOut)
def retire(code: str, json_data: m.RetireIn) -> Response:
    """From a day on no version holds; all of them stay readable"""
    catalogue, actor = parts().guides, who().actor

    def work(tx: Transaction) -> m.VersionsOut:
        ended = catalogue.retire(tx, code, json_data.on, json_data.reason, actor)
        return m.VersionsOut(versions=[version(one, catalogue.today(tx)) for one in ended])

    return change(stored.CATALOGUE, work)


@guides.post("/guides/<code>/reviews")
@needs(Permission.GUIDES)
@guides.input(m.ReviewIn)
@guides.output(m.ReviewOut, 201)
def add_review(code: str, json_data: m.ReviewIn) -> Response:
    """The version in force was looked over: keep, revise or retire, and why"""
    catalogue, actor, said = parts().guides, who().actor, json_data
    return change(
        stored.CATALOGUE,
        lambda tx: review(catalogue.review(tx, code, said.kind, said.verdict, said.reason, actor)),
        201,
    )


@guides.get("/guides/<code>/diff")
@needs(Permission.GUIDES)
@guides.input(m.DiffIn, location="query")
@guides.output(m.DiffOut)
def diff(code: str, query_data: m.DiffIn) -> Response:
    """What differs between two versions"""
    with parts().service.store.read() as reading:
        old, new = (parts().guides.version(reading, code, one) for one in (query_data.old, query_data.new))
    found = [difference(one) for one in differences(old.guide, new.guide)]
    return answer(m.DiffOut(code=code, old=query_data.old, new=query_data.new, differences=found))


@guides.get("/guides/<code>/changes")
@needs(Permission.GUIDES)
@guides.output(m.GuideChangesOut)
def list_changes(code: str) -> Response:
    """Everything that was done to a guide, from the log"""
    with parts().service.store.read() as reading:
        parts().guides.versions(reading, code)
        found = stored.changes(reading, code)
    return answer(m.GuideChangesOut(changes=[m.GuideChangeOut(**one) for one in found]))


# -- the catalogue as a whole -----------------------------------------------------------------------------------------


@guides.get("/guides/versions")
@needs(Permission.GUIDES)
@guides.output(m.WorksOut)
def list_work() -> Response:
    """Every guide with all its versions: drafts, coming, in force, retired"""
    with parts().service.store.read() as reading:
        day, found = parts().guides.today(reading), parts().guides.all_versions(reading)
        tables = parts().guides.tables(reading)
    works = [versions_of(some, day, tables) for some in found.values()]
    return answer(m.WorksOut.model_construct(day=day, guides=works))


@guides.get("/guides/due")
@needs(Permission.GUIDES)
@guides.input(m.DueIn, location="query")
@guides.output(m.DuesOut)
def list_due(query_data: m.DueIn) -> Response:
    """What is to be looked over, the longest overdue first"""
    with parts().service.store.read() as reading:
        day = parts().guides.today(reading)
        found = parts().guides.due(reading, timedelta(days=query_data.within))
    return answer(m.DuesOut(day=day, due=[due(one, day) for one in found]))


@guides.post("/guides/searches")
@needs(Permission.MISSED)
@guides.input(m.SearchIn)
@guides.output(m.KeptOut)
def add_search(json_data: m.SearchIn) -> Response:
    """A search that found nothing; kept without anything that says who asked"""
    catalogue = parts().guides
    return change(stored.CATALOGUE, lambda tx: m.KeptOut(count=catalogue.missed(tx, json_data.words)))


@guides.get("/guides/searches")
@needs(Permission.GUIDES)
@guides.output(m.SearchesOut)
def list_searches() -> Response:
    """What was searched in vain, the most frequent first"""
    with parts().service.store.read() as reading:
        found = stored.searches(reading, SEARCHES_SHOWN)
    return answer(m.SearchesOut(searches=[m.SearchOut(**dataclasses.asdict(one)) for one in found]))


@guides.post("/guides/import")
@needs(Permission.GUIDES)
@guides.input(m.ImportIn)
@guides.output(m.ImportOut)
def import_guides(json_data: m.ImportIn) -> Response:
    """Many guides at once, all or nothing: 409 with every row and column that is wrong, unless it is a dry run"""
    asked, catalogue, actor = json_data, parts().guides, who().actor
    tables = None if asked.tables is None else _read(Tables, asked.tables)
    file = importing.File(*transfer.read(asked.content, asked.format), tables)
    idempotency_key()
    with parts().service.store.read() as reading:  # most of the work, while tickets are given
        seen = importing.plan(reading, catalogue, file, as_drafts=asked.as_drafts)
    if asked.dry_run:
        return answer(_report(seen, dry_run=True))

    def work(tx: Transaction) -> m.ImportOut:
        done = importing.run(tx, catalogue, file, actor, as_drafts=asked.as_drafts)
        if done.faults:
            raise Conflict(f"{len(done.faults)} faults: nothing was imported", **dataclasses.asdict(done))
        return _report(done, dry_run=False)

    return change(stored.CATALOGUE, work)


def _report(report: importing.Report, *, dry_run: bool) -> m.ImportOut:
    return m.ImportOut(dry_run=dry_run, done=not dry_run, **dataclasses.asdict(report))


def _published() -> Published:
    with parts().service.store.read() as reading:
        return parts().guides.published(reading)


def _halls() -> dict[str, Hall]:
    return {name: book.hall for name, book in parts().service.halls.items()}


def _read(kind: type[Model], values: dict[str, Any]) -> Model:
    """Raises Unprocessable, with the path of everything that is wrong."""
    try:
        return kind.model_validate_json(json.dumps(values))
    except ValidationError as error:
        faults = faults_in(error, kind)
        raise Unprocessable("; ".join(faults), faults=faults) from error
