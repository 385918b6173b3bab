#!/usr/bin/env python3
"""`outdialctl top` on a terminal: what it draws, how it ends, and that it gives the terminal back."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

from forwarder import Forwarder
from outdial import PROGRAMS, Daemon, wait_until

SIMULATE = ("--simulate", "--agents", "3")
CTRL_C = b"\x03"
CTRL_L = b"\x0c"  # draws everything again
ENTER_SCREEN = b"\x1b[?1049h"
LEAVE_SCREEN = b"\x1b[?1049l"
PATIENCE_SECONDS = 20


class Terminal:
    """A program on a terminal of its own, an xterm."""

    def __init__(self, command: list, rows: int = 24, columns: int = 100):
        self._master, self._slave = pty.openpty()
        self.resize(rows, columns)
        self._settings = termios.tcgetattr(self._slave)
        self._process = subprocess.Popen(
            command, stdin=self._slave, stdout=self._slave, stderr=self._slave,
            start_new_session=True, env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.output = bytearray()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)
        os.close(self._slave)

    def resize(self, rows: int, columns: int):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: bytes):
        os.write(self._master, keys)

    def signal(self, which: signal.Signals):
        self._process.send_signal(which)

    def read_until(self, text: bytes) -> bytes:
        """Reads until `text` has come since the call, and returns what has. Raises AssertionError
        after the time."""
        begin = len(self.output)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in self.output[begin:]:
            if not self._read(deadline - time.monotonic()):
                raise AssertionError(f"{text!r} did not come, but {bytes(self.output[begin:])!r}")
        return bytes(self.output[begin:])

    def wait(self) -> int:
        """The exit status, once the program has ended. Reads on meanwhile: a full terminal would
        hold the program back."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            self._read(0.05)
        while self._read(0):
            pass
        return self._process.wait(0)

    def is_as_before(self) -> bool:
        return termios.tcgetattr(self._slave) == self._settings

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], max(seconds, 0))[0]:
            return False
        self.output += os.read(self._master, 65536)
        return True


class TopTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.enterClassContext(Daemon(arguments=SIMULATE))
        cls.daemon.ctl.text("campaign", "create", "--name", "spring")

    def top(self, *arguments: str, server: str = "") -> Terminal:
        server = server or self.daemon.ctl.server
        terminal = self.enterContext(
            Terminal([PROGRAMS / "outdialctl", "--server", server, "top", *arguments]))
        return terminal

    def check_end(self, terminal: Terminal, status: int):
        self.assertEqual(terminal.wait(), status)
        self.assertTrue(terminal.is_as_before())
        self.assertEqual(terminal.output.count(ENTER_SCREEN), 1)
        self.assertGreater(terminal.output.find(LEAVE_SCREEN), terminal.output.find(ENTER_SCREEN))

    @staticmethod
    def whole_screen(terminal: Terminal) -> bytes:
        """Otherwise only what changed is drawn."""
        terminal.press(CTRL_L)
        return terminal.read_until(b"q quit")

    def test_it_draws_what_there_is_and_q_ends_it(self):
        terminal = self.top()
        terminal.read_until(b"q quit")
        for text in (b"CAMPAIGNS", b"AGENTS", b"sales", b"NODES"):
            self.assertIn(text, terminal.output)
        self.assertNotIn(b"spring", terminal.output)  # stopped
        terminal.press(b"a")
        terminal.read_until(b"spring")
        terminal.press(b"q")
        self.check_end(terminal, 0)

    def test_ctrl_c_gives_the_terminal_back_however_often_it_is_pressed(self):
        terminal = self.top()
        terminal.read_until(b"q quit")
        terminal.press(CTRL_C * 5)
        self.check_end(terminal, 130)

    def test_a_signal_gives_the_terminal_back(self):
        terminal = self.top()
        terminal.read_until(b"q quit")
        terminal.signal(signal.SIGTERM)
        self.check_end(terminal, 130)

    def test_a_resized_terminal_is_drawn_anew(self):
        terminal = self.top()
        terminal.read_until(b"q quit")
        terminal.resize(10, 50)
        terminal.read_until(b"lines 1-")  # there is no room for all
        terminal.press(b"q")
        self.check_end(terminal, 0)

    def test_a_server_that_goes_away_is_told_and_top_goes_on_when_it_is_back(self):
        port = int(self.daemon.ctl.server.rpartition(":")[2])
        with Forwarder(port) as forwarder:
            terminal = self.top("--interval", "0.2", server=f"127.0.0.1:{forwarder.port}")
            terminal.read_until(b"q quit")
            forwarder.cut()
            terminal.read_until(b"trying")
            forwarder.mend()
            wait_until(lambda: b"trying" not in self.whole_screen(terminal), "it goes on",
                       PATIENCE_SECONDS)
            forwarder.cut()
            terminal.read_until(b"trying")
            terminal.press(b"q")
            self.check_end(terminal, 0)

    def test_a_server_that_is_not_there_is_an_error_as_of_every_command(self):
        with Forwarder(0) as forwarder:
            forwarder.cut()
            terminal = self.top(server=f"127.0.0.1:{forwarder.port}")
            self.assertEqual(terminal.wait(), 6)
        self.assertNotIn(ENTER_SCREEN, terminal.output)

    def test_an_unknown_kind_of_terminal_is_told(self):
        # ncurses never frees what it made for a terminal that it then doesn't know.
        with Terminal(["env", "TERM=nonsense", "LSAN_OPTIONS=detect_leaks=0",
                       PROGRAMS / "outdialctl", "--server", self.daemon.ctl.server, "top"]
                      ) as terminal:
            self.assertEqual(terminal.wait(), 2)
            self.assertIn(b"use --once", terminal.output)


if __name__ == "__main__":
    unittest.main()
