#!/usr/bin/env python3
"""Measures how soon a free agent gets the next call: from the event that tells that an agent is free
to the Originate, both as they pass on the wire, at about 100 calls a second.

    agent_latency_bench.py [--seconds N] [--agents N]

outdiald dials outdial-sim in real time through a tap that notes when each message passes. The tap's
own time is in the figures. Ends non-zero when the 99th percentile is 20 ms or more.
"""

import argparse
import collections
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

LIMIT_MS = 20
# An agent talks for 2 s on average and a person answers after 0.1 s: so many agents make about 100
# calls a second.
AGENTS = 215
SIMULATOR = (
    "--listen", "127.0.0.1:0", "--wrapup", "0", "--agent-answer", "0", "--talk-time", "2",
    "--ring-time", "0.1", "--machine", "0", "--no-answer", "0", "--busy", "0", "--reject", "0",
    "--invalid", "0", "--congestion", "0")
WARM_UP_SECONDS = 5


class Tap:
    """Forwards one AMI connection and pairs each agent that gets free with the next Originate."""

    def __init__(self, target_port: int):
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._free: collections.deque[float] = collections.deque()  # guarded by _lock
        self._latencies: list[float] = []  # guarded by _lock
        threading.Thread(target=self._accept, daemon=True).start()

    def restart(self):
        """Forgets what was measured so far."""
        with self._lock:
            self._free.clear()
            self._latencies.clear()

    def latencies(self) -> list[float]:
        with self._lock:
            return list(self._latencies)

    def _accept(self):
        while True:
            client, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self._target_port))
            for source, target, see in (
                    (server, client, self._from_asterisk), (client, server, self._to_asterisk)):
                for each in (source, target):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(
                    target=self._copy, args=(source, target, see), daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket, see):
        rest = b""
        while data := source.recv(65536):
            target.sendall(data)
            *messages, rest = (rest + data).split(b"\r\n\r\n")
            now = time.perf_counter()
            for message in messages:
                see(message, now)
        target.shutdown(socket.SHUT_WR)

    def _from_asterisk(self, message: bytes, now: float):
        if (message.startswith(b"Event: QueueMemberStatus") and b"\r\nStatus: 1\r\n" in message
                and b"\r\nInCall: 0" in message):
            with self._lock:
                self._free.append(now)

    def _to_asterisk(self, message: bytes, now: float):
        if not message.startswith(b"Action: Originate"):
            return
        with self._lock:
            if self._free:  # else it is for an agent who has been free from the beginning
                self._latencies.append(now - self._free.popleft())


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
    cap = "{max_calls: 2000, calls_per_second: 500}"
    return (
        "asterisk:\n"
        f"  - {{name: sim, host: 127.0.0.1, port: {port}, username: outdial, secret: outdial,"
        " max_calls: 2000, calls_per_second: 500}\n"
        f"caps: {{server: {cap}, trunk: {cap}}}\n"
    )


def measure(tap: Tap, seconds: float) -> list[float]:
    with Daemon(configuration(tap.port)) as daemon:
        wait_until(
            lambda: daemon.ctl.row("node", "show", "sim")["state"] == "NODE_STATE_READY",
            "the node is ready", 10)
        people = [{"number1": f"555{i:07}"} for i in range(int(200 * (seconds + 10)))]
        campaign = Campaign(
            daemon.ctl,
            {"dial_mode": "progressive", "trunk_name": "trunk", "abandon_after": 60000},
            {"type": "application", "application": "Queue", "data": "sales"}, people)
        campaign.set_status("start")
        time.sleep(WARM_UP_SECONDS)
        tap.restart()
        time.sleep(seconds)
        return tap.latencies()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--agents", type=int, default=AGENTS)
    options = parser.parse_args()
    simulator, port = start_simulator(options.agents)
    try:
        latencies = measure(Tap(port), options.seconds)
    finally:
        simulator.terminate()
        simulator.wait()
    if len(latencies) < 100:
        print(f"only {len(latencies)} calls were measured", file=sys.stderr)
        return 1
    milliseconds = [1000 * latency for latency in latencies]
    percentiles = statistics.quantiles(milliseconds, n=100)
    print(f"agent free to Originate at {len(latencies) / options.seconds:.0f} calls a second:"
          f" median {percentiles[49]:.2f} ms, 99th percentile {percentiles[98]:.2f} ms,"
          f" worst {max(milliseconds):.2f} ms; limit {LIMIT_MS} ms at the 99th")
    return 0 if percentiles[98] < LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
