"""How a text sounds: toneless syllables, and what somebody may have meant who types them or only their beginnings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product

from queue_server.guides.search import words

MOST_READINGS = 6
# a piece's cost: of two ways to read letters the one with fewer pieces is meant
WHOLE, LAST, MISHEARD, INITIAL = 1.0, 1.1, 1.3, 1.6
ENOUGH_LETTERS, MOST_EVERYDAY = 4, 3
MANY_SYLLABLES, MOST_SYLLABLES = 3, 8
OFTEN_MISSED = "aeiounghy"
TWO_LETTERS = ("zh", "ch", "sh")
_RETROFLEX, _NASAL, _BACK = re.compile(r"\b([zcs])h"), re.compile(r"\bn(?=[aeiouv])"), re.compile(r"(?<=[aeiu])ng\b")


@dataclass(frozen=True, slots=True)
class Reading:
    """Letters as syllables. `open` ones may go on: initials, and the last one while somebody is typing."""

    syllables: tuple[str, ...]
    open: tuple[bool, ...]

    @property
    def initials(self) -> str:
        return initials(self.syllables)

    @property
    def whole(self) -> bool:
        return not any(self.open[:-1])


def initials(syllables: Iterable[str]) -> str:
    return "".join(syllable[0] for syllable in syllables)


@cache
def _reader() -> Callable[[str], list[str]]:
    """The syllables of a Chinese text. Its tables take 0.2 s to load: a server starts, and answers, without them."""
    from pypinyin import Style, lazy_pinyin, load_phrases_dict

    # pypinyin keeps one table for the whole process; only what it reads wrongly is laid over it
    load_phrases_dict({word: [[one] for one in said] for word, said in words.data("words")["readings"].items()})
    return lambda run: " ".join(lazy_pinyin(run, style=Style.NORMAL, errors=" ".join)).split()


def syllables(text: str) -> list[str]:
    """Of a plain text; a Latin run is one syllable, and so is a character nobody can read."""
    found: list[str] = []
    for run in words.runs(text):
        found += [run] if words.latin(run) else _reader()(run)
    return found


@cache
def _valid() -> frozenset[str]:
    return frozenset(words.data("words")["syllables"].split())


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(one[:end] for one in _valid() for end in range(1, len(one) + 1))


def near(said: str) -> str:
    """Syllables as they are where zh, ch and sh are z, c and s, n is l and -ng is -n, as half the country speaks."""
    return _BACK.sub("n", _NASAL.sub("l", _RETROFLEX.sub(r"\1", said)))


@cache
def _near_ones() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in sorted(_valid()):
        found[near(one)] = (*found.get(near(one), ()), one)
    return found


def near_pairs(pair: str) -> list[str]:
    """The pairs that may be meant by one."""
    ones = [_near_ones().get(near(one), (one,)) for one in pair.split("0")]
    return ["0".join(both) for both in product(*ones)]


@cache
def _misheard() -> frozenset[str]:
    """What is no syllable but sounds like one to somebody: `din`, `zuang`, `shong`."""
    flat = set(_near_ones())
    back = {f"{one}g" for one in flat if one.endswith("n")}
    return frozenset((flat | back | {one[0] + "h" + one[1:] for one in flat | back if one[0] in "zcs"}) - _valid())


def readings(letters: str) -> list[Reading]:
    """The ways to read a plain Latin query, the likeliest first; none when no syllable begins like that."""
    best: list[tuple[float, tuple[str, ...], tuple[bool, ...]]] = [(0.0, (), ())]
    parts = letters.split()
    for part in parts:
        ways = _ways(part, last=part is parts[-1])
        best = sorted((a + c, b + d, e + f) for a, b, e in best for c, d, f in ways)[:MOST_READINGS]
    return [Reading(said, left) for cost, said, left in best if said]


@cache
def _whole() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(sorted(_valid(), key=len, reverse=True))})+")


def mistyped(letters: str) -> Iterator[Reading]:
    """Whole readings of letters of which two neighbours were exchanged, one is too many or one is missing."""
    cuts = [(letters[:at], letters[at:]) for at in range(len(letters) + 1)]
    exchanged = (a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1)
    fewer = (a + b[1:] for a, b in cuts if b)
    more = (a + one + b for a, b in cuts for one in OFTEN_MISSED)
    for typed in dict.fromkeys((*exchanged, *fewer, *more)):
        if _whole().fullmatch(typed):
            (cost, said, _), *_ = _ways(typed, last=False)
            if cost == WHOLE * len(said):
                yield Reading(said, (False,) * len(said))


def _ways(part: str, *, last: bool) -> list[tuple[float, tuple[str, ...], tuple[bool, ...]]]:
    """Cheapest ways to cut `part`, kept for every place in it: [(cost, pieces, open)]."""
    at: list[list[tuple[float, tuple[str, ...], tuple[bool, ...]]]] = [[(0.0, (), ())]]
    for end in range(1, len(part) + 1):
        here = []
        for start in range(max(0, end - 6), end):
            piece = part[start:end]
            price = _price(piece, last and end == len(part))
            if price is not None:
                cost, goes_on = price
                here += [(cost + before, (*said, piece), (*left, goes_on)) for before, said, left in at[start]]
        at.append(sorted(here)[:MOST_READINGS])
    return at[-1]


def _price(piece: str, last: bool) -> tuple[float, bool] | None:
    if piece in _valid():
        return (WHOLE, last)
    if last and piece in _beginnings():
        return (LAST, True)
    if piece in _misheard():
        return (MISHEARD, last)
    if (len(piece) == 1 and piece in _beginnings()) or piece in TWO_LETTERS:
        return (INITIAL, True)
    return None


def pairs(said: Iterable[str]) -> list[str]:
    """Neighbouring syllables as the index keeps them; a syllable that stands alone is its own piece."""
    found = list(said)
    return ["0".join(two) for two in pairwise(found)] or found


@cache
def _everyday() -> list[tuple[str, str, str]]:
    """(initials, letters, word) of every word people say otherwise than guides do, the shorter first."""
    han = sorted((word for word in words.synonyms().others if not word.isascii()), key=len)
    return [(initials(said), "".join(said), word) for word in han for said in (syllables(word),)]


def everyday_words(letters: str) -> list[str]:
    """Words that are typed like this: `sbk`, `shebaoka`, or `sheba` on the way there."""
    typed = letters.replace(" ", "")
    return [
        word
        for first, whole, word in _everyday()
        if typed == first or (len(typed) >= ENOUGH_LETTERS and whole.startswith(typed))
    ][:MOST_EVERYDAY]


@cache
def _everyday_sounds() -> dict[str, str]:
    """Every everyday word by its syllables, and by what is near to them unless that is another word's."""
    said = {" ".join(one): word for word in words.synonyms().others if len(one := syllables(word)) > 1}
    return {near(one): word for one, word in said.items()} | said


def _everyday_runs(said: tuple[str, ...], least: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, word) of every run of syllables that is an everyday word, the longest first."""
    for length in range(min(len(said), MOST_SYLLABLES), least - 1, -1):
        for at in range(len(said) - length + 1):
            run = " ".join(said[at : at + length])
            if word := _everyday_sounds().get(run) or _everyday_sounds().get(near(run)):
                yield at, at + length, word


def meant(text: str) -> str:
    """The query with an everyday word put where something only sounds like it: 社宝卡 is 社保卡."""
    for run in words.runs(text):
        said = () if words.latin(run) else tuple(syllables(run))
        if len(said) == len(run):
            # of three syllables and more: two sound like too much else
            for start, end, word in _everyday_runs(said, MANY_SYLLABLES):
                if run[start:end] != word:
                    return text.replace(run, run[:start] + word + run[end:], 1)
    return text


def otherwise(reading: Reading) -> list[Reading]:
    """The reading with what guides say for an everyday word in it: `she tuan deng ji` is also `she hui tuan ti …`."""
    found = []
    for start, end, word in _everyday_runs(reading.syllables, 2):
        for other in words.synonyms().others[word]:
            said = (*reading.syllables[:start], *syllables(other), *reading.syllables[end:])
            found.append(Reading(said, (*[False] * (len(said) - 1), reading.open[-1])))
    return found[:MOST_READINGS] if reading.whole else []
