#!/usr/bin/env python3
"""Measures calls a second into the real Asterisk of the lab before its own delay begins: Outdial's
against a bare script's that sends the same Originates (bare_originates.py).

    asterisk_calls_bench.py [--quick] [--json FILE] [--seconds N] [--rate N]

An overloaded Asterisk refuses nothing and answers late. So a call counts when the person answered in
time: everybody answers RING_MS after the INVITE came, and MAX_DELAY_MS is allowed on top of that,
from the Originate to the answer. The script alone finds the highest rate at which nearly all calls
count. Then both are asked for that rate in turns; what is compared is the calls a second that
counted. If Outdial could not keep the rate, sent its calls in bursts, or took from Asterisk what it
needs, fewer of its calls would count.
"""

import argparse
import datetime
import json
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests" / "end_to_end"))
sys.path.append(str(ROOT / "tests" / "lab"))
import lab_env  # noqa: E402
from bare_originates import BareOriginates  # noqa: E402
from callees import RING_MS  # noqa: E402
from campaign import Campaign  # noqa: E402
from outdial import Daemon, wait_until  # noqa: E402

WANTED = 0.95
MAX_DELAY_MS = 200
NEARLY_ALL = 0.95
RATES = range(100, 1001, 100)  # the last is as much as Outdial may be asked for
WARM_UP_SECONDS = 2
DIAL_TIMEOUT_MS = 20_000
# Asterisk ends each call once it is answered, so that it does not run out of ports for audio before
# it is overloaded; after this time it has nothing left to do.
REST_SECONDS = 3

# Wall-clock times of an Originate and of the answer to it; None: there was none.
Calls = list[tuple[float, float | None]]


def numbers(count: int) -> list[str]:
    return [f"200{i:07}" for i in range(count)]


def calls_that_count(calls: Calls, seconds: float) -> float:
    """A second, in so many seconds after the warm-up."""
    begin = min(sent for sent, _ in calls) + WARM_UP_SECONDS
    in_time = (RING_MS + MAX_DELAY_MS) / 1000
    return sum(
        begin <= sent < begin + seconds and answer is not None and answer - sent <= in_time
        for sent, answer in calls) / seconds


def bare_calls(port: int, rate: float, seconds: float) -> Calls:
    script = BareOriginates(port, "outdial", "lab-secret")
    script.place(numbers(int(rate * (WARM_UP_SECONDS + seconds))), rate, DIAL_TIMEOUT_MS)
    time.sleep(REST_SECONDS)
    script.close()
    return [(sent, script.answered.get(call)) for call, sent in script.sent.items()]


def configuration(port: int, rate: float) -> str:
    cap = f"{{max_calls: 5000, calls_per_second: {rate}}}"
    return (
        "asterisk:\n"
        f"  - {{name: lab, host: 127.0.0.1, port: {port}, username: outdial, secret: lab-secret,"
        f" max_calls: 5000, calls_per_second: {rate}}}\n"
        "allowed_contexts: [outbound]\n"
        f"caps: {{server: {cap}, trunk: {cap}}}\n"
    )


def outdial_calls(port: int, rate: float, seconds: float) -> Calls:
    with Daemon(configuration(port, rate)) as daemon:
        wait_until(
            lambda: daemon.ctl.row("node", "show", "lab").get("state") == "NODE_STATE_READY",
            "the node is ready", 20)
        people = [
            {"number1": number} for number in numbers(int(rate * (WARM_UP_SECONDS + seconds)))]
        campaign = Campaign(
            daemon.ctl,
            {"dial_mode": "robo", "trunk_name": "trunk", "dial_timeout": DIAL_TIMEOUT_MS,
             "max_retry1": 1},
            {"type": "exten", "context": "outbound", "exten": "end", "priority": "1"}, people)
        campaign.set_status("start")
        time.sleep(WARM_UP_SECONDS + seconds + REST_SECONDS)
        return [(seconds_of(result["tm_dialing"]),
                 seconds_of(result["tm_answer"]) if "tm_answer" in result else None)
                for result in campaign.results()]


def seconds_of(record_time: str) -> float:
    return datetime.datetime.fromisoformat(record_time).timestamp()


def highest_rate(port: int, seconds: float) -> float:
    """At which nearly all calls of the script count."""
    best = 0
    for rate in RATES:
        counted = calls_that_count(bare_calls(port, rate, seconds), seconds)
        print(f"  script at {rate} calls a second: {counted:.0f} of them in time", flush=True)
        if counted < NEARLY_ALL * rate:
            break
        best = rate
    if best == 0:
        raise RuntimeError(f"this Asterisk does not keep up with {RATES[0]} calls a second")
    return best


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one run of 5 seconds each")
    parser.add_argument("--json", type=pathlib.Path, help="append the figure to this file")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--rate", type=float, help="calls a second, instead of finding them out")
    options = parser.parse_args()
    seconds = options.seconds or (5 if options.quick else 10)
    runs = 1 if options.quick else 3
    port = lab_env.load().ami_ports[0]
    rate = options.rate or highest_rate(port, 4)
    outdial, script = [], []
    for run in range(runs):
        script.append(calls_that_count(bare_calls(port, rate, seconds), seconds))
        outdial.append(calls_that_count(outdial_calls(port, rate, seconds), seconds))
        print(f"  run {run + 1}: Outdial {outdial[-1]:.1f}, script {script[-1]:.1f} calls a second",
              flush=True)
    ratio = statistics.median(a / b for a, b in zip(outdial, script))
    print(f"calls a second into a real Asterisk before its own delay begins: {ratio:.3f} of a bare"
          f" script's (wanted: at least {WANTED})")
    if options.json is not None:
        with options.json.open("a") as file:
            file.write(json.dumps({
                "row": "asterisk_calls",
                "what": "calls into a real Asterisk before its own delay begins, against a script",
                "unit": "ratio", "value": ratio, "wanted": WANTED, "better": "higher",
                "measured": statistics.median(outdial), "yardstick": statistics.median(script),
                "of": "/s", "runs": runs,
                "how": f"both asked for {rate:g} calls a second; those count that were answered"
                       f" within {MAX_DELAY_MS} ms more than it rang"}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
