"""What goes over the line to a far loudspeaker, both directions, no I/O.

    to it      \n#voice ask\n                     could you play now?
               \n#voice say W N\n words wav      W bytes of UTF-8 (the words, for its log), N bytes of a WAV (sound.py)
    from it    ok\n                              heard, or could play
               away REASON\n                     there is no sound device: try later
               no REASON\n                       fetch a person

The protocol is ours: public ones of network loudspeakers are made for music. The simulator speaks it over a cable, a
pty or TCP. A header ends whatever frame was left unfinished; PCM holds one by chance never in a lifetime.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast, get_args

from devices.errors import BadFrame

MARK = b"\n#voice "
ASK = MARK + b"ask\n"
HEADER = re.compile(rb"say (\d{1,4}) (\d{1,7})")
LONGEST_HEADER = len(MARK) + 17
LONGEST_ANSWER = 200  # bytes

Kind = Literal["ok", "away", "no"]


@dataclass(frozen=True)
class Ask:
    """Could you play now?"""


@dataclass(frozen=True)
class Say:
    """One call."""

    words: str
    wav: bytes

    def to_bytes(self) -> bytes:
        words = self.words.encode()
        return MARK + b"say %d %d\n" % (len(words), len(self.wav)) + words + self.wav


@dataclass(frozen=True)
class Answer:
    """What the far end says; `reason` is empty for ok."""

    kind: Kind
    reason: str = ""

    def to_bytes(self) -> bytes:
        return f"{self.kind} {self.reason}".strip().replace("\n", " ").encode()[: LONGEST_ANSWER - 1] + b"\n"


def read_answer(line: bytes) -> Answer:
    """One line, with or without its end; BadFrame if it is none of ours."""
    kind, _, reason = line.decode("utf-8", "replace").strip().partition(" ")
    if kind not in get_args(Kind):
        raise BadFrame("what comes over the loudspeaker's line makes no sense; check speed, cable and model")
    return Answer(cast(Kind, kind), reason)


class Decoder:
    """Bytes to orders, however they were cut; noise before a header is dropped."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._sizes: tuple[int, int] | None = None  # of the frame whose header has been read
        self._searched = 0  # bytes of it in which no header is

    def feed(self, data: bytes) -> Iterator[Ask | Say]:
        self._kept += data
        while True:
            if self._sizes is not None:
                said = self._take(*self._sizes)
                if said is not None:
                    yield said
                elif self._sizes is not None:
                    return
                continue
            header = self._next_header()
            if header is None:
                return
            if header == b"ask":
                yield Ask()
            elif found := HEADER.fullmatch(header):
                self._sizes, self._searched = (int(found[1]), int(found[2])), 0

    def _next_header(self) -> bytes | None:
        """What stands between the next mark and the end of its line, both taken; noise before it is dropped."""
        kept = self._kept
        while (start := kept.find(MARK)) >= 0:
            del kept[:start]
            end = kept.find(b"\n", len(MARK), LONGEST_HEADER)
            if end >= 0:
                header = bytes(kept[len(MARK) : end])
                del kept[: end if kept.startswith(MARK, end) else end + 1]  # a mark begins with a line's end
                return header
            if len(kept) < LONGEST_HEADER:
                return None
            del kept[:1]
        del kept[: max(0, len(kept) - len(MARK) + 1)]
        return None

    def _take(self, words: int, wav: int) -> Say | None:
        """The frame, if it is all there. If another begins in it, it never will be: its header is forgotten."""
        total = words + wav
        another = self._kept.find(MARK, max(0, self._searched - len(MARK)))
        if 0 <= another < total:
            del self._kept[:another]
            self._sizes = None
            return None
        self._searched = len(self._kept)
        if len(self._kept) < total:
            return None
        said = Say(self._kept[:words].decode("utf-8", "replace"), bytes(self._kept[words:total]))
        del self._kept[:total]
        self._sizes = None
        return said
