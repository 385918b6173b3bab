#!/usr/bin/env python3
"""Drives every case of tests/testdata/ami_document, byte for byte, through the AMI listener of an
outdiald of its own. With arguments: only the cases of these names."""

import pathlib
import re
import socket
import sys

from ami_document import (Case, CaseError, Comparison, Header, Sent, Setup, header, read_additions,
                          read_case)
from outdial import ROOT, Daemon

DIRECTORY = ROOT / "tests" / "testdata" / "ami_document"
USERNAME, SECRET = "document", "its-secret"
CONFIGURATION = f"""
ami_listen: 127.0.0.1:0
ami_users:
  - {{username: {USERNAME}, secret: {SECRET}, read: [message], write: [message]}}
allowed_contexts: [outdial]
allowed_sip_hosts: [example.com]
"""
SECONDS = 20
# Each has at least a case of its syntax and one of its example.
ACTIONS = [
    "out_campaign_create", "out_campaign_update", "out_campaign_delete", "out_campaign_show",
    "out_campaign_stat_show", "out_plan_create", "out_plan_update", "out_plan_delete",
    "out_plan_show", "out_dlma_create", "out_dlma_update", "out_dlma_delete", "out_dlma_show",
    "out_dl_list_create", "out_destination_create", "out_destination_update",
    "out_destination_delete", "out_destination_show",
]


class Mismatch(Exception):
    """What came is not what was expected."""


class Wire:
    """One connection to the listener: bytes out, messages in."""

    def __init__(self, port: int):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self._buffer = b""
        self._until(b"\r\n")  # the banner
        self.send(["Action: Login", f"Username: {USERNAME}", f"Secret: {SECRET}", "Events: on"])
        answer = self.read()
        if answer[0] != ("Response", "Success"):
            raise Mismatch(f"login: {answer}")

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, lines: list[str]):
        self._socket.sendall("".join(line + "\r\n" for line in [*lines, ""]).encode())

    def read(self) -> list[Header]:
        """The next message."""
        return [header(line) for line in self._until(b"\r\n\r\n").decode().split("\r\n")]

    def _until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            try:
                chunk = self._socket.recv(65536)
            except TimeoutError:
                raise Mismatch(f"nothing came within {SECONDS} s; so far {self._buffer!r}") from None
            if not chunk:
                raise Mismatch(f"the server closed the connection; so far {self._buffer!r}")
            self._buffer += chunk
        taken, _, self._buffer = self._buffer.partition(end)
        return taken


def make(wire: Wire, setup: Setup, comparison: Comparison):
    """Carries out a setup and takes its response and its event off the wire."""
    wire.send([f"{name}: {comparison.fill(value)}" for name, value in setup.headers])
    response = wire.read()
    if response[0] != ("Response", "Success"):
        raise Mismatch(f"setup {setup.headers}: {response}")
    event = dict(wire.read())
    if event.get("Event") != setup.headers[0][1]:
        raise Mismatch(f"setup {setup.headers}: event {event}")
    if setup.name:
        comparison.bind(setup.name, event["Uuid"])


def check(message: list[Header], expected: list[Header], comparison: Comparison):
    differences = comparison.differences(expected, message)
    if differences:
        raise Mismatch("\n".join(differences))


def check_silence(wire: Wire):
    """Nothing came that no case expects: events come in the order of their changes, so that those
    of the case would come before that of one more change."""
    marker = ("ActionID", "nothing-more")
    wire.send(["Action: OutDlmaCreate", ": ".join(marker)])
    response = wire.read()
    if marker not in response:
        raise Mismatch(f"a message too many: {response}")
    event = dict(wire.read())
    if (event.get("Event"), event.get("Uuid")) != ("OutDlmaCreate", dict(response)["Uuid"]):
        raise Mismatch(f"an event too many: {event}")


def run(case: Case, additions: dict):
    comparison = Comparison(additions)
    with Daemon(CONFIGURATION, ("--simulate",)) as daemon, Wire(daemon.ami_port()) as wire:
        for setup in case.setups:
            make(wire, setup, comparison)
        action = ""
        for step in case.steps:
            if isinstance(step, Sent):
                action = step.action()
                wire.send([comparison.fill(line) for line in step.lines])
            else:
                check(wire.read(), comparison.complete(step, action), comparison)
        check_silence(wire)


def catalogue_problems(files: list[pathlib.Path]) -> list[str]:
    """Where the directory, its README's table and the list of actions disagree."""
    readme = (DIRECTORY / "README.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in readme.splitlines() if line.startswith("|"))
    listed = set(re.findall(r"`(\w+)\.txt`", rows))
    present = {path.stem for path in files}
    wanted = {f"{action}_{part}" for action in ACTIONS for part in ("syntax", "example")}
    return ([f"{name}.txt has no row in README.md" for name in sorted(present - listed)]
            + [f"README.md names {name}.txt, which is not there" for name in sorted(listed - present)]
            + [f"{name}.txt is missing" for name in sorted(wanted - present)])


def main(only: list[str]) -> int:
    files = sorted(path for path in DIRECTORY.glob("*.txt") if path.name != "additions.txt")
    problems = catalogue_problems(files)
    for problem in problems:
        print(f"FAILED    {problem}")
    additions = read_additions(DIRECTORY / "additions.txt")
    chosen = [path for path in files if not only or path.stem in only]
    passed = 0
    for path in chosen:
        try:
            run(read_case(path), additions)
        except (Mismatch, CaseError) as problem:
            print(f"FAILED    {path.stem}\n{problem}", flush=True)
        else:
            print(f"passed    {path.stem}", flush=True)
            passed += 1
    print(f"{passed} of {len(chosen)} cases passed, {len(files)} in all")
    return 0 if passed == len(chosen) > 0 and not problems else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
