"""Follows the event stream of a server that dies and comes back, each time from the position of the
last event that arrived."""

import json
import subprocess
import threading
from collections.abc import Callable

from outdial import Ctl

UNAVAILABLE = 6  # exit status of outdialctl: the server is not there, or went away


class EventFollower(threading.Thread):
    """`with` it follows; afterwards `events` and `problems` are complete."""

    def __init__(self, server: Callable[[], Ctl]):
        """`server`: gives the one that runs now, or ran last; any thread."""
        super().__init__()
        self._server = server
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None  # guarded by _lock
        self.events: list[dict] = []
        self.connections = 0  # that brought an event
        self.problems: list[str] = []

    def __enter__(self) -> "EventFollower":
        self.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        with self._lock:
            if self._process:
                self._process.terminate()
        self.join()

    @property
    def position(self) -> str:
        """Of the last event that arrived."""
        return self.events[-1]["position"] if self.events else "oldest"

    def run(self):
        while not self._done.wait(0.05):
            with self._lock:
                if self._done.is_set():
                    return
                self._process = process = self._server().start(
                    "--output", "jsonl", "event", "follow", "--after", self.position, quiet=True)
            with process:
                self._read(process)
            if process.returncode != UNAVAILABLE and not self._done.is_set():
                self.problems.append(f"event follow ended with status {process.returncode} after"
                                     f" {self.position}")

    def _read(self, process: subprocess.Popen):
        count = len(self.events)
        for line in process.stdout:
            if line.endswith("\n"):  # else it was ended in the middle
                self.events.append(json.loads(line))
        self.connections += len(self.events) > count


def problems_of_stream(followed: list[dict], kept: list[dict]) -> list[str]:
    """`followed`: the events as they came, over all restarts; `kept`: all that the server has at
    the end. Nothing may be missing, twice, in another order or different, and each record's
    revisions must be there one by one."""
    problems = []
    for at, (got, wanted) in enumerate(zip(followed, kept)):
        if got != wanted:
            problems.append(f"event {at} came as {got}, and is kept as {wanted}")
            break
    if len(followed) != len(kept):
        problems.append(f"{len(followed)} events came, {len(kept)} are kept")
    return problems + problems_of_revisions(kept)


def problems_of_revisions(events: list[dict]) -> list[str]:
    problems = []
    revisions: dict[str, int] = {}
    for event in events:
        for name in ("dialing", "campaign", "dl"):
            if name not in event or "revision" not in event[name]:
                continue
            revision = int(event[name]["revision"])
            before = revisions.get(event["uuid"])
            if before is not None and revision != before + 1:
                problems.append(f"{name} {event['uuid']}: after revision {before} comes {revision}")
            revisions[event["uuid"]] = revision
    return problems
