"""The index file: nothing typed can upset it, it is swapped under its readers, and a broken one says what to do."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from queue_server.guides.search import BrokenIndex, Entry, Index, build
from tests.queue_server.guides.search_catalogue import ENTRIES

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PIECES = st.sampled_from(
    [
        "社保卡",
        "sbk",
        "要带什么",
        " ",
        '"',
        "*",
        "NEAR(",
        "AND",
        "{title}:",
        "';--",
        "\0",
        "𠮷",
        "é",
        "ß",
        "١",
        "½",
        "我想",
        "一",
    ]
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("index") / "guides.db"
    build(path, ENTRIES, version="7", built_at=NOW)
    return path


@pytest.fixture(scope="module")
def index(path):
    return Index(path)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.text(st.characters()), st.lists(PIECES, max_size=12).map("".join)), st.integers(0, 12))
@example('"', 5)
@example("NEAR(社保 卡, 3)", 5)
@example("title:* OR ^", 5)
@example("'; DROP TABLE guide; --", 5)
@example("😀👍🏽", 5)
@example("\x00\x1b[2J\u202e", 5)
@example("\ud800", 5)
@example("社" * 500, 5)
@example("a" * 500, 5)
@example("我想办社保卡" * 100, 5)
def test_no_query_raises_and_none_has_more_hits_than_asked_for(index, query, limit):
    answer = index.search(query, limit=limit)
    assert len(answer.hits) <= limit
    assert answer.sure or len(answer.hits) <= 3


@pytest.mark.parametrize("query", ["", "   ", "。！？", '"*()', "😀", "\x07\x1b"])
def test_a_query_of_nothing_finds_nothing(index, query):
    assert index.search(query).hits == ()


def test_the_file_knows_its_version(index):
    assert (index.version, index.built_at, len(index)) == ("7", NOW, len(ENTRIES))


def test_a_catalogue_without_guides_answers_too(tmp_path):
    build(tmp_path / "empty.db", [], version="0", built_at=NOW)
    answer = Index(tmp_path / "empty.db").search("社保卡")
    assert (answer.hits, answer.sure) == ((), False)


@pytest.mark.parametrize("title", ["", "——", "😀"])
def test_a_guide_with_hardly_a_title_upsets_nothing(tmp_path, title):
    build(tmp_path / "odd.db", [Entry("A1", title, "", (), ""), *ENTRIES], version="1", built_at=NOW)
    assert Index(tmp_path / "odd.db").search("sbk").hits[0].code == "SB01"


def test_two_guides_with_one_code_are_refused_and_the_old_file_stays(tmp_path):
    path = tmp_path / "guides.db"
    build(path, ENTRIES, version="1", built_at=NOW)
    with pytest.raises(ValueError, match="one code"):
        build(path, [*ENTRIES, ENTRIES[0]], version="2", built_at=NOW)
    assert Index(path).version == "1"
    assert list(tmp_path.iterdir()) == [path]


def test_the_next_search_reads_the_new_file(tmp_path):
    path = tmp_path / "guides.db"
    build(path, ENTRIES[:20], version="1", built_at=NOW)
    index = Index(path)
    assert "MZ01" not in [hit.code for hit in index.search("结婚登记").hits]
    build(path, ENTRIES, version="2", built_at=NOW)
    assert index.search("结婚登记").hits[0].code == "MZ01"
    assert index.version == "2"


READER = """
import sys
from pathlib import Path
from queue_server.guides.search import Index
index = Index(Path(sys.argv[1]))
versions = set()
print("ready", flush=True)
while sys.stdin.readline().strip() != "end":
    for _ in range(40):
        assert index.search("社宝卡").hits[0].code == "SB01"
        versions.add(index.version)
    print(index.version, flush=True)
print(len(versions), flush=True)
"""


def test_it_is_swapped_while_another_process_reads(tmp_path):
    path = tmp_path / "guides.db"
    build(path, ENTRIES, version="0", built_at=NOW)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", READER, str(path)], **pipes) as reader:
        assert reader.stdout.readline() == "ready\n"
        for version in range(1, 6):
            reader.stdin.write("go\n")
            reader.stdin.flush()
            build(path, ENTRIES, version=str(version), built_at=NOW)
            assert reader.stdout.readline().strip() in {str(version - 1), str(version)}
        seen, _ = reader.communicate("end\n")
    assert reader.returncode == 0
    assert int(seen) > 1


def broken(path, content):
    path.write_bytes(content)
    with pytest.raises(BrokenIndex, match="fetch it again") as caught:
        Index(path)
    assert str(path) in str(caught.value)


def test_a_file_cut_short_is_refused(path, tmp_path):
    whole = path.read_bytes()
    for size in (0, 10, 4096, len(whole) // 2, len(whole) - 4096):
        broken(tmp_path / "cut.db", whole[:size])


def test_something_else_is_refused(tmp_path):
    broken(tmp_path / "page.db", b"<!doctype html><title>502 Bad Gateway</title>" * 200)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BrokenIndex, match="No such file"):
        Index(tmp_path / "none.db")


def test_damage_inside_is_a_broken_index_and_nothing_else(path, tmp_path):
    whole = bytearray(path.read_bytes())
    damaged = tmp_path / "damaged.db"
    for at in range(4096, len(whole), 4096):
        page = whole[:at] + b"\xa5" * 256 + whole[at + 256 :]
        damaged.write_bytes(page)
        try:
            Index(damaged).search("社保卡要带什么")
        except BrokenIndex as error:
            assert "fetch it again" in str(error)
