"""`./hall tour`: one person's way through the hall by real touches and real bytes, every step checked and pictured.

Writes out/tour/report.json (each step: done, checked, times in ms), a picture of every screen and ticket, and
index.html to look through them. Exit status 0 only if every check held.
"""

from __future__ import annotations

import itertools
import json
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import httpx
import zxingcpp
from PIL import Image

from tests.system.rig import HALL, ROOT, Hall, NotReady, wait_for

OUT = ROOT / "out" / "tour"
LINE, ITEM = "social", "employee-enrolment"


@dataclass
class Step:
    """One thing done and what was looked at afterwards."""

    name: str
    done: bool = False
    checks: dict[str, bool] = field(default_factory=dict)
    times_ms: dict[str, float] = field(default_factory=dict)
    pictures: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def held(self) -> bool:
        return self.done and bool(self.checks) and all(self.checks.values())

    def check(self, what: str, holds: object) -> None:
        self.checks[what] = bool(holds)

    def took(self, what: str, start: float, end: float) -> None:
        self.times_ms[what] = round((end - start) * 1000, 1)


class Tour:
    """The steps in order; each leaves the hall as the next expects it."""

    def __init__(self, hall: Hall, out: Path) -> None:
        self.hall, self.out = hall, out
        self.steps: list[Step] = []
        self.kiosk, self.display = hall.screens["ticket"], hall.screens["display"]
        self.ticket: dict[str, Any] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        step = Step(name)
        self.steps.append(step)
        print(f"  {name} …", end=" ", flush=True)
        try:
            yield step
            step.done = True
        except (NotReady, httpx.HTTPError, LookupError, TypeError) as error:  # the hall was not as the step expected
            step.error = f"{type(error).__name__}: {error}"
        print("ok" if step.held else f"NOT OK {step.error or [c for c, held in step.checks.items() if not held]}")

    def picture(self, step: Step, name: str, picture: Image.Image) -> None:
        file = f"{len(self.steps):02}_{name}.png"
        picture.save(self.out / file)
        step.pictures.append(file)

    def look(self, step: Step, name: str) -> None:
        """Keeps what the kiosk or display shows now, once it rests."""
        terminal = self.display if name.startswith("hall") else self.kiosk
        terminal.settled("it to rest", lambda shown: True)
        self.picture(step, name, terminal.screen.picture())

    # -- the steps ---------------------------------------------------------------------------------------------------

    def opening(self) -> None:
        with self.step("both screens come up") as step:
            home = self.kiosk.settled(
                "the kiosk's home", lambda shown: shown["screen"] == "home" and f"line-{LINE}" in shown["rects"], 60
            )
            step.check("a tile for each line", sum(key.startswith("line-") for key in home["rects"]) == 8)
            step.check("the hall's name", any("临江市政务服务中心" in text for text in home["texts"]))
            self.look(step, "home_zh")
            self.display.settled("the hall display", lambda shown: shown["state"].get("waiting") is not None, 60)
            step.check("nobody waits yet", set(self.display.shows()["state"]["waiting"].values()) == {0})
            self.look(step, "hall_empty")

    def english(self) -> None:
        with self.step("the language button turns every word") as step:
            self.kiosk.touch("lang")
            shown = self.kiosk.settled("English", lambda shown: shown["lang"] == "en")
            step.check("tiles in English", any("Social security" in text for text in shown["texts"]))
            self.look(step, "home_en")
            self.kiosk.touch(f"line-{LINE}")
            self.kiosk.settled("the items", lambda shown: shown["screen"] == "items")
            self.look(step, "items_en")
            self.kiosk.touch("back")
            self.kiosk.settled("home", lambda shown: shown["screen"] == "home")
            self.kiosk.touch("lang")
            step.check("and back", self.kiosk.wait("Chinese", lambda shown: shown["lang"] == "zh"))

    def take(self) -> None:
        with self.step("a ticket in two touches") as step:
            self.kiosk.touch(f"line-{LINE}")
            self.kiosk.settled("the items", lambda shown: shown["screen"] == "items")
            self.look(step, "items_zh")
            before = len(self.hall.printer.tickets())
            touched = self.kiosk.touch(f"item-{ITEM}")
            shown = self.kiosk.wait(
                "the ticket", lambda shown: shown["screen"] == "ticket" and shown["state"].get("number")
            )
            step.took("tap→ticket", touched, shown["at"])
            self.look(step, "ticket_zh")
            paper = wait_for("the printed ticket", lambda: self.hall.printer.tickets()[before:])[0]
            step.took("tap→last byte", touched, paper.with_suffix(".bin").stat().st_mtime)
            self._read_paper(step, paper, shown["state"]["number"])
            self.kiosk.wait("printed", lambda shown: shown["state"].get("paper") == "printed")
            self.look(step, "ticket_printed")

    def _read_paper(self, step: Step, paper: Path, number: str) -> None:
        picture = Image.open(paper)
        self.picture(step, "paper", picture)
        codes = [code.text for code in zxingcpp.read_barcodes(picture)]
        step.check("one QR code on the paper", len(codes) == 1)
        with self.hall.api("kiosk") as api:
            self.ticket = api.get(f"/tickets/{codes[0].rsplit('/', 1)[1]}")
            step.check("the code leads to the ticket on screen", self.ticket["number"] == number)
            step.check("the code is the ticket's address", codes[0] == self.ticket["url"])
            step.check(
                "the server knows it is printed",
                wait_for("printed", lambda: api.get(f"/tickets/{self.ticket['id']}")["printed"] or None),
            )
        words = paper.with_suffix(".txt").read_text("utf-8")
        step.check("the paper names hall and item", "临江市政务服务中心" in words and "职工参保登记" in words)

    def home_again(self) -> None:
        with self.step("done leads home, and the tile counts") as step:
            self.kiosk.touch("done")
            shown = self.kiosk.settled("home", lambda shown: shown["screen"] == "home")
            step.check("no trace of the ticket", not any(self.ticket["number"] in text for text in shown["texts"]))
            waiting = self.display.wait("the display to count", lambda shown: shown["state"]["waiting"].get(LINE) == 1)
            step.check("one waits on the hall display", waiting)

    def call(self) -> None:
        with self.step("a call reaches the hall display") as step, self.hall.api("window") as clerk:
            clerk.window(2, "open")
            asked = time.time()
            called = clerk.window(2, "next")
            step.check("the ticket taken is the ticket called", called["ticket"]["id"] == self.ticket["id"])
            shown = self.display.wait("the call", self._current(self.ticket["number"], 2))
            step.took("next→screen", asked, shown["at"])
            self.look(step, "hall_call")
            step.check("the reason stands in the answer", called["reason"]["rule"])
            again = clerk.post(f"/halls/{HALL}/windows/2/next")
            step.check("a second next is refused in words", again.status_code == 409 and again.json()["message"])
            soon = clerk.post(f"/halls/{HALL}/windows/2/recall")
            step.check("a recall too soon is refused in words", soon.status_code == 409 and soon.json()["message"])
            clerk.window(2, "start")
            clerk.window(2, "finish")
            state = clerk.get(f"/tickets/{self.ticket['id']}")["state"]
            step.check("served and done", state == "done")

    def _current(self, number: str, window: int) -> Callable[[dict[str, Any]], bool]:
        return lambda shown: (shown["state"].get("current") or {}) == {"number": number, "window": window}

    def five_calls(self) -> None:
        with self.step("five calls within a second each get their time") as step, self.hall.api("window") as clerk:
            with self.hall.api("kiosk") as citizen:
                numbers = [
                    citizen.issue(one)["number"] for one in (ITEM, "id-card", "mortgage", "tax-filing", "marriage")
                ]
            windows = (2, 10, 5, 9, 11)
            for no in windows:
                if clerk.get(f"/halls/{HALL}/windows/{no}")["state"] == "closed":
                    clerk.window(no, "open")
            called = [clerk.window(no, "next")["ticket"]["number"] for no in windows]
            step.check("each window got its own ticket", sorted(called) == sorted(numbers))
            since: list[float] = []
            for number, no in zip(called, windows, strict=True):
                since.append(self.display.wait(f"{number} as the big call", self._current(number, no), 15)["at"])
                if number == called[1]:
                    self.look(step, "hall_queue")
            gaps = [after - before for before, after in itertools.pairwise(since)]
            step.check("in the order called, none shorter than five seconds", min(gaps) > 5)
            self.look(step, "hall_recent")
            for no in windows:
                clerk.window(no, "start")
                clerk.window(no, "finish")

    def no_paper(self) -> None:
        with self.step("no paper: the number survives") as step:
            self.hall.printer.say("paper out")
            self.kiosk.settled("the banner", lambda shown: shown["state"].get("printer") == "refusing", 10)
            self.look(step, "home_no_paper")
            self.kiosk.touch("line-police")
            self.kiosk.touch("item-id-card")
            shown = self.kiosk.settled("a number without paper", lambda shown: shown["state"].get("paper") == "out", 15)
            number = shown["state"]["number"]
            self.look(step, "ticket_no_paper")
            step.check("the number is on the screen", any(number in text for text in shown["texts"]))
            step.check("the screen says what to do", any("没纸了" in text for text in shown["texts"]))
            with self.hall.api("window") as clerk:
                waiting = [one["number"] for one in clerk.get(f"/halls/{HALL}/tickets?state=waiting")["tickets"]]
            step.check("and it is in the queue", number in waiting)
            self.hall.printer.say("paper ok")
            self.kiosk.touch("done")
            back = self.kiosk.settled(
                "home without a banner",
                lambda shown: shown["screen"] == "home" and shown["state"].get("printer") == "ready",
            )
            step.check("the printer is back by itself", back)

    def unplugged(self) -> None:
        with self.step("the printer unplugged and plugged again") as step:
            self.hall.printer.say("unplug")
            self.kiosk.wait(
                "the kiosk to notice", lambda shown: shown["state"].get("printer") in ("absent", "silent"), 10
            )
            self.hall.printer.say("plug")
            plugged = time.time()
            shown = self.kiosk.wait("the printer back", lambda shown: shown["state"].get("printer") == "ready", 10)
            step.took("plug→ready", plugged, shown["at"])
            step.check("back within 3 s", shown["at"] - plugged < 3)

    def server_killed(self) -> None:
        with self.step("the server killed and started again") as step:
            with self.hall.api("kiosk") as api:
                api.issue("passport")
                before = api.board()
            self.hall.parts["server"].kill(signal.SIGKILL)
            self.kiosk.settled("the kiosk to say so", lambda shown: shown["state"].get("server") == "away", 30)
            self.look(step, "home_away")
            self.display.wait("the display to say so", lambda shown: shown["state"].get("stale"), 40)
            self.look(step, "hall_stale")
            self.hall.serve()
            served = time.time()
            shown = self.kiosk.settled("the kiosk back", lambda shown: shown["state"].get("server") == "here", 15)
            step.took("server→kiosk", served, shown["at"])
            shown = self.display.wait("the display back", lambda shown: not shown["state"].get("stale"), 15)
            step.took("server→display", served, shown["at"])
            with self.hall.api("kiosk") as api:
                after = api.board()
            step.check("the queue is as it was", all(before[key] == after[key] for key in ("lines", "calls", "epoch")))
            self.look(step, "hall_back")

    def display_is_true(self) -> None:
        with self.step("the display equals the server") as step, self.hall.api("display") as api:
            waiting = {line["id"]: line["waiting"] for line in api.board()["lines"]}
            shown = self.display.wait("the same counts", lambda shown: shown["state"]["waiting"] == waiting, 10)
            step.check("waiting, line by line", shown)
            recent = [call["number"] for call in api.board()["calls"]]
            step.check("recent calls", set(self.display.shows()["state"]["recent"]) <= set(recent))

    def idle(self) -> None:
        with self.step("left alone, the kiosk asks and goes home") as step:
            self.kiosk.touch("lang")
            self.kiosk.touch(f"line-{LINE}")
            self.kiosk.settled("the items", lambda shown: shown["screen"] == "items")
            self.kiosk.settled("the question", lambda shown: "here" in shown["rects"], self.hall.idle_home + 10)
            self.look(step, "idle_warning")
            self.kiosk.touch("here")
            stayed = self.kiosk.settled("it stays", lambda shown: "here" not in shown["rects"])
            step.check("one touch keeps the place", stayed["screen"] == "items" and stayed["lang"] == "en")
            home = self.kiosk.settled("home", lambda shown: shown["screen"] == "home", self.hall.idle_home + 40)
            step.check("and then Chinese again", home["lang"] == "zh")

    def run(self) -> bool:
        for part in (
            self.opening, self.english, self.take, self.home_again, self.call, self.five_calls, self.no_paper,
            self.unplugged, self.server_killed, self.display_is_true, self.idle,
        ):  # fmt: skip
            part()
        return all(step.held for step in self.steps)


def write_report(out: Path, steps: list[Step], held: bool) -> None:
    told = [{"step": step.name, "done": step.done, "checked": step.checks, "times_ms": step.times_ms,
             "pictures": step.pictures, "error": step.error} for step in steps]  # fmt: skip
    (out / "report.json").write_text(json.dumps({"held": held, "steps": told}, ensure_ascii=False, indent=1), "utf-8")
    rows = []
    for step in steps:
        checks = "".join(f"<li>{'✓' if ok else '✗'} {escape(what)}</li>" for what, ok in step.checks.items())
        times = ", ".join(f"{escape(what)} {ms:.0f} ms" for what, ms in step.times_ms.items())
        shots = "".join(f'<a href="{name}"><img src="{name}" alt="{name}" height="360"></a> ' for name in step.pictures)
        rows.append(f"<h2>{escape(step.name)}</h2><p>{times}{escape(step.error)}</p><ul>{checks}</ul>{shots}")
    page = "<!doctype html><meta charset=utf-8><title>Tour</title><body style='font-family:sans-serif'>" + "".join(rows)
    (out / "index.html").write_text(page, "utf-8")


def cover(out: Path, steps: list[Step]) -> None:
    """The README's picture: kiosk, paper and hall display side by side on one grey sheet."""
    height, gap = 720, 28
    taken = [name for step in steps for name in step.pictures]
    wanted = [
        next((name for name in taken if part in name), None) for part in ("ticket_printed", "paper", "hall_recent")
    ]
    if None in wanted:
        return
    pictures = [Image.open(out / name).convert("RGB") for name in wanted if name]
    pictures = [one.resize((round(one.width * height / one.height), height)) for one in pictures]
    sheet = Image.new("RGB", (sum(one.width + gap for one in pictures) + gap, height + 2 * gap), (226, 232, 241))
    x = gap
    for one in pictures:
        sheet.paste(one, (x, gap))
        x += one.width + gap
    sheet.quantize(128).save(out / "cover.png", optimize=True)


def main() -> int:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    print("The hall opens …", flush=True)
    try:
        with Hall(OUT / "hall", idle_home=12) as hall:
            tour = Tour(hall, OUT)
            held = tour.run()
    except NotReady as error:
        print(f"The hall could not open: {error}", file=sys.stderr)
        return 1
    write_report(OUT, tour.steps, held)
    cover(OUT, tour.steps)
    print(f"{'Every check held' if held else 'Something did not hold'}: {OUT}/index.html, {OUT}/report.json")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
