"""`python -m queue_server guides …`, beside a server that runs and alone; and a hall that begins with its catalogue."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from queue_server.__main__ import main
from queue_server.guides.command import DEMO
from queue_server.guides.transfer import csv_text, read
from tests.queue_server.helpers import CONFIG, Served, serving


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Done]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `guides …` in this process."""

    def run(*words: object) -> Done:
        capsys.readouterr()
        code = main(["guides", *map(str, words)])
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo's social guides, to be changed."""
    folder = tmp_path / "guides"
    folder.mkdir()
    for name in ("tables.toml", "shared.toml", "social.toml"):
        shutil.copy(DEMO / name, folder / name)
    return folder


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "social.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def total(served: Served) -> int:
    with served.client("kiosk") as client:
        return int(client.get("/guides").json()["total"])


def test_check_names_file_guide_field_and_rule(folder: Path, command: Command):
    done = command("check", folder)
    assert (done.returncode, done.stdout.endswith("guides, 0 breaches\n")) == (0, True)
    edit(folder, "promised = 3", "promised = 6")
    done = command("check", folder)
    assert done.returncode == 1
    assert "social.toml: 社会保险参保登记（用人单位）: promised: [promised_within]" in done.stdout
    edit(folder, "promised = 6", "promissed = 6")
    done = command("check", folder)
    assert (done.returncode, "did you mean 'promised'?" in done.stderr) == (2, True)


def test_a_hall_begins_with_the_catalogue_beside_its_settings(tmp_path: Path, folder: Path, command: Command):
    hall = shutil.copy(CONFIG, tmp_path / "hall.toml")
    edit(folder, "promised = 3", "promised = 6")  # against a rule: the queue does not wait for it
    with serving(tmp_path / "data", "--demo", "--config", str(hall)) as served:
        assert "no guides were imported, 1 faults: python -m queue_server guides check" in served.log()
        with served.client("kiosk") as client:
            assert client.get("/guides").status_code == 404
        edit(folder, "promised = 6", "promised = 3")
        done = command("import", folder, "--data", tmp_path / "data")  # over HTTP: a server runs there
        assert (done.returncode, "0 faults; done" in done.stdout) == (0, True), done.stdout + done.stderr
        assert total(served) > 0
        served.stop()
    with serving(tmp_path / "data", "--demo", "--config", str(hall)) as again:
        assert again.log().count("no guides were imported") == 1  # that was the first time
        assert total(again) > 0


def test_import_and_export_beside_a_server_and_alone(tmp_path: Path, folder: Path, command: Command):
    data = tmp_path / "data"
    with serving(data) as served:
        count = total(served)
        assert count >= 3
        file = tmp_path / "guides.csv"
        assert command("export", file, "--data", data).stdout == f"{count} guides\n"
        rows, _ = read(file.read_bytes(), "csv")
        assert len(rows) == count
        bad = rows[0].guide.model_copy(update={"code": rows[0].guide.code[:-3] + "009", "promised": None})
        file.write_text(csv_text([bad]), "utf-8")
        refused = command("import", file, "--data", data)
        assert refused.returncode == 1
        assert f"row 2, promised ({bad.name}): [promised] 没有承诺办结时限" in refused.stdout
        assert "nothing was imported" in refused.stdout
        assert total(served) == count
        served.stop()
    drafted = command("import", file, "--as-drafts", "--data", data)  # alone: no server runs
    assert (drafted.returncode, "1 added, 0 changed, 0 unchanged, 0 faults; done" in drafted.stdout) == (0, True)
    dry = command("import", folder, "--dry-run", "--data", data)
    assert (dry.returncode, "a dry run: nothing was changed" in dry.stdout) == (0, True)
    assert command("export", tmp_path / "g.json", "--data", data).stdout == f"{count} guides\n"
    assert len(json.loads((tmp_path / "g.json").read_text("utf-8"))["guides"]) == count


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import", "x.xls"], ".csv or .json files"),
        (["import", "none.csv"], "cannot be read"),
        (["import", str(DEMO)], "there is no hall here yet"),
        (["export", "x.csv"], "there is no queue here"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(tmp_path: Path, command: Command, words: list[str], said: str):
    done = command(*words, "--data", tmp_path / "nowhere")
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
