"""The terminal's copy of the guides, against a real server: fetched, kept, searched, and used when it is away."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.catalogue import BrokenCatalogue, Copy, Fetcher, Finder, Misses
from kiosk.client import Client, Refused, ServerAway
from kiosk.guides_client import GuidesClient
from queue_server.guides.search import BrokenIndex
from tests.kiosk.guides_rig import AT, catalogue_bytes, index_bytes, written

GUIDES = len(written()[1])


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return index_bytes(tmp_path_factory.mktemp("index"))


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path / "guides", clock=lambda: AT)


@pytest.fixture
def full(copy, index):
    copy.keep(catalogue_bytes(), '"7"')
    copy.keep_index(index, '"i7"')
    return copy


@pytest.fixture
def client(server, index):
    server.files = {"catalogue": (catalogue_bytes(), '"7"'), "index": (index, '"i7"')}
    connection = Client(server.url, server.settings.id, "token")
    yield GuidesClient(connection)
    connection.close()


@pytest.fixture
def fetch(client, copy):
    """fetch(**times) starts a fetcher; it gathers its snapshots in `told`."""
    running = []

    def start(**times):
        told = []
        fetcher = Fetcher(client, copy, told.append, **times)
        fetcher.told = told
        running.append(fetcher)
        return fetcher.start()

    yield start
    for fetcher in running:
        fetcher.stop()


def wait(until, seconds=5.0):
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


# -- the copy ---------------------------------------------------------------------------------------------------------


def test_nothing_was_fetched_yet(copy, caplog):
    assert copy.read() is None
    assert (copy.etag(), copy.index_etag()) == ("", "")
    assert not caplog.records


def test_what_is_kept_is_read_again(full):
    snapshot = full.read()
    assert len(snapshot.guides) == GUIDES
    assert (snapshot.revision, snapshot.fetched_at) == (7, AT)
    assert (full.etag(), full.index_etag()) == ('"7"', '"i7"')
    assert not [path for path in full.folder.iterdir() if path.name.startswith(".")], "nothing is left beside"


@pytest.mark.parametrize("keep", [lambda whole: whole[: len(whole) // 2], lambda whole: b"", lambda whole: b"\0" * 99])
def test_a_broken_file_is_no_copy_and_is_fetched_again(full, caplog, keep):
    path = full.folder / "guides.json"
    path.write_bytes(keep(path.read_bytes()))
    assert full.read() is None
    assert "cannot be read" in caplog.text
    assert full.etag() == ""


def test_a_broken_mark_means_only_that_it_is_fetched_again(full):
    (full.folder / "guides.json.mark").write_bytes(b"{")
    assert full.etag() == ""
    assert len(full.read().guides) == GUIDES


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"guides": 3}', json.dumps({"guides": [{}]}).encode()])
def test_what_is_no_catalogue_does_not_replace_the_copy(full, content):
    with pytest.raises(BrokenCatalogue):
        full.keep(content, '"8"')
    assert (len(full.read().guides), full.etag()) == (GUIDES, '"7"')


def test_what_is_no_index_does_not_replace_the_copy(full, index):
    for content in (b"", index[: len(index) // 2], b"<html>"):
        with pytest.raises(BrokenIndex):
            full.keep_index(content, '"i8"')
    assert full.index_etag() == '"i7"'
    assert Finder(full, full.read()).search("社保").guides


def test_who_reads_while_it_is_replaced_has_the_old_or_the_new_one(full, index, tmp_path):
    other = index_bytes(tmp_path, "8")
    finder, seen, ended = Finder(full, full.read()), set(), threading.Event()

    def read():
        while not ended.is_set():
            seen.add(len(full.read().guides))
            seen.add(bool(finder.search("身份证").guides) or "nothing found")

    reader = threading.Thread(target=read)
    reader.start()
    for at in range(4):
        full.keep(catalogue_bytes(8 + at % 2, at % 2), f'"{at}"')
        full.keep_index((index, other)[at % 2], f'"i{at}"')
    ended.set()
    reader.join()
    assert seen <= {GUIDES, GUIDES - 1, True}


# -- browsing ---------------------------------------------------------------------------------------------------------


def test_every_guide_is_found_by_its_theme_department_and_audience(full):
    snapshot = full.read()
    for groups, of in (
        (snapshot.themes(), snapshot.by_theme),
        (snapshot.departments(), snapshot.by_department),
        (snapshot.audiences(), snapshot.by_audience),
        (snapshot.life_events(), snapshot.by_life_event),
    ):
        assert all(group.count == len(of(group.code)) > 0 for group in groups)
    for of in ((snapshot.themes(), snapshot.by_theme), (snapshot.departments(), snapshot.by_department)):
        assert {guide.code for group in of[0] for guide in of[1](group.code)} == set(snapshot.guides)


def test_groups_keep_the_order_of_the_table(full):
    snapshot = full.read()
    codes = [group.code for group in snapshot.departments()]
    assert codes == [code for code in snapshot.tables["departments"] if code in codes]
    assert "culture" not in codes, "no guides, no tile"


def test_guides_stand_in_the_order_of_their_sound(full):
    names = [guide.called for guide in full.read().by_department("police")]
    assert names == sorted(names, key=lambda name: name.encode("gb18030"))
    assert full.read().by_theme("no-such-theme") == []


# -- searching --------------------------------------------------------------------------------------------------------


def test_a_question_is_answered_from_the_copy(full):
    found = Finder(full, full.read()).search("补身份证要多久")
    assert found.sure and found.field == "time"
    assert "身份证" in found.guides[0].name
    assert found.text


def test_strange_words_find_something_or_nothing_but_never_fail(full):
    snapshot = full.read()
    for finder in (Finder(full, snapshot), Finder(Copy(full.folder / "none"), snapshot)):
        for text in ("", " ", "😀", '"*', "NEAR(", "a" * 500, "%_", "\x00'; DROP TABLE guide; --"):
            assert len(finder.search(text, limit=5).guides) <= 5


def test_the_first_key_need_not_wait(full):
    finder = Finder(full, full.read())
    finder.prepare()
    began = time.perf_counter()
    assert finder.search("sfz").guides
    assert time.perf_counter() - began < 0.1


def test_an_index_newer_than_the_catalogue_names_no_guide_we_do_not_have(full):
    full.keep(catalogue_bytes(8, GUIDES - 1), '"8"')
    snapshot = full.read()
    found = Finder(full, snapshot).search("身份证")
    assert {guide.code for guide in found.guides} <= set(snapshot.guides)


def test_without_an_index_names_are_searched_and_it_is_said_once(copy, index, caplog):
    copy.keep(catalogue_bytes(), '"7"')
    finder = Finder(copy, copy.read())
    assert finder.search("叉车证").guides[0].called == "特种作业证"
    assert finder.search("fork-lift").guides, "English names too"
    assert finder.search("养鸽子").sure is False
    assert not finder.search("").guides
    assert len([one for one in caplog.records if "names only" in one.message]) == 1
    copy.keep_index(index, '"i7"')
    assert finder.search("chachezheng").guides, "the index came, and is used"


def test_a_damaged_index_is_searched_by_names(full):
    finder = Finder(full, full.read())
    assert finder.search("叉车证").sure
    full.index_path.write_bytes(full.index_path.read_bytes()[:5000])
    assert finder.search("叉车证").guides[0].called == "特种作业证"
    assert full.index_etag() == "", "the next look at the server brings a new one"


def test_before_anything_was_fetched_nothing_is_found(copy):
    assert Finder(copy).search("社保").guides == ()


# -- fetching ---------------------------------------------------------------------------------------------------------


def test_both_files_come_and_then_only_word_that_they_hold(fetch, server, copy):
    fetcher = fetch()
    wait(copy.index_etag)
    wait(lambda: len(fetcher.told) == 1)
    fetcher.refresh()
    wait(lambda: len(server.files_given) == 4)
    assert server.files_given == [200, 200, 304, 304]
    wait(lambda: len(fetcher.told) == 2)


def test_a_new_catalogue_is_told(fetch, server, copy):
    fetcher = fetch()
    wait(copy.index_etag)
    server.files["catalogue"] = (catalogue_bytes(8, 1), '"8"')
    fetcher.refresh()
    wait(lambda: len(fetcher.told) == 2)
    assert (fetcher.told[-1].revision, len(fetcher.told[-1].guides)) == (8, GUIDES - 1)


def test_a_download_cut_short_changes_nothing_and_is_tried_again(fetch, server, copy):
    server.cut_files = True
    fetcher = fetch(retry=0.05)
    wait(lambda: len(server.files_given) >= 2)
    assert fetcher.told == [] and copy.read() is None and fetcher.age() is None
    server.cut_files = False
    wait(copy.index_etag)
    wait(lambda: len(fetcher.told) == 1)


def test_while_the_server_is_away_the_copy_stays_and_its_age_is_known(fetch, server, full):
    server.stop()
    fetcher = fetch(clock=lambda: AT + timedelta(hours=30))
    wait(lambda: fetcher.told)
    assert len(fetcher.told[0].guides) == GUIDES
    assert fetcher.age() == timedelta(hours=30)


def test_the_server_comes_back(fetch, server, copy):
    server.stop()
    fetcher = fetch(retry=0.05)
    time.sleep(0.1)
    assert fetcher.told == []
    server.start()
    wait(lambda: fetcher.told)


def test_word_that_it_holds_makes_an_old_copy_young(client, full):
    later = AT + timedelta(days=2)
    young = Copy(full.folder, clock=lambda: later)
    told = []
    fetcher = Fetcher(client, young, told.append, clock=lambda: later).start()
    wait(lambda: len(told) == 2)
    fetcher.stop()
    assert (told[0].fetched_at, told[1].fetched_at) == (AT, later)
    assert fetcher.age() == timedelta() and young.read().fetched_at == later


def test_a_server_that_sends_nonsense_is_not_believed(fetch, server, full):
    server.files["catalogue"] = (b"<html>", '"9"')
    fetcher = fetch(retry=0.05)
    wait(lambda: len(server.files_given) >= 2)
    assert len(fetcher.told) == 1 and full.etag() == '"7"'


def test_a_server_without_guides_refuses(server):
    connection = Client(server.url, server.settings.id, "token")
    with pytest.raises(Refused):
        GuidesClient(connection).catalogue("")
    server.stop()
    with pytest.raises(ServerAway):
        GuidesClient(connection).index("")
    connection.close()


# -- searches in vain -------------------------------------------------------------------------------------------------


def test_a_search_in_vain_is_reported_once(client, server):
    misses = Misses(client)
    misses.tell("养鸽子")
    wait(lambda: server.posts)
    misses.close()
    assert [(path, body) for path, body, _ in server.posts] == [("/guides/searches", {"words": "养鸽子"})]
    assert server.posts[0][2], "with a key of its own"


def test_searches_in_vain_are_dropped_rather_than_kept_for_ever(client, server, caplog):
    caplog.set_level("INFO")
    server.stop()
    misses = Misses(client, again=0.0)
    began = datetime.now(UTC)
    for at in range(200):
        misses.tell(f"第 {at} 个")
    assert datetime.now(UTC) - began < timedelta(seconds=1)
    assert "too many wait" in caplog.text
    misses.close()
