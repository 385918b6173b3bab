"""Plays what an AMI client says, out of a file of tests/testdata/ami_replay, and compares what it
was answered.

A file is one connection; its lines:

    # TEXT               a comment
    > TEXT               a line that is sent, with CRLF
    >> TEXT              bytes that are sent as they are
    < LINE | LINE        waits for a message that has these lines, and which was not waited for
                         before; `NAME:` stands for any line that begins so
    < closed             waits until the other side closes
    @ byte by byte       what follows is sent so
    @ events unordered   events are compared as a set; why is said in a comment

Everything up to the next wait is sent in one write. TEXT knows Python's escapes, {uuid} (a new one
for each run), {key} (what an MD5 login answers to the challenge that came) and {text*1000}.
"""

import dataclasses
import hashlib
import pathlib
import re
import uuid

from ami_wire import AmiWire, Message

SECRET = "lab-secret"
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "ami_replay"

# Headers whose values are times, counters that go on, what other calls do to a queue, or a state
# that one thread of Asterisk's changes while another one writes it down.
_CHANGING = re.compile(
    r"^((?:Dest)?ChannelState(?:Desc)?|Uptime|LastReload|Timestamp|Challenge|Duration|Seconds"
    r"|TimeToHangup|BridgeId|ListItems|CallsTaken|LastCall|LoginTime|InCall|Status|Calls|Completed"
    r"|Abandoned|Holdtime|TalkTime|CoreStartupTime|CoreReloadTime|CoreCurrentCalls"
    r"|CoreProcessedCalls|ServicelevelPerf2?): .*$")
_CHANNEL = re.compile(r"(PJSIP/[\w-]+|Local/[\w@-]+)-[0-9a-f]{8}\b")
_SERIAL = re.compile(r"\b\d{10}\.\d+\b")  # Asterisk's own Uniqueids
_RTP = re.compile(r"^Value: ssrc=.*$")


@dataclasses.dataclass
class Heard:
    """What came in one run, and what was sent for it."""

    sent: bytes
    received: bytes
    messages: list[Message]
    uuid: str
    events_unordered: bool

    def comparable(self) -> list[str]:
        """The messages that are about this client, with what differs from run to run replaced."""
        texts = [self._normal(message) for message in self.messages if self._is_own(message)]
        if self.events_unordered:
            answers = [text for text in texts if not text.startswith("Event:")]
            return answers + sorted(text for text in texts if text.startswith("Event:"))
        return texts

    def _is_own(self, message: Message) -> bool:
        """Events of others' calls are none of this client's; neither are their rows in a list."""
        event = message.get("Event")
        if event is None or event == "FullyBooted" or self.uuid in repr(message):
            return True
        return message.get("ActionID") is not None and message.get("Uniqueid") is None

    def _normal(self, message: Message) -> str:
        lines = []
        for line in message.lines:
            line = _CHANGING.sub(r"\1: *", line.replace(self.uuid, "{uuid}"))
            line = _RTP.sub("Value: ssrc=*", _CHANNEL.sub(r"\1-*", line))
            lines.append(_SERIAL.sub("*", line))
        return "\n".join(lines)


class Replay:
    """One file."""

    def __init__(self, path: pathlib.Path):
        lines = path.read_text(encoding="utf-8").splitlines()
        self._steps = [line for line in lines if line and not line.startswith("#")]
        self._events_unordered = "@ events unordered" in self._steps

    def play(self, port: int) -> Heard:
        """Raises AssertionError for an answer that does not come."""
        with AmiWire(port) as wire:
            run = _Run(wire)
            for step in self._steps:
                run.take(step)
            return Heard(
                wire.sent, wire.received, wire.messages, run.uuid, self._events_unordered)


class _Run:
    def __init__(self, wire: AmiWire):
        self.uuid = str(uuid.uuid4())
        self._wire = wire
        self._unsent = b""
        self._byte_by_byte = False

    def take(self, step: str):
        mark, _, text = step.partition(" ")
        if mark == ">":
            self._unsent += self._bytes(text) + b"\r\n"
        elif mark == ">>":
            self._unsent += self._bytes(text)
        elif step == "@ byte by byte":
            self._byte_by_byte = True
        elif step == "< closed":
            self._send()
            self._wire.wait_until_closed()
        elif mark == "<":
            self._send()
            self._wire.wait_for(*self._bytes(text).decode("latin-1").split(" | "))
        elif step != "@ events unordered":
            raise ValueError(f"no step: {step}")

    def _send(self):
        size = 1 if self._byte_by_byte else max(1, len(self._unsent))
        for begin in range(0, len(self._unsent), size):
            self._wire.send(self._unsent[begin : begin + size])
        self._unsent = b""

    def _bytes(self, text: str) -> bytes:
        text = text.encode().decode("unicode_escape").replace("{uuid}", self.uuid)
        if "{key}" in text:
            text = text.replace("{key}", self._key())
        text = re.sub(r"\{([^{}*]+)\*(\d+)\}", lambda m: m[1] * int(m[2]), text)
        return text.encode("latin-1")

    def _key(self) -> str:
        challenges = (message.get("Challenge") for message in self._wire.messages)
        (challenge,) = (each for each in challenges if each)
        return hashlib.md5((challenge + SECRET).encode()).hexdigest()
