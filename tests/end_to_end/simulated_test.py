#!/usr/bin/env python3
"""Whole campaigns on the simulated Asterisk that outdiald brings along."""

import json
import pathlib
import re
import subprocess
import sys
import unittest
from collections.abc import Iterator

from campaign import STOPPED, Campaign, StatSampler
from outdial import PROGRAMS, Ctl, CtlError, Daemon

HERE = pathlib.Path(__file__).resolve().parent
SIMULATE = ("--simulate", "--accelerate", "100", "--agents", "10")
QUEUE = {"type": "application", "application": "Queue", "data": "sales"}
PLAN = {"dial_mode": "predictive", "trunk_name": "trunk", "retry_delay": 60, "max_retry1": 2}


def people(count: int) -> list[dict[str, str]]:
    return [{"name": f"person {i}", "number1": f"555{i:07}"} for i in range(count)]


def follow(ctl: Ctl, after: str, last: str = "") -> Iterator[dict]:
    """Events after a position: up to that of the record `last`, or to the end of the server."""
    with ctl.start("--output", "jsonl", "event", "follow", "--after", after) as process:
        for line in process.stdout:
            event = json.loads(line)
            yield event
            if event["uuid"] == last:
                process.terminate()
                return


class SimulatedTest(unittest.TestCase):
    def daemon(self) -> Daemon:
        return self.enterContext(Daemon(arguments=SIMULATE))

    def test_a_list_is_dialled_to_its_end(self):
        count = 200
        campaign = Campaign(self.daemon().ctl, PLAN, QUEUE, people(count))
        campaign.set_status("start")
        with StatSampler(campaign) as sampler:
            campaign.wait_for(STOPPED, 90)
        self.assertEqual(sampler.problems(count), [])
        stat = campaign.stat()
        results = campaign.results()
        self.assertEqual((stat["finished"], stat["dialing"]), (count, 0))
        self.assertEqual(len(results), stat["called"])
        self.assertEqual(campaign.dialings(), [])
        handled = [r for r in results if r["outcome"] == "OUTCOME_HANDLED"]
        self.assertGreater(len(handled), count // 10)
        for result in handled:
            self.assertLessEqual(result["tm_answer"], result["tm_agent_connect"])
            self.assertLessEqual(result["tm_agent_connect"], result["tm_hangup"])

    def test_a_killed_server_goes_on_where_it_was(self):
        daemon = self.daemon()
        campaign = Campaign(daemon.ctl, PLAN, QUEUE, people(100))
        campaign.set_status("start")
        with StatSampler(campaign, every=0.05) as sampler:
            while not any(sample["called"] >= 20 for sample in sampler.samples):
                self.assertEqual(sampler.problems(100), [])
        daemon.kill()
        daemon.start()
        campaign.use(daemon.ctl)
        called = campaign.stat()["called"]
        self.assertGreaterEqual(called, 20)
        ended_before = campaign.results()
        campaign.wait_for(STOPPED, 90)
        self.assertEqual(campaign.stat()["finished"], 100)
        self.check_time_went_on(ended_before, campaign.results())

    def check_time_went_on(self, before: list[dict], after: list[dict]):
        """The hurried time of the first run lies ahead of the true one; the second goes on there."""
        latest = max(result["tm_hangup"] for result in before)
        known = {result["uuid"] for result in before}
        for result in after:
            if result["uuid"] not in known:
                self.assertGreaterEqual(result["tm_hangup"], latest, result)

    def test_a_follower_that_comes_back_misses_nothing_and_sees_nothing_twice(self):
        daemon = self.daemon()
        campaign = Campaign(daemon.ctl, PLAN, QUEUE, people(60))
        campaign.set_status("start")
        seen = []
        for event in follow(daemon.ctl, "oldest"):
            seen.append(event)
            if len(seen) == 100:
                daemon.kill()
        daemon.start()
        campaign.use(daemon.ctl)
        campaign.wait_for(STOPPED, 90)
        last = daemon.ctl.row("dlma", "create")["uuid"]
        seen += follow(daemon.ctl, seen[-1]["position"], last)
        self.assertEqual(seen, list(follow(daemon.ctl, "oldest", last)))

    def test_a_mistake_is_told_with_its_remedy(self):
        ctl = self.daemon().ctl
        with self.assertRaises(CtlError) as caught:
            ctl.text("plan", "create", "--dial-timeout", "1")
        self.assertIn("dial_timeout", caught.exception.stderr)
        with self.assertRaises(CtlError) as caught:
            ctl.text("campaign", "start", "00000000-0000-7000-8000-000000000000")
        self.assertEqual(caught.exception.status, 3)

    def test_terminated_it_ends_at_once(self):
        daemon = self.daemon()
        self.assertEqual(daemon.terminate(seconds=10), 0)


class DemoTest(unittest.TestCase):
    def test_the_demonstration_ends_well_and_leaves_nothing(self):
        process = subprocess.run(
            [sys.executable, HERE / "demo.py", "--programs", PROGRAMS, "--people", "100"],
            capture_output=True, text=True, timeout=110, check=False)
        self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
        self.assertRegex(process.stdout, r"people +100, all finished")
        self.assertRegex(process.stdout, r"agents +10, talking \d+ % of the time")
        self.assertTrue(re.search(r"abandoned +\d+ of \d+", process.stdout), process.stdout)


if __name__ == "__main__":
    unittest.main()
