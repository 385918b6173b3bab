"""An AMI client that keeps every byte that it was sent, for tests of the wire itself. Objects
belong to the thread that made them."""

import select
import socket
import time


class Message:
    """A message as it came, without the blank line that ended it."""

    def __init__(self, raw: bytes):
        self.raw = raw
        # Latin-1 gives each byte a character of its own: AMI promises no encoding.
        self.lines = raw.decode("latin-1").split("\r\n")

    def all(self, name: str) -> list[str]:
        """Values of the headers of that name, in their order."""
        pairs = (line.split(":", 1) for line in self.lines if ":" in line)
        return [value.strip() for key, value in pairs if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    def has(self, *wanted: str) -> bool:
        """Whether each of these is one of its lines, or, up to the colon, begins one."""
        return all(
            any(line == each or (each[-1] == ":" and line.startswith(each)) for line in self.lines)
            for each in wanted)

    def __repr__(self) -> str:
        return " / ".join(self.lines)


def split_messages(received: bytes) -> list[Message]:
    """The whole messages in what a server sent; its greeting is the first line of the first one."""
    return [Message(raw) for raw in received.split(b"\r\n\r\n")[:-1]]


class AmiWire:
    """One connection, not logged in."""

    def __init__(self, port: int):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._taken: set[int] = set()  # places of messages that wait_for() returned
        self._next = 0  # place of what next_message() returns
        self._unsplit = b""
        self.sent = b""
        self.received = b""
        self.messages: list[Message] = []  # whole ones
        self.closed = False  # by the peer

    def __enter__(self) -> "AmiWire":
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, data: bytes):
        self.sent += data
        self._socket.sendall(data)

    def action(self, name: str, **headers: str) -> Message:
        """Sends an action, with the headers' names as they are; returns its response."""
        headers.setdefault("ActionID", f"{name}-{len(self.messages)}")
        lines = [f"Action: {name}", *(f"{key}: {value}" for key, value in headers.items())]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode())
        return self.wait_for("Response:", f"ActionID: {headers['ActionID']}")

    def login(self, username: str, **headers: str) -> Message:
        return self.action("Login", Username=username, Secret="lab-secret", **headers)

    def wait_for(self, *wanted: str, seconds: float = 10) -> Message:
        """The first message, of those that it has not returned before, that has them. Raises
        AssertionError after the time, or when the peer closes."""
        seen = 0
        deadline = time.monotonic() + seconds
        while True:
            for place in range(seen, len(self.messages)):
                if place not in self._taken and self.messages[place].has(*wanted):
                    self._taken.add(place)
                    return self.messages[place]
            seen = len(self.messages)
            if not self._read(deadline):
                what = "closed" if self.closed else f"not within {seconds} s"
                raise AssertionError(f"{what}: {wanted}; last came {self.messages[-3:]}")

    def next_message(self, seconds: float = 10) -> Message:
        """Each message once, in their order, whatever wait_for() returned. Raises AssertionError
        after the time, or when the peer closes."""
        deadline = time.monotonic() + seconds
        while len(self.messages) <= self._next:
            if not self._read(deadline):
                raise AssertionError("closed" if self.closed else f"nothing in {seconds} s")
        self._next += 1
        return self.messages[self._next - 1]

    def greeting(self, seconds: float = 10) -> str:
        """The greeting; call it first. It is then no part of the first message any more."""
        deadline = time.monotonic() + seconds
        while b"\r\n" not in self._unsplit:
            if not self._read(deadline):
                raise AssertionError("no greeting")
        line, self._unsplit = self._unsplit.split(b"\r\n", 1)
        return line.decode("latin-1")

    def wait_until_closed(self, seconds: float = 10):
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        if not self.closed:
            raise AssertionError(f"not closed within {seconds} s")

    def events(self, name: str) -> list[Message]:
        """Of those that came, in their order, those whose name begins so."""
        return [m for m in self.messages if (m.get("Event") or "").startswith(name)]

    def _read(self, deadline: float) -> bool:
        """Reads once. False: closed, or the time is over."""
        if self.closed:
            return False
        ready, _, _ = select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            data = self._socket.recv(1 << 20)
        except ConnectionResetError:
            data = b""
        if not data:
            self.closed = True
            return False
        self.received += data
        *whole, self._unsplit = (self._unsplit + data).split(b"\r\n\r\n")
        self.messages += [Message(raw) for raw in whole]
        return True
