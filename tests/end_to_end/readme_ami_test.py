#!/usr/bin/env python3
"""What README.md says about AMI clients is done as it stands there. Needs the lab
(`./dev lab up`)."""

import re
import subprocess
import sys
import unittest

import lab_front
from ami_wire import AmiWire, Message
from outdial import ROOT, Daemon

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = re.search(r"^## An existing AMI script\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)[1]
ASTERISK_PORT, LISTENER_PORT = "5038", "5040"  # as README names them
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LEFT_OUT = "..."
MESSAGE_SECONDS = 30


def blocks(language: str, text: str) -> list[str]:
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for name, block in fenced if name == language]


class Session:
    """A session by hand: its text is typed, and what comes is compared with the text. A uuid of the
    text stands for the one that came in its place first."""

    def __init__(self, wire: AmiWire):
        self._wire = wire
        self._uuids: dict[str, str] = {}  # of the text -> as it came
        self._others_may_come = False

    def take(self, paragraph: str):
        if paragraph == LEFT_OUT:
            self._others_may_come = True
        elif paragraph.startswith("Action:"):
            typed = UUID.sub(lambda match: self._uuids[match[0]], paragraph)
            self._wire.send(f"{typed}\n\n".encode())  # nc ends lines as the terminal does
        else:
            self._expect(paragraph)
            self._others_may_come = False

    def _expect(self, paragraph: str):
        while True:
            message = self._wire.next_message(MESSAGE_SECONDS)
            if self._matches(paragraph, message):
                return
            if not self._others_may_come:
                raise AssertionError(f"README says:\n{paragraph}\n\nbut this came:\n{message}")

    def _matches(self, paragraph: str, message: Message) -> bool:
        unknown: list[str] = []  # uuids that the text names for the first time
        pattern = "".join(self._line_pattern(line, unknown) for line in paragraph.split("\n"))
        match = re.fullmatch(pattern, "\n".join(message.lines) + "\n")
        if not match:
            return False
        self._uuids.update(zip(unknown, match.groups()))
        return True

    def _line_pattern(self, line: str, unknown: list[str]) -> str:
        if line == LEFT_OUT:
            return r"(?:.*\n)*?"
        uuid = UUID.search(line)
        if uuid is None:
            return re.escape(line) + r"\n"
        if uuid[0] in self._uuids:
            return re.escape(line.replace(uuid[0], self._uuids[uuid[0]])) + r"\n"
        unknown.append(uuid[0])
        before, after = line.split(uuid[0])
        return f"{re.escape(before)}({UUID.pattern}){re.escape(after)}" + r"\n"


class ReadmeTest(unittest.TestCase):
    def setUp(self):
        asterisk_port = str(lab_front.lab_env.load().ami_ports[0])
        (first,) = (b for b in blocks("yaml", README) if f"port: {ASTERISK_PORT}" in b)
        (more,) = blocks("yaml", SECTION)
        configuration = first.replace(ASTERISK_PORT, asterisk_port) + more
        self.daemon = self.enterContext(Daemon(configuration.replace(LISTENER_PORT, "0")))
        lab_front.wait_for_node(self.daemon, "lab")

    def test_the_script_works_with_host_and_port_changed(self):
        (script,) = blocks("python", SECTION)
        self.assertLessEqual(len(script.splitlines()), 10)
        script = script.replace(LISTENER_PORT, str(self.daemon.ami_port()))
        said = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True
        ).stdout
        for message in ("Message: Authentication accepted", "Event: QueueMember",
                        "Event: QueueStatusComplete", "Event: OutCampaignStatListComplete",
                        "Response: Goodbye"):
            self.assertIn(message, said)

    def test_a_campaign_typed_by_hand(self):
        begin, *rest = blocks("", SECTION)
        command, greeting, login = begin.split("\n", 2)
        self.assertEqual(command, f"$ nc 127.0.0.1 {LISTENER_PORT}")
        with AmiWire(self.daemon.ami_port()) as wire:
            self.assertEqual(wire.greeting(), greeting)
            session = Session(wire)
            for paragraph in "\n".join([login, *rest]).strip().split("\n\n"):
                session.take(paragraph.strip("\n"))
            wire.wait_until_closed()


if __name__ == "__main__":
    unittest.main()
