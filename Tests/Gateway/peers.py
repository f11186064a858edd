"""A client that sends any bytes, and reads answers by the book: what is no answer fails the test."""

import re
import socket

PATIENCE = 60


class Reply:
    """One answer off the wire. `fields` are its header lines as pairs, names as sent."""

    def __init__(self, status, reason, fields, body):
        self.status, self.reason, self.fields, self.body = status, reason, fields, body

    def all(self, name):
        return [value for each, value in self.fields if each.lower() == name]

    @property
    def closes(self):
        return "close" in self.all("connection")

    def __repr__(self):
        return f"{self.status} {self.fields} {self.body[:200]}"


def parse(data, heads=0):
    """All answers in `data`, which has to hold nothing else. The first `heads` are answers to HEAD.

    Every line ends with CR LF, every name is a token, no value has a control character, and the length is told once.
    """
    found = []
    while data:
        head, mark, data = data.partition(b"\r\n\r\n")
        assert mark, f"no end of a head: {head!r}"
        first, *lines = head.split(b"\r\n")
        status = re.fullmatch(rb"HTTP/1\.1 ([1-5]\d\d) ([ -~]*)", first)
        assert status, first
        fields = []
        for line in lines:
            field = re.fullmatch(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)", line)
            assert field, line
            fields.append((field[1].decode(), field[2].decode().strip()))
        reply = Reply(int(status[1]), status[2].decode(), fields, b"")
        bodyless = reply.status in (100, 204, 304) or len(found) < heads
        lengths = reply.all("content-length")
        assert len(lengths) <= 1 and not reply.all("transfer-encoding"), reply
        if not bodyless:
            length = int(lengths[0])
            assert len(data) >= length, f"{len(data)} of {length} bytes: {reply}"
            reply.body, data = data[:length], data[length:]
        found.append(reply)
    return found


class Peer:
    """A connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def end(self):
        """Nothing more is sent."""
        self.socket.shutdown(socket.SHUT_WR)

    def until_end(self):
        """All bytes until the server closes."""
        received = b""
        while True:
            try:
                piece = self.socket.recv(65_536)
            except ConnectionResetError:
                return received
            if not piece:
                return received
            received += piece

    def replies(self, heads=0):
        """All answers until the server closes."""
        return parse(self.until_end(), heads)


def exchange(port, data, heads=0, ends=True):
    """What the server answers to these bytes, until it closes. Without `ends` it has to close by itself."""
    with Peer(port) as peer:
        try:
            peer.send(data)
            if ends:
                peer.end()
        except OSError:
            # It may have refused and closed before it has read everything.
            pass
        return peer.replies(heads)
