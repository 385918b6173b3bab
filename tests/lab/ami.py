"""A minimal AMI client, for tests that look at an Asterisk from beside or are a client of Outdial's
own listener. Not thread-safe."""

import socket
import time
import uuid

Message = dict[str, str]


class Ami:
    """One logged-in session. A repeated header keeps its last value."""

    def __init__(self, port: int, username: str = "lab", secret: str = "lab-secret"):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._buffer = b""
        self._unread: list[Message] = []
        self._banner_read = False
        response = self.action("Login", Username=username, Secret=secret)
        if response.get("Response") != "Success":
            self._socket.close()
            raise ConnectionError(f"login refused: {response}")

    def __enter__(self) -> "Ami":
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, action: str, **headers: str) -> str:
        """Sends an action; returns its ActionID."""
        action_id = headers.pop("ActionID", None) or str(uuid.uuid4())
        lines = [f"Action: {action}", f"ActionID: {action_id}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.send_bytes(("\r\n".join(lines) + "\r\n\r\n").encode())
        return action_id

    def send_bytes(self, data: bytes):
        """Sends what may be no action at all."""
        self._socket.sendall(data)

    def action(self, action: str, **headers: str) -> Message:
        """Sends an action and waits for its response."""
        action_id = self.send(action, **headers)
        return self.wait(lambda m: m.get("ActionID") == action_id and "Response" in m)

    def list(self, action: str, item: str, end: str, **headers: str) -> list[Message]:
        """Items of an action that answers with a list."""
        action_id = self.send(action, **headers)
        items = []
        while True:
            message = self.wait(lambda m: m.get("ActionID") == action_id)
            if message.get("Response") == "Error":
                raise RuntimeError(message["Message"])
            if message.get("Event") == end:
                return items
            if message.get("Event") == item:
                items.append(message)

    def wait(self, wanted, seconds: float = 10) -> Message:
        """First message, of those not yet taken, for which `wanted` holds; takes it."""
        deadline = time.monotonic() + seconds
        index = 0
        while True:
            while index < len(self._unread):
                if wanted(self._unread[index]):
                    return self._unread.pop(index)
                index += 1
            self._read(deadline)

    def _read(self, deadline: float):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no such AMI message in time")
        self._socket.settimeout(left)
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("Asterisk closed the connection")
        self._buffer += data
        if not self._banner_read and b"\r\n" in self._buffer:
            self._buffer = self._buffer.split(b"\r\n", 1)[1]
            self._banner_read = True
        while b"\r\n\r\n" in self._buffer:
            text, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
            lines = text.decode("utf-8", "replace").split("\r\n")
            self._unread.append(
                {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
            )
