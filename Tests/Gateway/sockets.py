"""A client of WebSocket APIs, and the functions behind their routes."""

import base64
import json
import re
import socket

import websocket
from Lambda import bootstraps
from running import until

from . import programs

# Writes each event to its log, and answers what a message (its member `tell`) or the connection's header `tell` says,
# as the function `told` does; else with the message itself.
RECORDING = programs.FOLLOWING + """
def message(event):
    try:
        body = json.loads(event.get("body") or "null")
    except ValueError:
        return {}
    return body.get("tell", {}) if isinstance(body, dict) else {}
while True:
    invocation = runtime.next()
    event = invocation.json
    if len(event.get("body") or "") < 4_000:
        say("event", event)
    tell = instruction(event)
    tell = message(event) if tell is None else tell
    follow(tell, invocation.request_id, {"statusCode": 200, "body": event.get("body") or ""})
"""

# So many at once that no test meets the limit.
FUNCTIONS = {"recording": {"code": bootstraps.python(RECORDING), "reservedConcurrency": 40}}


def route(key, function="recording", **more):
    return {"route": key, "function": function, **more}


def replying(key, **more):
    return route(key, routeResponseSelectionExpression="$default", **more)


def tell(**instruction):
    """A header that tells the function of $connect what to do."""
    return "tell: " + base64.b64encode(json.dumps(instruction).encode()).decode()


class Client:
    """One connection."""

    def __init__(self, gateway, path="/dev", timeout=60, **options):
        self.gateway = gateway
        self.connection = websocket.create_connection(
            f"ws://{gateway.address}{path}", timeout=timeout, **options)

    def send(self, message):
        self.connection.send(message if isinstance(message, str) else json.dumps(message))

    def text(self):
        return self.connection.recv()

    def json(self):
        return json.loads(self.text())

    def ask(self, message):
        self.send(message)
        return self.text()

    def closed(self):
        """The close frame's code and reason, once it comes."""
        opcode, data = self.connection.recv_data(control_frame=True)
        while opcode != websocket.ABNF.OPCODE_CLOSE:
            opcode, data = self.connection.recv_data(control_frame=True)
        return (int.from_bytes(data[:2], "big") if data else None), data[2:].decode()

    @property
    def id(self):
        """The connection's own id, which a complaint tells."""
        if not hasattr(self, "_id"):
            self.send("who am I")
            self._id = self.json()["connectionId"]
        return self._id

    def cut(self):
        """Ends the connection without a close frame."""
        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.connection.shutdown()

    def close(self):
        self.connection.close(timeout=10)


def refused(gateway, path="/dev", **options):
    """Status, headers and body of a handshake that fails."""
    try:
        Client(gateway, path, **options).close()
    except websocket.WebSocketBadStatusException as error:
        return error.status_code, error.resp_headers, error.resp_body
    raise AssertionError("the connection was opened")


class Events:
    """The events that a `recording` function has seen: its log has them, a moment after the call."""

    def __init__(self, gateway, function="recording"):
        self.gateway, self.function = gateway, function

    def all(self, connection=None):
        lines = re.findall(r"^SAY event (.*)\n", self.gateway.log(self.function), re.MULTILINE)
        events = [json.loads(line) for line in lines]
        return [one for one in events if connection in (None, one["requestContext"]["connectionId"])]

    def where(self, condition, what, count=1):
        """Those for which the condition holds, once there are so many."""
        def found():
            events = [one for one in self.all() if condition(one)]
            return events if len(events) >= count else None
        return until(found, what)

    def of(self, connection, kind, count=1):
        """The events of that type of one connection."""
        def fits(event):
            context = event["requestContext"]
            return (context["connectionId"], context["eventType"]) == (connection, kind)
        return self.where(fits, f"{count} {kind} of {connection}", count)

    def message(self, text):
        """The event of a message."""
        return self.where(lambda one: one.get("body") == text, f"the message {text}")[-1]

    def marked(self, mark):
        """The event of a connect with the header X-Mark."""
        return self.where(lambda one: (one.get("headers") or {}).get("X-Mark") == mark, f"a connect with {mark}")[0]


def frame(opcode, payload=b"", fin=True, mask=True, reserved=0, length=None):
    """The bytes of a frame, right or wrong."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65_536:
        head += bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + size.to_bytes(8, "big")
    if not mask:
        return head + payload
    key = b"\x11\x22\x33\x44"
    return head + key + bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


