#!/usr/bin/env python3
"""The demonstration: 1,000 simulated people and 10 agents, dialled to the end of the list.

    demo.py [--programs DIRECTORY] [--people N] [--agents N] [--accelerate FACTOR]

Runs outdiald with the simulated Asterisk inside, in accelerated time, and drives it with outdialctl
just as one would type it. Leaves nothing behind.
"""

import argparse
import collections
import datetime
import pathlib
import random
import signal
import sys
import tempfile
import time

from campaign import flags_of, write_csv
from outdial import PROGRAMS, Ctl, Daemon

# No configuration of its own but the caps: the defaults are for a first try on real lines.
CONFIGURATION = """\
caps:
  server: {max_calls: 200, calls_per_second: 50}
  trunk: {max_calls: 200, calls_per_second: 50}
"""


def people(count: int) -> list[dict[str, str]]:
    """A made-up list: everyone has a number, and one in three a second one."""
    chance = random.Random(1)
    rows = []
    for index in range(count):
        row = {
            "ukey": f"customer-{index + 1}",
            "name": f"Person {index + 1}",
            "number1": f"+1 555 {index + 1_000_000:07}",
            "number2": f"+1 556 {index + 1_000_000:07}" if chance.random() < 1 / 3 else "",
        }
        rows.append(row)
    return rows


class Demo:
    def __init__(self, ctl: Ctl, agents: int):
        self._ctl = ctl
        self._agents = agents

    def create(self, noun: str, fields: dict) -> str:
        """Makes a record, shows the command, and returns the uuid."""
        arguments = (noun, "create", *flags_of(fields))
        print(f"$ outdialctl {' '.join(arguments)}")
        return self._ctl.text(*arguments).strip()

    def make_campaign(self, count: int, directory: pathlib.Path) -> str:
        plan = self.create("plan", {
            "name": "demo", "dial_mode": "progressive", "trunk_name": "trunk", "max_retry1": 2,
            "max_retry2": 1, "retry_delay": 60, "dial_timeout": 20000})
        dlma = self.create("dlma", {"name": "demo"})
        destination = self.create("destination", {
            "name": "agents", "type": "application", "application": "Queue", "data": "sales"})
        file = directory / "people.csv"
        write_csv(file, people(count))
        self.run("dl", "import", str(file), "--dlma", dlma)
        return self.create("campaign", {
            "name": "demo", "plan": plan, "dlma": dlma, "dest": destination})

    def run(self, *arguments: str):
        """A command whose output is for the person who watches."""
        print(f"$ outdialctl {' '.join(arguments)}", flush=True)
        process = self._ctl.start(*arguments)
        output, _ = process.communicate()
        print(output, end="")
        if process.returncode != 0:
            raise SystemExit(f"demo: outdialctl {arguments[0]} {arguments[1]} failed")

    def summary(self, campaign: str, real_seconds: float, accelerate: float):
        stat = self._ctl.row("campaign", "stat", campaign)
        results = [
            each["dialing"]
            for each in self._ctl.rows("result", "export", "--campaign", campaign)
        ]
        outcomes = collections.Counter(
            each["outcome"].removeprefix("OUTCOME_").lower().replace("_", " ")
            for each in results)
        answered = outcomes["handled"] + outcomes["abandoned"]
        print()
        print("What happened")
        print(f"  people      {stat['dl_total_count']}, all finished")
        print(f"  calls       {stat['dl_called_count']}")
        for outcome, count in outcomes.most_common():
            print(f"    {outcome:<18}{count:>6}")
        share = 100 * self.talk_seconds(results) / (self._agents * campaign_seconds(results))
        print(f"  agents      {self._agents}, talking {share:.0f} % of the time")
        if answered:
            print(f"  abandoned   {outcomes['abandoned']} of {answered} people who answered"
                  f" ({100 * outcomes['abandoned'] / answered:.1f} %)")
        print(f"  time        {campaign_seconds(results) / 60:.0f} minutes of campaign in"
              f" {real_seconds:.0f} seconds (time runs {accelerate:g} times as fast)")

    @staticmethod
    def talk_seconds(results: list[dict]) -> float:
        return sum(
            seconds_between(each["tm_agent_connect"], each["tm_hangup"])
            for each in results if "tm_agent_connect" in each)


def seconds_between(begin: str, end: str) -> float:
    def parse(text: str) -> datetime.datetime:
        # Nine digits of fraction are more than datetime takes.
        return datetime.datetime.fromisoformat(text[:26] + "+00:00")

    return (parse(end) - parse(begin)).total_seconds()


def campaign_seconds(results: list[dict]) -> float:
    """From the first call to the last hangup."""
    return max(1.0, seconds_between(
        min(each["tm_create"] for each in results), max(each["tm_hangup"] for each in results)))


def check(ctl: Ctl, campaign: str, count: int):
    """The demonstration fails rather than show a campaign that was not dialled to its end."""
    stat = ctl.row("campaign", "stat", campaign)
    finished = int(stat["dl_finished_count"])
    if finished != count:
        raise SystemExit(f"demo: only {finished} of {count} people are finished")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, default=PROGRAMS)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--agents", type=int, default=10)
    parser.add_argument("--accelerate", type=float, default=80)
    options = parser.parse_args()
    # An interrupted demonstration ends its daemon too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    print(f"outdiald with a simulated Asterisk, {options.agents} agents, time running"
          f" {options.accelerate:g} times as fast")
    arguments = ("--simulate", "--accelerate", f"{options.accelerate:g}",
                 "--agents", str(options.agents))
    with (tempfile.TemporaryDirectory(prefix="outdial-demo-") as directory,
          Daemon(CONFIGURATION, arguments, options.programs.resolve()) as daemon):
        demo = Demo(daemon.ctl, options.agents)
        campaign = demo.make_campaign(options.people, pathlib.Path(directory))
        begin = time.monotonic()
        demo.run("campaign", "start", campaign, "--wait")
        demo.summary(campaign, time.monotonic() - begin, options.accelerate)
        check(daemon.ctl, campaign, options.people)
        daemon.terminate()


if __name__ == "__main__":
    main()
