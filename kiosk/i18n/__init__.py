"""What the terminals say, Chinese and English: gettext catalogues whose message ids are the keys of our words.

The .po files are read as they are when a program starts: no build step stands between a correction and the screen.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent
LANGUAGES = ("zh", "en")


class Catalogue:
    """All sentences in all languages; `say` fills in the curly brackets."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.sentences = {language: _read(folder / language / "LC_MESSAGES" / "kiosk.po") for language in LANGUAGES}

    def say(self, language: str, key: str, **facts: object) -> str:
        """One sentence: `say("zh", "call.screen", number="A001", window=3)`. KeyError for an unknown key."""
        return self.sentences[language][key].format(**facts)

    def both(self, key: str, **facts: object) -> tuple[str, str]:
        """The sentence in Chinese and in English."""
        return self.say("zh", key, **facts), self.say("en", key, **facts)


def _read(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}
