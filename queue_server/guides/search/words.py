"""What is written, in one form: simplified, lower case, without punctuation; and the pieces of it the index knows.

Han text has no spaces between words, and a dictionary of words adds nothing here that pairs of neighbours do not: the
pieces of a run of Han characters are its bigrams and its characters, those of a Latin run the run itself.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from pathlib import Path
from typing import Any

import opencc

DATA = Path(__file__).parent
LONGEST = 64  # characters of a query that are looked at; the longest real title has 68
MOST_EXCHANGED, MOST_VARIANTS, MOST_CHINESE = 3, 10, 4
ALONE = 0.25  # how much a character without a neighbour counts: 讲 left of 讲个笑话 is in some title always
_PARTICLE = re.compile("(?<=.)(?:了一?个|[了个过完])")
_ENDING = re.compile("(?<=[a-z]{4})(?:ations?|ions?|ings?|ment|ers?|ed|es|s|e|al|y)$")
_RUN = re.compile(r"[a-z0-9]+|[^\sa-z0-9]+")


@cache
def data(name: str) -> dict[str, Any]:
    """One of the tables beside this module."""
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def plain(text: str) -> str:
    """Runs of letters and digits with single spaces between; Han characters simplified."""
    # a lone surrogate is no text at all, and neither SQLite nor OpenCC takes it
    whole = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode("utf-8")).lower()
    if not whole.isascii():
        whole = _simplifier().convert(whole)
    return " ".join("".join(c if c.isalnum() else " " for c in whole).split())


def runs(text: str) -> list[str]:
    """Latin and other runs of a plain text, in order: `R字签证` has two."""
    return _RUN.findall(text)


def latin(run: str) -> bool:
    return run.isascii()


def bigrams(text: str) -> list[str]:
    """Pairs of neighbours; a character that stands alone is its own piece, and so is a Latin run."""
    return [text[start:end] for start, end in _spans(text, 2)]


def characters(text: str) -> list[str]:
    return [text[start:end] for start, end in _spans(text, 1)]


def closed_up(text: str) -> str:
    """A plain query typed `社 保 卡` as `社保卡`: with single characters about, the spaces mean nothing."""
    parts = text.split()
    if any(len(part) == 1 and not latin(part) for part in parts):
        return re.sub(r"(?<=[^a-z0-9]) | (?=[^a-z0-9])", "", text)
    return text


@cache
def _fillers() -> re.Pattern[str]:
    return _any_of(data("words")["fillers"])


@cache
def _openers() -> re.Pattern[str]:
    return re.compile(f"^(?:{_any_of(data('words')['openers']).pattern})+")


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def without_fillers(text: str, known: Callable[[str], bool]) -> str:
    """The query without words that say nothing about a guide; as it was when nothing else is in it.

    `known(pair)` is whether two characters stand together in some guide's name: then what looks like a filler is part
    of a word, as 个 of 个体户.
    """

    if len(text) < 3:
        return text
    text = _without_phrases(text)
    said = [match.span() for match in synonyms().said.finditer(text)]

    def cut(match: re.Match[str]) -> str:
        start, end = match.span()
        if any(start < last and first < end for first, last in said):
            return match[0]
        left, right = match.string[max(0, start - 1) : start + 1], match.string[end - 1 : end + 1]
        return match[0] if any(len(pair) == 2 and known(pair) for pair in (left, right)) else " "

    for pattern in (_fillers(), _openers()):
        left = " ".join(pattern.sub(cut, text).split())
        # one character left of a question is rarely what was asked for: 车 of 我要车
        if len(left) > 1 and left != text:
            text = _joined(left)
            said = [match.span() for match in synonyms().said.finditer(text)]
    return text


@cache
def _phrases() -> re.Pattern[str]:
    return re.compile("|".join(data("words")["phrases"]))


def _without_phrases(text: str) -> str:
    left = " ".join(_phrases().sub(" ", text).split())
    return left if len(left) > 1 else text


def _joined(text: str) -> str:
    """Without the gaps that words were taken out of in the middle of one people say: 换地方 was 换了地方."""
    for gap in reversed([at for at, one in enumerate(text) if one == " "]):
        closed = text[:gap] + text[gap + 1 :]
        if any(match.start() < gap < match.end() for match in synonyms().said.finditer(closed)):
            text = closed
    return text


def english_words(text: str) -> list[str]:
    """The words of a plain Latin query that say something."""
    return [word for word in text.split() if word not in _english_fillers()]


def english_others(word: str) -> tuple[str, ...]:
    """The word, and the words that may stand for it in the name of a guide."""
    return tuple(dict.fromkeys((word, *_english_same().get(english_stem(word), ()))))


def english_stem(word: str) -> str:
    """How a word begins in whatever form: `registering` and `registration`."""
    return _ENDING.sub("", word)


@cache
def _english_same() -> dict[str, list[str]]:
    return {english_stem(word): group for group in data("words")["english_same"] for word in group}


@cache
def _english_fillers() -> frozenset[str]:
    return frozenset(data("words")["english_fillers"])


@dataclass(frozen=True, slots=True)
class Synonyms:
    """`others[said]` are the words guides may have for it; `said` finds each of them in a query, longest first."""

    others: dict[str, tuple[str, ...]]
    verbs: dict[str, list[str]]
    said: re.Pattern[str]
    english: re.Pattern[str]

    def meant_by(self, found: str) -> tuple[str, ...]:
        return self.others.get(found) or self.others[_PARTICLE.sub("", found, count=1)]


@cache
def synonyms() -> Synonyms:
    table = data("synonyms")
    others: dict[str, list[str]] = {word: list(meant) for word, meant in table["means"].items()}
    for group in table["same"]:
        for word in group:
            others.setdefault(word, []).extend(other for other in group if other != word)
    han = [word for word in others if not word.isascii()]
    english = sorted((word for word in others if word.isascii()), key=len, reverse=True)
    return Synonyms(
        {word: tuple(dict.fromkeys(meant)) for word, meant in others.items()},
        table["verbs"],
        re.compile("|".join(map(_as_spoken, sorted(han, key=len, reverse=True)))),
        re.compile(rf"\b(?:{'|'.join(map(re.escape, english))})\b"),
    )


def _as_spoken(word: str) -> str:
    """换地方 is said 换了地方, 换个地方 too."""
    return re.escape(word) if len(word) < 3 else re.escape(word[0]) + f"(?:{_PARTICLE.pattern})?" + re.escape(word[1:])


@dataclass(frozen=True, slots=True)
class Said:
    """A query in one wording. `exchanged`: (start, end, what was typed) of every word put in for another."""

    text: str
    exchanged: tuple[tuple[int, int, str], ...] = ()

    def pieces(self, weight: Callable[[str], float]) -> tuple[list[Piece], list[Piece]]:
        """Its bigrams and its characters. What was put in weighs together no more than what was typed: a long official
        name must not drown the rest of the query.
        """
        found: tuple[list[Piece], list[Piece]] = ([], [])
        for pieces, size in zip(found, (2, 1), strict=True):
            for start, end in _spans(self.text, size):
                text = self.text[start:end]
                scale, counted = self._scale(start, end, size, weight)
                alone = len(text) == 1 and size == 2
                pieces.append(Piece(text, weight(text) * scale, counted * (ALONE if alone else 1.0)))
        return found

    def _scale(self, start: int, end: int, size: int, weight: Callable[[str], float]) -> tuple[float, float]:
        for first, last, typed in self.exchanged:
            if first <= start and end <= last:
                put_in = self.text[first:last]
                before = [typed[a:b] for a, b in _spans(typed, size)]
                after = [put_in[a:b] for a, b in _spans(put_in, size)]
                # 取快递 put as 提取快递 has found nothing yet
                counted = 0.0 if typed in synonyms().verbs else len(before) / len(after)
                return min(1.0, sum(map(weight, before)) / sum(map(weight, after))), counted
        return 1.0, 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """`weight` counts for the order of guides, `counted` for how much of the query was found."""

    text: str
    weight: float
    counted: float


def _spans(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Where the pieces of `size` characters stand; shorter and Latin runs are one piece."""
    for run in _RUN.finditer(text):
        start, end = run.span()
        if latin(run[0]) or end - start <= size:
            yield start, end
        else:
            yield from ((at, at + size) for at in range(start, end - size + 1))


def variants(text: str, known: Callable[[str], bool]) -> list[Said]:
    """The query said otherwise: with one word exchanged, then with two; the query itself is not among them.

    `known(pair)` as for fillers: a verb that stands alone is exchanged, 改 of 改造 is not.
    """
    table = synonyms()
    # the longer a word the less it is said of other things
    longest = sorted(table.said.finditer(text), key=lambda word: word.start() - word.end())[:MOST_EXCHANGED]
    meant = {word: table.meant_by(word[0]) for word in longest} | _verbs(text, longest, known)
    found = sorted(meant, key=lambda word: word.start())
    # 普通护照 already says 普通护照: putting it in for 护照 would say it twice
    choices = [(word[0], *(other for other in meant[word] if other not in text)) for word in found]
    ways = sorted(product(*choices), key=lambda way: sum(new != word[0] for new, word in zip(way, found, strict=True)))
    return [_said(text, found, way) for way in ways[1 : 1 + MOST_VARIANTS]]


def _verbs(text: str, taken: list[re.Match[str]], known: Callable[[str], bool]) -> dict[re.Match[str], tuple[str, ...]]:
    """The first verb that is no part of a word, and what guides say for it."""
    table = synonyms().verbs
    for word in re.finditer(f"[{''.join(table)}]", text):
        at = word.start()
        pairs = (text[max(0, at - 1) : at + 1], text[at : at + 2])
        inside = any(other.start() <= at < other.end() for other in taken)
        if not inside and not any(len(pair) == 2 and known(pair) for pair in pairs):
            return {word: tuple(table[word[0]])}
    return {}


def in_chinese(text: str) -> list[str]:
    """A plain English query with every word that is known put into Chinese; none when none is."""
    table = synonyms()
    found = list(table.english.finditer(text))
    ways = islice(product(*(table.others[word[0]] for word in found)), MOST_CHINESE)
    return [_said(text, found, way).text for way in ways] if found else []


def _said(text: str, found: list[re.Match[str]], way: tuple[str, ...]) -> Said:
    new, end, exchanged = "", 0, []
    for match, word in zip(found, way, strict=True):
        new += text[end : match.start()]
        if word != match[0]:
            exchanged.append((len(new), len(new) + len(word), match[0]))
        new, end = new + word, match.end()
    return Said(new + text[end:], tuple(exchanged))
