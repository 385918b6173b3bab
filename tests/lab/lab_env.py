"""Where the lab is, and what its callees saw."""

import dataclasses
import os
import pathlib
import re
import subprocess
import time

LAB = pathlib.Path(__file__).resolve().parent / "lab"


@dataclasses.dataclass(frozen=True)
class LabEnv:
    ami_ports: tuple[int, int]  # of node1 and node2
    ami_tls_ports: tuple[int, int]
    certificate: str  # PEM file, for the TLS ports
    callees_log: str
    callees_port: int


def directory() -> pathlib.Path:
    root = LAB.parent.parent.parent
    return pathlib.Path(os.environ.get("OUTDIAL_LAB_DIR", root / "build" / "lab"))


def load() -> LabEnv:
    """What `lab up` wrote. Raises FileNotFoundError where no lab is up."""
    lines = (directory() / "lab.env").read_text(encoding="utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines)

    def port(name: str) -> int:
        return int(values[f"OUTDIAL_LAB_{name}"])

    return LabEnv(
        ami_ports=(port("AMI_PORT"), port("AMI_PORT_2")),
        ami_tls_ports=(port("AMI_TLS_PORT"), port("AMI_TLS_PORT_2")),
        certificate=values["OUTDIAL_LAB_CERTIFICATE"],
        callees_log=values["OUTDIAL_LAB_CALLEES_LOG"],
        callees_port=port("CALLEES_PORT"),
    )


def kill_node(node: str):
    """Ends `node1` or `node2` as a crash would."""
    _run("kill", node)


def start_node(node: str):
    """Starts a node that was killed; returns once it answers. One that runs is left alone."""
    _run("start", node)


def _run(*arguments: str):
    subprocess.run([LAB, *arguments], check=True, timeout=60)


class CalleesLog:
    """The callees' own account of the calls; see callees.py."""

    _LINE = re.compile(r"(?P<fact>[a-z]+) number=(?P<number>\S+) call=(?P<call>\S+)$")

    def __init__(self, path: str):
        self._path = pathlib.Path(path)

    def entries(self) -> list[tuple[str, str, str]]:
        """(fact, number, Call-ID), in the order in which they happened."""
        if not self._path.exists():
            return []
        lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        matches = (self._LINE.search(line) for line in lines)
        return [(m["fact"], m["number"], m["call"]) for m in matches if m]

    def calls(self, number: str) -> int:
        """How many calls reached this number."""
        return len({call for fact, n, call in self.entries() if n == number and fact == "invite"})

    def calls_by_number(self) -> dict[str, int]:
        calls: dict[str, set[str]] = {}
        for fact, number, call in self.entries():
            if fact == "invite":
                calls.setdefault(number, set()).add(call)
        return {number: len(ids) for number, ids in calls.items()}

    def facts(self, number: str) -> list[str]:
        return [fact for fact, n, _ in self.entries() if n == number]

    def facts_when(self, number: str, count: int, seconds: float = 5) -> list[str]:
        """Facts about a number, once there are so many or the time is over."""
        deadline = time.monotonic() + seconds
        while len(self.facts(number)) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.facts(number)
