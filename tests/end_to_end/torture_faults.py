"""What kills and cuts during a torture run, at moments drawn from a seed, and when each fault was
felt."""

import dataclasses
import random
import re
import time
from collections.abc import Callable

import lab_front
from forwarder import Forwarder
from outdial import Daemon
from torture_audit import Fault, parse_time

KILL, CRASH, CUT = "outdiald killed", "Asterisk killed", "connection cut"


@dataclasses.dataclass(frozen=True)
class FaultCounts:
    kills: int  # of outdiald
    crashes: int  # of an Asterisk
    cuts: int  # of a connection between the two


class FaultInjector:
    """Belongs to one thread, which is the daemon's too."""

    # Least and most seconds between two faults, and that something stays dead or cut.
    GAP_S = (0.0, 1.4)
    DEAD_S = (0.05, 0.4)
    # A cut comes after so many bytes at most, or after the time when less is said.
    CUT_AFTER_BYTES = 5000
    CUT_WAIT_S = 0.2
    # How long a connection is cut before its Asterisk is killed in last_crash(). Asterisk tells how
    # long it has been up in whole seconds, so a dialing of just before would not be surely older.
    SILENCE_S = 3.0

    def __init__(self, seed: int, daemon: Daemon, relays: dict[str, Forwarder],
                 still_runs: Callable[[], bool]):
        """`relays`: by name of the node. `still_runs`: whether there is still something to
        disturb; asked before each fault."""
        self._random = random.Random(seed)
        self._daemon = daemon
        self._relays = relays
        self._still_runs = still_runs
        self.faults: list[Fault] = []

    def run(self, counts: FaultCounts):
        """Raises AssertionError when there was nothing left to disturb."""
        kinds = [KILL] * counts.kills + [CRASH] * counts.crashes + [CUT] * counts.cuts
        self._random.shuffle(kinds)
        for at, kind in enumerate(kinds):
            self._pause(self.GAP_S)
            # A server that is just starting can't be asked, and is killed in its recovery.
            if self._daemon.find_server() and not self._still_runs():
                raise AssertionError(f"the campaign ended with {len(kinds) - at} faults left")
            {KILL: self._kill, CRASH: self._crash, CUT: self._cut}[kind]()

    def last_crash(self):
        """Each Asterisk dies unseen, a while after its connection was cut. What was dialled there
        before is known to be gone then, and nobody waits for it any more."""
        begin = time.time()
        for relay in self._relays.values():
            relay.cut()
        time.sleep(self.SILENCE_S)
        for node, relay in self._relays.items():
            lab_front.lab_env.kill_node(node)
            lab_front.lab_env.start_node(node)
            self._note(CRASH, begin, node)
            relay.mend()

    def _pause(self, span_s: tuple[float, float]):
        time.sleep(self._random.uniform(*span_s))

    def _any_node(self) -> str:
        return self._random.choice(sorted(self._relays))

    def _kill(self):
        begin = time.time()
        self._daemon.kill()
        self._pause(self.DEAD_S)
        self._note(KILL, begin, None)
        self._daemon.launch()

    def _crash(self):
        node = self._any_node()
        begin = time.time()
        lab_front.lab_env.kill_node(node)
        self._pause(self.DEAD_S)
        self._note(CRASH, begin, node)
        lab_front.lab_env.start_node(node)

    def _cut(self):
        node = self._any_node()
        begin = time.time()
        self._relays[node].cut_after(
            self._random.randrange(1, self.CUT_AFTER_BYTES), self.CUT_WAIT_S)
        self._pause(self.DEAD_S)
        self._note(CUT, begin, node)
        self._relays[node].mend()

    def _note(self, kind: str, begin: float, node: str | None):
        """Before what was dead can come back."""
        self.faults.append(Fault(kind, node, begin, time.time()))


def recoveries(log: str) -> dict[str, list[float]]:
    """When outdiald had the whole state of each node, by the node's name, oldest first."""
    times: dict[str, list[float]] = {}
    for at, node in re.findall(r"^(\S+) info node_ready node=(\S+)", log, re.MULTILINE):
        times.setdefault(node, []).append(parse_time(at))
    return times
