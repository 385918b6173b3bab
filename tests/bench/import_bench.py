#!/usr/bin/env python3
"""Measures the import of a large list through outdialctl: rows a second, from the CSV file to disk.

    import_bench.py [--rows N]
"""

import argparse
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests" / "end_to_end"))
from campaign import write_csv  # noqa: E402
from outdial import Daemon  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with (tempfile.TemporaryDirectory(prefix="outdial-bench-") as directory,
          Daemon(arguments=("--simulate",)) as daemon):
        file = pathlib.Path(directory) / "people.csv"
        write_csv(file, [
            {"ukey": f"key-{i}", "name": f"Person {i}", "number1": f"+1555{i:07}"}
            for i in range(rows)])
        dlma = daemon.ctl.row("dlma", "create")["uuid"]
        begin = time.monotonic()
        daemon.ctl.text("dl", "import", str(file), "--dlma", dlma, seconds=600)
        took = time.monotonic() - begin
        print(f"{rows} rows imported in {took:.1f} s: {rows / took:.0f} rows a second")


if __name__ == "__main__":
    main()
