"""From the catalogue to what the API says of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from config import Hall
from queue_server.api import guide_models as m
from queue_server.api.models import Name
from queue_server.guides.checks import breaches
from queue_server.guides.diff import Difference
from queue_server.guides.links import link
from queue_server.guides.model import Place, Tables
from queue_server.guides.reviews import Due, Review
from queue_server.guides.versions import Version, holds


def short(one: Version) -> m.GuideShortOut:
    guide = one.guide
    return m.GuideShortOut.model_construct(
        code=guide.code,
        version=one.number,
        name=Name(zh=guide.name, en=guide.name_en),
        short_name=guide.short_name,
        type=guide.type,
        department=guide.department,
        themes=list(guide.themes),
        audience=list(guide.audience),
        life_events=list(guide.life_events),
        kind=guide.kind,
        effective_from=one.effective_from,
    )


def version(one: Version, day: date) -> m.VersionOut:
    return m.VersionOut.model_construct(**_version_facts(one, day))


def versions_of(some: Sequence[Version], day: date, tables: Tables) -> m.WorkOut:
    """A guide with all its versions."""
    newest = some[-1].guide
    return m.WorkOut.model_construct(
        code=newest.code,
        name=Name(zh=newest.name, en=newest.name_en),
        department=newest.department,
        short_name=newest.short_name,
        aliases=list(newest.aliases),
        themes=list(newest.themes),
        breaches=len(breaches(newest, tables)),
        versions=[version(one, day) for one in some],
    )


def whole(one: Version, day: date, halls: Mapping[str, Hall], server_url: str) -> m.GuideOut:
    """A version with its content, and what the queue says of its places now."""
    places = [placed(place, halls) for place in one.guide.places]
    url = page_url(one.guide.code, halls, server_url)
    return m.GuideOut.model_construct(**_version_facts(one, day), url=url, guide=one.guide, places=places)


def page_url(code: str, halls: Mapping[str, Hall], server_url: str) -> str:
    """Where phones read a guide: the address they reach any hall of this server at, else the server's own."""
    public = next((hall.public_url for hall in halls.values() if hall.public_url), server_url)
    return f"{public.rstrip('/')}/g/{code}"


def _version_facts(one: Version, day: date) -> dict[str, Any]:
    return {
        "code": one.guide.code,
        "number": one.number,
        "status": one.status,
        "in_force": holds(one, day),
        "effective_from": one.effective_from,
        "effective_to": one.effective_to,
        "made_at": one.made_at,
        "made_by": one.made_by,
        "published_at": one.published_at,
        "published_by": one.published_by,
        "edits": one.edits,
    }


def placed(place: Place, halls: Mapping[str, Hall]) -> m.PlacedOut:
    found = link(place, halls)
    line = found.line
    queue = line and m.GuideLineOut(id=line.id, letter=line.letter, name=Name.of(line.name), open=line.open)
    return m.PlacedOut.model_construct(
        **dict(place), queue=queue, ticket_item=found.item, served_at=list(found.windows)
    )


def difference(one: Difference) -> m.DifferenceOut:
    return m.DifferenceOut(path=one.path, old=one.old, new=one.new, pieces=list(one.pieces))


def review(one: Review) -> m.ReviewOut:
    return m.ReviewOut(**dataclasses.asdict(one))


def due(one: Due, day: date) -> m.DueOut:
    guide = one.version.guide
    return m.DueOut(
        code=guide.code,
        name=guide.name,
        number=one.version.number,
        kind=one.kind,
        on=one.on,
        overdue=one.on < day,
        last=review(one.last) if one.last else None,
    )
