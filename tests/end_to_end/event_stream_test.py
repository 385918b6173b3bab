#!/usr/bin/env python3
"""The events of 10,000 calls pass the AMI listener complete and in order, with Outdial's own
between them."""

import socket
import threading
import time
import unittest

from ami_wire import AmiWire, Message, split_messages
from outdial import Daemon
from streaming_asterisk import PIECE, StreamingAsterisk, last_of, whole_stream

CALLS = 10_000
EVENTS = 17 * CALLS  # as many as a real Asterisk sends for a simple answered call
PIECES = EVENTS // PIECE
ENTRIES = 1000  # made by AMI while the events pass
PLANS = 10  # made by gRPC
SECONDS = 60  # that a client waits for more, on a machine that is busy

CONFIGURATION = """
ami_listen: 127.0.0.1:0
ami_access:
  - {{logins: [wallboard], see: true}}
  - {{logins: [script], use: true}}
asterisk:
  - {{name: streaming, host: 127.0.0.1, port: {port}, username: outdial, secret: none}}
"""
FIRST_CHANGE, LAST_CHANGE = b"Event: OutDlListCreate\r\n", b"\r\nName: the last one\r\n"


class Viewer(threading.Thread):
    """A client that takes the whole stream, its last piece only after a text has come, and then
    reads on until another one has."""

    def __init__(self, port: int, username: bytes, *texts: bytes):
        super().__init__()
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self._socket.sendall(
            b"Action: Login\r\nUsername: " + username + b"\r\nSecret: any\r\n\r\n")
        self._texts = texts
        self._received: list[bytes] = []
        self._tail = b""
        self._seen: set[bytes] = set()
        self.began = threading.Event()  # the stream
        self.seconds = 0.0  # that the stream took

    @property
    def received(self) -> bytes:
        return b"".join(self._received)

    def run(self):
        with self._socket:
            begin = time.monotonic()
            for piece in range(PIECES):
                if piece == PIECES - 1:
                    self._read_until(*self._texts[:1])
                self._socket.sendall(b"Action: Stream\r\n\r\n")
                self._read_until(last_of(piece))
                self.began.set()
            self.seconds = time.monotonic() - begin
            self._read_until(*self._texts)

    def _read_until(self, *texts: bytes):
        awaited = {*texts, *self._texts}
        while not self._seen.issuperset(texts):
            data = self._socket.recv(1 << 20)
            if not data:
                raise ConnectionError("outdiald closed the connection")
            self._received.append(data)
            self._tail = self._tail[-100:] + data
            self._seen.update(text for text in awaited if text in self._tail)


class EventStreamTest(unittest.TestCase):
    def setUp(self):
        self.sent = whole_stream(PIECES)
        asterisk = self.enterContext(StreamingAsterisk())
        self.daemon = self.enterContext(Daemon(CONFIGURATION.format(port=asterisk.port)))

    def test_all_events_come_in_order_with_outdials_own_between_them(self):
        port = self.daemon.ami_port()
        plain = Viewer(port, b"plain")
        wallboard = Viewer(port, b"wallboard", FIRST_CHANGE, LAST_CHANGE)
        for viewer in (plain, wallboard):
            viewer.start()
        self.assertTrue(wallboard.began.wait(SECONDS))
        entries, plans = self.make_changes(port)
        for viewer in (plain, wallboard):
            viewer.join()
            self.assertGreater(viewer.seconds, 0, "its thread failed")
            print(f"{EVENTS / viewer.seconds:.0f} events/s")

        self.check_bytes(plain.received, self.sent)
        out_events = self.take_out_events(wallboard)
        self.assertEqual(self.uuids(out_events, "OutDlListCreate"), entries)
        self.assertEqual(self.uuids(out_events, "OutPlanCreate"), plans)

    def test_a_burst_waits_in_asterisk_for_a_client_that_reads_on(self):
        """All of it is far more than may wait in Outdial for one client."""
        with socket.socket() as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
            peer.settimeout(SECONDS)
            peer.connect(("127.0.0.1", self.daemon.ami_port()))
            peer.sendall(b"Action: Login\r\nUsername: plain\r\nSecret: any\r\n\r\n"
                         + b"Action: Stream\r\n\r\n" * PIECES)
            self.let_others_go_on()
            received = bytearray()
            while not received.endswith(last_of(PIECES - 1)):
                data = peer.recv(64 * 1024)
                self.assertTrue(data, self.daemon.log_text()[-500:])
                received += data
        self.check_bytes(bytes(received), self.sent)

    def let_others_go_on(self):
        """By then outdiald has looked at all its clients and nodes hundreds of times."""
        with AmiWire(self.daemon.ami_port()) as other:
            other.login("other")
            for _ in range(500):
                self.assertEqual(other.action("Ping").get("Response"), "Success")

    def make_changes(self, port: int) -> tuple[list[str], list[str]]:
        """Uuids of the entries and plans that were made, in their order."""
        with AmiWire(port) as script:
            script.login("script")
            dlma = script.action("OutDlmaCreate", Name="people").get("Uuid")
            entry = f"Action: OutDlListCreate\r\nDlmaUuid: {dlma}\r\nNumber1: 5550100\r\n\r\n"
            script.send(entry.encode() * ENTRIES)
            plans = [self.daemon.ctl.row("plan", "create")["uuid"] for _ in range(PLANS)]
            created = [script.wait_for("Message: Dl list created successfully", seconds=SECONDS)
                       for _ in range(ENTRIES)]
            script.action("OutDlmaCreate", Name="the last one")
            return [message.get("Uuid") for message in created], plans

    def take_out_events(self, wallboard: Viewer) -> list[Message]:
        """Outdial's events of the wallboard; what is left must be the stream, untouched."""
        messages = split_messages(wallboard.received)
        out = [m.raw.startswith(b"Event: Out") for m in messages]
        last_of_stream = len(out) - 1 - out[::-1].index(False)
        self.assertTrue(any(out[:last_of_stream]), "none came between two of Asterisk's")
        rest = b"".join(m.raw + b"\r\n\r\n" for m, is_out in zip(messages, out) if not is_out)
        self.check_bytes(rest, self.sent)
        events = [message for message, is_out in zip(messages, out) if is_out]
        for event in events:
            self.assertEqual(event.lines[1], "Privilege: message,all")
            self.assertTrue(event.lines[-1].startswith("TmUpdate: "), event)
        return events

    def check_bytes(self, received: bytes, sent: bytes):
        """Says where they part: a difference of megabytes tells nobody anything."""
        if received == sent:
            return
        at = next((i for i, (a, b) in enumerate(zip(received, sent)) if a != b),
                  min(len(received), len(sent)))
        self.fail(f"{len(received)} of {len(sent)} bytes came; from byte {at}: "
                  f"{received[at - 200 : at + 200]!r} instead of {sent[at - 200 : at + 200]!r}")

    def uuids(self, events: list[Message], name: str) -> list[str]:
        return [event.get("Uuid") for event in events if event.get("Event") == name]


if __name__ == "__main__":
    unittest.main()
