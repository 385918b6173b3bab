#!/usr/bin/env python3
"""Campaigns on a real Asterisk, checked where the calls arrive. Needs the lab (`./dev lab up`)."""

import collections
import pathlib
import sys
import unittest

import expectations
from campaign import PAUSED, RUNNING, STOPPED, Campaign, StatSampler
from forwarder import Forwarder
from outdial import Daemon, wait_until

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
import ami  # noqa: E402
import lab_env  # noqa: E402

PARK = {"type": "application", "application": "Park"}
QUEUE = {"type": "application", "application": "Queue", "data": "sales"}
PLAY = {"type": "exten", "context": "outbound", "exten": "play", "priority": "1"}
WAIT = {"type": "exten", "context": "outbound", "exten": "wait", "priority": "1"}


def plan(**changes) -> dict:
    return {
        "name": "end to end",
        "dial_mode": "robo",
        "trunk_name": "trunk",
        "dial_timeout": expectations.DIAL_TIMEOUT_MS,
        "retry_delay": 1,
        "max_retry1": expectations.MAX_RETRY,
        "max_retry2": expectations.MAX_RETRY,
        **changes,
    }


def configuration(ports: dict[str, int]) -> str:
    """Of an outdiald on nodes with these AMI ports."""
    nodes = "".join(
        f"  - {{name: {name}, host: 127.0.0.1, port: {port}, username: outdial,"
        f" secret: lab-secret, max_calls: 60, calls_per_second: 20}}\n"
        for name, port in ports.items()
    )
    return (
        f"asterisk:\n{nodes}"
        "allowed_contexts: [outbound]\n"
        "caps:\n  trunk: {max_calls: 60, calls_per_second: 20}\n"
    )


class LabTestCase(unittest.TestCase):
    """A test with numbers of its own, on an outdiald of its own."""

    def setUp(self):
        self.lab = lab_env.load()
        self.log = lab_env.CalleesLog(self.lab.callees_log)
        self.numbers = expectations.Numbers()

    def daemon(self, *ports: int) -> Daemon:
        """An outdiald on node1, node2, ...: started, killed when the test ends."""
        nodes = {f"node{i}": port for i, port in enumerate(ports, start=1)}
        daemon = self.enterContext(Daemon(configuration(nodes)))
        for name in nodes:
            self.wait_for_node(daemon, name, "NODE_STATE_READY")
        return daemon

    def wait_for_node(self, daemon: Daemon, name: str, state: str):
        wait_until(
            lambda: daemon.ctl.row("node", "show", name).get("state", "NODE_STATE_DISCONNECTED")
            == state, f"{name} is {state}", 20)

    def calls(self) -> dict[str, int]:
        """Calls of this test that reached a callee, by number."""
        return {
            number: count for number, count in self.log.calls_by_number().items()
            if self.numbers.is_mine(number)
        }

    def count_facts(self, fact: str) -> int:
        return sum(f == fact and self.numbers.is_mine(n) for f, n, _ in self.log.entries())

    def wait_for_facts(self, fact: str, count: int, seconds: float = 30):
        wait_until(lambda: self.count_facts(fact) >= count, f"{count} times {fact}", seconds)

    def channels(self, uniqueids: set[str]) -> list[dict[str, str]]:
        """Channels of these calls and of what belongs to them, on both nodes."""
        found = []
        for port in self.lab.ami_ports:
            with ami.Ami(port) as session:
                found += session.list(
                    "CoreShowChannels", "CoreShowChannel", "CoreShowChannelsComplete")
        return [channel for channel in found if channel["Linkedid"] in uniqueids]

    def hang_up(self, dialings: list[dict]):
        """Ends calls from beside, as somebody at Asterisk's console would."""
        for port in self.lab.ami_ports:
            with ami.Ami(port) as session:
                for dialing in dialings:
                    session.action("Hangup", Channel=dialing["uuid"], Cause="16")

    def assert_nothing_left(self, campaign: Campaign):
        self.assertEqual(campaign.dialings(), [])
        uniqueids = {result["uuid"] for result in campaign.results()}
        wait_until(lambda: not self.channels(uniqueids), "no channel is left", 5)


class WholeCampaignTest(LabTestCase):
    """212 people over all behaviours, to the end of the list."""

    def run_campaign(self, daemon: Daemon, destination: dict, plan_changes=None) -> list[dict]:
        """Returns the results, after the checks that hold for every destination."""
        people = expectations.people(self.numbers, expectations.POPULATION)
        campaign = Campaign(daemon.ctl, plan(**(plan_changes or {})), destination, people)
        campaign.set_status("start")
        with StatSampler(campaign) as sampler:
            campaign.wait_for(STOPPED, 240)
        self.assertEqual(sampler.problems(len(people)), [])
        self.assertGreater(len(sampler.samples), 20)

        calls = expectations.expected_calls(people)
        self.assertEqual(self.calls(), calls)
        self.assertEqual(campaign.stat(), {
            "total": len(people), "finished": len(people), "available": 0, "dialing": 0,
            "called": sum(calls.values())})
        self.assert_nothing_left(campaign)

        results = campaign.results()
        self.assertEqual(collections.Counter(r["dial_addr"] for r in results), calls)
        for result in results:
            with self.subTest(number=result["dial_addr"]):
                self.check_result(result)
        return results

    def check_result(self, result: dict):
        wanted = expectations.expected_of(result["dial_addr"])
        self.assertEqual(result["outcome"], f"OUTCOME_{wanted.outcome}", result)
        self.assertEqual(result["res_dial"], f"DIAL_RESULT_{wanted.res_dial}", result)
        self.assertIn(result["res_hangup"], wanted.res_hangup, result)
        if wanted.sip_code:
            self.assertEqual(result["sip_code"], wanted.sip_code, result)
        times = ["tm_create", "tm_dialing", "tm_dial_begin", "tm_hangup"]
        if wanted.answers:
            times.insert(3, "tm_answer")
        else:
            self.assertNotIn("tm_answer", result)
        values = [result[name] for name in times]
        self.assertEqual(values, sorted(values), result)

    def test_to_park_on_one_node(self):
        self.run_campaign(self.daemon(self.lab.ami_ports[0]), PARK)

    def test_to_an_extension_on_two_nodes(self):
        results = self.run_campaign(self.daemon(*self.lab.ami_ports), PLAY)
        self.assertEqual({r["node"] for r in results}, {"node1", "node2"})

    def test_to_a_queue_on_two_nodes(self):
        results = self.run_campaign(
            self.daemon(*self.lab.ami_ports), QUEUE, {"dial_mode": "progressive"})
        self.assertEqual({r["node"] for r in results}, {"node1", "node2"})
        for result in results:
            if expectations.expected_of(result["dial_addr"]).answers:
                self.assertEqual(result["queue"], "sales")
                self.assertRegex(result["agent"], rf"^PJSIP/agent[1-4]-{result['node']}$")
                self.assertLessEqual(result["tm_answer"], result["tm_agent_connect"])


class ControlTest(LabTestCase):
    """Stop, pause and force-stop while calls are up."""

    UP = 12  # calls that the campaign may have at once

    def start_campaign(self, daemon: Daemon, population: dict) -> Campaign:
        campaign = Campaign(
            daemon.ctl, plan(dial_timeout=60000), WAIT,
            expectations.people(self.numbers, population), {"max_calls": self.UP})
        campaign.set_status("start")
        return campaign

    def end_calls_one_half_after_the_other(self, campaign: Campaign):
        """A campaign that still dialled would fill the first half's places."""
        dialings = campaign.dialings()
        self.assertEqual(len(dialings), self.UP)
        self.hang_up(dialings[: self.UP // 2])
        wait_until(lambda: len(campaign.dialings()) == self.UP // 2, "half of the calls ended", 10)
        self.hang_up(dialings[self.UP // 2 :])

    def test_stop_lets_calls_end_and_makes_none(self):
        campaign = self.start_campaign(self.daemon(*self.lab.ami_ports), {("200",): 30})
        self.wait_for_facts("answer", self.UP)
        campaign.set_status("stop")
        self.assertEqual(campaign.status(), "CAMPAIGN_STATUS_STOPPING")
        self.end_calls_one_half_after_the_other(campaign)
        campaign.wait_for(STOPPED, 10)
        self.assertEqual(sum(self.calls().values()), self.UP)
        self.assertEqual(campaign.stat()["available"], 30 - self.UP)
        self.assert_nothing_left(campaign)

    def test_pause_keeps_its_place(self):
        campaign = self.start_campaign(self.daemon(*self.lab.ami_ports), {("200",): 30})
        self.wait_for_facts("answer", self.UP)
        campaign.set_status("pause")
        self.assertEqual(campaign.status(), "CAMPAIGN_STATUS_PAUSING")
        self.end_calls_one_half_after_the_other(campaign)
        campaign.wait_for(PAUSED, 10)
        self.assertEqual(sum(self.calls().values()), self.UP)
        campaign.set_status("start")
        self.wait_for_facts("answer", 2 * self.UP)
        self.assertEqual(campaign.status(), RUNNING)
        self.assertEqual(set(self.calls().values()), {1})
        campaign.set_status("force-stop")
        campaign.wait_for(STOPPED, 20)
        self.assert_nothing_left(campaign)

    def test_force_stop_hangs_up_what_rings_and_what_talks(self):
        campaign = self.start_campaign(
            self.daemon(*self.lab.ami_ports), {("200",): self.UP // 2, ("180",): self.UP // 2})
        self.wait_for_facts("answer", self.UP // 2)
        self.wait_for_facts("invite", self.UP)
        campaign.set_status("force-stop")
        campaign.wait_for(STOPPED, 20)
        self.assert_nothing_left(campaign)
        self.wait_for_facts("bye", self.UP // 2)
        self.wait_for_facts("cancel", self.UP // 2)
        for result in campaign.results():
            if result["dial_addr"].startswith("180"):
                self.assertEqual(result["outcome"], "OUTCOME_STOPPED", result)


class LossTest(LabTestCase):
    """Nobody is called twice, whatever is lost on the way."""

    PEOPLE = 60

    def start_campaign(self, daemon: Daemon) -> Campaign:
        campaign = Campaign(
            daemon.ctl, plan(max_retry1=1), WAIT,
            expectations.people(self.numbers, {("100",): self.PEOPLE}),
            {"max_calls": 10, "calls_per_second": 10})
        campaign.set_status("start")
        return campaign

    def check_end(self, campaign: Campaign):
        """Everyone was dialled once; who was not reached is told so, and not dialled again."""
        campaign.wait_for(STOPPED, 150)
        calls = self.calls()
        self.assertEqual(set(calls.values()), {1})
        results = campaign.results()
        self.assertEqual(len({r["dl_list_uuid"] for r in results}), self.PEOPLE)
        self.assertEqual(len(results), self.PEOPLE)
        for result in results:
            if result["dial_addr"] not in calls:
                self.assertEqual(result["outcome"], "OUTCOME_UNKNOWN", result)
        stat = campaign.stat()
        self.assertEqual((stat["finished"], stat["called"]), (self.PEOPLE, self.PEOPLE))
        self.assert_nothing_left(campaign)

    def test_killed_and_started_again(self):
        daemon = self.daemon(*self.lab.ami_ports)
        campaign = self.start_campaign(daemon)
        self.wait_for_facts("invite", 20)
        daemon.kill()
        daemon.start()
        campaign.use(daemon.ctl)
        self.assertEqual(campaign.status(), RUNNING)
        self.check_end(campaign)

    def test_terminated_while_calls_are_up(self):
        daemon = self.daemon(*self.lab.ami_ports)
        campaign = self.start_campaign(daemon)
        self.wait_for_facts("invite", 20)
        self.assertEqual(daemon.terminate(), 0)
        daemon.start()
        campaign.use(daemon.ctl)
        self.check_end(campaign)

    def test_a_cut_connection_stops_neither_its_calls_nor_the_other_node(self):
        forwarder = self.enterContext(Forwarder(self.lab.ami_ports[0]))
        daemon = self.daemon(forwarder.port, self.lab.ami_ports[1])
        campaign = self.start_campaign(daemon)
        self.wait_for_facts("invite", 20)
        forwarder.cut()
        self.wait_for_node(daemon, "node1", "NODE_STATE_DISCONNECTED")
        self.wait_for_facts("invite", 35)
        forwarder.mend()
        self.wait_for_node(daemon, "node1", "NODE_STATE_READY")
        self.check_end(campaign)


if __name__ == "__main__":
    unittest.main()
