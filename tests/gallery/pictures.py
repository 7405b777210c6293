"""Opens the terminal of a scene, leads it there and takes its pictures: each language and size the screen has."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from tests.gallery import display, lookup, ticket
from tests.gallery.scene import Glass, Scene, morning
from tests.kiosk.alone import stage
from tests.kiosk.display_rig import WAITING, open_display
from tests.kiosk.lookup_rig import open_lookup, with_guides
from tests.kiosk.ticket_rig import open_kiosk


@dataclass(frozen=True)
class Picture:
    """One PNG; `state` is what the terminal says of itself."""

    terminal: str
    name: str
    variant: str
    file: Path
    state: str


def open_ticket(drive, server, _folder, options):
    return open_kiosk(drive, server, **options)


def open_lookup_terminal(drive, server, folder, options):
    made = open_lookup(drive, with_guides(server), folder, **options)
    made.home()
    return made


def open_hall_display(drive, _server, _folder, options):
    size = (options.pop("width"), options.pop("height"))
    driver = open_display(drive, size=size, **options)
    return SimpleNamespace(driver=driver, app=driver.app)


@dataclass(frozen=True)
class Terminal:
    """How one is opened, and what is pictured of it."""

    open: Callable
    scenes: tuple[Scene, ...]


TERMINALS = {
    "ticket": Terminal(open_ticket, ticket.SCENES),
    "lookup": Terminal(open_lookup_terminal, lookup.SCENES),
    "display": Terminal(open_hall_display, display.SCENES),
}


def take(terminal: str, scene: Scene, glass: Glass, folder: Path, copy: Path) -> Iterator[Picture]:
    """Takes the pictures of one scene on one glass."""
    options = {**glass.settings, **scene.opened, "width": glass.width, "height": glass.height}
    with opened(terminal, glass, copy, options) as rig:
        touched = hasattr(rig.app, "place")
        sized = touched and "size" in rig.driver.rects()
        scene.reach(rig)
        if glass.low:
            rig.app.low = True
        for variant in looks(rig, sized) if touched else [glass.name]:
            if touched and rig.app.place is not scene.place:
                raise AssertionError(f"{terminal}: {scene.name} led to {rig.app.place.value}")
            state = ", ".join(f"{name} {value}" for name, value in rig.app.account()["state"].items() if value)
            words = variant if glass is scene.glasses[0] or not touched else f"{glass.name} {variant}"
            file = folder / f"{terminal}-{slug(scene.name)}-{slug(words)}.png"
            yield Picture(terminal, scene.name, words, rig.driver.picture(file), state)


@contextmanager
def opened(terminal: str, glass: Glass, copy: Path, options: dict):
    with stage() as (drive, server):
        server.waiting, server.range = WAITING | {"family": 2}, {"low": 12, "high": 20}
        server.ahead = morning() - datetime.now(UTC)
        yield TERMINALS[terminal].open(lambda app, *_: drive(app, glass.width, glass.height), server, copy, options)


def looks(rig, sized: bool) -> Iterator[str]:
    """Turns the terminal to each language and size in turn."""
    for language in ("zh", "en"):
        for elder in (False, True) if sized else (False,):
            rig.app.lang, rig.app.elder = language, elder
            rig.driver.frames(6)
            if "sheets" in getattr(getattr(rig.app, "guide_screen", None), "ids", {}) and rig.app.place == "guide":
                rig.laid()
            yield f"{language}{' elder' if elder else ''}"


def slug(words: str) -> str:
    kept = "".join(char if char.isalnum() else "-" for char in words)
    return "-".join(part for part in kept.split("-") if part)
