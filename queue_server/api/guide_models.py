"""What the API says of guides, and is asked: the source of `/openapi.json`, beside `models`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Base64Bytes, BaseModel, Field, StringConstraints

from queue_server.api.models import Asked, Instant, Name
from queue_server.guides.model import Guide, Place, Tables, printable
from queue_server.guides.reviews import Verdict
from queue_server.guides.versions import Status

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,48}$")]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(printable)]
DRY_RUN = Field(False, description="says what would happen or what is wrong, and changes nothing")


class GuidesIn(Asked):
    """Which guides, and which page of them; with `q` those that answer it, the best first."""

    q: str | None = Field(None, max_length=500, description="words, a sentence, pinyin, initials or English")
    lang: Literal["zh", "en"] = Field("zh", description="of the text that answers a question")
    theme: Code | None = None
    department: Code | None = None
    audience: Code | None = None
    life_event: Code | None = None
    area: Code | None = Field(None, description="done in this area: the city, a county, a township")
    hall: Code | None = Field(None, description="done in this hall")
    line: Code | None = Field(None, description="of this line of the hall")
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0)


class DueIn(Asked):
    within: int = Field(14, ge=0, le=366, description="days from today")


class DiffIn(Asked):
    old: int = Field(ge=1, description="number of a version")
    new: int = Field(ge=1)


class ExportIn(Asked):
    format: Literal["csv", "json"] = "json"


class DraftIn(Asked):
    """The whole guide as it shall read."""

    guide: dict[str, Any]
    if_edits: int | None = Field(None, description="of the draft this was made from, 0 for none; 409 if it is another")
    dry_run: bool = DRY_RUN


class PublishIn(Asked):
    effective_from: date | None = Field(None, description="none: as the draft says")
    effective_to: date | None = Field(None, description="the last day; none: as the draft says")


class PlaceIn(Asked):
    place: dict[str, Any] = Field(description="name, hall, line, item, windows, hours, enquiry, complaint")
    effective_from: date


class RetireIn(Asked):
    on: date = Field(description="the first day it no longer holds")
    reason: Reason


class ReviewIn(Asked):
    kind: Code = Field(description="standard or process: table reviews")
    verdict: Verdict
    reason: Reason


class SearchIn(Asked):
    words: str = Field(max_length=500)


class ImportIn(Asked):
    """A file of guides: JSON or CSV, UTF-8 or GB18030."""

    format: Literal["csv", "json"]
    content: Base64Bytes = Field(description="the file's bytes, base64")
    tables: dict[str, Any] | None = Field(None, description="code tables that come with it; they replace those here")
    as_drafts: bool = Field(False, description="each guide becomes a draft, which may break rules")
    dry_run: bool = DRY_RUN


class GuideShortOut(BaseModel):
    """What a list shows."""

    code: str
    version: int
    name: Name
    short_name: str
    type: str
    department: str
    themes: list[str]
    audience: list[str]
    life_events: list[str]
    kind: str
    effective_from: date


class GuidesOut(BaseModel):
    revision: int = Field(description="counts every change of the catalogue")
    day: date = Field(description="in force on this day")
    total: int
    guides: list[GuideShortOut]
    sure: bool = Field(True, description="false: nothing answers `q` well, and these are offers")
    field: str | None = Field(None, description="what the question asks for: materials, time, fee, where …")
    text: str | None = Field(None, description="that field of the first guide, word for word")


class GuideLineOut(BaseModel):
    id: str
    letter: str
    name: Name
    open: bool


class PlacedOut(Place):
    """A place, and what the queue there says now."""

    queue: GuideLineOut | None = Field(description="its line; null: none (any more), so no ticket is offered")
    ticket_item: str | None = Field(description="the item to take a ticket for; null: take one for the line")
    served_at: list[int] = Field(description="windows that do it")


class VersionOut(BaseModel):
    """A version: its content and what became of it."""

    code: str
    number: int
    status: Status
    in_force: bool = Field(description="today")
    effective_from: date | None
    effective_to: date | None = Field(description="the last day; null: until another one supersedes it")
    made_at: Instant
    made_by: str
    published_at: Instant | None
    published_by: str
    edits: int


class GuideOut(VersionOut):
    url: str = Field(description="the page a phone opens: what a QR code holds")
    guide: Guide
    places: list[PlacedOut]


class VersionsOut(BaseModel):
    versions: list[VersionOut]


class WorkOut(BaseModel):
    """A guide as those who work on it see it; the name is that of its newest version."""

    code: str
    name: Name
    department: str
    short_name: str
    aliases: list[str]
    themes: list[str]
    breaches: int = Field(description="how often its newest version breaks a rule")
    versions: list[VersionOut]


class WorksOut(BaseModel):
    day: date
    guides: list[WorkOut]


class CatalogueOut(BaseModel):
    """Everything in force today: what a terminal keeps to go on without the server."""

    revision: int
    day: date
    tables: Tables
    guides: list[GuideOut]


class BreachOut(BaseModel):
    rule: str
    field: str = Field(description="materials.2.name counts from 0")
    zh: str
    en: str


class DraftOut(BaseModel):
    dry_run: bool
    number: int
    edits: int
    breaches: list[BreachOut] = Field(description="what keeps it from being published")


class FaultOut(BaseModel):
    row: int = Field(description="a CSV's heading is row 1, a JSON's first guide is row 1; 0: the whole file")
    name: str
    column: str
    rule: str
    zh: str
    en: str


class ImportOut(BaseModel):
    dry_run: bool
    done: bool = Field(description="false: nothing was changed")
    added: list[str] = Field(description="codes")
    changed: list[str]
    unchanged: list[str]
    faults: list[FaultOut] = Field(description="any of these keeps all of it out")
    notes: list[FaultOut] = Field(description="rules that drafts break")


class DifferenceOut(BaseModel):
    path: str
    old: Any
    new: Any
    pieces: list[tuple[str, str]] = Field(description='of two texts: ["=" both | "-" old | "+" new, text]')


class DiffOut(BaseModel):
    code: str
    old: int
    new: int
    differences: list[DifferenceOut]


class ReviewOut(BaseModel):
    code: str
    number: int
    kind: str
    verdict: Verdict
    reason: str
    at: Instant
    by: str


class DueOut(BaseModel):
    code: str
    name: str
    number: int
    kind: str
    on: date = Field(description="to be looked over by this day")
    overdue: bool
    last: ReviewOut | None


class DuesOut(BaseModel):
    day: date
    due: list[DueOut]


class SearchOut(BaseModel):
    words: str
    count: int
    first_at: Instant
    last_at: Instant


class SearchesOut(BaseModel):
    searches: list[SearchOut]


class KeptOut(BaseModel):
    count: int = Field(description="how often these words found nothing; 0: not kept, they may say who asked")


class GuideChangeOut(BaseModel):
    seq: int
    type: str
    at: str
    actor: str
    facts: dict[str, Any]


class GuideChangesOut(BaseModel):
    changes: list[GuideChangeOut]
