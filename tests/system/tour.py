"""`./hall tour`: one person's way through the hall by real touches and real bytes, every step checked and pictured.

Writes out/tour/report.json (each step: done, checked, times in ms), a picture of every screen and ticket, and
index.html to look through them. Exit status 0 only if every check held.
"""

from __future__ import annotations

import argparse
import contextlib
import io
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
from playwright.sync_api import Browser, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from devices.voice.simulator import hear
from devices.voice.sound import read_wav
from tests.queue_server.web.clerk import MEANT_AGAIN, Clerk
from tests.queue_server.web.conftest import CHROMIUM, CLERKS_SCREEN, QUIET
from tests.system.rig import HALL, ROOT, Hall, NotReady, wait_for

OUT = ROOT / "out" / "tour"
LINE, ITEM = "social", "employee-enrolment"
INITIALS, GUIDE = "sbcbdj", "社保参保登记"
CARD_LINE, CARD_ITEM = "medical", "maternity-claim"
NAME = "王样本"
DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
RECALL = 'button[data-digit="1"]'
PATIENCE = 40_000  # ms until a button may be pressed; a recall is possible after 30 s
WINDOW_WORDS = {2: "二", 5: "五", 9: "九", 10: "十", 11: "十一"}
CARD = f"resident 1950-02-28 {NAME}"  # nobody's: its number is made up with it


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


class Clerks:
    """A clerk's console in a real Chromium, a browser of its own for every window; everything by mouse."""

    def __init__(self, hall: Hall, browser: Browser) -> None:
        self.hall, self.browser = hall, browser
        self.at_window: dict[int, Clerk] = {}
        self.clicked: dict[int, float] = {}

    def window(self, no: int) -> Clerk:
        """The console of a window, open for business."""
        if no not in self.at_window:
            page = self.browser.new_page(viewport=CLERKS_SCREEN, locale="zh-CN")
            page.goto(f"{self.hall.url}/console/enter#token={self.hall.tokens['window']}&window={no}")
            self.at_window[no] = Clerk(page)
            self.click(no, "idle")
        return self.at_window[no]

    def click(self, no: int, phase: str, button: str = "#main") -> None:
        """A click on the big button (or another), then the phase it leads to."""
        clerk = self.window(no)
        expect(clerk.page.locator(button)).not_to_have_attribute("aria-disabled", "true", timeout=PATIENCE)
        clerk.page.wait_for_timeout(max(0, MEANT_AGAIN - (time.monotonic() - self.clicked.get(no, 0)) * 1000))
        clerk.page.locator(button).click()
        self.clicked[no] = time.monotonic()
        clerk.at(phase)

    def picture(self, no: int) -> Image.Image:
        return Image.open(io.BytesIO(self.window(no).page.screenshot()))


class Tour:
    """The steps in order; each leaves the hall as the next expects it."""

    def __init__(self, hall: Hall, out: Path, clerks: Clerks) -> None:
        self.hall, self.out, self.clerks = hall, out, clerks
        self.steps: list[Step] = []
        self.kiosk, self.display = hall.screens["ticket"], hall.screens["display"]
        self.terminal = hall.screens["lookup"]
        self.ticket: dict[str, Any] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        step = Step(name)
        self.steps.append(step)
        print(f"  {name} …", end=" ", flush=True)
        try:
            yield step
            step.done = True
        except (
            NotReady,
            httpx.HTTPError,
            LookupError,
            TypeError,
            AssertionError,
            PlaywrightError,
        ) as error:  # the hall was not as the step expected
            step.error = f"{type(error).__name__}: {error}"
        print("ok" if step.held else f"NOT OK {step.error or [c for c, held in step.checks.items() if not held]}")

    def picture(self, step: Step, name: str, picture: Image.Image) -> None:
        file = f"{len(self.steps):02}_{name}.png"
        picture.save(self.out / file)
        step.pictures.append(file)

    def look(self, step: Step, name: str) -> None:
        """Keeps what the kiosk, the display or the lookup terminal shows now, once it rests."""
        by_name = {"hall": self.display, "lookup": self.terminal}
        terminal = by_name.get(name.split("_")[0], self.kiosk)
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
        with self.step("a ticket in three touches, without a card") as step:
            self.kiosk.touch(f"line-{LINE}")
            self.kiosk.settled("the items", lambda shown: shown["screen"] == "items")
            self.look(step, "items_zh")
            before = len(self.hall.printer.tickets())
            self.kiosk.touch(f"item-{ITEM}")
            self.kiosk.settled("the choice", lambda shown: shown["screen"] == "choice")
            self.look(step, "choice_zh")
            touched = self.kiosk.touch("nocard")
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
        if self.hall.wire == "pty":  # on a network line the ticket is sent as a picture, which has no words
            words = paper.with_suffix(".txt").read_text("utf-8")
            step.check("the paper names hall and item", "临江市政务服务中心" in words and "职工参保登记" in words)

    def home_again(self) -> None:
        with self.step("done leads home, and the tile counts") as step:
            self.kiosk.touch("done")
            shown = self.kiosk.settled("home", lambda shown: shown["screen"] == "home")
            step.check("no trace of the ticket", not any(self.ticket["number"] in text for text in shown["texts"]))
            waiting = self.display.wait("the display to count", lambda shown: shown["state"]["waiting"].get(LINE) == 1)
            step.check("one waits on the hall display", waiting)

    def look_up(self) -> None:
        with self.step("the lookup terminal: initials by touch, a guide, the checklist on paper") as step:
            self.terminal.settled("its home", lambda shown: shown["screen"] == "home" and shown["rects"], 60)
            self.look(step, "lookup_home")
            self.terminal.touch("search")
            self.terminal.settled("the keyboard", lambda shown: "key-s" in shown["rects"])
            for typed, letter in enumerate(INITIALS, 1):
                pressed = self.terminal.touch(f"key-{letter}")
                now = INITIALS[:typed]
                shown = self.terminal.wait("the list", lambda shown, now=now: shown["state"]["words"] == now)
            step.took("key→list", pressed, shown["at"])
            shown = self.terminal.settled(
                "the hits", lambda shown: any(one.startswith("guide-") for one in shown["rects"])
            )
            hits = {y: one for one, (_, y, _, _) in shown["rects"].items() if one.startswith("guide-")}
            step.check("the guide is among the first three", any(GUIDE in text for text in shown["texts"]))
            self.look(step, "lookup_search")
            self.terminal.touch(hits[min(hits)])
            shown = self.terminal.settled(
                "the guide", lambda shown: shown["screen"] == "guide" and "take" in shown["rects"]
            )
            step.check("its name and figures", any("3 个工作日" in text for text in shown["texts"]))
            self.look(step, "lookup_guide")
            self.terminal.touch("section-materials")
            self.terminal.touch("tick-0")
            shown = self.terminal.settled("the tick", lambda shown: shown["state"]["ticked"] == 1)
            step.check("it says what is missing", any("还差 1 样" in text for text in shown["texts"]))
            self.look(step, "lookup_checklist")
            self.terminal.touch("print")
            self.terminal.settled("the paper", lambda shown: shown["state"]["leaflet"] == "printed", 30)
            paper = wait_for("the checklist", self.hall.lookup_printer.tickets)[-1]
            self.picture(step, "lookup_paper", Image.open(paper))
            self.terminal.touch("leaflet-close")
            step.check("one paper", len(self.hall.lookup_printer.tickets()) == 1)

    def take_for_guide(self) -> None:
        with self.step("the lookup terminal: a number for the guide, and home") as step:
            self.terminal.touch("take")
            shown = self.terminal.settled("a number", lambda shown: shown["state"].get("number"), 30)
            number = shown["state"]["number"]
            step.check("its paper", self.terminal.wait("paper", lambda one: one["state"]["paper"] == "printed", 30))
            self.look(step, "lookup_ticket")
            with self.hall.api("window") as clerk:
                waiting = clerk.get(f"/halls/{HALL}/tickets?state=waiting")["tickets"]
                mine = [one for one in waiting if one["number"] == number]
                step.check("the queue has it once, for this item", [one["item"] for one in mine] == [ITEM])
                clerk.do(f"/tickets/{mine[0]['id']}/cancel")
            self.terminal.touch("done")
            shown = self.terminal.settled("home", lambda shown: shown["screen"] == "home")
            step.check("nothing of it stays", not shown["state"]["number"] and not shown["state"]["guide"])

    def call(self) -> None:
        with self.step("a clerk's click on next reaches the hall display") as step, self.hall.api("window") as api:
            console = self.clerks.window(2)
            step.check("the console says who comes next", console.number.inner_text() == self.ticket["number"])
            self.picture(step, "console_idle", self.clerks.picture(2))
            asked = time.time()
            self.clerks.click(2, "called")
            step.check("the ticket taken is the ticket called", console.number.inner_text() == self.ticket["number"])
            shown = self.display.wait("the call", self._current(self.ticket["number"], 2))
            step.took("next→screen", asked, shown["at"])
            wait_for("the window's sign", self._sign(self.ticket["number"], 2))
            step.took("next→sign", asked, time.time())
            spoken = wait_for("the voice", self._spoken)
            step.took("next→voice", asked, time.time())
            self._listen(step, spoken[0], self.ticket["number"], 2)
            self.look(step, "hall_call")
            self.picture(step, "console_called", self.clerks.picture(2))
            again = api.post(f"/halls/{HALL}/windows/2/next")
            step.check("a second next is refused in words", again.status_code == 409 and again.json()["message"])
            soon = api.post(f"/halls/{HALL}/windows/2/recall")
            step.check("a recall too soon is refused in words", soon.status_code == 409 and soon.json()["message"])
            self.clerks.click(2, "serving")
            self.picture(step, "console_serving", self.clerks.picture(2))
            self.clerks.click(2, "idle")
            state = api.get(f"/tickets/{self.ticket['id']}")["state"]
            step.check("served and done", state == "done")

    def card(self) -> None:
        with self.step("a card laid first: notice, consent, class, number") as step:
            self.hall.reader.say(f"card {CARD}")
            self.kiosk.settled("the notice", lambda shown: shown["screen"] == "privacy")
            step.check("nothing is read yet", self.kiosk.shows()["state"]["card"] == "laid")
            self.look(step, "card_notice")
            self.kiosk.touch("agree")
            self.kiosk.settled("the offer", lambda shown: shown["screen"] == "offer")
            self.look(step, "card_offer")
            self.kiosk.touch("class-yes")
            shown = self.kiosk.settled("the lines", lambda shown: shown["state"].get("class") == "elderly")
            step.check("the card can be taken back out", "forget" in shown["rects"])
            step.check("no name in what the kiosk tells", not any(NAME in text for text in shown["texts"]))
            self.look(step, "card_lines")
            self.kiosk.touch(f"line-{CARD_LINE}")
            self.kiosk.touch(f"item-{CARD_ITEM}")
            shown = self.kiosk.settled("a number", lambda shown: shown["state"].get("number"))
            number = shown["state"]["number"]
            self.look(step, "card_ticket")
            with self.hall.api("window") as clerk:
                waiting = clerk.get(f"/halls/{HALL}/tickets?state=waiting")["tickets"]
                ticket = next(one for one in waiting if one["number"] == number)
                step.check("the server knows the class", ticket["class"] == "elderly")
            self.kiosk.touch("done")
            self.kiosk.settled("the card is left", lambda shown: shown["screen"] == "home")
            self.look(step, "card_left")
            self.hall.reader.say("card none")
            shown = self.kiosk.settled("lifted", lambda shown: shown["state"].get("card") == "none")
            step.check("nothing of the visitor stays", "forget" not in shown["rects"])
            self._same_card_again(step, number)

    def _same_card_again(self, step: Step, number: str) -> None:
        """Item first, then the card: one live number per person and line."""
        self.kiosk.touch(f"line-{CARD_LINE}")
        self.kiosk.touch(f"item-{CARD_ITEM}")
        self.kiosk.touch("withcard")
        self.kiosk.touch("agree")
        self.kiosk.settled("the place for the card", lambda shown: shown["screen"] == "lay")
        self.look(step, "card_lay")
        self.hall.reader.say(f"card {CARD}")
        self.kiosk.touch("class-yes")
        shown = self.kiosk.settled("the number this person has", lambda shown: shown["screen"] == "held")
        step.check("the same number, not a second one", shown["state"]["number"] == number)
        self.look(step, "card_held")
        self.hall.reader.say("card none")
        self.kiosk.touch("done")
        self.kiosk.settled("home", lambda shown: shown["screen"] == "home")
        with self.hall.api("window") as clerk:
            waiting = clerk.get(f"/halls/{HALL}/tickets?state=waiting")["tickets"]
            clerk.do(f"/tickets/{next(one['id'] for one in waiting if one['number'] == number)}/cancel")

    def _sign(self, number: str, window: int) -> Callable[[], bool]:
        """Whether the sign of this window shows this call: decoded from the bytes it was sent."""
        address = 1 if window <= 6 else 2
        return lambda: self.hall.signs.shown().get(address) == f"{number} 请到 {window} 号窗口"

    def _spoken(self) -> list[Path]:
        return sorted(self.hall.voice.glob("[0-9]*.wav"))

    def _listen(self, step: Step, wav: Path, number: str, window: int, chimes: int = 1) -> None:
        """Length, loudness, chimes and words of one call."""
        heard = hear(read_wav(wav.read_bytes()))
        step.check(f"{number} is spoken: length", 5 < heard.seconds < 14)
        step.check(f"{number} is spoken: loud, not clipped", heard.loudness > -30 and heard.peak <= 0)
        step.check(f"{number} is spoken: {chimes} chime(s)", heard.chimes == chimes)
        words = wav.with_suffix(".txt").read_text("utf-8").replace(" ", "")
        said = f"请{number.translate(DIGITS)}号到{WINDOW_WORDS[window]}号窗口"
        step.check(f"{number} is spoken: its words", said in words)

    def _current(self, number: str, window: int) -> Callable[[dict[str, Any]], bool]:
        return lambda shown: (shown["state"].get("current") or {}) == {"number": number, "window": window}

    def five_calls(self) -> None:
        with self.step("five calls in a row each get their time") as step:
            with self.hall.api("kiosk") as citizen:
                numbers = [
                    citizen.issue(one)["number"] for one in (ITEM, "id-card", "mortgage", "tax-filing", "marriage")
                ]
            windows = (2, 10, 5, 9, 11)
            for no in windows:
                self.clerks.window(no)
            before = len(self._spoken())
            for no in windows:
                self.clerks.click(no, "called")
            called = [self.clerks.window(no).number.inner_text() for no in windows]
            step.check("each window got its own ticket", sorted(called) == sorted(numbers))
            since: list[float] = []
            for number, no in zip(called, windows, strict=True):
                since.append(self.display.wait(f"{number} as the big call", self._current(number, no), 15)["at"])
                if number == called[1]:
                    self.look(step, "hall_queue")
            gaps = [after - before for before, after in itertools.pairwise(since)]
            step.check("in the order called, none shorter than five seconds", min(gaps) > 5)
            self.look(step, "hall_recent")
            spoken = wait_for(
                "every call spoken", lambda: len(self._spoken()) == before + 5 and self._spoken()[before:]
            )
            for wav, number, no in zip(spoken, called, windows, strict=True):
                self._listen(step, wav, number, no)
            step.check(
                "the last call of its windows on each sign", self._sign(called[2], 5)() and self._sign(called[4], 11)()
            )
            self.clerks.click(2, "called", RECALL)
            self.display.wait("the first again", self._current(called[0], 2))
            again = wait_for("the recall spoken", lambda: self._spoken()[before + 5 :])
            self._listen(step, again[0], called[0], 2, chimes=2)
            for phase in ("serving", "idle"):
                for no in windows:
                    self.clerks.click(no, phase)

    def no_paper(self) -> None:
        with self.step("no paper: the number survives") as step:
            self.hall.printer.say("paper out")
            self.kiosk.settled("the banner", lambda shown: shown["state"].get("printer") == "refusing", 10)
            self.look(step, "home_no_paper")
            self.kiosk.touch("line-police")
            self.kiosk.touch("item-id-card")
            self.kiosk.touch("nocard")
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
        signs = lambda shown: shown["state"]["devices"].get("sign/1")  # noqa: E731
        for name, terminal, device, state in (
            ("printer", self.kiosk, self.hall.printer, lambda shown: shown["state"].get("printer")),
            ("reader", self.kiosk, self.hall.reader, lambda shown: shown["state"].get("reader")),
            ("signs", self.display, self.hall.signs, signs),
        ):
            with self.step(f"unplugged and plugged again: the {name}") as step:
                terminal.wait("it to work", lambda shown, state=state: state(shown) == "ready", 10)
                device.say("unplug")
                terminal.wait("it to be missed", lambda shown, state=state: state(shown) in ("absent", "silent"), 10)
                self.look(step, "hall_no_sign" if name == "signs" else f"home_no_{name}")
                device.say("plug")
                plugged = time.time()
                shown = terminal.wait("it back", lambda shown, state=state: state(shown) == "ready", 10)
                step.took("plug→ready", plugged, shown["at"])
                step.check("back within 3 s", shown["at"] - plugged < 3)

    def devices_known(self) -> None:
        with self.step("the server knows how every device is") as step, self.hall.api("manager") as manager:
            machines = {"1": ("printer", "reader"), "lookup": ("lookup-printer", "read-aloud")}
            machines["display"] = ("sign/1", "sign/2", "voice")
            ready = {(machine, name): "ready" for machine, names in machines.items() for name in names}

            def states() -> dict[tuple[str, str], str]:
                listed = manager.get(f"/halls/{HALL}/devices")["devices"]
                return {(one["machine"], one["name"]): one["state"] for one in listed}

            with contextlib.suppress(NotReady):  # the check says so; what has just changed is told after it is shown
                wait_for("every device to be told", lambda: states() == ready, 10)
            step.check("all seven, on three machines", states() == ready)

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
        self._walk(
            self.opening, self.english, self.take, self.home_again, self.look_up, self.take_for_guide, self.call,
            self.card, self.five_calls,
            self.no_paper, self.unplugged, self.devices_known, self.server_killed, self.display_is_true, self.idle,
        )  # fmt: skip
        return all(step.held for step in self.steps)

    def run_devices(self) -> bool:
        """Only what devices have a part in."""
        self._walk(self.opening, self.take, self.home_again, self.call, self.card, self.unplugged, self.devices_known)
        return all(step.held for step in self.steps)

    def _walk(self, *parts: Callable[[], None]) -> None:
        for part in parts:
            part()


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
    parser = argparse.ArgumentParser(prog="./hall tour", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="folder for report and pictures (out/tour)")
    parser.add_argument("--wire", choices=("pty", "tcp"), default="pty", help="what the devices hang on (pty)")
    parser.add_argument("--devices", action="store_true", help="only the steps devices have a part in")
    asked = parser.parse_args()
    out: Path = asked.out
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    print("The hall opens …", flush=True)
    try:
        with Hall(out / "hall", idle_home=12, wire=asked.wire) as hall, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            tour = Tour(hall, out, Clerks(hall, browser))
            held = tour.run_devices() if asked.devices else tour.run()
            browser.close()
    except NotReady as error:
        print(f"The hall could not open: {error}", file=sys.stderr)
        return 1
    write_report(out, tour.steps, held)
    cover(out, tour.steps)
    print(f"{'Every check held' if held else 'Something did not hold'}: {out}/index.html, {out}/report.json")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
