#!/usr/bin/env python3
"""What the torture test's comparison finds wrong, on records made by hand."""

import math
import unittest

from event_follower import problems_of_stream
from torture_audit import Audit, Fault, Outages, parse_time

BUSY, ANSWERING = "4860000010001", "1000000010002"


def at(second: float) -> str:
    return f"2026-01-02T03:04:{second:012.9f}Z"


def dialing(number: str, begin: float, end: float, outcome: str, **changes) -> dict:
    return {"uuid": f"{number}-{begin}", "dl_list_uuid": number, "dial_addr": number,
            "node": "node1", "tm_create": at(begin), "tm_hangup": at(end),
            "outcome": f"OUTCOME_{outcome}", **changes}


def entry(number: str, tries: int) -> dict:
    return {"number": [number, ""], "trycnt": [tries, 0]}


def fault(begin: float, restored: float, node: str | None = None) -> Fault:
    return Fault("killed", node, parse_time(at(begin)), parse_time(at(restored)))


def outages(*faults: Fault, back: float = math.inf) -> Outages:
    """`back`: when both nodes were seen again."""
    times = [] if back == math.inf else [parse_time(at(back))]
    return Outages(list(faults), {"node1": times, "node2": times})


class AuditTest(unittest.TestCase):
    # Two tries of a busy number, one of somebody who answers; something was killed from 10 to 12.
    RESULTS = [
        dialing(BUSY, 1, 1.3, "BUSY"),
        dialing(BUSY, 9.8, 14, "UNKNOWN"),
        dialing(ANSWERING, 2, 4, "HANDLED"),
    ]
    ENTRIES = [entry(BUSY, 2), entry(ANSWERING, 1)]
    STAT = {"total": 2, "finished": 2, "available": 0, "dialing": 0, "called": 3}

    def audit(self, calls: dict[str, int], *more: dict, entries=None, spans=None) -> Audit:
        return Audit([*self.RESULTS, *more], entries or self.ENTRIES, calls,
                     spans or outages(fault(10, 11), back=12))

    def test_an_unknown_try_may_have_been_a_call_or_not(self):
        for calls in (1, 2):
            with self.subTest(calls=calls):
                self.assertEqual(
                    self.audit({BUSY: calls, ANSWERING: 1}).problems_of_calls(), [])

    def test_a_call_too_many_is_found(self):
        self.assertIn("3 calls came, 1 to 2 were made",
                      self.audit({BUSY: 3, ANSWERING: 1}).problems_of_calls()[0])

    def test_a_try_that_no_callee_saw_is_found(self):
        self.assertIn("0 calls came, 1 to 1 were made",
                      self.audit({BUSY: 1}).problems_of_calls()[0])

    def test_a_call_to_somebody_else_is_found(self):
        self.assertIn("2000000010009: 1 calls came, 0 to 0",
                      self.audit({BUSY: 1, ANSWERING: 1, "2000000010009": 1})
                      .problems_of_calls()[0])

    def test_a_try_that_was_not_sent_is_no_call(self):
        audit = self.audit({BUSY: 2, ANSWERING: 2}, dialing(ANSWERING, 6, 6.1, "NOT_SENT"))
        self.assertIn("2 calls came, 1 to 1 were made", audit.problems_of_calls()[0])

    def test_an_unknown_outcome_needs_a_fault(self):
        self.assertEqual(self.audit({}).problems_of_unknown(), [])
        seen = dialing(BUSY, 20, 21, "UNKNOWN")
        (problem,) = self.audit({}, seen).problems_of_unknown()
        self.assertIn(seen["uuid"], problem)

    def test_what_a_fault_touched_is_never_told_as_something_else(self):
        wrong = dialing(BUSY, 11, 13, "HANDLED")
        (problem,) = self.audit({}, wrong).problems_of_outcomes()
        self.assertIn(wrong["uuid"], problem)

    def test_exact_is_counted_of_what_no_fault_touched(self):
        self.assertEqual(self.audit({}).exact_share, 1)
        self.assertAlmostEqual(
            self.audit({}, dialing(BUSY, 20, 21, "REJECTED")).exact_share, 2 / 3)

    def test_a_next_try_waits_for_the_end_of_the_last_and_the_retry_delay(self):
        self.assertEqual(self.audit({}).problems_of_tries(1), [])
        self.assertEqual(len(self.audit({}).problems_of_tries(9)), 1)
        beside = dialing(BUSY, 10, 11, "BUSY")
        self.assertEqual(len(self.audit({}, beside).problems_of_tries(0)), 1)

    def test_counts_must_be_those_of_the_results(self):
        self.assertEqual(self.audit({}).problems_of_counts(self.STAT), [])
        self.assertEqual(len(self.audit({}).problems_of_counts({**self.STAT, "dialing": 1})), 1)
        lost = [entry(BUSY, 1), entry(ANSWERING, 1)]
        self.assertIn("1 tries are counted, 2 were made",
                      self.audit({}, entries=lost).problems_of_counts(self.STAT)[0])


class OutagesTest(unittest.TestCase):
    def touched(self, spans: Outages, begin: float, end: float) -> bool:
        return spans.touch(dialing(BUSY, begin, end, "BUSY"))

    def test_lasts_until_the_node_is_seen_again(self):
        spans = outages(fault(10, 11), back=12)
        self.assertFalse(self.touched(spans, 8, 9.9))
        self.assertTrue(self.touched(spans, 9, 10.1))
        self.assertTrue(self.touched(spans, 11.5, 13))
        self.assertTrue(self.touched(spans, 9, 13))
        self.assertFalse(self.touched(spans, 12.1, 13))

    def test_of_a_node_that_never_came_back_does_not_end(self):
        self.assertTrue(self.touched(outages(fault(10, 11)), 50, 51))

    def test_of_one_node_leaves_the_other_alone(self):
        self.assertFalse(self.touched(outages(fault(10, 11, "node2"), back=12), 10, 11))
        self.assertTrue(self.touched(outages(fault(10, 11, "node1"), back=12), 10, 11))


class StreamTest(unittest.TestCase):
    KEPT = [{"position": str(i), "uuid": "d", "dialing": {"revision": str(i)}}
            for i in range(1, 6)]

    def test_the_whole_stream_is_fine(self):
        self.assertEqual(problems_of_stream(self.KEPT, self.KEPT), [])

    def test_what_came_twice_or_never_is_found(self):
        for followed in (self.KEPT[:2] + self.KEPT[1:], self.KEPT[:2] + self.KEPT[3:],
                         self.KEPT[:-1], self.KEPT[::-1]):
            with self.subTest(followed=followed):
                self.assertNotEqual(problems_of_stream(followed, self.KEPT), [])

    def test_a_change_without_event_is_found(self):
        kept = self.KEPT[:2] + self.KEPT[3:]
        self.assertEqual(problems_of_stream(kept, kept),
                         ["dialing d: after revision 2 comes 4"])


if __name__ == "__main__":
    unittest.main()
