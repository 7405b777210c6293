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
# The terminal keeps a copy of the index and asks it without the server, as the server does: one search, in one place.
# It is a leaf (imports nothing else of ours), so nothing of the server comes into the kiosk with it.
SHARED = "queue_server.guides.search"
PURE = [
    "queue_server/domain",
    "devices/*/codec.py",
    "devices/paper/blocks.py",
    "kiosk/flow.py",
    "kiosk/lookup_flow.py",
    "kiosk/announcer.py",
]
PURE += [f"queue_server/simulate/{name}.py" for name in ("scene", "room", "heaps", "engine", "policy", "promised")]
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


def modules(path: Path) -> set[str]:
    """Every module the file imports, wherever in the file the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return names


def imports(path: Path) -> set[str]:
    """Their top names."""
    return {name.split(".")[0] for name in modules(path)}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_uses_only_the_rooms_it_may(room):
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        ours = {name.split(".")[0] for name in modules(path) if room != "kiosk" or name != SHARED}
        stranger = (ours & {*ROOMS, "tests"}) - ROOMS[room] - {room}
        assert not stranger, f"{path.relative_to(ROOT)} imports {stranger}"


def test_the_shared_search_is_a_leaf():
    folder = ROOT / SHARED.replace(".", "/")
    for path in folder.glob("*.py"):
        ours = {name for name in modules(path) if name.split(".")[0] in ROOMS}
        # `from queue_server.guides.search import words` names the package, its modules lie inside
        assert all(f"{name}.".startswith(f"{SHARED}.") for name in ours), f"{path.name} imports {ours}"
    # Python runs these on the way to it
    for package in (folder.parent, folder.parent.parent):
        assert not modules(package / "__init__.py"), f"{package.name}/__init__.py imports something"


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
        # the index is a file of its own, not the hall's database
        if "store" not in path.parts and path.parent != ROOT / SHARED.replace(".", "/"):
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
