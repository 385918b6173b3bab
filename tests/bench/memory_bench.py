#!/usr/bin/env python3
"""Measures the memory of outdiald with 1,000 calls in progress, on a list of 10 M entries and on one of
1 M: the calls come and go, and a client reads the list meanwhile, so that the block cache is full.
What that cache holds is included, and told.

    memory_bench.py [--quick] [--json FILE] [--store DIRECTORY] [--seconds N]
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

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


def filled_store(place: pathlib.Path, entries: int) -> pathlib.Path:
    filled = subprocess.run([FILL_STORE, place, "--entries", str(entries)], check=True,
                            stdout=subprocess.PIPE, text=True)
    return pathlib.Path(filled.stdout.strip())


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
        "metrics_listen: 127.0.0.1:0\n"
        "asterisk:\n"
        f"  - {{name: sim, host: 127.0.0.1, port: {port}, username: outdial, secret: outdial,"
        f" max_calls: {CALLS}, calls_per_second: 500}}\n"
        f"caps: {{server: {cap}, trunk: {cap}}}\n"
    )


@dataclasses.dataclass(frozen=True)
class Memory:
    """Of a server, in MiB."""

    resident: float
    cached: float  # blocks of the store, which are in `resident` too

    @property
    def without_cache(self) -> float:
        return self.resident - self.cached


def memory_of(daemon: Daemon) -> Memory:
    status = pathlib.Path(f"/proc/{daemon.pid}/status").read_text(encoding="ascii")
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.metrics_port()}/metrics") as metrics:
        cached = re.search(r"^outdial_store_block_cache_bytes (\S+)$", metrics.read().decode(),
                           re.MULTILINE)
    return Memory(resident=int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024,
                  cached=float(cached.group(1)) / (1 << 20))


def measure(store: pathlib.Path, port: int, seconds: float) -> Memory:
    """The most that the server had while it dialled for so long."""
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
        samples = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            samples.append(memory_of(daemon))
            time.sleep(0.2)
        reader.kill()
        reader.wait()
        most = max(samples, key=lambda memory: memory.resident)
        print(f"  {most.resident:.0f} MiB, {most.cached:.0f} of them cached blocks", flush=True)
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
    parser.add_argument("--store",
                        help="place of filled stores; those that are missing are made there")
    parser.add_argument("--seconds", type=float, default=0, help="of dialling on each list")
    options = parser.parse_args()
    scale = 10 if options.quick else 1
    seconds = options.seconds or (6 if options.quick else 30)
    with tempfile.TemporaryDirectory(prefix="outdial-memory-") as name:
        place = pathlib.Path(options.store or name)
        long_store = filled_store(place, LONG // scale)
        short_store = filled_store(place, SHORT // scale)
        simulator, port = start_simulator()
        try:
            short = measure(short_store, port, seconds)
            long = measure(long_store, port, seconds)
        finally:
            simulator.terminate()
            simulator.wait()
    how = f"{LONG // scale} entries, {CALLS} calls in progress, a client reads the list"
    report({"row": "server_memory", "what": "memory of outdiald", "unit": "MiB",
            "value": long.resident, "wanted": LIMIT_MIB, "better": "lower", "runs": 1,
            "how": f"{how}; {long.cached:.0f} MiB of it cached blocks"}, options.json)
    # The short list of the quick form does not fill the cache.
    counted = "without_cache" if options.quick else "resident"
    measured, yardstick = getattr(long, counted), getattr(short, counted)
    report({"row": "server_memory_by_size",
            "what": "memory of outdiald on the long list against a short one", "unit": "ratio",
            "value": measured / yardstick, "wanted": MAX_GROWTH, "better": "lower",
            "measured": measured, "yardstick": yardstick, "of": "MiB", "runs": 1,
            "how": f"{how}; against {SHORT // scale} entries, cached blocks"
                   f" {'left out' if options.quick else 'included'}"}, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
