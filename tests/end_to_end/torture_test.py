#!/usr/bin/env python3
"""A campaign on a real Asterisk while outdiald and Asterisk are killed and their connection is cut,
over and over; then the callees' own records are compared with Outdial's. Needs the lab
(`./dev lab up`).

    torture_test.py [--full] [--seed N]

The short form is for every day; the full one takes about four minutes."""

import argparse
import collections
import dataclasses
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
import unittest

import expectations
import lab_front
from campaign import RUNNING, STOPPED, Campaign, counts_of
from event_follower import EventFollower, problems_of_stream
from forwarder import Forwarder
from outdial import Ctl, CtlError, Daemon, wait_until
from torture_audit import Audit, Outages
from torture_faults import CRASH, CUT, KILL, FaultCounts, FaultInjector, recoveries

RETRY_DELAY_S = 1
# A call that its destination ends within a second of the answer counts as a destination that
# failed.
TALK_S = 2
LEAST_EXACT_SHARE = 0.95


@dataclasses.dataclass(frozen=True)
class Form:
    nodes: tuple[str, ...]
    people: int
    tries: int  # of each number; the campaign outlasts the faults by half
    calls_per_second: int
    faults: FaultCounts
    # Ends with the death of each Asterisk, which proves that no call is left.
    ends_with_crash: bool
    # How long the campaign may take after the last fault. Where no death proves anything, whoever
    # was dialled and not seen is waited for: the dial timeout and a minute.
    patience_s: float


SHORT = Form(
    nodes=("node1",), people=150, tries=8, calls_per_second=25,
    faults=FaultCounts(kills=12, crashes=0, cuts=6), ends_with_crash=True, patience_s=90)
FULL = Form(
    nodes=("node1", "node2"), people=1000, tries=14, calls_per_second=50,
    faults=FaultCounts(kills=100, crashes=5, cuts=50), ends_with_crash=False, patience_s=400)

# Of 100 people: how many have which numbers. Even, so that the short form has whole people. Nobody
# whom the network fails: a trunk that fails rests.
POPULATION = {
    ("100",): 24,
    ("200",): 20,
    ("183",): 6,
    ("486",): 20,
    ("180",): 4,
    ("603",): 8,
    ("404",): 8,
    ("480",): 6,
    ("486", "200"): 4,
}


def configuration(relays: dict[str, Forwarder]) -> str:
    nodes = "".join(
        f"  - {{name: {name}, host: 127.0.0.1, port: {relay.port}, username: outdial,"
        f" secret: lab-secret, max_calls: 500, calls_per_second: 50}}\n"
        for name, relay in relays.items()
    )
    return f"asterisk:\n{nodes}caps:\n  trunk: {{max_calls: 500, calls_per_second: 50}}\n"


class StatWatcher(threading.Thread):
    """`with` it looks at the statistics whenever there is a server to ask."""

    def __init__(self, server, campaign: str, total: int):
        super().__init__()
        self._server = server
        self._campaign = campaign
        self._total = total
        self._done = threading.Event()
        self.samples = 0
        self.problems: list[str] = []

    def __enter__(self) -> "StatWatcher":
        self.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self.join()

    def run(self):
        while not self._done.wait(0.5):
            try:
                stat = counts_of(self._server().row("campaign", "stat", self._campaign))
            except CtlError:
                continue  # killed
            self.samples += 1
            parts = stat["finished"] + stat["available"] + stat["dialing"]
            if not parts == stat["total"] == self._total:
                self.problems.append(f"sample {self.samples} does not add up: {stat}")


class TortureTest(unittest.TestCase):
    form = SHORT
    seed = random.SystemRandom().randrange(10**6)

    def setUp(self):
        print(f"{sys.argv[0]}{' --full' if self.form is FULL else ''} --seed {self.seed}",
              flush=True)
        lab = lab_front.lab_env.load()
        self.callees = lab_front.lab_env.CalleesLog(lab.callees_log)
        self.earlier_calls = collections.Counter(self.callees.calls_by_number())
        ports = dict(zip(("node1", "node2"), lab.ami_ports))
        self.relays = {
            node: self.enterContext(Forwarder(ports[node])) for node in self.form.nodes}
        self.daemon = self.enterContext(Daemon(configuration(self.relays)))
        for node in self.form.nodes:
            self.addCleanup(lab_front.lab_env.start_node, node)
            lab_front.wait_for_node(self.daemon, node)

    def server(self) -> Ctl:
        """The outdiald that runs now, or ran last; any thread."""
        self.daemon.find_server()
        return self.daemon.ctl

    def start_campaign(self) -> Campaign:
        shares = {kind: share * self.form.people // 100 for kind, share in POPULATION.items()}
        people = expectations.people(expectations.Numbers(), shares)
        self.assertEqual(len(people), self.form.people)
        plan = {
            "name": "torture", "dial_mode": "robo", "trunk_name": "trunk",
            "dial_timeout": expectations.DIAL_TIMEOUT_MS, "retry_delay": RETRY_DELAY_S,
            "max_retry1": self.form.tries, "max_retry2": self.form.tries}
        wait = {"type": "application", "application": "Wait", "data": str(TALK_S)}
        campaign = Campaign(self.daemon.ctl, plan, wait, people,
                            {"calls_per_second": self.form.calls_per_second})
        campaign.set_status("start")
        return campaign

    def status(self, campaign: Campaign) -> str:
        """Empty while there is nobody to ask."""
        try:
            campaign.use(self.server())
            return campaign.status()
        except CtlError:
            return ""

    def torture(self, injector: FaultInjector, campaign: Campaign):
        injector.run(self.form.faults)
        if self.form.ends_with_crash:
            injector.last_crash()
        wait_until(lambda: self.status(campaign) == STOPPED, "the campaign came to its end",
                   self.form.patience_s, every=0.5)

    @staticmethod
    def saw_the_end(follower: EventFollower, campaign: Campaign) -> bool:
        """The campaign stopped, after it had been made and started."""
        if not follower.events or follower.events[-1]["uuid"] != campaign.uuid:
            return False
        record = follower.events[-1]["campaign"]
        return record.get("status", STOPPED) == STOPPED and int(record["revision"]) > 1

    def kept_events(self, last_position: str) -> list[dict]:
        """All that the server has up to that one."""
        with EventFollower(self.server) as reader:
            wait_until(lambda: reader.position == last_position, "all events came again", 60)
        return reader.events

    def calls_of_this_test(self) -> dict[str, int]:
        return collections.Counter(self.callees.calls_by_number()) - self.earlier_calls

    def test_nobody_is_dialled_twice_and_nothing_is_lost(self):
        began = time.monotonic()
        campaign = self.start_campaign()
        injector = FaultInjector(self.seed, self.daemon, self.relays,
                                 lambda: self.status(campaign) in (RUNNING, ""))
        with (EventFollower(self.server) as follower,
              StatWatcher(self.server, campaign.uuid, self.form.people) as watcher):
            self.torture(injector, campaign)
            wait_until(lambda: self.saw_the_end(follower, campaign), "the last event came", 20)

        calls = self.calls_of_this_test()
        audit = Audit(campaign.results(), campaign.entries(), calls,
                      Outages(injector.faults, recoveries(self.daemon.log_text())))
        self.report(injector, audit, {
            "calls at the callees": sum(calls.values()),
            "late calls hung up": self.daemon.log_text().count(" late_channel_hung_up "),
            "events": f"{len(follower.events)}, over {follower.connections} connections",
            "statistics": f"{watcher.samples} samples",
            "time": f"{time.monotonic() - began:.0f} s",
        })
        self.check("calls", audit.problems_of_calls())
        self.check("unknown outcomes", audit.problems_of_unknown())
        self.check("outcomes", audit.problems_of_outcomes())
        self.check("tries", audit.problems_of_tries(RETRY_DELAY_S))
        self.check("counts", audit.problems_of_counts(campaign.stat()))
        self.check("dialings that never ended", campaign.dialings())
        self.check("statistics", watcher.problems)
        self.check("event stream", follower.problems + problems_of_stream(
            follower.events, self.kept_events(follower.position)))
        with self.subTest("exact outcomes"):
            self.assertGreaterEqual(audit.exact_share, LEAST_EXACT_SHARE)

    def check(self, what: str, problems: list):
        with self.subTest(what):
            if problems:
                log = pathlib.Path(tempfile.gettempdir()) / f"outdial-torture-{self.seed}.log"
                shutil.copy(self.daemon.log, log)
                first = "\n".join(str(problem) for problem in problems[:10])
                self.fail(f"{len(problems)} problems; log of outdiald: {log}\n{first}")

    def report(self, injector: FaultInjector, audit: Audit, more: dict[str, str | int]):
        faults = collections.Counter(fault.kind for fault in injector.faults)
        lines = {
            **{kind: f"{faults[kind]} times" for kind in (KILL, CRASH, CUT)},
            "people": self.form.people,
            "tries": f"{len(audit.touched) + len(audit.untouched)}, {len(audit.touched)} of them in"
                     " progress at a fault",
            "not sent": len(audit.not_sent),
            "unknown outcomes": len(audit.unknown),
            "exact outcomes": f"{audit.exact_share:.1%} of the {len(audit.untouched)} undisturbed",
            **more,
        }
        for name, value in lines.items():
            print(f"  {name:22}{value}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=TortureTest.seed)
    options = parser.parse_args()
    TortureTest.form = FULL if options.full else SHORT
    TortureTest.seed = options.seed
    unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
