"""The tables, the migrations, the lock, the log's proof, and that the hot statements find their index."""

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from queue_server.store import persons, sql
from queue_server.store.lock import DataInUse, hold
from queue_server.store.log import verify
from queue_server.store.migrate import engine, migrate, revision_of
from queue_server.store.schema import Instant, metadata
from queue_server.store.statement import DIALECT
from queue_server.store.store import DATABASE, Store
from tests.queue_server.cluster import Cluster
from tests.queue_server.helpers import BOTH, HALL, POSTGRESQL, ROOT, Clock, Desk, demo_hall


def test_migrations_make_exactly_the_tables(tmp_path: Path):
    migrate(tmp_path / "q.sqlite3")
    migrate(tmp_path / "q.sqlite3")  # again: nothing to do
    assert revision_of(tmp_path / "q.sqlite3") == "0007"
    with engine(tmp_path / "q.sqlite3").connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        context = MigrationContext.configure(connection, opts={"target_metadata": metadata})
        assert compare_metadata(context, metadata) == []


def test_migrations_make_the_same_tables_on_postgresql(cluster: Cluster):
    url = cluster.bare_database()
    script = f"from queue_server.store.migrate import migrate; migrate({url!r})"
    servers = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) for _ in range(4)]  # of a new hall, at once
    assert [server.wait(60) for server in servers] == [0] * 4
    assert revision_of(url) == "0007"
    with engine(url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": metadata})
        assert compare_metadata(context, metadata) == []
        by_rules = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND "
            "table_name <> 'alembic_version' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        ).fetchall()
        assert by_rules == []


def test_a_hall_of_the_first_version_goes_on(tmp_path: Path):
    database = tmp_path / DATABASE
    migrate(database, "0001")
    with sqlite3.connect(database) as old:
        old.execute("INSERT INTO halls VALUES ('h', 'e', '{}', 7, x'00', 3, 0, '2026-03-02')")
    old.close()
    store = Store(tmp_path)
    with store.read() as reading:
        state = reading.hall("h")
        assert state is not None
        assert (state.last_event, state.last_ticket) == (7, 3)
        assert persons.day_key(reading, "h", state.business_day) is None
    store.close()
    assert revision_of(database) == "0007"


def test_instants_keep_their_zone_and_naive_ones_are_refused():
    kind, dialect = Instant(), DIALECT
    at = datetime(2026, 3, 2, 2, 0, 0, 123456, tzinfo=UTC)
    assert kind.process_result_value(kind.process_bind_param(at, dialect), dialect) == at
    with pytest.raises(ValueError, match="naive"):
        kind.process_bind_param(datetime(2026, 3, 2), dialect)


def test_the_next_ticket_is_found_by_seeking(desk: Desk):
    with desk.store.read() as reading:
        values = {"hall": HALL, "lines": '["tax"]', "no": 1, **sql.LANE_HEADS.fixed}
        plan = reading.connection.execute("EXPLAIN QUERY PLAN " + sql.LANE_HEADS.sql, values).fetchall()
    seeks = [row[3].split(" USING INDEX ")[1] for row in plan if row[3].startswith("SEARCH")]
    assert seeks == [
        "lanes (hall=? AND line=?)",  # and takes the first
        "sqlite_autoindex_tickets_1 (id=?)",
        "lanes (hall=? AND line=? AND class=? AND bound>?)",
        "lanes (hall=? AND line=? AND class>?)",
        "sqlite_autoindex_tickets_1 (id=?)",
    ]


@POSTGRESQL
def test_the_next_ticket_is_found_by_seeking_on_postgresql(desk: Desk):
    """Also with statistics from a time when nobody waited."""
    with desk.store.read() as reading:
        values = {"hall": HALL, "lines": '["tax"]', "no": 1}
        plan = reading.connection.execute(b"EXPLAIN " + sql.LANE_HEADS.postgresql, values).fetchall()
    steps = [row[0].strip().removeprefix("->  ").split("  (cost")[0] for row in plan]
    assert [step.split(" on ")[0] for step in steps if step.startswith("Index")] == [
        "Index Scan using lanes",
        "Index Cond: ((hall = 'linjiang'::text COLLATE \"C\") AND (line = anon_1.value))",
        "Index Scan using lanes",
        "Index Cond: ((hall = 'linjiang'::text COLLATE \"C\") AND (line = lane_1.line) "
        "AND (ROW(class, bound) > ROW(lane_1.class, lane_1.bound)))",
    ], steps
    assert not [step for step in steps if step.startswith(("Sort", "Hash", "Seq", "Bitmap"))]


def test_a_persons_ticket_is_found_by_seeking(desk: Desk):
    with desk.store.read() as reading:
        values = {"hall": HALL, "day": "2026-03-02", "line": "tax", "card_token": "0" * 64, **persons.LIVE.fixed}
        plan = reading.connection.execute("EXPLAIN QUERY PLAN " + persons.LIVE.sql, values).fetchall()
    assert [row[3].split(" USING INDEX ")[1] for row in plan] == [
        "tickets_of_a_person (hall=? AND day=? AND card_token=?)", "sqlite_autoindex_tickets_1 (id=?)",
    ]  # fmt: skip


def test_a_second_server_says_so(tmp_path: Path):
    held = hold(tmp_path)
    with pytest.raises(DataInUse, match="in use by another server"):
        hold(tmp_path)
    held.close()
    hold(tmp_path).close()


@BOTH
def test_the_log_proves_itself_and_shows_what_was_changed(desk: Desk):
    for _ in range(5):
        desk.issue()
    with desk.store.read() as reading:
        found = verify(reading, HALL)
    assert (found.fault, found.events) == ("", 6)

    def forge(tx) -> None:
        tx.connection.execute("UPDATE events SET payload = replace(payload, 'F003', 'F009') WHERE seq = 4")

    desk.store.run(HALL, forge)
    with desk.store.read() as reading:
        assert "event 4 was changed" in verify(reading, HALL).fault
    desk.store.run(HALL, lambda tx: tx.connection.execute("DELETE FROM events WHERE seq = 3"))
    with desk.store.read() as reading:
        assert "event 3 is missing" in verify(reading, HALL).fault
    desk.store.run(HALL, lambda tx: tx.connection.execute("DELETE FROM events WHERE seq >= 3"))
    with desk.store.read() as reading:
        assert "ends at event 2" in verify(reading, HALL).fault


@BOTH
def test_verify_log_as_a_command(desk: Desk, database: str | None):
    desk.issue()
    where = ["--database", database] if database else ["--data", str(desk.data)]
    done = subprocess.run(
        [sys.executable, "-m", "queue_server", "verify-log", *where],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (
        0,
        "linjiang: 2 events, whole and unchanged\nguides: 0 changes, whole and unchanged\n",
    )


def test_verify_log_where_there_is_no_queue(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "queue_server", "verify-log", "--data", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "there is no queue here" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_demo_tokens_are_kept(tmp_path: Path, clock: Clock):
    first = Desk(tmp_path / "d", demo_hall(), clock)
    first.close()
    second = Desk(tmp_path / "d", demo_hall(), clock)
    assert second.tokens == first.tokens
    assert (second.data / "demo-tokens.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((second.data / "demo-tokens.json").read_text()) == second.tokens
    second.close()
