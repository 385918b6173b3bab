#!/usr/bin/env python3
"""Runs the bench programs and makes one table of their figures.

    run_benches.py [--quick] [--only ROW] [--lab] [--build DIRECTORY]

Each program gets `--json FILE`, to which it appends one object a line (README.md says which), and
`--store DIRECTORY`, where one store is filled for all of them. What is wanted stands here alone, in
ROWS. Ends with 1 when a figure is missing or not good enough: in full, when it does not reach what
is wanted; with --quick, when it is much worse (QUICK_SLACK).
"""

import argparse
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SOURCES = pathlib.Path(__file__).resolve().parent
# By what factor a figure of a short run may be worse than wanted. A ratio was measured beside its
# yardstick, whatever else the machine did; a time or a rate tells of the machine as well.
QUICK_SLACK = 1.5
QUICK_SLACK_ABSOLUTE = 5
ABSOLUTE_UNITS = ("ms", "s", "/s")


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the table that must be there."""

    name: str
    program: str
    wanted: float
    better: str = "higher"
    # Needs the real Asterisk, hence is measured by the full run alone.
    lab: bool = False
    # Takes too long for the quick run.
    full: bool = False


def at_least(name: str, program: str, wanted: float, **more) -> Row:
    return Row(name, program, wanted, **more)


def at_most(name: str, program: str, wanted: float, **more) -> Row:
    return Row(name, program, wanted, "lower", **more)


ROWS = (
    at_least("decisions_vs_replay", "decision_bench", 0.5),
    at_least("decisions_vs_minimal_loop", "decision_bench", 0.5),
    at_least("decisions_per_second", "decision_bench", 12000),
    at_most("bytes_per_dialing", "long_run_bench", 6000),
    at_least("decisions_by_size", "scale_bench", 0.9),
    at_least("decisions_by_classes", "scale_bench", 0.6),
    at_least("decisions_by_campaigns", "scale_bench", 0.6),
    at_most("round_after_long_run", "long_run_bench", 1.5),
    at_least("import_vs_bare_put", "import_bench", 0.6),
    at_least("import_rows", "import_bench", 40000),
    at_least("import_vs_bare_put_tenfold", "import_bench", 0.6, full=True),
    at_least("import_rows_tenfold", "import_bench", 40000, full=True),
    at_least("import_cli_csv", "import_bench", 30000),
    at_least("dialling_while_importing", "import_bench", 0.7),
    at_most("dial_delay_while_importing", "import_bench", 50),
    at_most("stat_show_p99", "show_bench", 5),
    at_most("dl_list_show_p99", "show_bench", 5),
    at_most("page_depth", "long_list_bench", 1.5),
    at_most("list_delete", "long_list_bench", 50),
    at_most("reclaim_step", "long_list_bench", 50),
    at_most("reclaimed", "long_list_bench", 0.1),
    at_least("dialling_while_reclaiming", "long_list_bench", 0.9),
    at_most("dial_delay_while_reclaiming", "long_list_bench", 50),
    at_least("event_fan_out", "event_bench", 0.6),
    at_most("stalled_subscriber_delay", "event_bench", 1.1),
    at_most("stalled_subscriber_memory", "event_bench", 8),
    at_least("show_by_uuid", "show_bench", 0.8),
    at_least("ami_to_subscriber", "ami_path_bench", 0.7),
    at_most("agent_to_originate_p99", "agent_latency_bench.py", 10),
    at_least("asterisk_calls", "asterisk_calls_bench.py", 0.95, lab=True),
    at_most("server_memory", "memory_bench.py", 600),
    at_most("server_memory_by_size", "memory_bench.py", 1.2),
    at_most("import_disk", "import_bench", 1.3),
    at_most("import_disk_tenfold", "import_bench", 1.3, full=True),
    at_most("start_after_kill", "recovery_bench", 1),
    at_least("cold_start", "recovery_bench", 0.5),
)


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What is to be told of one row."""

    row: str
    wanted: float
    better: str
    met: bool
    text: str
    figure: dict | None = None


def judge(figure: dict, wanted: float, better: str, quick: bool) -> tuple[bool, str]:
    """Whether a figure is good enough, and in a word how good it is."""
    value = figure["value"]
    reached = value >= wanted if better == "higher" else value <= wanted
    if reached:
        return True, "met"
    if not quick:
        return False, "NOT MET"
    # A short run on a small list is only meant to show that something broke.
    slack = QUICK_SLACK_ABSOLUTE if figure["unit"] in ABSOLUTE_UNITS else QUICK_SLACK
    near = value >= wanted / slack if better == "higher" else value <= wanted * slack
    return near, "near" if near else "FELL"


def verdicts(figures: list[dict], rows: tuple[Row, ...], quick: bool) -> list[Verdict]:
    """One for each figure, in the order of the rows, and one for each row that has none. Figures
    that no row knows come last and are measured by what they say themselves."""
    told = []
    for row in rows:
        mine = [figure for figure in figures if figure["row"] == row.name]
        if not mine:
            told.append(Verdict(row.name, row.wanted, row.better, False,
                                f"MISSING: {row.program} did not deliver it"))
        told += [verdict(figure, row.wanted, row.better, quick) for figure in mine]
    known = {row.name for row in rows}
    return told + [
        verdict(figure, figure["wanted"], figure["better"], quick)
        for figure in figures if figure["row"] not in known]


def verdict(figure: dict, wanted: float, better: str, quick: bool) -> Verdict:
    return Verdict(figure["row"], wanted, better, *judge(figure, wanted, better, quick), figure)


def amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table(told: list[Verdict]) -> str:
    lines = [("row", "wanted", "reached", "measured / yardstick", "verdict", "what")]
    for each in told:
        figure = each.figure or {}
        sign = ">=" if each.better == "higher" else "<="
        unit = "" if figure.get("unit", "ratio") == "ratio" else " " + figure["unit"]
        pair = ""
        if "yardstick" in figure:
            pair = f"{amount(figure['measured'])} / {amount(figure['yardstick'])} {figure['of']}"
        lines.append((
            each.row, f"{sign} {amount(each.wanted)}{unit}",
            amount(figure["value"]) + unit if figure else "-", pair, each.text,
            figure.get("what", "")))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
        for line in lines)


def known_flags(program: pathlib.Path) -> str:
    return subprocess.run([program, "--help"], capture_output=True, text=True,
                          timeout=60).stdout


def run(program: pathlib.Path, quick: bool, figures: pathlib.Path, stores: pathlib.Path) -> bool:
    """Runs one program with those of the common flags that it knows. False: it failed."""
    flags = known_flags(program)
    command = [str(program)]
    if "--json" in flags:
        command += ["--json", str(figures)]
    if "--store" in flags:
        command += ["--store", str(stores)]
    if quick:
        command.append("--quick")
    return run_command(program, command)


def fill_store(build: pathlib.Path, quick: bool, stores: pathlib.Path) -> bool:
    """Fills the store that most programs copy. False: it failed."""
    program = build / "tests" / "fill_store"
    return run_command(program, [str(program), str(stores)] + (["--quick"] if quick else []))


def draw_costs(build: pathlib.Path, stores: pathlib.Path) -> bool:
    """Draws the cost of a decision by the size of the list. False: it failed."""
    program = SOURCES / "cost_picture.py"
    return run_command(program, [
        str(program), "--store", str(stores), "--out", str(build / "results"),
        "--decision-bench", str(build / "bench" / "decision_bench")])


def run_command(program: pathlib.Path, command: list[str]) -> bool:
    begin = time.monotonic()
    print(f"==> {program.name}", flush=True)
    status = subprocess.run(command).returncode
    took = time.monotonic() - begin
    print(f"==> {program.name}: {f'FAILED with {status}, ' if status else ''}{took:.0f} s",
          flush=True)
    return status == 0


def programs(build: pathlib.Path, only: str | None, quick: bool, lab: bool) -> list[pathlib.Path]:
    """Those to run. One that makes no figures for the table has no short form either."""
    all_of_them = [
        path for path in sorted((build / "bench").glob("*")) + sorted(SOURCES.glob("*_bench.py"))
        if path.is_file() and os.access(path, os.X_OK)]
    if only is not None:
        wanted = {row.program for row in ROWS if row.name == only}
        return [path for path in all_of_them if path.name in wanted]
    lab_programs = {row.program for row in ROWS if row.lab}
    return [
        path for path in all_of_them
        if (lab or path.name not in lab_programs)
        and (not quick or "--quick" in known_flags(path))]


def figures_in(file: pathlib.Path) -> list[dict]:
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text().splitlines() if line]


def write_results(directory: pathlib.Path, told: list[Verdict], text: str, quick: bool):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "bench.txt").write_text(text + "\n")
    (directory / "bench.json").write_text(json.dumps({
        "quick": quick,
        "cores": os.cpu_count(),
        "rows": [dataclasses.asdict(each) for each in told],
    }, indent=1) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="lists of 1 M entries, short runs")
    parser.add_argument("--only", metavar="ROW", choices=[row.name for row in ROWS])
    parser.add_argument("--lab", action="store_true", help="a real Asterisk is up")
    parser.add_argument("--build", type=pathlib.Path,
                        default=SOURCES.parent.parent / "build" / "release")
    options = parser.parse_args()
    begin = time.monotonic()
    rows = tuple(row for row in ROWS
                 if (options.only in (None, row.name)) and (options.lab or not row.lab)
                 and not (options.quick and row.full))
    with tempfile.TemporaryDirectory(prefix="outdial-bench-") as directory:
        figures = pathlib.Path(directory) / "figures"
        stores = pathlib.Path(directory) / "stores"
        chosen = programs(options.build, options.only, options.quick, options.lab)
        failed = []
        if any("--store" in known_flags(program) for program in chosen):
            failed += [] if fill_store(options.build, options.quick, stores) else ["fill_store"]
        failed += [program.name for program in chosen
                   if not run(program, options.quick, figures, stores)]
        if options.only is None and not options.quick and not draw_costs(options.build, stores):
            failed.append("cost_picture.py")
        measured = figures_in(figures)
    if options.only is not None:
        measured = [figure for figure in measured if figure["row"] == options.only]
    told = verdicts(measured, rows, options.quick)
    text = table(told)
    write_results(options.build / "results", told, text, options.quick)
    print(f"\n{text}\n")
    missed = [each.row for each in told if not each.met]
    for name in failed:
        print(f"failed: {name}")
    if missed:
        print(f"not good enough: {', '.join(missed)}")
    print(f"{len(told) - len(missed)} of {len(told)} rows,"
          f" {(time.monotonic() - begin) / 60:.1f} minutes, {os.cpu_count()} cores")
    return 1 if missed or failed else 0


if __name__ == "__main__":
    sys.exit(main())
