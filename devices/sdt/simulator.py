"""A card reader without the antenna: takes a driver's bytes, answers as the real one does, and cards can be laid on it.

    card resident                         lays a card of a person who does not exist (samples.py) on the reader;
    card resident 1950-02-28              the other kinds are hmt, foreigner_2017, foreigner_2023;
    card resident 1950-02-28 王样本        birth and name as told
    card none                             lifts it

Find, select and read must come in this order for every read. A card whose reading failed is found no more until it
is lifted, as a public driver says of the real ones.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from devices.errors import SetupError
from devices.sdt import chip, codec
from devices.sdt.card import CardKind
from devices.sdt.chip import ChipText
from devices.sdt.codec import Answer, Command
from devices.sdt.samples import BIRTH, person
from devices.simulation import ON_OFF, Switch, did_you_mean, turn

NOISE = 6  # bytes of noise for every lot that arrives
CRUMBS = 4  # pieces of a torn answer


@dataclass
class Faults:
    """Everything that can be wrong with reader, card and line."""

    module: int = codec.OK
    leaves: Literal["never", "found", "selected"] = "never"  # the citizen takes the card back, once
    read_fails: bool = False
    silent: bool = False
    garbage: bool = False
    wrong_check: bool = False
    damaged: int = 0  # so many answers still come with a wrong check
    misheard: int = 0  # so many commands still arrive damaged, and the reader says so
    torn: bool = False  # answers come in crumbs
    long: bool = False  # the length says more than comes
    breaks_off: int = -1  # bytes of an answer that still come; negative: all
    stray: int = 0  # AA before the preamble
    glitch: bool = False  # a byte too many inside the preamble
    chip_words: bool = False  # SW1, SW2, IIN and SN are not zero
    slow: float = 0.0  # seconds until an answer
    fingerprints: int = 0  # bytes, in the answer to 30 10


SWITCHES = {
    "module": Switch("module", {"ok": codec.OK, "broken": codec.SELF_TEST_FAILED, "barred": codec.NOT_AUTHORISED}),
    "leaves": Switch("leaves", {"never": "never", "found": "found", "selected": "selected"}),
    "read_fails": Switch("read_fails", ON_OFF),
    "silent": Switch("silent", ON_OFF),
    "garbage": Switch("garbage", ON_OFF),
    "check": Switch("wrong_check", {"right": False, "wrong": True}),
    "damaged": Switch("damaged", int),
    "misheard": Switch("misheard", int),
    "torn": Switch("torn", ON_OFF),
    "length": Switch("long", {"true": False, "long": True}),
    "breaks_off": Switch("breaks_off", int),
    "stray": Switch("stray", int),
    "glitch": Switch("glitch", ON_OFF),
    "chip_words": Switch("chip_words", ON_OFF),
    "slow": Switch("slow", float),
    "fingerprints": Switch("fingerprints", {"0": 0, "512": 512, "1024": 1024}),
}


class Simulator:
    """One reader. `heard` are the latest commands it got."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self.faults = Faults()
        self.heard: deque[bytes] = deque(maxlen=256)
        self.baudrate = codec.SPEEDS[0]
        self._clock, self._rng = clock, rng or random.Random()
        self._decoder = codec.Decoder()
        self._card: ChipText | None = None
        self._spent = False  # a reading failed: found again only when lifted
        self._stage: Literal["", "found", "selected"] = ""
        self._answers: deque[tuple[float, bytes]] = deque()  # due, bytes

    def lay(self, card: ChipText) -> None:
        """Lays a card on the reader; another one that lay there is taken away. ValueError if a field does not fit."""
        chip.write(card)
        self.lift()
        self._card = card

    def lift(self) -> None:
        self._card, self._spent, self._stage = None, False, ""

    def receive(self, data: bytes) -> bytes:
        """The line's other end: what the driver sent, what the reader says now."""
        for body in self._decoder.feed(data):
            if command := codec.read_command(body):
                self.heard.append(command.code)
                due, answer = self._clock() + self.faults.slow, self._spoil(self._obey(command))
                size = max(1, len(answer) // CRUMBS) if self.faults.torn else len(answer) or 1
                self._answers += ((due, answer[at : at + size]) for at in range(0, len(answer), size))
        return self._say(bool(data))

    def tell(self, order: str) -> str:
        """Lays or lifts a card, turns a switch (SWITCHES) or tells the "state"."""
        name, _, words = order.strip().partition(" ")
        if name == "card":
            self._handle_card(words.split())
            order = "state"
        elif name not in (*SWITCHES, "state"):
            raise SetupError(f'"{name}" is no switch{did_you_mean(name, ("card", *SWITCHES, "state"))}')
        lying = self._card.kind.value if self._card else "none"
        return f"card {lying}, {turn(SWITCHES, self.faults, order)}"

    # --- what it does -------------------------------------------------------------------------------------------------

    def _handle_card(self, words: list[str]) -> None:
        kind, *rest = words or [""]
        if kind == "none":
            self.lift()
            return
        try:
            birth = date.fromisoformat(rest[0]) if rest else BIRTH
            self.lay(person(CardKind(kind), birth, " ".join(rest[1:])))
        except ValueError as error:
            kinds = " | ".join(CardKind)
            raise SetupError(f"say card none, or card {kinds}, then YYYY-MM-DD and a name if you like") from error

    def _obey(self, command: Command) -> Answer:
        if self.faults.misheard > 0:
            self.faults.misheard -= 1
            return Answer(self._rng.choice(codec.DAMAGED))
        if command.code[0] == codec.SPEED and command.code[1] < len(codec.SPEEDS):
            self.baudrate = codec.SPEEDS[command.code[1]]
            return Answer(codec.OK)
        does = {
            codec.STATE: lambda: Answer(self.faults.module),
            codec.FIND: self._find,
            codec.SELECT: self._select,
            codec.READ: self._read,
            codec.READ_ALL: self._read_all,
        }.get(command.code)
        if does is None:
            return Answer(codec.UNKNOWN_COMMAND)
        if self.faults.module != codec.OK:
            return Answer(self.faults.module)
        return does()

    def _find(self) -> Answer:
        if self._card is None or self._spent:
            self._stage = ""
            return Answer(codec.NO_CARD)
        self._reached("found")
        return Answer(codec.FOUND, self._id(4))

    def _select(self) -> Answer:
        if self._card is None or self._stage != "found":
            return self._failed(codec.SELECT_FAILED)
        self._reached("selected")
        return Answer(codec.OK, self._id(8))

    def _read(self) -> Answer:
        return self._content(None)

    def _read_all(self) -> Answer:
        return self._content(self._rng.randbytes(self.faults.fingerprints))

    def _content(self, fingerprints: bytes | None) -> Answer:
        if self._card is None or self._stage != "selected" or self.faults.read_fails:
            return self._failed(codec.READ_FAILED)
        self._stage = ""
        photo = self._rng.randbytes(codec.PHOTO_SIZE)
        return Answer(codec.OK, codec.card_data(chip.write(self._card), photo, fingerprints))

    def _reached(self, stage: Literal["found", "selected"]) -> None:
        self._stage = stage
        if self.faults.leaves == stage:
            self.faults.leaves = "never"
            self.lift()

    def _failed(self, sw3: int) -> Answer:
        self._stage, self._spent = "", self._card is not None
        sw1, sw2 = (0x6A, 0x82) if self.faults.chip_words else (0, 0)
        return Answer(sw3, sw1=sw1, sw2=sw2)

    def _id(self, size: int) -> bytes:
        """IIN or SN: zeros in every capture there is, but nothing says that they must be."""
        return self._rng.randbytes(size) if self.faults.chip_words else bytes(size)

    # --- what the line makes of it ------------------------------------------------------------------------------------

    def _spoil(self, answer: Answer) -> bytes:
        data = bytearray(answer.to_bytes())
        if self.faults.wrong_check or self.faults.damaged > 0:
            self.faults.damaged -= 1
            data[-1] ^= 0x55
        if self.faults.long:
            data[6] ^= 0x80  # the low byte of the length: 128 more
        if self.faults.glitch:
            data.insert(1, 0)
        data[:0] = b"\xaa" * self.faults.stray
        return bytes(data if self.faults.breaks_off < 0 else data[: self.faults.breaks_off])

    def _say(self, spoken_to: bool) -> bytes:
        answer = b""
        if self._answers and self._answers[0][0] <= self._clock():
            answer = self._answers.popleft()[1]  # one at a time: pieces of a torn one must not grow together
        if self.faults.silent:
            return b""
        if self.faults.garbage:
            return self._rng.randbytes(NOISE) if spoken_to or answer else b""
        return answer
