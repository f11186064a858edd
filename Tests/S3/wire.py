"""S3 requests byte by byte: what client libraries would check, repair or never send."""

import datetime
import http.client
import socket
import ssl
import xml.etree.ElementTree as ElementTree
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

S3_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def stamp(seconds=0):
    """The time in so many seconds, as SigV4 writes it."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.strftime("%Y%m%dT%H%M%SZ")


class Signer(S3SigV4Auth):
    """botocore's signer, with the payload hash and the clock of the test's choice."""

    def __init__(self, credentials, service, region, payload_hash=None, seconds=0):
        super().__init__(credentials, service, region)
        self.payload_hash, self.seconds = payload_hash, seconds
        self.seed_signature = None

    def payload(self, request):
        return self.payload_hash or super().payload(request)

    def _modify_request_before_signing(self, request):
        request.context["timestamp"] = stamp(self.seconds)
        super()._modify_request_before_signing(request)

    def _inject_signature_to_request(self, request, signature):
        self.seed_signature = signature
        return super()._inject_signature_to_request(request, signature)


class Answer:
    """A response: status, headers (names in any case), body."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"<{self.status} {dict(self.headers)} {self.body[:600]!r}>"

    @property
    def xml(self):
        """The root element; S3's namespace is taken off every name."""
        root = ElementTree.fromstring(self.body)
        for element in root.iter():
            element.tag = element.tag.removeprefix(S3_NAMESPACE)
        return root

    def element(self, name):
        """The text of the first element of that name anywhere in the body, None when there is none."""
        found = self.xml.find(f".//{name}")
        return None if found is None else found.text or ""

    @property
    def code(self):
        return self.element("Code")

    @property
    def message(self):
        return self.element("Message")

    def is_error(self, code, status, *texts):
        """Asserts S3's error document; returns it as a dictionary."""
        assert self.status == status, self
        assert (self.xml.tag, self.code) == ("Error", code), self
        for text in texts:
            assert text in self.message, self
        return {child.tag: child.text or "" for child in self.xml}


def encode_headers(headers):
    lines = b""
    for name, value in headers:
        value = value if isinstance(value, bytes) else str(value).encode("utf-8")
        lines += name.encode() + b": " + value + b"\r\n"
    return lines


def exchange(url, data, method="GET", timeout=60):
    """Sends the bytes of one request to the server of `url` and reads one response."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    with socket.create_connection((parts.hostname, parts.port or (443 if secure else 80)), timeout) as plain:
        stream = plain
        if secure:
            stream = ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname)
        try:
            stream.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has answered before the end; its answer is still to be read
        response = http.client.HTTPResponse(stream, method=method)
        response.begin()
        return Answer(response.status, response.headers, response.read())


def send(endpoint, method, path, headers=None, body=b"", host=None, sign=True, payload_hash=None, key=None,
         secret=None, token=None, region=None, service="s3", seconds=0, edit=None, length=True):
    """One request, its path and headers exactly as given.

    path: with query, sent and signed as it is (str as UTF-8, or bytes). headers: a dictionary, or pairs to repeat a
    name; all are signed. host: the Host header, by default the endpoint's. payload_hash: the value of
    x-amz-content-sha256. seconds: added to the clock. edit: changes the list of (name, value) pairs after signing.
    length: whether to send Content-Length.
    """
    base = endpoint.base_for(host)
    host = host or urlsplit(base).netloc
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
    target = path if isinstance(path, bytes) else path.encode("utf-8")
    if sign:
        ours = endpoint.session.get_credentials()
        credentials = Credentials(
            key or ours.access_key, secret or ours.secret_key, token or (ours.token if key is None else None))
        request = AWSRequest(
            method, f"{urlsplit(base).scheme}://{host}" + target.decode("latin-1"), data=body,
            headers={"Host": host})
        for name, value in pairs:
            request.headers[name] = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        Signer(credentials, service, region or endpoint.region, payload_hash, seconds).add_auth(request)
        own = {name.lower() for name, _ in pairs} | {"host"}
        pairs += [(name, value) for name, value in request.headers.items() if name.lower() not in own]
    pairs.insert(0, ("Host", host))
    if length and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in pairs):
        if body or method in ("PUT", "POST"):
            pairs.append(("Content-Length", len(body)))
    pairs.append(("Connection", "close"))
    if edit:
        edit(pairs)
    head = method.encode() + b" " + target + b" HTTP/1.1\r\n" + encode_headers(pairs) + b"\r\n"
    return exchange(base, head + body, method)
