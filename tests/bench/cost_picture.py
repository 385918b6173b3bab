#!/usr/bin/env python3
"""Draws what one decision costs at list sizes from 10 k to 10 M.

    cost_picture.py [--sizes A,B,...] [--decision-bench PROGRAM] [--store DIRECTORY]
                    [--out DIRECTORY] [--readme]

Measures both lines: Outdial's is a whole decision with its outcome, synced, as decision_bench has it;
the other is only the SQL statement that finds the next entry (sqlite_pick.py). Writes
cost_by_size.svg and the same as a table, cost_by_size.md; with --readme also into what README.md
beside this program shows.
"""

import argparse
import json
import math
import pathlib
import subprocess
import tempfile

import sqlite_pick

HERE = pathlib.Path(__file__).resolve().parent
BENCH = HERE.parent.parent / "build" / "release" / "bench" / "decision_bench"
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
PICKS = 5
DECISIONS = 20_000
TABLE_BEGIN, TABLE_END = "<!-- costs -->\n", "<!-- /costs -->\n"

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 80, 20, 30, 50
FLOOR_US, CEILING_US = 10, 10_000_000


def decision_us(program: pathlib.Path, entries: int, stores: str | None) -> float:
    """Of the real engine, run loop and store."""
    with tempfile.TemporaryDirectory(prefix="outdial-bench-") as directory:
        figures = pathlib.Path(directory) / "figures"
        subprocess.run(
            [program, "--entries", str(entries), "--decisions", str(DECISIONS), "--json", figures,
             "--store", stores or directory], check=True)
        for line in figures.read_text().splitlines():
            figure = json.loads(line)
            if figure["row"] == "decisions_per_second":
                return 1e6 / figure["value"]
    raise RuntimeError("decision_bench told no decisions_per_second")


def pick_us(entries: int) -> float:
    with tempfile.TemporaryDirectory(prefix="outdial-bench-") as directory:
        return sqlite_pick.microseconds_a_pick(f"{directory}/list", entries, PICKS)


def x_of(entries: float) -> float:
    share = math.log(entries / SIZES[0]) / math.log(SIZES[-1] / SIZES[0])
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def y_of(microseconds: float) -> float:
    share = math.log(microseconds / FLOOR_US) / math.log(CEILING_US / FLOOR_US)
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def human_time(microseconds: float) -> str:
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= size:
            return f"{microseconds / size:.3g} {unit}"
    return f"{microseconds:.3g} µs"


def human_count(count: int) -> str:
    return f"{count // 1_000_000} M" if count >= 1_000_000 else f"{count // 1000} k"


def text(x: float, y: float, words: str, anchor: str = "middle", color: str = "#555") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{color}">{words}</text>'


def axes() -> list[str]:
    parts = []
    tick = FLOOR_US
    while tick <= CEILING_US:
        y = y_of(tick)
        parts.append(f'<line x1="{LEFT}" y1="{y:.0f}" x2="{WIDTH - RIGHT}" y2="{y:.0f}"'
                     ' stroke="#ddd"/>')
        parts.append(text(LEFT - 8, y + 4, human_time(tick), "end"))
        tick *= 10
    for size in SIZES:
        parts.append(text(x_of(size), HEIGHT - BOTTOM + 20, human_count(size)))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "entries of the list"))
    return parts


def curve(name: str, color: str, points: dict[int, float]) -> list[str]:
    places = [(x_of(size), y_of(cost)) for size, cost in points.items()]
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
    parts = [f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>']
    for size, (x, y) in zip(points, places):
        anchor = {SIZES[0]: "start", SIZES[-1]: "end"}.get(size, "middle")
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{color}"/>')
        parts.append(text(x, y - 8, human_time(points[size]), anchor, color))
    parts.append(text(places[0][0] + 8, places[0][1] + 18, name, "start", color))
    return parts


def picture(decisions: dict[int, float], picks: dict[int, float]) -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *axes(),
        *curve("SQL statement that finds the next entry (SQLite)", "#b03030", picks),
        *curve("Outdial: a whole decision and its outcome, synced", "#1f5fa8", decisions),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def table(decisions: dict[int, float], picks: dict[int, float]) -> str:
    rows = [
        f"| {human_count(size)} | {human_time(decisions[size])} | {human_time(picks[size])} |"
        for size in decisions]
    return "\n".join([
        "| entries | Outdial: a decision and its outcome, synced | SQL statement alone (SQLite) |",
        "|---|---|---|", *rows]) + "\n"


def write_table(file: pathlib.Path, text: str):
    """Replaces what stands between the marks."""
    old = file.read_text()
    begin = old.index(TABLE_BEGIN) + len(TABLE_BEGIN)
    file.write_text(old[:begin] + text + old[old.index(TABLE_END):])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--decision-bench", type=pathlib.Path, default=BENCH)
    parser.add_argument("--store",
                        help="place of filled stores; those that are missing are made there")
    parser.add_argument("--out", type=pathlib.Path, default=BENCH.parent.parent / "results")
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_args()
    decisions, picks = {}, {}
    for size in map(int, options.sizes.split(",")):
        picks[size] = pick_us(size)
        decisions[size] = decision_us(options.decision_bench, size, options.store)
        print(f"{size:>10} entries: decision {human_time(decisions[size])},"
              f" SQL statement {human_time(picks[size])}", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    for directory in [options.out] + ([HERE] if options.readme else []):
        (directory / "cost_by_size.svg").write_text(picture(decisions, picks))
    (options.out / "cost_by_size.md").write_text(table(decisions, picks))
    if options.readme:
        write_table(HERE / "README.md", table(decisions, picks))


if __name__ == "__main__":
    main()
