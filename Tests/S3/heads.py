"""Heads of requests, sent without or before their bodies."""

import http.client
import socket
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from . import wire


def head(endpoint, path, length, headers=None, expect=True, secret=None, key=None, sign=True, method="PUT",
         seconds=0, payload_hash="UNSIGNED-PAYLOAD"):
    """The bytes of a head, signed for a body that nobody has seen. A length of None is told as chunked."""
    length = {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}
    unsigned = {**length, **({"Expect": "100-continue"} if expect else {})}
    host = urlsplit(endpoint.base).netloc
    request = AWSRequest(method, f"{urlsplit(endpoint.base).scheme}://{host}{path}", headers={"Host": host})
    for name, value in (headers or {}).items():
        request.headers[name] = value
    if sign:
        ours = endpoint.session.get_credentials()
        credentials = Credentials(key or ours.access_key, secret or ours.secret_key, ours.token)
        wire.Signer(credentials, "s3", endpoint.region, payload_hash, seconds).add_auth(request)
    pairs = [("Host", host), *unsigned.items()] + [(k, v) for k, v in request.headers.items() if k != "Host"]
    return f"{method} {path} HTTP/1.1\r\n".encode() + wire.encode_headers(pairs) + b"\r\n"


class Upload:
    """A connection on which a head has been sent."""

    def __init__(self, endpoint, data):
        parts = urlsplit(endpoint.base)
        self.method = data.split()[0].decode()
        self.socket = socket.create_connection((parts.hostname, parts.port), 60)
        self.socket.sendall(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """As much as the server takes."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def interim(self):
        """The first line and its head, as text."""
        received = b""
        while not received.endswith(b"\r\n\r\n"):
            more = self.socket.recv(1)
            assert more, received
            received += more
        return received.decode()

    def answer(self):
        response = http.client.HTTPResponse(self.socket, method=self.method)
        response.begin()
        return wire.Answer(response.status, response.headers, response.read())
