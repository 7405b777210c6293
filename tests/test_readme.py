"""The README promises; these hold it to its word."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def section(title: str) -> str:
    return README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_every_place_it_points_to_exists():
    places = re.findall(r"`([\w./-]+(?:/|\.py|\.kv|\.toml|\.txt))`", README)
    assert len(places) > 20
    missing = [place for place in places if not place.startswith("/") and not (ROOT / place).exists()]
    # in the first table a bare file name stands for one to be made
    assert [place for place in missing if "/" in place] == []


def test_what_one_may_want_to_add_has_a_place_each():
    rows = [row for row in section("I want to add …").splitlines() if row.startswith("| ")][1:]
    assert len(rows) >= 8
    assert all("`" in row.split("|")[2] for row in rows)


def test_the_first_screen_has_one_picture_and_the_two_commands():
    first = "\n".join(README.splitlines()[:14])
    (picture,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", first)
    assert (ROOT / picture).exists()
    assert re.findall(r"^\./hall (\w+)", first, re.MULTILINE) == ["demo", "test"]


def test_the_hall_script_knows_every_command_it_lists():
    listed = subprocess.run([ROOT / "hall"], capture_output=True, text=True, check=True).stdout
    script = (ROOT / "hall").read_text("utf-8")
    for command in re.findall(r"^\./hall (\w+)", listed, re.MULTILINE):
        assert f"\n{command})" in script
    assert subprocess.run([ROOT / "hall", "dmeo"], capture_output=True, check=False).returncode == 2


def test_every_library_says_why_it_is_here():
    for name in ("requirements.txt", "requirements-test.txt"):
        for line in (ROOT / name).read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                assert "==" in line, f"{name}: {line} is not pinned"
    reasoned = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert all("# " in line for line in reasoned if line)


def test_every_pinned_version_is_the_one_in_constraints():
    constraints = {
        line.split("==")[0].lower().replace("_", "-"): line.split("==")[1]
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if "==" in line
    }
    for name in ("requirements.txt", "requirements-test.txt"):
        for wanted, version in re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE):
            assert constraints[wanted.lower()] == version
