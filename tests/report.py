#!/usr/bin/env python3
"""Counts the tests that ran, by kind, from the JUnit files that ctest wrote.

    report.py --tests TESTS.json [--require KIND=N]... [--failed-stage NAME]... [FILE...]

TESTS.json is what `ctest --show-only=json-v1` printed: it tells the kind (label) of each entry. A
ctest entry is a whole program; what is counted is each case in it, as the program's own closing lines
tell (GoogleTest, Python's unittest, Node's TAP). An entry that prints none of these counts as one
case. A failed stage counts as a failed case of kind `stage`, since it may have failed before it had
any result. The last line is `N passed, N failed`; the exit status is 0 only when all cases passed
and each required kind ran at least so many.
"""

import argparse
import collections
import json
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

Counts = collections.namedtuple("Counts", "passed failed skipped")


def number(pattern: str, output: str) -> int:
    """Sum of a pattern's first group over all its matches."""
    return sum(int(match) for match in re.findall(pattern, output, re.MULTILINE))


def gtest_counts(output: str) -> Counts | None:
    if not re.search(r"^\[==========\] \d+ tests? from \d+ test suites? ran", output, re.MULTILINE):
        return None
    return Counts(
        number(r"^\[  PASSED  \] (\d+) tests?\.", output),
        number(r"^\[  FAILED  \] (\d+) tests?, listed below", output),
        number(r"^\[  SKIPPED \] (\d+) tests?, listed below", output),
    )


def unittest_counts(output: str) -> Counts | None:
    ran = re.search(r"^Ran (\d+) tests? in ", output, re.MULTILINE)
    if not ran:
        return None
    failed = number(r"^FAILED \(.*?failures=(\d+)", output)
    failed += number(r"^FAILED \(.*?errors=(\d+)", output)
    skipped = number(r"^(?:OK|FAILED) \(.*?skipped=(\d+)", output)
    return Counts(max(0, int(ran.group(1)) - failed - skipped), failed, skipped)


def tap_counts(output: str) -> Counts | None:
    if not re.search(r"^# pass \d+$", output, re.MULTILINE):
        return None
    return Counts(
        number(r"^# pass (\d+)$", output),
        number(r"^# fail (\d+)$", output),
        number(r"^# skipped (\d+)$", output),
    )


def case_counts(entry: ElementTree.Element) -> Counts:
    """Counts of one ctest entry. One that ended badly has at least one failure, whatever it said."""
    bad = entry.get("status") != "run"
    output = entry.findtext("system-out") or ""
    for counts_of in (gtest_counts, unittest_counts, tap_counts):
        counts = counts_of(output)
        if counts:
            return counts._replace(failed=max(1, counts.failed)) if bad else counts
    return Counts(0, 1, 0) if bad else Counts(1, 0, 0)


def kinds_of_entries(tests_file: str) -> dict[str, str]:
    """Label of each ctest entry; none when the file was not written, as after a failed build."""
    kinds = {}
    if not os.path.exists(tests_file):
        return kinds
    with open(tests_file, encoding="utf-8") as file:
        for test in json.load(file)["tests"]:
            for test_property in test.get("properties", []):
                if test_property["name"] == "LABELS":
                    kinds[test["name"]] = ",".join(test_property["value"])
    return kinds


def count(files: list[str], kinds: dict[str, str]) -> dict[str, Counts]:
    total: dict[str, Counts] = {}
    for file in files:
        for entry in ElementTree.parse(file).getroot().iter("testcase"):
            kind = kinds.get(entry.get("name"), "other")
            before = total.get(kind, Counts(0, 0, 0))
            total[kind] = Counts(*map(sum, zip(before, case_counts(entry))))
    return total


def show(total: dict[str, Counts]) -> Counts:
    print(f"{'kind':<14}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for kind, counts in sorted(total.items()):
        print(f"{kind:<14}{counts.passed:>8}{counts.failed:>8}{counts.skipped:>8}")
    overall = Counts(*map(sum, zip(*total.values(), Counts(0, 0, 0))))
    skipped = f", {overall.skipped} skipped" if overall.skipped else ""
    print(f"{overall.passed} passed, {overall.failed} failed{skipped}")
    return overall


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--require", action="append", default=[], metavar="KIND=N")
    parser.add_argument("--tests", required=True, metavar="TESTS.json")
    parser.add_argument("--failed-stage", action="append", default=[], metavar="NAME")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    total = count(arguments.files, kinds_of_entries(arguments.tests))
    if arguments.failed_stage:
        print("failed stages: " + "; ".join(arguments.failed_stage))
        total["stage"] = Counts(0, len(arguments.failed_stage), 0)
    missing = False
    for requirement in arguments.require:
        kind, _, least = requirement.partition("=")
        ran = sum(total.get(kind, Counts(0, 0, 0))[:2])
        if ran < int(least):
            print(f"only {ran} tests of kind {kind} ran, {least} are required", file=sys.stderr)
            missing = True
    overall = show(total)
    return 1 if overall.failed or missing else 0


if __name__ == "__main__":
    sys.exit(main())
