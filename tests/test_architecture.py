"""Which room may use which: DESIGN's import rules, held by reading every import."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {  # room -> rooms of ours it may import besides itself
    "config": set(),
    "devices": set(),
    "queue_server": {"config"},
    "kiosk": {"config", "devices"},
}
PURE = ["queue_server/domain", "devices/*/codec.py", "devices/paper/blocks.py", "kiosk/flow.py", "kiosk/announcer.py"]
WORLD = {
    "socket",
    "sqlite3",
    "threading",
    "subprocess",
    "random",
    "serial",
    "flask",
    "kivy",
    "httpx",
    "sqlalchemy",
    "os",
}
TOP = {".ci", ".git", ".gitignore", "README.md", "config", "constraints.txt", "devices", "docs", "hall", "kiosk"}
TOP |= {"pyproject.toml", "queue_server", "requirements-test.txt", "requirements.txt", "tests"}


def imports(path: Path) -> set[str]:
    """Top names of every module the file imports, wherever in the file the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_uses_only_the_rooms_it_may(room):
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        stranger = (imports(path) & {*ROOMS, "tests"}) - ROOMS[room] - {room}
        assert not stranger, f"{path.relative_to(ROOT)} imports {stranger}"


@pytest.mark.parametrize("pattern", PURE)
def test_rules_and_codecs_are_pure(pattern):
    found = list(ROOT.glob(pattern))
    files = [file for path in found for file in ([path] if path.suffix == ".py" else path.rglob("*.py"))]
    assert files, f"nothing matches {pattern}"
    for path in files:
        assert not imports(path) & WORLD, f"{path.relative_to(ROOT)} reaches into the world"


def test_one_module_alone_opens_ports():
    owners = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "serial" in imports(path)]
    assert [str(path.relative_to(ROOT)) for path in owners] == ["devices/transport.py"]


def test_sql_lives_in_the_store():
    for path in (ROOT / "queue_server").rglob("*.py"):
        if "store" not in path.parts:
            assert not imports(path) & {"sqlite3", "sqlalchemy", "alembic"}, f"{path.relative_to(ROOT)} speaks SQL"


def test_the_top_level_holds_nothing_else():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {name.split("/")[0] for name in listed.splitlines()} <= TOP


@pytest.mark.parametrize(
    "command", [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]], ids=" ".join
)
def test_the_house_style_is_kept(command):
    tool = Path(sys.prefix) / "bin" / command[0]
    done = subprocess.run([tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
