#!/usr/bin/env python3
"""Measures the memory of outdiald with 1,000 calls in progress, on a list of 10 M entries and on one of
1 M: the calls come and go, and a client reads the list meanwhile, so that the block cache is full.

    memory_bench.py [--quick] [--json FILE] [--store DIRECTORY] [--seconds N]
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests" / "end_to_end"))
from outdial import PROGRAMS, Daemon, wait_until  # noqa: E402

FILL_STORE = PROGRAMS.parent / "tests" / "fill_store"
LONG, SHORT = 10_000_000, 1_000_000
CALLS = 1000
LIMIT_MIB = 600
MAX_GROWTH = 1.2
# Everybody answers and talks for five seconds: 200 calls a second come and go.
SIMULATOR = (
    "--listen", "127.0.0.1:0", "--talk-time", "5", "--ring-time", "0.1", "--machine", "0",
    "--no-answer", "0", "--busy", "0", "--reject", "0", "--invalid", "0", "--congestion", "0")


def fill(directory: pathlib.Path, entries: int):
    subprocess.run([FILL_STORE, directory, "--entries", str(entries)], check=True)


def copy_store(source: pathlib.Path, target: pathlib.Path):
    """The tables are shared, since nobody changes them."""
    def copy(old: str, new: str):
        (os.link if old.endswith(".sst") else shutil.copyfile)(old, new)
    shutil.copytree(source, target, copy_function=copy)


def start_simulator() -> tuple[subprocess.Popen, int]:
    process = subprocess.Popen(
        [PROGRAMS / "outdial-sim", *SIMULATOR], stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        port = re.search(r"127\.0\.0\.1:(\d+)", line)
        if port:
            return process, int(port.group(1))
    raise RuntimeError("outdial-sim did not start")


def configuration(port: int) -> str:
    cap = f"{{max_calls: {CALLS}, calls_per_second: 500}}"
    return (
        "asterisk:\n"
        f"  - {{name: sim, host: 127.0.0.1, port: {port}, username: outdial, secret: outdial,"
        f" max_calls: {CALLS}, calls_per_second: 500}}\n"
        f"caps: {{server: {cap}, trunk: {cap}}}\n"
    )


def resident_mib(pid: int) -> float:
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024


def measure(store: pathlib.Path, port: int, seconds: float) -> float:
    """The most memory, in MiB, that the server had while it dialled for so long."""
    daemon = Daemon(configuration(port))
    copy_store(store, daemon.home / "data")
    with daemon:
        ctl = daemon.ctl
        (dlma,) = ctl.rows("dlma", "show")
        (campaign,) = ctl.rows("campaign", "show")
        wait_until(
            lambda: int(ctl.row("campaign", "stat", campaign["uuid"])["dl_dialing_count"])
            >= 0.95 * CALLS, f"{CALLS} calls are in progress", 60)
        reader = subprocess.Popen(
            [PROGRAMS / "outdialctl", "--server", ctl.server, "--output", "jsonl", "dl", "show",
             "--dlma", dlma["uuid"]], stdout=subprocess.DEVNULL)
        most = 0.0
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            most = max(most, resident_mib(daemon.pid))
            time.sleep(0.2)
        reader.kill()
        reader.wait()
        return most


def report(figure: dict, file: str | None):
    print(f"{figure['what']}: {figure['value']:.4g} {figure['unit']} (wanted: at most"
          f" {figure['wanted']:g}); {figure['how']}")
    if file:
        with open(file, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(figure) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="lists of 1 M and 100 k entries")
    parser.add_argument("--json", help="appends the figures to this file")
    parser.add_argument("--store", help="filled store of the long list; made there if missing")
    parser.add_argument("--seconds", type=float, default=0, help="of dialling on each list")
    options = parser.parse_args()
    scale = 10 if options.quick else 1
    seconds = options.seconds or (10 if options.quick else 30)
    with tempfile.TemporaryDirectory(prefix="outdial-memory-") as name:
        directory = pathlib.Path(name)
        long_store = pathlib.Path(options.store) if options.store else directory / "long"
        fill(long_store, LONG // scale)
        fill(directory / "short", SHORT // scale)
        simulator, port = start_simulator()
        try:
            short = measure(directory / "short", port, seconds)
            long = measure(long_store, port, seconds)
        finally:
            simulator.terminate()
            simulator.wait()
    how = f"{LONG // scale} entries, {CALLS} calls in progress, a client reads the list"
    report({"row": "memory", "what": "memory of outdiald", "unit": "MiB", "value": long,
            "wanted": LIMIT_MIB, "better": "lower", "runs": 1, "how": how}, options.json)
    report({"row": "memory_by_size", "what": "memory of outdiald on the long list against a short one",
            "unit": "ratio", "value": long / short, "wanted": MAX_GROWTH, "better": "lower",
            "measured": long, "yardstick": short, "of": "MiB", "runs": 1,
            "how": f"{how}; against {SHORT // scale} entries"}, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
