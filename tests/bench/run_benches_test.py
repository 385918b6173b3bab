#!/usr/bin/env python3
"""Tests of run_benches.py: what passes, what does not, and that nothing goes missing unseen."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.append(str(pathlib.Path(__file__).resolve().parent))
import run_benches  # noqa: E402
from run_benches import Row, at_least, at_most, judge, table, verdicts  # noqa: E402


def figure(row: str, value: float, **more) -> dict:
    return {"row": row, "what": row, "unit": "ratio", "value": value, "wanted": 0,
            "better": "higher", "runs": 1, "how": "", **more}


class JudgeTest(unittest.TestCase):
    def test_the_full_run_wants_what_is_stated(self):
        self.assertEqual(judge(figure("a", 0.6), 0.6, "higher", quick=False), (True, "met"))
        self.assertEqual(judge(figure("a", 0.59), 0.6, "higher", quick=False), (False, "NOT MET"))
        self.assertEqual(judge(figure("a", 1.11), 1.1, "lower", quick=False), (False, "NOT MET"))

    def test_the_quick_run_allows_a_third(self):
        self.assertEqual(judge(figure("a", 0.41), 0.6, "higher", quick=True), (True, "near"))
        self.assertEqual(judge(figure("a", 0.39), 0.6, "higher", quick=True), (False, "FELL"))
        self.assertEqual(judge(figure("a", 14), 10, "lower", quick=True), (True, "near"))
        self.assertEqual(judge(figure("a", 16), 10, "lower", quick=True), (False, "FELL"))


    def test_the_quick_run_allows_more_where_the_machine_counts(self):
        for unit in ("ms", "s", "/s"):
            with self.subTest(unit=unit):
                self.assertEqual(judge(figure("a", 21, unit=unit), 100, "higher", quick=True),
                                 (True, "near"))
                self.assertEqual(judge(figure("a", 19, unit=unit), 100, "higher", quick=True),
                                 (False, "FELL"))
                self.assertEqual(judge(figure("a", 99, unit=unit), 100, "higher", quick=False),
                                 (False, "NOT MET"))
        for unit in ("ratio", "bytes", "MiB"):
            with self.subTest(unit=unit):
                self.assertFalse(judge(figure("a", 21, unit=unit), 100, "higher", quick=True)[0])


class VerdictsTest(unittest.TestCase):
    def test_a_row_without_a_figure_is_a_failure_with_its_name(self):
        told = verdicts([], (at_least("a", "a_bench", 1),), quick=True)
        self.assertEqual([(v.row, v.met) for v in told], [("a", False)])
        self.assertIn("a_bench", told[0].text)

    def test_what_a_program_wants_of_itself_does_not_count(self):
        told = verdicts([figure("a", 2, wanted=0)], (at_least("a", "a_bench", 3),), quick=False)
        self.assertFalse(told[0].met)

    def test_a_row_may_have_several_figures_and_each_must_do(self):
        told = verdicts([figure("a", 2), figure("a", 9)], (at_most("a", "a_bench", 3),),
                        quick=False)
        self.assertEqual([v.met for v in told], [True, False])

    def test_a_figure_that_no_row_knows_is_told_too(self):
        told = verdicts([figure("new", 2, wanted=3)], (), quick=False)
        self.assertEqual([(v.row, v.met) for v in told], [("new", False)])

    def test_the_table_has_both_numbers_of_a_ratio(self):
        text = table(verdicts(
            [figure("a", 0.5, measured=21000, yardstick=42000, of="/s")],
            (at_least("a", "a_bench", 0.4),), quick=False))
        self.assertIn("21,000 / 42,000 /s", text)
        self.assertIn("met", text)


class RunTest(unittest.TestCase):
    """The whole script with programs that only write figures."""

    def setUp(self):
        self._directory = tempfile.TemporaryDirectory()
        self.addCleanup(self._directory.cleanup)
        self._build = pathlib.Path(self._directory.name)
        (self._build / "bench").mkdir()
        self.add_script("none/cost_picture.py", "")

    def add_program(self, name: str, line: dict, status: int = 0, flags: str = "--quick --json"):
        self.add_script(
            f"bench/{name}",
            f"if '--help' in sys.argv: print('{flags}'); sys.exit()\n"
            "if '--store' in sys.argv:\n"
            "    open(sys.argv[sys.argv.index('--store') + 1] + '/filled')\n"
            f"open(sys.argv[sys.argv.index('--json') + 1], 'a').write({json.dumps(line)!r} + '\\n')\n"
            f"sys.exit({status})\n")

    def add_script(self, path: str, text: str):
        script = self._build / path
        script.parent.mkdir(exist_ok=True)
        script.write_text("#!/usr/bin/env python3\nimport os, sys\n" + text)
        script.chmod(0o755)

    def run_it(self, rows: tuple[Row, ...]) -> int:
        with mock.patch.object(run_benches, "ROWS", rows), \
                mock.patch.object(run_benches, "SOURCES", self._build / "none"), \
                mock.patch.object(sys, "argv", ["x", "--build", str(self._build)]), \
                contextlib.redirect_stdout(io.StringIO()):
            return run_benches.main()

    def test_all_met(self):
        self.add_program("a_bench", figure("a", 1))
        self.assertEqual(self.run_it((at_least("a", "a_bench", 1),)), 0)
        results = json.loads((self._build / "results" / "bench.json").read_text())
        self.assertEqual(results["rows"][0]["text"], "met")
        self.assertIn("met", (self._build / "results" / "bench.txt").read_text())

    def test_one_not_met(self):
        self.add_program("a_bench", figure("a", 1))
        self.assertEqual(self.run_it((at_least("a", "a_bench", 2),)), 1)

    def test_a_program_that_fails_is_a_failure_whatever_it_wrote(self):
        self.add_program("a_bench", figure("a", 1), status=3)
        self.assertEqual(self.run_it((at_least("a", "a_bench", 1),)), 1)

    def test_a_picture_that_could_not_be_drawn_is_a_failure(self):
        self.add_program("a_bench", figure("a", 1))
        self.add_script("none/cost_picture.py", "sys.exit(1)\n")
        self.assertEqual(self.run_it((at_least("a", "a_bench", 1),)), 1)

    def test_a_store_is_filled_for_the_programs_that_copy_one(self):
        self.add_script("tests/fill_store",
                        "os.mkdir(sys.argv[1]); open(sys.argv[1] + '/filled', 'w')\n")
        self.add_program("a_bench", figure("a", 1), flags="--quick --json --store")
        self.assertEqual(self.run_it((at_least("a", "a_bench", 1),)), 0)

    def test_a_store_that_could_not_be_filled_is_a_failure(self):
        self.add_script("tests/fill_store", "os.mkdir(sys.argv[1]); sys.exit(1)\n")
        self.add_program("a_bench", figure("a", 1), flags="--quick --json")
        self.add_program("b_bench", figure("a", 1), flags="--quick --json --store")
        self.assertEqual(self.run_it((at_least("a", "a_bench", 1),)), 1)

    def test_a_row_of_a_program_that_is_not_there(self):
        self.assertEqual(self.run_it((at_least("a", "a_bench", 1),)), 1)


if __name__ == "__main__":
    unittest.main()
