#!/usr/bin/env python3
"""The lab does what it promises: each callee behaves as its number says, seen from both ends.

Needs the lab (`./dev lab up`).
"""

import unittest
import uuid

import ami
import lab_env

# Called number -> (Reason of OriginateResponse, Hangup cause, facts in the callees' log).
# Reason 0 tells nothing but failure; the timeout is 3, an answer 4.
EXPECTED = {
    "100": ("4", "0", ["invite", "answer", "hangup"]),
    "180": ("3", "19", ["invite", "cancel"]),
    "999": ("3", "19", ["invite"]),
    "403": ("0", "21", ["invite", "refuse"]),
    "404": ("0", "1", ["invite", "refuse"]),
    "408": ("0", "18", ["invite", "refuse"]),
    "480": ("0", "19", ["invite", "refuse"]),
    "484": ("0", "28", ["invite", "refuse"]),
    "486": ("0", "17", ["invite", "refuse"]),
    "488": ("0", "58", ["invite", "refuse"]),
    "500": ("0", "38", ["invite", "refuse"]),
    "503": ("0", "34", ["invite", "refuse"]),
    "603": ("0", "21", ["invite", "refuse"]),
}


class LabTest(unittest.TestCase):
    def setUp(self):
        self.lab = lab_env.load()
        self.log = lab_env.CalleesLog(self.lab.callees_log)
        # Numbers of this test alone, so that calls of others don't count.
        self.suffix = str(uuid.uuid4().int)[:10]

    def originate(self, session: ami.Ami, number: str, application="Wait", data="600",
                  trunk="trunk") -> str:
        """Orders a call; returns its Uniqueid."""
        uniqueid = str(uuid.uuid4())
        response = session.action(
            "Originate", Channel=f"PJSIP/{number}@{trunk}", ChannelId=uniqueid, Async="true",
            Application=application, Data=data, Timeout="3000")
        self.assertEqual(response["Response"], "Success", response)
        return uniqueid

    def test_each_behaviour_on_both_nodes(self):
        for port in self.lab.ami_ports:
            with self.subTest(port=port), ami.Ami(port) as session:
                self.check_behaviours(session, f"{port}{self.suffix}")

    def check_behaviours(self, session: ami.Ami, suffix: str):
        calls = {prefix: self.originate(session, prefix + suffix) for prefix in EXPECTED}
        for prefix, (reason, cause, facts) in EXPECTED.items():
            with self.subTest(number=prefix):
                originated = session.wait(
                    lambda m: m.get("Event") == "OriginateResponse"
                    and m["Uniqueid"] == calls[prefix])
                hangup = session.wait(
                    lambda m: m.get("Event") == "Hangup" and m["Uniqueid"] == calls[prefix])
                self.assertEqual((originated["Reason"], hangup["Cause"]), (reason, cause))
                self.assertEqual(self.log.facts_when(prefix + suffix, len(facts)), facts)
                self.assertEqual(self.log.calls(prefix + suffix), 1)

    def test_a_callee_that_stays_is_hung_up_by_asterisk(self):
        for prefix in ("200", "183"):
            with self.subTest(number=prefix), ami.Ami(self.lab.ami_ports[0]) as session:
                uniqueid = self.originate(session, prefix + self.suffix)
                session.wait(
                    lambda m: m.get("Event") == "OriginateResponse" and m["Uniqueid"] == uniqueid)
                session.action("Hangup", Channel=uniqueid, Cause="16")
                facts = ["invite", "answer", "bye"]
                self.assertEqual(self.log.facts_when(prefix + self.suffix, len(facts)), facts)

    def test_an_agent_answers_the_queue(self):
        for number, port in enumerate(self.lab.ami_ports, start=1):
            with self.subTest(port=port), ami.Ami(port) as session:
                uniqueid = self.originate(session, f"200{port}{self.suffix}", "Queue", "sales")
                connected = session.wait(
                    lambda m: m.get("Event") == "AgentConnect" and m["Uniqueid"] == uniqueid)
                self.assertRegex(connected["Interface"], rf"^PJSIP/agent[1-4]-node{number}$")
                session.wait(lambda m: m.get("Event") == "Hangup" and m["Uniqueid"] == uniqueid)

    def test_a_parked_call_ends_by_itself(self):
        with ami.Ami(self.lab.ami_ports[0]) as session:
            uniqueid = self.originate(session, "200" + self.suffix, "Park", "")
            session.wait(
                lambda m: m.get("Event") == "ParkedCall" and m["ParkeeUniqueid"] == uniqueid)
            session.wait(lambda m: m.get("Event") == "Hangup" and m["Uniqueid"] == uniqueid)

    def test_endpoints_that_lead_nowhere(self):
        with ami.Ami(self.lab.ami_ports[0]) as session:
            for trunk, reason in (("dead", "3"), ("nocontact", "0"), ("unknown", "0")):
                with self.subTest(trunk=trunk):
                    uniqueid = self.originate(session, "200" + self.suffix, trunk=trunk)
                    originated = session.wait(
                        lambda m: m.get("Event") == "OriginateResponse"
                        and m["Uniqueid"] == uniqueid)
                    self.assertEqual(originated["Reason"], reason)
        self.assertEqual(self.log.calls("200" + self.suffix), 0)

    def test_outdial_sees_what_it_needs_and_no_more(self):
        port = self.lab.ami_ports[0]
        with ami.Ami(port, "outdial") as session:
            session.list("CoreShowChannels", "CoreShowChannel", "CoreShowChannelsComplete")
            members = session.list("QueueStatus", "QueueMember", "QueueStatusComplete",
                                   Queue="sales")
            self.assertEqual(len(members), 4)
            refused = session.action("Command", Command="core show uptime")
            self.assertEqual(refused["Message"], "Permission denied")
        with ami.Ami(port, "watcher") as session:
            refused = session.action("Originate", Channel="PJSIP/1@trunk", Application="Wait")
            self.assertEqual(refused["Message"], "Permission denied")


if __name__ == "__main__":
    unittest.main()
