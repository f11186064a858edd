"""A light DynamoDB client for load: keep-alive sockets in one loop, one request at a time on each.

Emulators are started with `--accept-any-credentials`, so requests carry only the scope of a signature.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import time

from running import EMULATOR, clean, write_manifest

SCOPE = ("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
         "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64)
OBJECT_HEAD = ("%s HTTP/1.1\r\n%sHost: 127.0.0.1\r\nX-Amz-Date: 20260101T000000Z\r\n"
               "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\nAuthorization: " + SCOPE.replace("dynamodb", "s3")
               + "\r\nContent-Length: %d\r\n\r\n")
# OBJECT_HEAD takes the method with the path, further header lines, and the length.
HEAD = ("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.0\r\n"
        "X-Amz-Date: 20260101T000000Z\r\nAuthorization: " + SCOPE + "\r\n"
        "X-Amz-Target: DynamoDB_20120810.%s\r\nContent-Length: %d\r\n\r\n")


living = set()


def end_all():
    """Ends the servers that a failed test has left."""
    for server in list(living):
        server.process.kill()
        server.close()


class Server:
    """An emulator without functions, for load and for being killed."""

    def __init__(self, folder, *options, env=None):
        self.folder = str(folder)
        manifest = write_manifest(self.folder, "load")
        self.data = os.path.join(self.folder, "data")
        self.process = subprocess.Popen(
            [EMULATOR, "start", "--json", "--manifest", manifest, "--data", self.data, "--port", "0",
             "--aws-port", "0", "--accept-any-credentials", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean(env))
        living.add(self)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(timeout=60)
            words = self.process.stderr.read()
            self.close()
            raise AssertionError(f"the emulator did not start: exit {self.process.returncode}: {words}")
        host, port = json.loads(line)["aws"].removeprefix("http://").split(":")
        self.address = (host, int(port))
        self.client = None

    def call(self, operation, body):
        """One request; returns (status, answer)."""
        self.client = self.client or Connection(self.address)
        self.client.socket.setblocking(True)
        return self.client.exchange(operation, body)

    def ok(self, operation, body):
        status, answer = self.call(operation, body)
        assert status == 200, (operation, body, status, answer)
        return answer

    def scan(self, table, **more):
        """All items of a table or index."""
        items, start = [], {}
        while True:
            page = self.ok("Scan", {"TableName": table, **more, **start})
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return items
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def kill(self):
        self.process.kill()
        self.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.close()

    def close(self):
        if self.__dict__.get("client"):
            self.client.socket.close()
        self.process.wait(timeout=60)
        living.discard(self)
        self.process.stdout.close()
        self.process.stderr.close()


def verify(folder):
    """Runs `emulator verify`; returns its answer when all is well."""
    checked = subprocess.run(
        [EMULATOR, "verify", "--json", "--data", os.path.join(folder, "data")], capture_output=True, text=True,
        env=clean(), timeout=120)
    assert checked.returncode == 0, f"verify exits {checked.returncode}: {checked.stdout} {checked.stderr}"
    return json.loads(checked.stdout)


class Gone(Exception):
    """The server closed the connection."""


class Body(bytes):
    """The bytes of an answer; `head` holds its status line and headers."""

    def __new__(cls, content, head):
        body = super().__new__(cls, content)
        body.head = head
        return body


class Connection:
    """One keep-alive connection with at most one request on its way."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def send(self, operation, body):
        """`operation` names one of DynamoDB's, or is a method and a path for S3; then `body` is bytes.

        For S3 each further line of `operation` is a header.
        """
        if " " in operation:
            line, *headers = operation.split("\n")
            text = body
            head = OBJECT_HEAD % (line, "".join(f"{header}\r\n" for header in headers), len(text))
        else:
            text = json.dumps(body).encode()
            head = HEAD % (operation, len(text))
        try:
            self.socket.sendall(head.encode() + text)
        except OSError as error:
            raise Gone from error

    def receive(self):
        """(status, answer) when an answer is complete, else None."""
        try:
            piece = self.socket.recv(1 << 18)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as error:
            raise Gone from error
        if not piece:
            raise Gone
        self.received += piece
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return None
        full = self.received[:end]
        head = full.lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0] or 0)
        if len(self.received) < end + 4 + length:
            return None
        body = self.received[end + 4:end + 4 + length]
        self.received = self.received[end + 4 + length:]
        if b"\ncontent-type: application/x-amz-json" in head:
            return int(head[9:12]), json.loads(body)
        return int(head[9:12]), Body(body, full)

    def exchange(self, operation, body):
        self.send(operation, body)
        while True:
            answer = self.receive()
            if answer:
                return answer


def drive(address, writers, seconds=60.0):
    """Lets each writer send its requests, one after another, until the server is gone or the time is over.

    A writer has `next()`, which returns (operation, body) or None at its end, and `done(status, answer)`.
    Returns the number of answers. When the time is over, every request that was sent has been answered.
    """
    poll = selectors.DefaultSelector()
    answers, deadline = 0, time.monotonic() + seconds
    connections = []
    try:
        for writer in writers:
            connection = Connection(address)
            connections.append(connection)
            request = writer.next()
            if request:
                # Blocking sends: requests are small, and the server always reads.
                connection.send(*request)
                poll.register(connection.socket, selectors.EVENT_READ, (connection, writer))
        while poll.get_map():
            for key, _ in poll.select(timeout=0.05):
                connection, writer = key.data
                answer = connection.receive()
                if answer is None:
                    continue
                answers += 1
                writer.done(*answer)
                request = writer.next() if time.monotonic() < deadline else None
                if request is None:
                    poll.unregister(connection.socket)
                else:
                    connection.send(*request)
    except (Gone, OSError):
        drain(poll, connections)
    finally:
        for connection in connections:
            connection.socket.close()
        poll.close()
    return answers


def drain(poll, connections):
    """What the server said before it went must count: answers may still wait in other sockets."""
    for key in list(poll.get_map().values()):
        connection, writer = key.data
        try:
            connection.socket.settimeout(5)
            while True:
                answer = connection.receive()
                if answer:
                    writer.done(*answer)
                    break
        except (Gone, OSError):
            continue
