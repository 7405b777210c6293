"""`simulate-day` as a manager runs it: a table, a picture, and words for what cannot be done."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from queue_server.__main__ import main
from queue_server.simulate.measure import Day
from queue_server.simulate.plot import Series, picture
from queue_server.simulate.policy import POLICIES
from tests.queue_server.helpers import CONFIG, HALL, Clock, Desk, demo_hall

SVG = "{http://www.w3.org/2000/svg}"


def words(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text")]


def test_it_prints_a_table_and_draws_a_picture(tmp_path, capsys):
    plot = tmp_path / "waits.svg"
    asked = ["--config", str(CONFIG), "--policy", "as_set,fcfs", "--seeds", "0-2", "--load", ".8", "--slow", ".2"]
    assert main(["simulate-day", *asked, "--plot", str(plot)]) == 0
    told, progress = capsys.readouterr()
    assert "linjiang: 3 days, load 0.8, 20% slower" in told
    for name in ("as_set", "fcfs"):
        assert f"{name}: {POLICIES[name].words}" in told
    assert told.count("walk_in") == told.count("promise: 0 of") == 2
    assert "W/F" in told
    assert progress.endswith("3 of 3 days\n")
    assert {"as_set", "fcfs", "walk-in", "elderly", "09:00"} <= set(words(plot.read_text("utf-8")))


def test_the_same_seeds_say_the_same(tmp_path, capsys):
    asked = ["simulate-day", "--policy", "credits_home", "--seeds", "4", "--plot", str(tmp_path / "a.svg")]
    assert main(asked) == 0
    first = capsys.readouterr().out
    assert main(asked) == 0
    assert capsys.readouterr().out == first
    assert "benchmark hall: 1 days" in first


def test_a_day_of_the_log_is_played_with_its_own_windows(tmp_path, capsys):
    clock = Clock()
    desk = Desk(tmp_path / "data", demo_hall(), clock)
    desk.window(10, "open")
    for _ in range(4):
        desk.issue("passport")
    for _ in range(4):
        desk.window(10, "next")
        desk.window(10, "start")
        clock.pass_(minutes=5)
        desk.window(10, "finish")
    desk.close()
    plot = str(tmp_path / "waits.svg")
    assert main(["simulate-day", "--log", "--data", str(tmp_path / "data"), "--plot", plot]) == 0
    told = capsys.readouterr().out
    assert f"{HALL} on 2026-03-02: 4 stays at windows" in told
    assert "walk_in             4     7.5" in told
    assert main(["simulate-day", "--log", "--data", str(tmp_path / "data"), "--day", "2026-03-03"]) == 2
    assert "has no ticket of 2026-03-03" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["--policy", "fsfc"], "no policy 'fsfc'"),
        (["--seeds", "9-1"], "the smaller first"),
        (["--seeds", "some"], "a range such as 0-39"),
        (["--load", "0"], "from 0.01 to 3"),
        (["--slow", "-1"], "from 0 to 3"),
        (["--log"], "--data DIR is needed"),
    ],
)
def test_a_slip_is_said_in_words(asked, says, capsys):
    with pytest.raises(SystemExit):
        main(["simulate-day", *asked])
    assert says in capsys.readouterr().err


def test_where_there_is_no_hall_it_says_so(tmp_path, capsys):
    assert main(["simulate-day", "--log", "--data", str(tmp_path)]) == 2
    assert "there is no queue here" in capsys.readouterr().err
    assert main(["simulate-day", "--config", str(tmp_path / "none.toml")]) == 2
    assert main(["simulate-day", "--day", "2026-03-02"]) == 2


def test_a_picture_of_days_on_which_nobody_came_is_still_one():
    assert "People waiting, by time" in words(picture("quiet", [Series("fcfs", [Day({}, 0, [0], 0)])], 540))
    assert words(picture("none <&>", [], 540))[0] == "none <&>"


def test_every_policy_stands_in_the_help(capsys):
    with pytest.raises(SystemExit):
        main(["simulate-day", "--help"])
    told = capsys.readouterr().out
    assert all(name in told for name in POLICIES)


def test_the_picture_goes_where_it_can(tmp_path: Path, capsys):
    assert main(["simulate-day", "--seeds", "0", "--plot", str(tmp_path / "no" / "x.svg")]) == 2
    assert "cannot be written" in capsys.readouterr().err
