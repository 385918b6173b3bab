#!/usr/bin/env python3
"""Measures how soon a free agent gets the next call: from the event that leaves more agents free than
calls are on their way to them, to the Originate, both as they pass on the wire, at about 500 calls
a second.

    agent_latency_bench.py [--quick] [--json FILE] [--seconds N] [--agents N]

outdiald dials outdial-sim in real time through a tap that notes when each message passes. The tap's
own time is in the figures. Ends non-zero when there were fewer than 450 calls a second.
"""

import argparse
import collections
import json
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests" / "end_to_end"))
from campaign import Campaign  # noqa: E402
from outdial import PROGRAMS, Daemon, wait_until  # noqa: E402

WANTED_MS = 10
# So many agents make about 500 calls a second with the talk and ring times below.
AGENTS = 900
MIN_CALLS_PER_SECOND = 450
SIMULATOR = (
    "--listen", "127.0.0.1:0", "--wrapup", "0", "--agent-answer", "0", "--talk-time", "0.1",
    "--ring-time", "0.1", "--machine", "0", "--no-answer", "0", "--busy", "0", "--reject", "0",
    "--invalid", "0", "--congestion", "0")
WARM_UP_SECONDS = 5


class Balance:
    """Free agents against calls on their way to one, as the wire tells.

    A call is due from the message that leaves more agents free than calls are on their way. It is
    no longer due when an Originate passes, or when an agent is taken in another way.
    """

    _TELLING = (b"Event: QueueMember\r\n", b"Event: QueueMemberStatus\r\n",
                b"Event: AgentConnect\r\n", b"Event: Hangup\r\n")

    def __init__(self):
        self._free: set[bytes] = set()  # agents' interfaces
        self._pending: set[bytes] = set()  # Uniqueids of calls without an agent
        self._due: collections.deque[float] = collections.deque()  # since when, oldest first
        # When an Originate passed that was due, and for how long it had been.
        self.latencies: list[tuple[float, float]] = []

    def see(self, message: bytes, now: float):
        if message.startswith(b"Action: Originate\r\n"):
            self._see_originate(message, now)
        elif message.startswith(self._TELLING):
            self._see_event(message, now)

    def _see_event(self, message: bytes, now: float):
        headers = headers_of(message)
        if message.startswith(b"Event: QueueMember"):
            agent = headers.get(b"Interface") or headers[b"Location"]
            if headers[b"Status"] == b"1" and headers[b"InCall"] == b"0":
                self._free.add(agent)
            else:
                self._free.discard(agent)
        else:
            self._pending.discard(headers[b"Uniqueid"])
        while self._surplus() > len(self._due):
            self._due.append(now)
        self._drop_satisfied()

    def _see_originate(self, message: bytes, now: float):
        self._pending.add(headers_of(message)[b"ChannelId"])
        if self._due:
            self.latencies.append((now, now - self._due.popleft()))
        self._drop_satisfied()

    def _surplus(self) -> int:
        return max(0, len(self._free) - len(self._pending))

    def _drop_satisfied(self):
        while len(self._due) > self._surplus():
            self._due.pop()


def headers_of(message: bytes) -> dict[bytes, bytes]:
    return dict(line.split(b": ", 1) for line in message.split(b"\r\n") if b": " in line)


class Tap:
    """Forwards AMI connections and notes what passed when. What it says is worked out afterwards, so
    that nothing but the copying itself stands between the two ends."""

    def __init__(self, target_port: int):
        self._target_port = target_port
        self._passed: list[list[tuple[float, bytes]]] = []  # of each direction of each connection
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def messages(self) -> list[tuple[float, bytes]]:
        """Those of all connections, in the order in which they passed."""
        return sorted((message for passed in self._passed for message in messages_of(passed)),
                      key=lambda message: message[0])

    def _accept(self):
        while True:
            client, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self._target_port))
            for source, target in ((server, client), (client, server)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                passed: list[tuple[float, bytes]] = []
                self._passed.append(passed)
                threading.Thread(
                    target=self._copy, args=(source, target, passed), daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket, passed: list):
        try:
            while data := source.recv(65536):
                now = time.perf_counter()
                target.sendall(data)
                passed.append((now, data))
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the measurement is over and one of both was ended


def messages_of(passed: list[tuple[float, bytes]]):
    rest = b""
    for now, data in passed:
        *messages, rest = (rest + data).split(b"\r\n\r\n")
        for message in messages:
            yield now, message


def start_simulator(agents: int) -> tuple[subprocess.Popen, int]:
    process = subprocess.Popen(
        [PROGRAMS / "outdial-sim", *SIMULATOR, "--agents", str(agents)], stdout=subprocess.PIPE,
        text=True)
    for line in process.stdout:
        port = re.search(r"127\.0\.0\.1:(\d+)", line)
        if port:
            return process, int(port.group(1))
    raise RuntimeError("outdial-sim did not start")


def configuration(port: int) -> str:
    cap = "{max_calls: 5000, calls_per_second: 1000}"
    return (
        "asterisk:\n"
        f"  - {{name: sim, host: 127.0.0.1, port: {port}, username: outdial, secret: outdial,"
        " max_calls: 5000, calls_per_second: 1000}\n"
        f"caps: {{server: {cap}, trunk: {cap}}}\n"
    )


def measure(tap: Tap, seconds: float) -> list[float]:
    with Daemon(configuration(tap.port)) as daemon:
        wait_until(
            lambda: daemon.ctl.row("node", "show", "sim")["state"] == "NODE_STATE_READY",
            "the node is ready", 10)
        people = [{"number1": f"555{i:07}"} for i in range(int(700 * (seconds + 15)))]
        campaign = Campaign(
            daemon.ctl,
            {"dial_mode": "progressive", "trunk_name": "trunk", "abandon_after": 60000},
            {"type": "application", "application": "Queue", "data": "sales"}, people)
        campaign.set_status("start")
        time.sleep(WARM_UP_SECONDS)
        begin = time.perf_counter()
        time.sleep(seconds)
        end = time.perf_counter()
    balance = Balance()
    for now, message in tap.messages():
        balance.see(message, now)
    return [latency for when, latency in balance.latencies if begin <= when < end]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="10 seconds")
    parser.add_argument("--json", type=pathlib.Path, help="append the figure to this file")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--agents", type=int, default=AGENTS)
    options = parser.parse_args()
    options.seconds = options.seconds or (10 if options.quick else 30)
    simulator, port = start_simulator(options.agents)
    try:
        latencies = measure(Tap(port), options.seconds)
    finally:
        simulator.terminate()
        simulator.wait()
    if len(latencies) < MIN_CALLS_PER_SECOND * options.seconds:
        print(f"only {len(latencies)} calls in {options.seconds:g} s", file=sys.stderr)
        return 1
    milliseconds = [1000 * latency for latency in latencies]
    percentiles = statistics.quantiles(milliseconds, n=100)
    rate = len(latencies) / options.seconds
    print(f"agent free to Originate at {rate:.0f} calls a second:"
          f" median {percentiles[49]:.2f} ms, 99th percentile {percentiles[98]:.2f} ms,"
          f" worst {max(milliseconds):.2f} ms; wanted {WANTED_MS} ms at the 99th")
    if options.json is not None:
        with options.json.open("a") as file:
            file.write(json.dumps({
                "row": "agent_to_originate_p99",
                "what": "a free agent's event to the next Originate on the wire, 99th percentile",
                "unit": "ms", "value": percentiles[98], "wanted": WANTED_MS, "better": "lower",
                "runs": len(latencies),
                "how": f"simulated Asterisk, {rate:.0f} calls a second, synced"}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
