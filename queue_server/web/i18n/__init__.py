"""What the web pages say, Chinese and English: gettext catalogues, one .po file a page, message ids are keys.

A page gets its own sentences and those of `shared`. The files are read as they are when the server starts: no build
step stands between a correction and the screen.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent
LANGUAGES = ("zh", "en")
SHARED = "shared"


@cache
def words(page: str, language: str) -> dict[str, str]:
    """The sentences of a page by key, with `{}` places to fill: `words("console", "zh")["link.up"]`."""
    return _read(SHARED, language) | _read(page, language)


def language_of(*wishes: str | None) -> str:
    """The language to answer in: the first wish that can be met (the address's, a cookie's …), else Chinese."""
    return next((one for one in wishes if one in LANGUAGES), LANGUAGES[0])


def _read(page: str, language: str) -> dict[str, str]:
    with (FOLDER / language / "LC_MESSAGES" / f"{page}.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}
