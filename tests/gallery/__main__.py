"""`./hall gallery`: a picture of every screen and state, and a page of them all: out/gallery/index.html."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.gallery.page import write
from tests.gallery.pictures import TERMINALS, Picture, take

OUT = Path(__file__).parents[2] / "out" / "gallery"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./hall gallery", description=__doc__)
    parser.add_argument("words", nargs="*", help="only scenes with one of these in terminal or name")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FOLDER")
    asked = parser.parse_args(arguments)
    shutil.rmtree(asked.out, ignore_errors=True)
    asked.out.mkdir(parents=True)
    start, pictures, failed = time.monotonic(), [], 0
    shots = [
        (terminal, scene, glass)
        for terminal, of in TERMINALS.items()
        for scene in of.scenes
        for glass in scene.glasses
        if not asked.words or any(word in f"{terminal} {scene.name}" for word in asked.words)
    ]
    with tempfile.TemporaryDirectory() as copy:
        for at, (terminal, scene, glass) in enumerate(shots, 1):
            print(f"{at:>3} of {len(shots)}  {terminal}: {scene.name}, {glass.name}", flush=True)
            try:
                pictures += take(terminal, scene, glass, asked.out, Path(copy) / f"{at}")
            except AssertionError as error:  # the others are still worth looking at
                print(f"            {error}", file=sys.stderr)
                failed += 1
    print(summary(write(asked.out, pictures), pictures, time.monotonic() - start))
    return 1 if failed else 0


def summary(page: Path, pictures: list[Picture], seconds: float) -> str:
    return f"{len(pictures)} pictures in {seconds:.0f} s: {page}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
