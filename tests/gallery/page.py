"""The gallery's page: thumbnails by terminal, name and state under each. One file beside its pictures, no network."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from pathlib import Path

from PIL import Image

from tests.gallery.pictures import Picture

THUMBNAIL = (300, 400)  # px at most
STYLE = """body{font:15px system-ui,sans-serif;margin:24px;background:#f2f5fa;color:#10203b}
section{display:flex;flex-wrap:wrap;gap:16px;align-items:flex-start}figure{margin:0;max-width:300px}
img{display:block;border-radius:8px;box-shadow:0 2px 8px #10203b22}figcaption{padding:6px 2px}small{color:#51617c}"""


def write(folder: Path, pictures: Iterable[Picture]) -> Path:
    """index.html and its thumbnails; the file."""
    parts = [f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Yichuang</title><style>{STYLE}</style>']
    for terminal, some in groupby(pictures, key=lambda one: one.terminal):
        parts += [f"<h2>{escape(terminal)}</h2><section>", *figures(folder, some), "</section>"]
    file = folder / "index.html"
    file.write_text("\n".join(parts) + "</html>\n", encoding="utf-8")
    return file


def figures(folder: Path, pictures: Iterable[Picture]) -> Iterator[str]:
    for one in pictures:
        thumbnail, (width, height) = shrink(folder, one.file)
        yield (
            f'<figure><a href="{one.file.name}"><img loading="lazy" src="{thumbnail}" width="{width}" '
            f'height="{height}" alt=""></a><figcaption><b>{escape(one.name)}</b> {escape(one.variant)}<br>'
            f"<small>{escape(one.state)}</small></figcaption></figure>"
        )


def shrink(folder: Path, file: Path) -> tuple[str, tuple[int, int]]:
    """Makes the thumbnail; its address from the page, and its size."""
    small = folder / "small" / file.with_suffix(".jpg").name
    small.parent.mkdir(exist_ok=True)
    with Image.open(file) as picture:
        picture = picture.convert("RGB")
        picture.thumbnail(THUMBNAIL)
        picture.save(small, quality=85)
        return f"small/{small.name}", picture.size
