"""S3 requests that differ only in a number and their signature, so that a million of them are 80 bytes each:
signed here, put together by wrk's Lua or by `pump`."""

import contextlib
import hashlib
import hmac
import os
import selectors
import socket
import tempfile
import time

from harness import is_complete, lua, signing_key, wrk

REGION = "us-east-1"
EMPTY = hashlib.sha256(b"").hexdigest()
RECORD = 80


class Requests:
    """`count` signed requests. The n-th is for the number `(n * stride) % numbers`, which stands in `path` as `%07d`
    once; when numbers come again, they come with another date, so no two requests are the same."""

    def __init__(self, server, method, path, count, *, query="", numbers=None, stride=1, body=b"", payload=None):
        self.server, self.count, self.numbers, self.stride = server, count, numbers or count, stride
        self.body = body
        self.host = server.aws.split("//")[1]
        payload = payload or (hashlib.sha256(body).hexdigest() if body else EMPTY)
        # Half of the 15 minutes that a date may be old.
        assert self.count // self.numbers < 450, "too few numbers for so many dates"
        now = time.time()
        self.day = time.strftime("%Y%m%d", time.gmtime(now))
        self.head = (
            f"{method} {path}{'?' + query if query else ''} HTTP/1.1\r\nHost: {self.host}\r\n"
            f"x-amz-content-sha256: {payload}\r\nx-amz-date: %s\r\n"
            f"Authorization: AWS4-HMAC-SHA256 Credential=test/{self.day}/{REGION}/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=%s\r\n"
            + (f"Content-Length: {len(body)}\r\n" if method == "PUT" else "") + "\r\n")
        canonical = (
            f"{method}\n{path}\n{query}\nhost:{self.host}\nx-amz-content-sha256:{payload}\nx-amz-date:%s\n\n"
            f"host;x-amz-content-sha256;x-amz-date\n{payload}")
        self.records = b"".join(self._sign(canonical, now))

    def _sign(self, canonical, now):
        key = hmac.new(signing_key("test", self.day, REGION, "s3"), digestmod="sha256")
        scope = f"{self.day}/{REGION}/s3/aws4_request"
        sha256 = hashlib.sha256
        for n in range(self.count):
            if n % self.numbers == 0:
                date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now - n // self.numbers))
                if date[:8] != self.day:
                    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
            request = canonical % (n * self.stride % self.numbers, date)
            mac = key.copy()
            mac.update(f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{sha256(request.encode()).hexdigest()}".encode())
            yield (date + mac.hexdigest()).encode()

    def __iter__(self):
        for n in range(self.count):
            date, signature = self.records[n * RECORD:n * RECORD + 16], self.records[n * RECORD + 16:(n + 1) * RECORD]
            yield (self.head % (n * self.stride % self.numbers, date.decode(), signature.decode())).encode() + self.body

    @contextlib.contextmanager
    def script(self):
        """The path of a Lua script for wrk."""
        with tempfile.TemporaryDirectory() as folder:
            records, path = os.path.join(folder, "records"), os.path.join(folder, "requests.lua")
            with open(records, "wb") as file:
                file.write(self.records)
            with open(path, "w") as file:
                file.write(
                    f"local file = io.open({lua(records)}, 'rb')\nlocal records = file:read('*a')\nfile:close()\n"
                    f"local head, body = {lua(self.head)}, {lua(self.body)}\n"
                    f"local count, numbers, stride = {self.count}, {self.numbers}, {self.stride}\n"
                    "local n, thread = 0, nil\n"
                    "sent = 0\n"
                    "function request()\n"
                    "  local at = (n % count) * 80\n"
                    "  local text = string.format(head, (n % count) * stride % numbers,\n"
                    "    records:sub(at + 1, at + 16), records:sub(at + 17, at + 80))\n"
                    "  n = n + 1\n"
                    "  sent = n\n"
                    "  if #body > 0 then return text .. body end\n"
                    "  return text\n"
                    "end\n"
                    "function setup(started) thread = started end\n"
                    "function done() print('Requests sent: ' .. thread:get('sent')) end\n")
            yield path

    def play(self, url, connections, seconds, may_fail=False):
        """As `harness.play`; also `sent`, how many requests there were."""
        with self.script() as path:
            return wrk(url + "/", ["-s", path], connections, seconds, may_fail)


def pump(address, requests, connections=64):
    """Sends each request once and reads its answer, which has to be 2xx; returns how many there were. Opens new
    connections where a server closes them after an answer."""
    host, port = address.split("//")[1].split(":")
    chooser = selectors.DefaultSelector()
    pending = iter(requests)
    received = {}
    done = 0

    def send(connection):
        """Through this connection, or a new one."""
        request = next(pending, None)
        if request is not None and connection is None:
            connection = socket.create_connection((host, int(port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            chooser.register(connection, selectors.EVENT_READ)
        if request is not None:
            received[connection] = b""
            connection.sendall(request)
        elif connection is not None:
            end(connection)

    def end(connection):
        chooser.unregister(connection)
        connection.close()
        del received[connection]

    for _ in range(connections):
        send(None)
    while received:
        for event, _ in chooser.select(60) or stuck(address):
            connection = event.fileobj
            piece = connection.recv(65536)
            received[connection] += piece
            answer = received[connection]
            if not answer.startswith(b"HTTP/1.1 2") or not piece and not is_complete(answer):
                raise SystemExit(f"{address}: {answer[:500]}")
            if is_complete(answer):
                done += 1
                if b"onnection: close" in answer:
                    end(connection)
                    connection = None
                send(connection)
    return done


def stuck(address):
    raise SystemExit(f"{address} has answered nothing for a minute")
