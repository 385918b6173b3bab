#!/usr/bin/env python3
"""report.py counts what really ran."""

import unittest
import xml.etree.ElementTree as ElementTree

import report


def entry(output: str, status: str = "run") -> ElementTree.Element:
    case = ElementTree.Element("testcase", name="a", status=status)
    ElementTree.SubElement(case, "system-out").text = output
    return case


class CaseCountsTest(unittest.TestCase):
    def check(self, output: str, status: str, passed: int, failed: int, skipped: int = 0):
        self.assertEqual(
            report.case_counts(entry(output, status)), report.Counts(passed, failed, skipped))

    def test_googletest(self):
        ran = "[==========] 5 tests from 2 test suites ran. (3 ms total)\n"
        self.check(ran + "[  PASSED  ] 5 tests.\n", "run", 5, 0)
        self.check(
            ran + "[  PASSED  ] 3 tests.\n[  SKIPPED ] 1 test, listed below:\n"
            "[  FAILED  ] 1 test, listed below:\n", "fail", 3, 1, 1)

    def test_unittest(self):
        self.check("Ran 4 tests in 0.1s\n\nOK (skipped=1)\n", "run", 3, 0, 1)
        self.check(
            "Ran 4 tests in 0.1s\n\nFAILED (failures=1, errors=1)\n", "fail", 2, 2)

    def test_tap(self):
        self.check("# tests 3\n# pass 2\n# fail 1\n# skipped 0\n", "fail", 2, 1)

    def test_other_programs_count_as_one(self):
        self.check("anything", "run", 1, 0)
        self.check("anything", "fail", 0, 1)

    def test_a_program_that_died_after_its_closing_line_failed(self):
        self.check("[==========] 2 tests from 1 test suite ran. (3 ms total)\n"
                   "[  PASSED  ] 2 tests.\nleak found\n", "fail", 2, 1)

    def test_a_subtest_that_failed_more_than_once_is_no_negative_count(self):
        self.check("Ran 1 test in 0.1s\n\nFAILED (failures=3)\n", "fail", 0, 3)


if __name__ == "__main__":
    unittest.main()
