"""Makes the fonts of fonts.py from installed packages, at set-up.

A font that is there and as old as its source is left alone, so that running it again costs nothing. Each is written
beside its place and moved there: a set-up cut short never leaves half a font.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTCollection

from devices.errors import SetupError
from devices.fonts import FILES, FOLDER, ICON_NAMES, RARE

NOTO, HANA = "fonts-noto-cjk", "fonts-hanazono"
DEBIAN = {  # package -> where its fonts are
    NOTO: Path("/usr/share/fonts/opentype/noto"),
    HANA: Path("/usr/share/fonts/truetype/hanazono"),
}
APT, PIP = "apt-get install --no-install-recommends ", "pip install -r requirements.txt"


@dataclass(frozen=True)
class Source:
    """A file of an installed package; `face` is the name of one face in a collection."""

    package: str  # a Python package, or one of DEBIAN
    file: str
    face: str = ""

    def find(self) -> Path:
        """SetupError with the line to run if the package is not installed."""
        if not self.there:
            raise SetupError(f"font {self.file} is not installed; run: {self.line}")
        return self._path()

    @property
    def there(self) -> bool:
        return self._path().exists()

    def _path(self) -> Path:
        if self.package in DEBIAN:
            return DEBIAN[self.package] / self.file
        spec = importlib.util.find_spec(self.package)  # not imported: qtawesome asks for Qt
        return (Path(spec.origin).parent if spec and spec.origin else Path("/nowhere")) / self.file

    @property
    def line(self) -> str:
        """The command that installs the package."""
        return APT + self.package if self.package in DEBIAN else PIP


SOURCES: dict[str, Source] = {
    FILES["sans"]: Source(NOTO, "NotoSansCJK-Regular.ttc", "Noto Sans CJK SC"),
    FILES["sans-bold"]: Source(NOTO, "NotoSansCJK-Bold.ttc", "Noto Sans CJK SC Bold"),
    FILES["mono"]: Source(NOTO, "NotoSansCJK-Regular.ttc", "Noto Sans Mono CJK SC"),
    FILES["mono-bold"]: Source(NOTO, "NotoSansCJK-Bold.ttc", "Noto Sans Mono CJK SC Bold"),
    FILES["number"]: Source("fontpkg_barlow", "files/Barlow-SemiBold.ttf"),
    FILES["number-bold"]: Source("fontpkg_barlow", "files/Barlow-Bold.ttf"),
    FILES["icons"]: Source("qtawesome", "fonts/phosphor-1.3.0.ttf"),
    ICON_NAMES: Source("qtawesome", "fonts/phosphor-charmap-1.3.0.json"),
    RARE["rare-a"]: Source(HANA, "HanaMinA.ttf"),
    RARE["rare-b"]: Source(HANA, "HanaMinB.ttf"),
}


def make(tell: Callable[[str], None], folder: Path = FOLDER) -> None:
    """Makes what is missing or older than its source; `tell` gets a line for each. SetupError, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in SOURCES.items():
        if source.package == HANA and not source.there:
            tell(f"{name}: rare characters will be shown as boxes; for them run: {source.line}")
            continue
        origin, place = source.find(), folder / name
        age = origin.stat().st_mtime_ns
        if place.exists() and place.stat().st_mtime_ns == age:
            tell(f"{name}: up to date")
            continue
        tell(f"{name}: from {origin.name} …")
        part = place.with_suffix(f".{os.getpid()}.part")
        try:
            _write(origin, source.face, part)
            os.utime(part, ns=(age, age))
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


def _write(origin: Path, face: str, part: Path) -> None:
    if not face:
        shutil.copyfile(origin, part)
        return
    with TTCollection(origin, lazy=True) as collection:
        fonts = {str(font["name"].getDebugName(4)): font for font in collection.fonts}
        if face not in fonts:
            raise SetupError(f"{origin} holds no {face}; run: {APT}{NOTO}")
        fonts[face].save(part)
