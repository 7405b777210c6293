"""Prints tickets on an ESC/POS printer and knows whether they came out.

A job is: status asked (a printer that cannot print refuses before anything is sent), the document, cut, GS r 1.
The answer to GS r 1 completes it; DLE EOT, which printers answer at once, only explains why that answer is late.

Two rules keep one job's misfortune from the next. Opening a line begins with bytes that end whatever command a former
life left half sent; and a job that went wrong closes the line and owes a cut, so that its torso is not the head of
the next ticket. Nothing is ever sent twice by itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from devices.errors import BadFrame, DeviceError, DeviceOffline, DeviceRefused, DeviceSilent, JobInDoubt, SetupError
from devices.escpos import codec, press
from devices.escpos.codec import Noise, PaperStatus, RealTime, Reply, ReplyDecoder
from devices.health import Health, HealthReport, utc_now
from devices.paper.blocks import Document
from devices.paper.looks import WIDTHS
from devices.transport import Line

log = logging.getLogger(__name__)

PaperWay = Literal["auto", "text", "hybrid", "raster"]
AUTO: dict[str, press.Way] = {"serial": "hybrid", "socket": "raster", "usb": "raster"}
QUIET = 0.03  # seconds without a byte that end an answer
LATE = 2.0  # seconds between two answers to GS r with a cut between them
ASK_AGAIN = 0.3  # seconds of silence after a job until it is asked what is wrong
TRIES = 3  # questions before a printer counts as silent: the first may queue behind bytes an adapter holds
TORSO = codec.INIT + b"\x1dV\x42\x00" + codec.TRANSMIT_PAPER  # cuts off what a failed job left hanging


class EscposPrinter:
    """The `TicketPrinter` role (roles.py says what it raises). `connect` opens the line anew each time it is called.

    width          80 or 58, mm of paper
    paper          "text", "hybrid", "raster", or "auto": hybrid on serial lines, raster on sockets and USB, and text
                   where drawing fails (no fonts, or drawn jobs are not confirmed)
    characters, native_qr, kanji_scale, largest    what the printer's self-test page says (press.Dialect)
    answer_within  seconds for an answer to DLE EOT; confirm_within: seconds without progress until a job is in doubt
    """

    def __init__(
        self,
        connect: Callable[[], Line],
        *,
        width: int = 80,
        paper: PaperWay = "auto",
        characters: codec.Characters = "gbk",
        native_qr: bool = True,
        kanji_scale: Literal["gs", "fs"] = "gs",
        largest: int = 8,
        answer_within: float = 0.5,
        confirm_within: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        _known("width", width, tuple(WIDTHS))
        _known("paper", paper, ("auto", *press.WAYS))
        _known("characters", characters, ("gb2312", "gbk", "gb18030"))
        _known("kanji_scale", kanji_scale, ("gs", "fs"))
        _known("largest", largest, tuple(range(1, 9)))
        self._connect, self._width, self._paper = connect, width, paper
        self._dialect = press.Dialect(characters, native_qr, kanji_scale, largest)
        self._answer_within, self._confirm_within = answer_within, confirm_within
        self._clock, self._now = clock, now
        self._lock = threading.RLock()
        self._line: Line | None = None
        self._torso = False  # something of a failed job may hang out of the printer
        self._owes = False  # the answer to a failed job's GS r may still come
        self._doubts = 0  # drawn jobs in doubt since the last one that was confirmed
        self._plain_next = False  # the last drawn job was in doubt

    def print(self, document: Document) -> None:
        """Blocks until the printer has confirmed; see TicketPrinter.print for what it raises."""
        with self._lock:
            began = self._clock()
            try:
                line = self._open()
                if refusal := self._status(line).refusal:
                    raise DeviceRefused(refusal)
                self._cut_torso(line)
                way, job = self._render(document, line)
            except (DeviceOffline, BadFrame):
                self._drop()
                raise
            try:
                self._send(line, job)
                self._confirm(line)
            except DeviceError as error:
                self._torso = True
                self._drop()
                self._note(way, isinstance(error, JobInDoubt))
                raise
            self._owes = False
            self._note(way, False)
            log.info("printed %s: %d bytes, %.2f s", way, len(job), self._clock() - began)

    def check(self) -> HealthReport:
        """Health now; waits for a running job."""
        with self._lock:
            try:
                status = self._status(self._open())
            except (DeviceSilent, BadFrame) as error:
                self._drop()
                return HealthReport(Health.SILENT, str(error), self._now())
            except DeviceOffline as error:
                self._drop()
                return HealthReport(Health.ABSENT, str(error), self._now())
        if status.refusal:
            return HealthReport(Health.REFUSING, status.refusal, self._now())
        if status.near_end:
            return HealthReport(Health.WARNING, "paper near end", self._now())
        return HealthReport(Health.READY, "", self._now())

    def close(self) -> None:
        with self._lock:
            self._drop()

    # --- the line -----------------------------------------------------------------------------------------------------

    def _open(self) -> Line:
        if self._line is None:
            self._line = self._connect()
            longest = max(press.longest_command(self._width, way) for way in self._possible(self._line))
            self._line.write(codec.resync(longest))
            self._settle(self._line)
        return self._line

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _settle(self, line: Line) -> None:
        """Waits until the system has sent what it holds; DeviceOffline when it no longer gets anything sent."""
        until, held = self._clock() + self._confirm_within, line.unsent
        while held:
            line.read(QUIET)
            now_held = line.unsent
            if now_held < held:
                until = self._clock() + self._confirm_within
            elif self._clock() >= until:
                raise DeviceOffline("the printer takes no data")
            held = now_held

    def _hear(self, line: Line, wait: float) -> list[Reply]:
        """One answer: a lone status byte, else everything until the line is quiet; empty after `wait` s of silence."""
        decoder = ReplyDecoder()
        heard: list[Reply] = []
        until = self._clock() + wait
        data = line.read(wait)
        while data:
            heard += decoder.feed(data)
            if len(heard) == 1 and isinstance(heard[0], RealTime):
                break  # noise would come with company, or spoil the next answer
            data = line.read(QUIET) if self._clock() < until + 1 else b""
        return heard + [Noise(byte) for byte in decoder.pending]

    # --- status -------------------------------------------------------------------------------------------------------

    def _status(self, line: Line) -> codec.Status:
        """DeviceSilent, BadFrame, DeviceOffline. Cheap printers know n = 1 and 4 only."""
        answers = {}
        for n in codec.ALL_STATUS:
            bits = self._ask(line, n, TRIES if n == 1 else 1)
            if bits is not None:
                answers[n] = bits
            elif n in (1, 4):
                raise DeviceSilent("the printer does not answer; is it switched on?")
        return codec.read_status(answers)

    def _ask(self, line: Line, n: int, tries: int) -> int | None:
        """The answer to DLE EOT n; BadFrame if only nonsense comes, None if nothing does."""
        heard: list[Reply] = []
        for _ in range(tries):
            line.write(codec.ask_status(n))
            heard = self._hear(line, self._answer_within)
            answers = [reply for reply in heard if isinstance(reply, RealTime)]
            if answers and not any(isinstance(reply, Noise) for reply in heard):
                return answers[-1].bits
        if heard:
            raise BadFrame("what comes over the printer's line makes no sense; check speed, cable and model")
        return None

    # --- a job --------------------------------------------------------------------------------------------------------

    def _possible(self, line: Line) -> tuple[press.Way, ...]:
        return (AUTO[line.kind], "text") if self._paper == "auto" else (self._paper,)

    def _render(self, document: Document, line: Line) -> tuple[press.Way, bytes]:
        way = self._possible(line)[0]
        if self._paper == "auto" and (self._plain_next or self._doubts >= 2):
            way = "text"
        try:
            return way, press.render(document, self._width, way, self._dialect)
        except SetupError as error:
            if self._paper != "auto" or way == "text":
                raise
            log.warning("printing as text, because drawing fails: %s", error)
            return "text", press.render(document, self._width, "text", self._dialect)

    def _note(self, way: press.Way, in_doubt: bool) -> None:
        drawn = way != "text"
        self._plain_next = in_doubt and drawn
        if drawn:
            self._doubts = self._doubts + 1 if in_doubt else 0

    def _send(self, line: Line, job: bytes) -> None:
        try:
            line.write(job + codec.TRANSMIT_PAPER)
            self._owes = True
        except DeviceOffline as error:
            raise DeviceOffline(f"not printed whole: {error}") from error

    def _confirm(self, line: Line) -> None:
        """Returns on the answer to GS r 1."""
        try:
            if self._await_paper_status(line):
                return
            refusal = self._status(line).refusal
        except (DeviceOffline, BadFrame) as error:
            raise JobInDoubt(f"sent, but then: {error}") from error
        if refusal:
            raise DeviceRefused(refusal)
        raise JobInDoubt("sent, but the printer does not confirm it")

    def _await_paper_status(self, line: Line, most: int = 1) -> bool:
        """Whether it came, `most` times at the most, before `confirm_within` seconds without progress.

        DeviceRefused as soon as the printer has stopped.
        """
        held, asked = line.unsent, 0
        until = self._clock() + self._confirm_within
        while (now := self._clock()) < until:
            heard = self._hear(line, min(ASK_AGAIN, until - now))
            done = [reply for reply in heard if isinstance(reply, PaperStatus)]
            # it stands alone, or beside answers to our questions; among anything else it may be noise itself
            real_time = sum(isinstance(reply, RealTime) for reply in heard)
            if 1 <= len(done) <= most and len(heard) == len(done) + real_time and real_time <= asked:
                if done[-1].out:
                    raise DeviceRefused("paper out")
                return True
            if any(isinstance(reply, RealTime) and self._stopped(reply) for reply in heard):
                raise DeviceRefused(self._status(line).refusal or "printer stopped")
            held, before = line.unsent, held
            if held < before:
                until = self._clock() + self._confirm_within
            elif not held and not heard:
                line.write(codec.ask_status(2))
                asked += 1
        return False

    @staticmethod
    def _stopped(reply: RealTime) -> bool:
        return bool(codec.read_status({2: reply.bits}).refusal)

    def _cut_torso(self, line: Line) -> None:
        """Cuts off what a failed job left, and takes in the confirmation it may still owe.

        That one must not be taken for the next job's: it looks the same, and the cut's own may come seconds after it.
        """
        if not self._torso:
            return
        line.write(TORSO)
        if not self._await_paper_status(line, most=2):
            raise DeviceSilent("the printer does not confirm a cut")
        while self._owes and self._hear(line, LATE):
            pass
        self._torso = self._owes = False


def _known(option: str, value: object, values: tuple[object, ...]) -> None:
    if value not in values:
        raise SetupError(f"{option} = {value!r} is unknown; write one of {', '.join(map(repr, values))}")
