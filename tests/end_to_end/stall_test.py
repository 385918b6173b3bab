#!/usr/bin/env python3
"""Calls on a real Asterisk while outdiald, or the connection between the two, stands still for
seconds: what is read at once afterwards did not happen at once. Needs the lab (`./dev lab up`)."""

import contextlib
import os
import signal
import time
import unittest

import expectations
import lab_front
from campaign import PAUSED, RUNNING, STOPPED, Campaign
from forwarder import Forwarder
from outdial import Daemon, wait_until

PEOPLE = 200
STALLS = 2
# Longer than a call; shorter than the time after which a node is left.
STALL_S = 3.5
TALK_S = 2


def configuration(node: str, port: int) -> str:
    return (
        "asterisk:\n"
        f"  - {{name: {node}, host: 127.0.0.1, port: {port}, username: outdial,"
        " secret: lab-secret, max_calls: 300, calls_per_second: 30}\n"
        "caps:\n  trunk: {max_calls: 300, calls_per_second: 30}\n"
        "allowed_applications: [Wait, NoSuchApplication]\n"
    )


@contextlib.contextmanager
def suspended(daemon: Daemon):
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(daemon.pid, signal.SIGCONT)


class StallTest(unittest.TestCase):
    """Each test on a node that says when its events happened, and on one that does not."""

    def on_each_node(self, test):
        lab = lab_front.lab_env.load()
        for node, port in zip(("node1", "node2"), lab.ami_ports):
            with (self.subTest(node), Forwarder(port) as relay,
                  Daemon(configuration(node, relay.port)) as daemon):
                lab_front.wait_for_node(daemon, node)
                test(daemon, relay)

    @staticmethod
    def start_campaign(daemon: Daemon, application: str, people: list[dict]) -> Campaign:
        plan = {"name": "stalls", "dial_mode": "robo", "trunk_name": "trunk",
                "dial_timeout": expectations.DIAL_TIMEOUT_MS, "max_retry1": 1}
        destination = {"type": "application", "application": application, "data": str(TALK_S)}
        campaign = Campaign(daemon.ctl, plan, destination, people)
        campaign.set_status("start")
        return campaign

    def check_handled(self, daemon: Daemon, stall):
        """Everybody answers and listens to the end, once, while `stall` strikes again and again."""
        people = expectations.people(expectations.Numbers(), {("200",): PEOPLE})
        campaign = self.start_campaign(daemon, "Wait", people)
        for _ in range(STALLS):
            # Calls are up, and the next ones are being dialled.
            before = campaign.stat()["called"]
            wait_until(lambda: campaign.stat()["called"] >= before + PEOPLE // 8, "calls", 20)
            with stall():
                time.sleep(STALL_S)
        campaign.wait_for(STOPPED, 60)

        outcomes = {result["uuid"]: result["outcome"] for result in campaign.results()}
        self.assertEqual(set(outcomes.values()), {"OUTCOME_HANDLED"})
        self.assertEqual(len(outcomes), PEOPLE)
        callees = lab_front.lab_env.CalleesLog(lab_front.lab_env.load().callees_log)
        calls = callees.calls_by_number()
        self.assertEqual({calls.get(person["number1"], 0) for person in people}, {1})

    def test_calls_end_handled_although_outdiald_stood_still(self):
        self.on_each_node(
            lambda daemon, _: self.check_handled(daemon, lambda: suspended(daemon)))

    def test_calls_end_handled_although_the_network_stood_still(self):
        self.on_each_node(
            lambda daemon, relay: self.check_handled(daemon, relay.held))

    def check_found_failed(self, daemon: Daemon):
        people = expectations.people(expectations.Numbers(), {("200",): PEOPLE})
        campaign = self.start_campaign(daemon, "NoSuchApplication", people)
        wait_until(lambda: campaign.status() != RUNNING, "the campaign pauses itself", 30)
        campaign.wait_for(PAUSED, 30)
        self.assertIn("in a row could not be given to the destination",
                      campaign.show()["status_detail"])
        outcomes = {result["outcome"] for result in campaign.results()}
        self.assertEqual(outcomes, {"OUTCOME_DESTINATION_FAILED"})

    def test_destination_that_cannot_be_run_is_still_found_out(self):
        self.on_each_node(lambda daemon, _: self.check_found_failed(daemon))


if __name__ == "__main__":
    unittest.main()
