"""Bodies of a gibibyte, in both directions, by a client that costs next to nothing: what comes is dropped inside the
kernel, what goes is one block again and again."""

import os
import selectors
import socket
import time

BLOCK = memoryview(os.urandom(1 << 20))


def connections(address, count):
    host, port = address.split("//")[1].split(":")
    for _ in range(count):
        connection = socket.create_connection((host, int(port)))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        yield connection


def length(head):
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise SystemExit(f"an answer without length: {head[:300]}")


def download(address, request, count, seconds):
    """Bytes a second over `count` connections, each asking again when it has everything."""
    chooser = selectors.DefaultSelector()
    left = {}
    for connection in connections(address, count):
        chooser.register(connection, selectors.EVENT_READ)
        connection.sendall(request)
        left[connection] = None
    drain = bytearray(4 << 20)
    start = time.perf_counter()
    received = 0
    while (now := time.perf_counter()) - start < seconds:
        for event, _ in chooser.select(seconds):
            connection = event.fileobj
            if left[connection] is None:
                head = connection.recv(16384)
                if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")) or b"\r\n\r\n" not in head:
                    raise SystemExit(f"{address}: {head[:500]}")
                body = len(head) - head.index(b"\r\n\r\n") - 4
                left[connection] = length(head) - body
            else:
                body = connection.recv_into(drain, min(len(drain), left[connection]), socket.MSG_TRUNC)
                if body == 0:
                    raise SystemExit(f"{address} hung up within a body")
                left[connection] -= body
            received += body
            if left[connection] == 0:
                left[connection] = None
                connection.sendall(request)
    for connection in left:
        connection.close()
    return received / (now - start)


def upload(address, heads, size, seconds=None):
    """Bytes a second that the server takes, one connection for each head. Without `seconds` each sends its whole
    body and waits for the answer; else all are cut off after that time."""
    chooser = selectors.DefaultSelector()
    left = {}
    for connection, head in zip(connections(address, len(heads)), heads):
        connection.sendall(head)
        chooser.register(connection, selectors.EVENT_WRITE)
        left[connection] = size
    start = time.perf_counter()
    sent = 0
    while left and (seconds is None or time.perf_counter() - start < seconds):
        for event, mask in chooser.select(seconds):
            connection = event.fileobj
            if mask & selectors.EVENT_WRITE:
                count = connection.send(BLOCK[:min(len(BLOCK), left[connection])])
                sent += count
                left[connection] -= count
                if left[connection] == 0:
                    chooser.modify(connection, selectors.EVENT_READ)
                continue
            answer = connection.recv(16384)
            if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
                raise SystemExit(f"{address}: {answer[:500]}")
            chooser.unregister(connection)
            connection.close()
            del left[connection]
    rate = sent / (time.perf_counter() - start)
    for connection in left:
        connection.close()
    return rate
