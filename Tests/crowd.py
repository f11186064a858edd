"""Many clients at once, on one thread: each sends its next request when the last one was answered.

    crowd = Crowd("127.0.0.1", 3000)
    crowd.add("served", "GET /a", 100)
    crowd.add("limited", "GET /b", 100, statuses=(200, 429))
    crowd.run(seconds=5)
    assert crowd.failures() == []
"""

import asyncio
import base64
import collections
import json
import os
import re
import resource
import time

# Of the clients that are still waiting when the crowd has gone; of those that connect.
PATIENCE = 60
MOST_FAILURES = 10


def allow_many_files(wanted=8_192):
    """Lets this process have so many open files, or as many as the machine allows."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if most == resource.RLIM_INFINITY else min(most, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), most))


class Part:
    """Clients that all ask for the same, and what came of it."""

    def __init__(self, name, clients, statuses, on_answer=None):
        self.name, self.clients, self.statuses, self.on_answer = name, clients, statuses, on_answer
        self.sent, self.answers, self.lost, self.failures = 0, collections.Counter(), 0, []

    @property
    def answered(self):
        return sum(self.answers.values())

    @property
    def errors(self):
        """Answers that were not declared, and requests without any."""
        return self.lost + sum(count for status, count in self.answers.items() if status not in self.statuses)

    def fail(self, what):
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(f"{self.name}: {what}")

    def take(self, status, body):
        self.answers[status] += 1
        if status not in self.statuses:
            self.fail(f"{status} {body[:200]}")
        elif self.on_answer:
            self.on_answer(status, body)


class Client(asyncio.Protocol):
    """One connection, kept as long as the crowd is there."""

    def __init__(self, crowd, part, request):
        self.crowd, self.part, self.request = crowd, part, request
        self.buffer, self.waits, self.ended = b"", False, asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        self.next()

    def next(self):
        if self.crowd.is_over:
            return self.end()
        self.waits = True
        self.part.sent += 1
        self.transport.write(self.request)

    def data_received(self, data):
        self.buffer += data
        head, mark, rest = self.buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        length = int(length[1]) if length else 0
        if len(rest) < length:
            return
        body, self.buffer, self.waits = rest[:length], rest[length:], False
        self.part.take(int(head[9:12]), body)
        if self.buffer:
            self.part.fail(f"bytes that nobody asked for: {self.buffer[:200]}")
        self.next()

    def connection_lost(self, error):
        if self.waits:
            self.part.lost += 1
            self.part.fail(f"the connection ended before an answer: {error}")
        elif not self.crowd.is_over:
            self.part.lost += 1
            self.part.fail(f"the connection ended: {error}")
        self.end()

    def end(self):
        self.transport.close()
        if not self.ended.done():
            self.ended.set_result(None)

    def give_up(self):
        if not self.ended.done():
            self.part.fail("no answer")
            self.part.lost += 1
            self.waits = False
            self.end()


class Socket(Client):
    """A WebSocket connection that asks for its own id now and then: no route takes the question, and the gateway's
    complaint tells the id."""

    PAUSE = 1

    def connection_made(self, transport):
        self.transport, self.id, self.is_open = transport, None, False
        self.waits = True
        self.part.sent += 1
        self.transport.write(self.request)

    def next(self):
        # Each asks once at least, however late its handshake was answered.
        if self.crowd.is_over and self.id:
            return self.end()
        self.waits = True
        self.part.sent += 1
        question = b"who am I"
        key = os.urandom(4)
        masked = bytes(byte ^ key[index % 4] for index, byte in enumerate(question))
        self.transport.write(bytes([0x81, 0x80 | len(question)]) + key + masked)

    def data_received(self, data):
        self.buffer += data
        if not self.is_open:
            head, mark, rest = self.buffer.partition(b"\r\n\r\n")
            if not mark:
                return
            self.buffer, self.waits = rest, False
            status = int(head[9:12])
            self.part.take(status, rest)
            if status != 101:
                return self.end()
            self.is_open = True
            return self.next()
        if len(self.buffer) < 4:
            return
        length, start = self.buffer[1], 2
        if length == 126:
            length, start = int.from_bytes(self.buffer[2:4], "big"), 4
        if self.buffer[0] != 0x81 or length == 127:
            self.part.fail(f"a frame that nobody asked for: {self.buffer[:200]}")
            return self.end()
        if len(self.buffer) < start + length:
            return
        text, self.buffer, self.waits = self.buffer[start:start + length], self.buffer[start + length:], False
        found = json.loads(text)["connectionId"]
        self.part.take("message", text)
        if self.id not in (None, found):
            self.part.fail(f"{self.id} is told that it is {found}")
        self.id = found
        asyncio.get_running_loop().call_later(self.PAUSE, self.on)

    def on(self):
        if not self.ended.done():
            self.next()


class Crowd:
    def __init__(self, host, port):
        self.host, self.port, self.parts, self.makers, self.is_over = host, port, [], [], False

    def add(self, name, request, clients, statuses=(200,), on_answer=None, body=b""):
        """`request`: method and path; `body` is JSON, if there is one."""
        part = self.part(name, clients, statuses, on_answer)
        method, path = request.split(" ", 1)
        fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        wire = f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{fields}\r\n".encode() + body
        self.makers += [lambda: Client(self, part, wire)] * clients
        return part

    def add_sockets(self, name, path, clients):
        """WebSocket connections, open as long as the crowd is there."""
        part = self.part(name, clients, (101, "message"), None)
        key = base64.b64encode(os.urandom(16)).decode()
        wire = (
            f"GET {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n").encode()
        self.makers += [lambda: Socket(self, part, wire)] * clients
        return part

    def part(self, *arguments):
        made = Part(*arguments)
        self.parts.append(made)
        return made

    def failures(self):
        return [one for part in self.parts for one in part.failures]

    def run(self, seconds, each_second=None):
        """Sends for so long, then waits for all answers that are still to come. `began` and `ended` are moments on
        the monotonic clock between which everything has happened; `each_second` is called meanwhile."""
        allow_many_files()
        self.began = time.monotonic()
        asyncio.run(self.all(seconds, each_second))
        self.ended = time.monotonic()

    async def all(self, seconds, each_second):
        loop = asyncio.get_running_loop()
        clients = []
        # A hundred at a time: the queue of those who wait to be accepted is finite.
        for start in range(0, len(self.makers), 100):
            made = await asyncio.gather(*[
                asyncio.wait_for(loop.create_connection(maker, self.host, self.port), PATIENCE)
                for maker in self.makers[start:start + 100]])
            clients += [client for _, client in made]
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            await asyncio.sleep(min(1, left))
            if each_second:
                each_second()
        self.is_over = True
        for client in clients:
            # Those that pause, and ask nothing now.
            if isinstance(client, Socket) and not client.waits:
                client.end()
        await asyncio.wait([client.ended for client in clients], timeout=PATIENCE)
        for client in clients:
            client.give_up()


class Ready(asyncio.Protocol):
    """A server that says `ok` to every request without a body, as often as it is asked."""

    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        *whole, self.buffer = self.buffer.split(b"\r\n\r\n")
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" * len(whole))
