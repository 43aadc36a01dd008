"""A TCP proxy in front of a Bolt server that breaks connections at a chosen place."""

import contextlib
import socket
import struct
import threading
import time

COMMIT = 0x12
MANIFEST = b"\x00\x00\x01\xff"
"""What a server answers to a hello where the version is agreed on in one exchange more."""


class Proxy:
    """Listens on loopback and hands everything on to `server`, a (host, port).

    What goes wrong is set on the object and holds for bytes handed on from then on:
    `delay` seconds before each piece; `cut_sent` or `cut_received` bytes after which both sides are cut
    off; `cut_at_commit`: "before" the server has it, once it is "sent", or when the server has "answered"
    it and the client has not heard; `silent`: nothing is handed on any more, and nobody is told.
    """

    def __init__(self, server):
        self.server = server
        self.delay = 0.0
        self.cut_sent = self.cut_received = None
        self.cut_at_commit = None
        self.silent = False
        self.cuts = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._open = set()
        self._counting = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._socket.close()
        for link in list(self._open):
            link.cut()

    def heal(self):
        """Hand everything on again; connections that were cut stay so."""
        self.delay, self.silent = 0.0, False
        self.cut_sent = self.cut_received = self.cut_at_commit = None

    def _accept(self):
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            link = _Link(self, client, socket.create_connection(self.server))
            self._open.add(link)
            threading.Thread(target=link.send, daemon=True).start()
            threading.Thread(target=link.receive, daemon=True).start()


class _Link:
    """One client's connection and ours to the server."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.messages = _Messages()
        self.ending = False
        """The next answer is not handed on: it ends the connection."""

    def send(self):
        """From the client to the server, a message at a time so that a COMMIT is seen whole."""
        with contextlib.suppress(OSError):
            while data := self.client.recv(65536):
                for piece, commits in self.messages.cut(data):
                    how = self.proxy.cut_at_commit if commits else None
                    if how == "before":
                        return self._cut_now()
                    self.ending = how in ("sent", "answered")
                    self._hand_on(piece, self.server, "cut_sent")
                    if how == "sent":
                        return self._cut_now()
        return self.cut()

    def receive(self):
        """From the server to the client."""
        with contextlib.suppress(OSError):
            while data := self.server.recv(65536):
                self.messages.answered(data)
                if self.ending:
                    return self._cut_now()
                self._hand_on(data, self.client, "cut_received")
        return self.cut()

    def cut(self):
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.proxy._open.discard(self)

    def _hand_on(self, data, to, limit):
        if self.proxy.delay:
            time.sleep(self.proxy.delay)
        left = getattr(self.proxy, limit)
        if self.proxy.silent:
            return
        if left is not None and len(data) >= left:
            to.sendall(data[:left])
            setattr(self.proxy, limit, 0)
            self._cut_now()
            raise OSError("cut")
        if left is not None:
            setattr(self.proxy, limit, left - len(data))
        to.sendall(data)

    def _cut_now(self):
        with self.proxy._counting:
            self.proxy.cuts += self in self.proxy._open
            self.cut()


class _Messages:
    """What a client sends, cut where messages end: first the agreement on a version, then chunks.

    A message is chunks of two bytes of length and as many of content, up to one of length 0; its
    second byte tells what it asks for.
    """

    def __init__(self):
        self._held = b""
        self._greeted = False
        self._answer = threading.Event()
        self._agreed = False

    def answered(self, data):
        """Told of what the server sends, whose first answer decides on the agreement."""
        if not self._answer.is_set():
            self._agreed = data[:4] != MANIFEST
            self._answer.set()

    def cut(self, data):
        """Pieces of all that came so far, as (bytes, whether they are a COMMIT)."""
        self._held += data
        while (size := self._size()) and size <= len(self._held):
            piece, self._held = self._held[:size], self._held[size:]
            yield piece, self._greeted and self._agreed and _asks(piece) == COMMIT
            if not self._greeted:
                self._greeted = True
            elif not self._agreed:
                self._agreed = True

    def _size(self):
        """Bytes of the next piece, or 0 where that cannot be told yet."""
        if not self._greeted:
            return 20  # magic and four proposals
        if self._held:
            self._answer.wait(10)
        if not self._agreed:
            # The version chosen, then a number of seven bits to the byte.
            ends = (place for place, byte in enumerate(self._held[4:], 5) if byte < 0x80)
            return next(ends, 0)
        return _message_size(self._held)


def _message_size(data):
    place = begun = 0
    while place + 2 <= len(data):
        (length,) = struct.unpack_from(">H", data, place)
        place += 2 + length
        if length:
            begun = 1
        elif begun or place == 2:  # a lone empty chunk keeps the connection alive
            return place
    return 0


def _asks(message):
    return message[3] if len(message) > 3 else None
