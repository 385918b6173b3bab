#!/usr/bin/env python3
"""Clients that mean harm, or know no better, at the AMI listener: they get an error or a closed
connection, and nobody else feels them."""

import contextlib
import os
import pathlib
import re
import resource
import selectors
import socket
import sys
import time
import unittest
from concurrent import futures

from outdial import CtlError, Daemon, wait_until

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
from ami import Ami  # noqa: E402

USERS = """
ami_listen: 127.0.0.1:0
ami_users:
  - {username: boss, secret: boss-secret, read: all, write: all}
"""
LOGIN = b"Action: Login\r\nUsername: boss\r\nSecret: boss-secret\r\n\r\n"
MIB = 1024 * 1024


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024


def open_files(pid: int) -> int:
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def read_to_end(peer: socket.socket, seconds: float = 10) -> bytes:
    """What the server sends until it closes."""
    peer.settimeout(seconds)
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := peer.recv(65536):
            received += piece
    return received


class HostileAmiTest(unittest.TestCase):
    def setUp(self):
        # What AddressSanitizer keeps of freed memory is not the server's to answer for.
        options = os.environ.get("ASAN_OPTIONS", "")
        os.environ["ASAN_OPTIONS"] = f"{options}:quarantine_size_mb=1".lstrip(":")
        self.daemon = self.enterContext(Daemon(USERS, arguments=("--simulate",)))
        self.address = ("127.0.0.1", self.daemon.ami_port())

    def connect(self) -> socket.socket:
        return self.enterContext(socket.create_connection(self.address, timeout=30))

    def client(self) -> Ami:
        return self.enterContext(Ami(self.address[1], "boss", "boss-secret"))

    def check_alive(self, client: Ami):
        """Answers at once, that is within a second, on a machine that is busy."""
        begin = time.monotonic()
        self.assertEqual(client.action("Ping")["Ping"], "Pong")
        self.assertLess(time.monotonic() - begin, 1)

    def test_ten_thousand_connections_that_never_log_in(self):
        client = self.client()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 12000), hard))
        before = memory_mib(self.daemon.pid)
        greeted = 0
        peers = []
        with contextlib.ExitStack() as stack:
            for _ in range(10_000):
                peers.append(stack.enter_context(socket.create_connection(self.address, 30)))
                if len(peers) % 1000 == 0:
                    self.check_alive(client)
            greeted = sum(1 for peer in peers if self.is_greeted(peer))
            self.assertLess(open_files(self.daemon.pid), 300)
        self.assertEqual(greeted, 50)
        self.assertLess(memory_mib(self.daemon.pid) - before, 50)
        # The places are free again once they are gone.
        wait_until(lambda: self.is_greeted(self.connect()), "a new client is greeted", 10)
        self.check_alive(client)

    def is_greeted(self, peer: socket.socket) -> bool:
        peer.settimeout(30)
        try:
            return peer.recv(100).startswith(b"Asterisk Call Manager/")
        except ConnectionResetError:
            return False

    def test_an_endless_line_costs_no_memory(self):
        client = self.client()
        before = memory_mib(self.daemon.pid)
        for prefix in (b"Action: Login\r\nUsername: ", b""):
            peer = self.connect()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError, TimeoutError):
                peer.sendall(prefix)
                for _ in range(64):
                    peer.sendall(b"x" * MIB)
            self.check_alive(client)
        self.assertLess(memory_mib(self.daemon.pid) - before, 30)

    def test_an_endless_message_costs_no_memory(self):
        client = self.client()
        before = memory_mib(self.daemon.pid)
        hostile = self.client()
        lines = b"".join(b"H%d: %s\r\n" % (i, b"v" * 900) for i in range(1000))
        for _ in range(64):
            hostile.send_bytes(lines)
        hostile.send_bytes(b"Action: Ping\r\n\r\n")
        self.assertEqual(hostile.wait(lambda message: "Response" in message)["Response"],
                         "Error")
        self.assertEqual(hostile.action("Ping")["Ping"], "Pong")
        self.check_alive(client)
        self.assertLess(memory_mib(self.daemon.pid) - before, 30)

    def test_a_value_can_not_become_a_header_or_an_action(self):
        client = self.client()
        name = "a\rVariable: INJECTED=1\rResponse: Success"
        created = client.action("OutPlanCreate", Name=name)
        self.assertEqual(created["Response"], "Error")
        self.assertIn("Name", created["Message"])
        # Through the other door, too.
        for value in ("a\r\nAction: Ping", "a\nb", "a\rb"):
            with self.assertRaisesRegex(CtlError, "name"):
                self.daemon.ctl.text("plan", "create", "--name", value)
        self.check_alive(client)

    def test_an_action_is_echoed_nowhere_but_in_its_own_line(self):
        client = self.client()
        answer = client.action("Nonsense\rResponse: Success")
        self.assertEqual(answer["Response"], "Error")
        self.check_alive(client)

    def test_who_asks_faster_than_they_read_is_paused(self):
        client = self.client()
        for i in range(100):
            client.action("OutPlanCreate", Name="n" * 900, Detail=f"{i}" + "d" * 880)
        before = memory_mib(self.daemon.pid)
        greedy = self.connect()
        greedy.sendall(LOGIN)
        greedy.setblocking(False)
        request = b"Action: OutPlanShow\r\n\r\n" * 100
        end = time.monotonic() + 5
        with selectors.DefaultSelector() as selector:
            selector.register(greedy, selectors.EVENT_WRITE)
            while time.monotonic() < end:
                if selector.select(0.2):
                    greedy.send(request)
                else:
                    self.check_alive(client)
        self.check_alive(client)
        self.assertLess(memory_mib(self.daemon.pid) - before, 40)

    def test_half_open_connections_end_by_themselves(self):
        """Half of the connection closed, or a message begun and never ended."""
        client = self.client()
        peer = self.connect()
        self.assertTrue(self.is_greeted(peer))
        peer.sendall(b"Action: Login\r\nUsername: boss\r\n")
        peer.shutdown(socket.SHUT_WR)
        read_to_end(peer)
        logged_in = self.connect()
        logged_in.sendall(LOGIN + b"Action: OutPlanCreate\r\nName: never made\r\n")
        logged_in.shutdown(socket.SHUT_WR)
        read_to_end(logged_in)
        plans = client.list("OutPlanShow", "OutPlanEntry", "OutPlanListComplete")
        self.assertEqual([p for p in plans if p["Name"] == "never made"], [])
        self.check_alive(client)

    def test_wrong_passwords_shut_their_source_out(self):
        client = self.client()
        with futures.ThreadPoolExecutor(30) as threads:
            for attempt in [threads.submit(self.log_in_wrongly) for _ in range(30)]:
                self.assertIsInstance(attempt.exception(30), ConnectionError)
        wait_until(lambda: "ami_source_banned" in self.daemon.log_text(), "the ban is logged", 30)
        self.assertFalse(self.is_greeted(self.connect()))
        # Who is in stays in.
        self.check_alive(client)

    def log_in_wrongly(self):
        Ami(self.address[1], "boss", "wrong")

    def test_bytes_of_all_kinds_leave_the_session_usable(self):
        client = self.client()
        client.send_bytes(bytes(range(256)) * 8 + b"\r\n\r\n")
        client.send_bytes(b"Action: Ping\r\nActionID: after\r\n\r\n")
        client.wait(lambda message: message.get("ActionID") == "after")
        self.check_alive(client)


if __name__ == "__main__":
    unittest.main(verbosity=2)
