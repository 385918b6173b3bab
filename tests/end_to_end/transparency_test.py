#!/usr/bin/env python3
"""An AMI client that leaves Outdial's own actions alone notices nothing of the listener between it
and Asterisk. Needs the lab (`./dev lab up`)."""

import difflib
import unittest

import ami_replay
import lab_front
from forwarder import Forwarder, Recording


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


if __name__ == "__main__":
    unittest.main()
