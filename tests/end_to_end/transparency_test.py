#!/usr/bin/env python3
"""An AMI client that leaves Outdial's own actions alone notices nothing of the listener between it
and Asterisk. Needs the lab (`./dev lab up`)."""

import contextlib
import difflib
import threading
import unittest

import ami_replay
import lab_front
from ami_wire import AmiWire, split_messages
from forwarder import Forwarder, Recording

MIXED_ROUNDS = 50


def after_login(sent: bytes) -> bytes:
    """What a client sent after its first login."""
    return sent.partition(b"Action: Login\r\n")[2].partition(b"\r\n\r\n")[2]


class TransparencyTest(unittest.TestCase):
    """Each exchange of tests/testdata/ami_replay, under a login that has no part in Outdial."""

    @classmethod
    def setUpClass(cls):
        cls.asterisk_port = lab_front.lab_env.load().ami_ports[0]
        cls.forwarder = cls.enterClassContext(Forwarder(cls.asterisk_port))
        cls.daemon = lab_front.start(cls.enterClassContext, cls.forwarder.port)

    def test_an_asterisk_behind_the_listener_answers_as_one_before_it(self):
        for path in sorted(ami_replay.FOLDER.glob("*.txt")):
            with self.subTest(exchange=path.name):
                replay = ami_replay.Replay(path)
                direct = replay.play(self.asterisk_port)
                earlier = len(self.forwarder.recordings)
                through = replay.play(self.daemon.ami_port())
                self.check_same(direct, through)
                recordings = self.forwarder.recordings[earlier:]
                self.assertEqual(len(recordings), 1, "one connection to Asterisk for each client")
                self.check_untouched(through, recordings[0])

    def check_same(self, direct: ami_replay.Heard, through: ami_replay.Heard):
        difference = "\n".join(difflib.unified_diff(
            direct.comparable(), through.comparable(), "direct", "through the listener",
            lineterm=""))
        self.assertEqual(difference, "")

    def check_untouched(self, through: ami_replay.Heard, recording: Recording):
        """Not one byte is added, left out, or moved."""
        self.assertEqual(through.received, bytes(recording.from_target))
        self.assertTrue(
            recording.to_target.endswith(after_login(through.sent)),
            (after_login(through.sent), recording.to_target))


class MixedTest(unittest.TestCase):
    """A client that has a part in Outdial, while changes go on."""

    def setUp(self):
        self.forwarder = self.enterContext(Forwarder(lab_front.lab_env.load().ami_ports[0]))
        self.daemon = lab_front.start(
            self.enterContext, self.forwarder.port,
            "{logins: [lab], use: true, see: true}", "{logins: [outdial], use: true}")

    @contextlib.contextmanager
    def changes(self):
        """Made one after the other, by another client, as long as the block lasts."""
        done = threading.Event()

        def make():
            with AmiWire(self.daemon.ami_port()) as maker:
                maker.login("outdial", Events="off")
                while not done.is_set():
                    maker.action("OutPlanCreate")

        thread = threading.Thread(target=make)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def test_outdials_own_messages_come_between_asterisks_and_leave_them_as_they_are(self):
        earlier = len(self.forwarder.recordings)
        with AmiWire(self.daemon.ami_port()) as wire:
            wire.login("lab")
            with self.changes():
                for turn in range(MIXED_ROUNDS):
                    wire.send(self.one_of_each(turn))
                for turn in range(MIXED_ROUNDS):
                    wire.wait_for("Response:", f"ActionID: last-{turn}")
            wire.action("Logoff")
            wire.wait_until_closed()
        success = b"Response: Success\r\nActionID: "
        own = (b"Event: Out", success + b"out-", success + b"show-")
        messages = [message.raw for message in split_messages(wire.received)]
        self.assertGreater(sum(raw.startswith(own[0]) for raw in messages), MIXED_ROUNDS)
        self.assertEqual(
            b"\r\n\r\n".join(raw for raw in messages if not raw.startswith(own)),
            b"\r\n\r\n".join(self.sent_by_asterisk(self.forwarder.recordings[earlier])))

    def one_of_each(self, turn: int) -> bytes:
        """Lists, texts, a call that fails, an oddly ended answer, and two of Outdial's own."""
        return "".join(f"Action: {action}\r\n\r\n" for action in (
            "CoreShowChannels", "ListCommands", "QueueStatus",
            f"OutPlanCreate\r\nActionID: out-{turn}",
            "Command\r\nCommand: dialplan show outbound",
            f"Originate\r\nChannel: PJSIP/none@nowhere\r\nApplication: Wait\r\n"
            f"ChannelId: {'x' * 150}",
            "Originate\r\nChannel: PJSIP/none@nowhere\r\nApplication: Wait\r\nAsync: true",
            f"OutCampaignShow\r\nActionID: show-{turn}",
            f"Ping\r\nActionID: last-{turn}")).encode()

    def sent_by_asterisk(self, recording: Recording) -> list[bytes]:
        """All but the answers to what the listener asks for itself."""
        messages = [message.raw for message in split_messages(bytes(recording.from_target))]
        return [raw for raw in messages if b"ActionID: outdial-fence-" not in raw]


if __name__ == "__main__":
    unittest.main()
