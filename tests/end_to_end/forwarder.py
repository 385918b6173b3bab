"""A TCP forwarder that can be cut or held, and keeps what passes, to stand between outdiald and Asterisk."""

import contextlib
import dataclasses
import socket
import threading


@dataclasses.dataclass
class Recording:
    """What one connection carried so far; a byte is here before it is passed on."""

    to_target: bytearray = dataclasses.field(default_factory=bytearray)
    from_target: bytearray = dataclasses.field(default_factory=bytearray)


class Forwarder:
    """Forwards connections on a port of its own to a port of 127.0.0.1 until it is closed. While
    nobody listens at the target, connections are closed at once."""

    def __init__(self, target_port: int):
        self._target_port = target_port
        self.recordings: list[Recording] = []  # one for each connection, in their order
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []  # guarded by _lock
        self._open = True  # guarded by _lock
        self._bytes_left: int | None = None  # that may still pass; guarded by _lock
        self._used_up = threading.Event()  # they have passed
        self._passable = threading.Event()
        self._passable.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Forwarder":
        return self

    def __exit__(self, *_):
        self.cut()
        self._listener.close()

    def cut(self):
        """Ends all connections, and refuses new ones until mend()."""
        with self._lock:
            self._open = False
            sockets, self._sockets = self._sockets, []
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the other side was faster
            each.close()

    def cut_after(self, count: int, seconds: float):
        """Cuts once so many more bytes have passed, hence inside a message, or after the time."""
        with self._lock:
            self._used_up.clear()
            self._bytes_left = count
        self._used_up.wait(seconds)
        self.cut()

    def mend(self):
        with self._lock:
            self._open = True
            self._bytes_left = None

    @contextlib.contextmanager
    def held(self):
        """`with` it nothing passes; all of it does afterwards."""
        self._passable.clear()
        try:
            yield
        finally:
            self._passable.set()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            with self._lock:
                server = self._connect() if self._open else None
                if server is None:
                    client.close()
                    continue
                self._sockets += [client, server]
            recording = Recording()
            self.recordings.append(recording)
            for way in ((client, server, recording.to_target),
                        (server, client, recording.from_target)):
                threading.Thread(target=self._copy, args=way, daemon=True).start()

    def _connect(self) -> socket.socket | None:
        try:
            return socket.create_connection(("127.0.0.1", self._target_port))
        except ConnectionRefusedError:
            return None

    def _copy(self, source: socket.socket, target: socket.socket, record: bytearray):
        try:
            while data := source.recv(65536):
                data = self._take(data)
                record += data
                self._passable.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # cut

    def _take(self, data: bytes) -> bytes:
        """What of the data may pass."""
        with self._lock:
            if self._bytes_left is None:
                return data
            data = data[:self._bytes_left]
            self._bytes_left -= len(data)
            if self._bytes_left == 0:
                self._used_up.set()
            return data
