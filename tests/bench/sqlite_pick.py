"""Yardstick: how a dialler finds whom to call next with one SQL statement over its list.

The list is a table whose tries and results are columns; the statement filters and sorts by them, and
no index serves it, since what is wanted depends on the plan's own bounds.
"""

import sqlite3
import statistics
import time

SCHEMA = """
create table entry (
  id integer primary key, list text, in_use integer, status integer,
  number_1 text, number_2 text, number_3 text,
  tries_1 integer, tries_2 integer, tries_3 integer,
  result integer, last_dial text, last_hangup text, deleted integer
)"""
PICK = """
select id, number_1, tries_1 + tries_2 + tries_3 as tries from entry
where in_use = 1 and list = ? and status = 0 and deleted = 0 and result <> 4
  and ((number_1 is not null and tries_1 < ?) or (number_2 is not null and tries_2 < ?)
       or (number_3 is not null and tries_3 < ?))
  and (last_hangup is null or last_hangup < ?)
order by tries, last_hangup limit 1"""
DIALLED_BEFORE = "2026-11-22 09:59:00"


def fill(database: sqlite3.Connection, entries: int):
    database.execute(SCHEMA)
    database.executemany(
        "insert into entry values (?, 'a', 1, 0, ?, null, null, ?, 0, 0, 0, null, ?, 0)",
        ((i, f"555{i:08}", i % 3, f"2026-11-22 {i % 10:02}:00:00" if i % 3 else None)
         for i in range(entries)))
    database.commit()


def microseconds_a_pick(path: str, entries: int, picks: int) -> float:
    """Median of so many picks from a new database at `path`."""
    database = sqlite3.connect(path)
    try:
        fill(database, entries)
        times = []
        for _ in range(picks):
            begin = time.perf_counter()
            picked = database.execute(PICK, ("a", 5, 5, 5, DIALLED_BEFORE)).fetchone()
            times.append(time.perf_counter() - begin)
            assert picked is not None
        return 1e6 * statistics.median(times)
    finally:
        database.close()
