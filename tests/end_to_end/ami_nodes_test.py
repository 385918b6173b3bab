#!/usr/bin/env python3
"""Which Asterisk an AMI client gets behind one outdiald with two nodes: over plain TCP and TLS, at
the nodes' own addresses and at the common one, and what it sees when its node dies."""

import contextlib
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import unittest

from outdial import PROGRAMS, Daemon, wait_until

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
from ami import Ami  # noqa: E402


class Node:
    """A simulated Asterisk as a program of its own; its queue bears its name."""

    def __init__(self, name: str):
        self.name = name
        self._process = subprocess.Popen(
            [PROGRAMS / "outdial-sim", "--listen", "127.0.0.1:0", "--queue", name],
            stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r":(\d+),", self._process.stdout.readline()).group(1))

    def __enter__(self) -> "Node":
        return self

    def __exit__(self, *_):
        self.kill()
        self._process.stdout.close()

    def kill(self):
        """Does nothing to one that is dead."""
        self._process.kill()
        self._process.wait()

    def configuration(self) -> str:
        return (f"  - {{name: {self.name}, host: 127.0.0.1, port: {self.port},"
                " username: outdial, secret: outdial, ami_listen: '127.0.0.1:0'}\n")


class AmiNodesTest(unittest.TestCase):
    def setUp(self):
        self.first = self.enterContext(Node("first"))
        self.second = self.enterContext(Node("second"))
        self.daemon = Daemon()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", self.daemon.home / "key.pem", "-out", self.daemon.home / "cert.pem"],
            check=True, capture_output=True)
        self.daemon.configure(
            "ami_listen: 127.0.0.1:0\n"
            "ami_tls_listen: 127.0.0.1:0\n"
            f"tls: {{cert: {self.daemon.home}/cert.pem, key: {self.daemon.home}/key.pem}}\n"
            "ami_access: [{logins: [outdial], use: true, see: true}]\n"
            "asterisk:\n" + self.first.configuration() + self.second.configuration())
        self.enterContext(self.daemon)
        wait_until(lambda: self.daemon.log_text().count("node_ready") == 2, "both nodes ready", 20)

    def port(self, *fields: str) -> int:
        """Of the address whose log line has these fields, and names a node only if they do."""
        (line,) = [line for line in re.findall(r"ami_listening .*", self.daemon.log_text())
                   if all(field in line for field in fields)
                   and ("node=" in line) == any("node=" in field for field in fields)]
        return int(re.search(r":(\d+) ", line).group(1))

    def client(self, port: int) -> Ami:
        return self.enterContext(Ami(port, "outdial", "outdial"))

    def queues(self, client: Ami) -> list[str]:
        return [row["Queue"] for row in
                client.list("QueueSummary", "QueueSummary", "QueueSummaryComplete")]

    def test_the_common_address_gives_the_first_node_that_is_there(self):
        client = self.client(self.port("tls=no"))
        self.assertIn("first", self.queues(client))
        self.first.kill()
        with self.assertRaises(ConnectionError):
            client.wait(lambda message: False, seconds=20)
        wait_until(lambda: "node_lost" in self.daemon.log_text()
                   or "node_disconnected" in self.daemon.log_text(), "the loss is logged", 20)
        self.assertIn("second", self.queues(self.client(self.port("tls=no"))))

    def test_a_nodes_own_address_gives_that_node_or_none(self):
        port = self.port("node=second")
        client = self.client(port)
        self.assertIn("second", self.queues(client))
        self.assertEqual(client.action("OutPlanCreate", Name="anywhere")["Response"], "Success")
        self.second.kill()
        with self.assertRaises(ConnectionError):
            client.wait(lambda message: False, seconds=20)
        with self.assertRaisesRegex(ConnectionError, "No Asterisk node can be reached"):
            self.client(port)

    def test_over_tls_a_client_gets_the_same(self):
        context = ssl.create_default_context(cafile=self.daemon.home / "cert.pem")
        with contextlib.ExitStack() as stack:
            plain = stack.enter_context(
                socket.create_connection(("127.0.0.1", self.port("tls=yes")), timeout=10))
            peer = stack.enter_context(context.wrap_socket(plain, server_hostname="localhost"))
            peer.sendall(b"Action: Login\r\nUsername: outdial\r\nSecret: outdial\r\nEvents: off\r\n\r\n"
                         b"Action: OutPlanCreate\r\nName: over TLS\r\n\r\n"
                         b"Action: Logoff\r\n\r\n")
            received = b""
            while piece := peer.recv(65536):
                received += piece
        self.assertIn(b"Authentication accepted", received)
        self.assertIn(b"Plan created successfully", received)
        self.assertIn(b"Response: Goodbye", received)


if __name__ == "__main__":
    unittest.main(verbosity=2)
