"""Yardstick: calls placed over AMI by a script that does nothing else."""

import socket
import threading
import time
import uuid

ORIGINATE = (
    "Action: Originate\r\nActionID: {id}\r\nAsync: true\r\nChannelId: {id}\r\n"
    "Channel: PJSIP/{number}@trunk\r\nContext: outbound\r\nExten: end\r\nPriority: 1\r\n"
    "Timeout: {timeout}\r\nVariable: OUTDIAL_DIALING_UUID={id}\r\n"
    "Variable: OUTDIAL_CAMPAIGN_UUID={id}\r\n\r\n")


class BareOriginates:
    """One connection: a thread reads, the caller's sends. Times are the wall clock's."""

    def __init__(self, port: int, username: str, secret: str):
        self.sent: dict[str, float] = {}
        self.answered: dict[str, float] = {}
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._send(f"Action: Login\r\nUsername: {username}\r\nSecret: {secret}\r\n\r\n"
                   "Action: Filter\r\nOperation: Add\r\nFilter:\r\n"
                   "MatchCriteria: name(OriginateResponse)\r\n\r\n")
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._socket.close()

    def place(self, numbers: list[str], per_second: float, timeout_ms: int):
        """One call each, evenly spaced."""
        begin = time.time()
        for i, number in enumerate(numbers):
            time.sleep(max(0.0, begin + i / per_second - time.time()))
            call = str(uuid.uuid4())
            self.sent[call] = time.time()
            self._send(ORIGINATE.format(id=call, number=number, timeout=timeout_ms))

    def _send(self, text: str):
        self._socket.sendall(text.encode())

    def _read(self):
        rest = b""
        while data := self._socket.recv(65536):
            now = time.time()
            *messages, rest = (rest + data).split(b"\r\n\r\n")
            for message in messages:
                if message.startswith(b"Event: OriginateResponse"):
                    fields = dict(line.split(b": ", 1) for line in message.split(b"\r\n")
                                  if b": " in line)
                    if fields[b"Response"] == b"Success":
                        self.answered[fields[b"ActionID"].decode()] = now
