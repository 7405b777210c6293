"""How well a guide's names answer a query, from 0 to a little over 1. Pure: names and pieces in, a number out.

FTS5 finds who may be meant; who is meant is decided here, because bm25 knows neither the order of characters nor that
one name answers better than two halves of different names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import mul

from queue_server.guides.search import sound
from queue_server.guides.search.sound import Reading
from queue_server.guides.search.words import Said

BIGRAMS, CHARACTERS, ORDER, CLOSE = 0.55, 0.25, 0.20, 0.20
RARE_ENOUGH = 0.2  # of the weight of all pairs: what only common words reach is below
IN_PAIRS = 0.8  # what a share of characters counts beside one of pairs
AS_SOUND = 0.8  # a pair that only sounds alike
IN_OTHER_WORDS = 0.85
AT_START, WHOLE_NAME = 0.05, 0.15
AT_LEAST_TOGETHER = 0.3  # of the stretch of a name that typed initials are spread over


@dataclass(frozen=True, slots=True)
class Names:
    """A candidate: its plain names, the title first, and how each sounds (` she bao ka `)."""

    texts: tuple[str, ...]
    sounds: tuple[str, ...]

    @property
    def near(self) -> Names:
        return Names(self.texts, tuple(map(sound.near, self.sounds)))


@dataclass(frozen=True, slots=True)
class Score:
    """`share` is how much of the query's pairs is in the guide, of 1; `best` the number of the name that answers."""

    value: float
    share: float
    best: int


NOTHING = Score(0.0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Query:
    """A wording and its pieces, in columns because this is looked at for every candidate while somebody types.

    `part` is what an answer to this wording counts; weights are of 1 together, `counted` of 1 together too; `heard` are
    the sounds of the pairs (` she bao `), or none.
    """

    text: str
    part: float
    pairs: tuple[str, ...]
    weights: tuple[float, ...]
    counted: tuple[float, ...]
    characters: tuple[tuple[str, float], ...]
    heard: tuple[str, ...]


def query_of(said: Said, part: float, weight: Callable[[str], float], *, sounds: bool) -> Query:
    pairs, characters = said.pieces(weight)
    total, counted = sum(pair.weight for pair in pairs), sum(pair.counted for pair in pairs) or 1.0
    rare = sum(one.weight for one in characters)
    return Query(
        said.text,
        part,
        tuple(pair.text for pair in pairs),
        tuple(pair.weight / total for pair in pairs),
        tuple(pair.counted / counted for pair in pairs),
        tuple((one.text, one.weight / rare) for one in characters),
        tuple(f" {' '.join(sound.syllables(pair.text))} " for pair in pairs) if sounds else (),
    )


def by_text(queries: Sequence[Query], names: Names) -> Score:
    """For the wording answered best. One that knows its sounds counts a pair that only sounds like one of the name."""
    value, best, there, query = max((_answered(query, names) for query in queries), key=lambda found: found[0])
    return Score(value, _share(query, there), best)


def _answered(query: Query, names: Names) -> tuple[float, int, list[float], Query]:
    """(value, number of the name, how much of each pair is in any name, query)"""
    together: list[float] = []  # 社保卡挂失 may be an everyday name and a word of the title
    value, best = -1.0, 0
    for n, text in enumerate(names.texts):
        there = _there(query, text, names.sounds[n])
        together = list(map(max, together, there)) if together else there
        pairs = sum(map(mul, there, query.weights))
        known = [weight for one, weight in query.characters if one in text]
        singles = max(pairs, sum(known))
        ordered = max(pairs, singles * _in_order(query.text, text) if len(known) > 1 else singles)
        close = min(1.0, len(known) / len(text))
        found = BIGRAMS * pairs + CHARACTERS * singles + ORDER * ordered + CLOSE * close * pairs
        if found > value:
            value, best = found, n
    return query.part * (value * 2 + sum(map(mul, together, query.weights))) / 3, best, together, query


def _there(query: Query, text: str, said: str) -> list[float]:
    if not query.heard:
        return [1.0 if pair in text else 0.0 for pair in query.pairs]
    return [
        1.0 if pair in text else AS_SOUND if heard in said else 0.0
        for pair, heard in zip(query.pairs, query.heard, strict=True)
    ]


def _share(query: Query, there: list[float]) -> float:
    """How much of the query was found: of its pairs, or of its characters that stand in a pair that was found, which
    is fairer to two words side by side (孤儿补贴 has 孤儿 and 补贴 in it and nothing about 儿补); but a word that half
    of all guides have (登记 of 塔吊登记) says nothing.
    """
    read = [n for n, part in enumerate(there) if part == 1]
    heard = [n for n, part in enumerate(there) if part == AS_SOUND]
    # one pair that sounds alike is chance (火车, 货车), two in a query are hardly
    found = read + (heard if len(heard) > 1 or any(len(query.pairs[n]) > 1 for n in read) else [])
    covered = {one for n in found if len(query.pairs[n]) > 1 and query.counted[n] for one in query.pairs[n]}
    letters = query.text.replace(" ", "")
    pairs = sum(query.counted[n] for n in found)
    if sum(query.weights[n] for n in found) < RARE_ENOUGH:
        return pairs
    return max(pairs, IN_PAIRS * sum(one in covered for one in letters) / len(letters))


def _in_order(query: str, text: str) -> float:
    """How much of the query comes in its order in the text: 1 for 社保卡 in 社会保障卡, as abbreviations are made."""
    at, found = 0, 0
    for one in query:
        place = text.find(one, at)
        if place >= 0:
            at, found = place + 1, found + 1
    return found / len(query)


def by_letters(reading: Reading, names: Names, weight: Callable[[str], float]) -> Score:
    """Typed pinyin or initials: a row of syllables of one name, or as many pairs of whole syllables as there are."""
    row = re.compile(
        " "
        + " ".join(s + ("[a-z0-9]*" if o else "") for s, o in zip(reading.syllables, reading.open, strict=True))
        + " "
    )
    scores = [_row(row, reading, said) for said in names.sounds]
    best = max(range(len(scores)), key=scores.__getitem__)
    if scores[best]:
        return Score(scores[best], 1.0, best)
    if not reading.whole or len(reading.syllables) < 3:
        return NOTHING
    pairs = [
        (f" {a} {b}{'' if o else ' '}", weight(f"{a}0{b}"))
        for a, b, o in zip(reading.syllables, reading.syllables[1:], reading.open[1:], strict=False)
    ]
    parts = [_syllables(reading.syllables, pairs, said) for said in names.sounds]
    best = max(range(len(parts)), key=parts.__getitem__)
    share = sum(1 for pair, _ in pairs if pair in names.sounds[best]) / len(pairs)
    return Score(AS_SOUND * parts[best], share, best)


def _syllables(typed: Sequence[str], pairs: Sequence[tuple[str, float]], said: str) -> float:
    """How much of what was typed is in one name: its pairs, and its syllables in their order where a pair is."""
    there = sum(weight for pair, weight in pairs if pair in said) / sum(weight for _, weight in pairs)
    if not there:
        return 0.0
    at, found = 0, 0
    for one in typed:
        place = said.find(f" {one} ", at)
        if place >= 0:
            at, found = place + 1, found + 1
    close = min(1.0, len(typed) / max(1, said.count(" ") - 1))
    return (IN_PAIRS * there + (1 - IN_PAIRS) * found / len(typed)) * (1 - CLOSE + CLOSE * close)


def by_gaps(letters: str, names: Names) -> Score:
    """Initials of words that stand apart in one name, `gthzx` for 个体工商户注销: the less between them the better."""
    row = re.compile("(?=(" + ".*?".join(letters) + "))")
    shares = [0.0] * len(names.sounds)
    for n, said in enumerate(names.sounds):
        found = row.findall(sound.initials(said.split()))
        shares[n] = max((len(letters) / len(span) for span in found), default=0.0)
    best = max(range(len(shares)), key=shares.__getitem__)
    return Score(BIGRAMS * shares[best], shares[best], best) if shares[best] >= AT_LEAST_TOGETHER else NOTHING


def _row(row: re.Pattern[str], reading: Reading, said: str) -> float:
    found = row.search(said)
    if found is None:
        return 0.0
    share = len(reading.syllables) / max(1, said.count(" ") - 1)
    return 1.0 - WHOLE_NAME - AT_START + WHOLE_NAME * share + (AT_START if found.start() == 0 else 0.0)


def by_english(query: Sequence[tuple[tuple[str, ...], float]], names: Names) -> Score:
    """English words, each as the beginnings that may stand for it, and what it weighs."""
    total = sum(weight for _, weight in query)
    scores = [0.0] * len(names.texts)
    shares = [0.0] * len(names.texts)
    for n, text in enumerate(names.texts):
        if not text.isascii() or not text:
            continue
        there = [_begun(stems, f" {text}") for stems, _ in query]
        shares[n] = sum(there) / len(there)
        part = sum(here * weight for here, (_, weight) in zip(there, query, strict=True)) / total
        close = sum(there) / len(text.split())
        scores[n] = part * (1 - CLOSE + CLOSE * min(1.0, close))
    best = max(range(len(scores)), key=scores.__getitem__)
    return Score(scores[best], shares[best], best)


def _begun(stems: Sequence[str], text: str) -> float:
    """1 for the word itself, a little less for another that stands for it."""
    return next((1.0 if n == 0 else IN_OTHER_WORDS for n, stem in enumerate(stems) if f" {stem}" in text), 0.0)
