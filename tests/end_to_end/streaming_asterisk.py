"""An AMI server that sends numbered events as fast as they are read, for tests of what is between it
and its clients. Whoever logs in may; only `outdial`, the server's own login, may not."""

import functools
import itertools
import socket
import threading
from collections.abc import Iterator

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
_MESSAGES = {
    b"login": b"Authentication accepted",
    b"ping": b"Pong",
    b"logoff": b"Thanks for all the fish.",
    b"stream": b"Stream follows",
}
# 468 bytes, about as many as an event of a call has on the average.
_EVENT = (
    b"Event: Newexten\r\nPrivilege: dialplan,all\r\nChannel: PJSIP/trunk-%08x\r\n"
    b"ChannelState: 6\r\nChannelStateDesc: Up\r\nCallerIDNum: 4930%08d\r\n"
    b"CallerIDName: <unknown>\r\nConnectedLineNum: <unknown>\r\nConnectedLineName: <unknown>\r\n"
    b"Language: en\r\nAccountCode: \r\nContext: outbound\r\nExten: queue\r\nPriority: 2\r\n"
    b"Uniqueid: 01a20562-0000-7000-8000-%012d\r\nLinkedid: 01a20562-0000-7000-8000-%012d\r\n"
    b"Extension: queue\r\nApplication: Queue\r\nAppData: sales\r\nNumber: %08d\r\n\r\n"
)


PIECE = 10_000  # events that one Stream asks for


def last_of(piece: int) -> bytes:
    """How a piece ends."""
    return b"Number: %08d\r\n\r\n" % ((piece + 1) * PIECE - 1)


def whole_stream(pieces: int) -> bytes:
    """All that a client gets that sends Login and so many times Stream, without ActionIDs."""
    answers = GREETING + _response(b"Success", b"", _MESSAGES[b"login"])
    return answers + b"".join(_piece(number) for number in range(pieces))


@functools.cache
def _piece(number: int) -> bytes:
    first = number * PIECE
    events = b"".join(_EVENT % (i, i, i, i, i) for i in range(first, first + PIECE))
    return _response(b"Success", b"", _MESSAGES[b"stream"]) + events


def _response(response: bytes, action_id: bytes, message: bytes) -> bytes:
    return (b"Response: " + response + b"\r\n"
            + (b"ActionID: " + action_id + b"\r\n" if action_id else b"")
            + b"Message: " + message + b"\r\n\r\n")


class StreamingAsterisk:
    """Answers Login, Ping and Logoff; each action `Stream` is answered with the next piece of the
    events of its connection. Its threads are its own."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "StreamingAsterisk":
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket):
        try:
            with client:
                client.sendall(GREETING)
                unread = b""
                pieces = itertools.count()
                while data := client.recv(65536):
                    *actions, unread = (unread + data).split(b"\r\n\r\n")
                    for action in actions:
                        answer, goes_on = self._answer(action, pieces)
                        client.sendall(answer)
                        if not goes_on:
                            return
        except OSError:
            pass  # the other side left

    def _answer(self, action: bytes, pieces: Iterator[int]) -> tuple[bytes, bool]:
        """The answer, and whether the connection stays."""
        lines = (line.partition(b":") for line in action.split(b"\r\n"))
        headers = {name.strip().lower(): value.strip() for name, _, value in lines}
        name = headers.get(b"action", b"").lower()
        if name == b"stream":
            return _piece(next(pieces)), True
        action_id = headers.get(b"actionid", b"")
        if name not in _MESSAGES or headers.get(b"username") == b"outdial":
            return _response(b"Error", action_id, b"Authentication failed"), False
        return _response(b"Success", action_id, _MESSAGES[name]), name != b"logoff"
