"""Requests byte by byte: what client libraries would check, repair or never send."""

import contextlib
import datetime
import hashlib
import hmac
import http.client
import json
import zlib
from urllib.parse import urlsplit

from .conftest import REGION

JSON10 = "application/x-amz-json-1.0"


def stamp(seconds=0):
    """The time in so many seconds, as SigV4 writes it."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.strftime("%Y%m%dT%H%M%SZ")


def authorization(method, path, headers, body, key, secret, region=REGION, service="dynamodb", time=None,
                  query="", signed=None):
    """An Authorization header for headers (name -> value), by AWS's Signature Version 4 document."""
    lower = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    names = sorted(signed or lower)
    canonical = "\n".join(
        [method, path, query, *[f"{name}:{lower[name]}" for name in names], "", ";".join(names),
         hashlib.sha256(body).hexdigest()])
    time = time or lower["x-amz-date"]
    scope = f"{time[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    step = b"AWS4" + secret.encode()
    for part in [time[:8], region, service, "aws4_request", text]:
        step = hmac.new(step, part.encode(), hashlib.sha256).digest()
    return (f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={';'.join(names)}, "
            f"Signature={step.hex()}")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def content(self):
        """The body as text, taken out of its coding."""
        packed = self.headers.get("Content-Encoding") == "gzip"
        return (zlib.decompress(self.body, 31) if packed else self.body).decode()

    @property
    def json(self):
        return json.loads(self.content)

    @property
    def type(self):
        return self.json["__type"]

    @property
    def crc_is_right(self):
        return self.headers.get("x-amz-crc32") == str(zlib.crc32(self.body))


def send(endpoint, target="DynamoDB_20120810.ListTables", body=b"{}", headers=None, method="POST", sign=True,
         key=None, secret=None, token=None, region=REGION, service="dynamodb", seconds=0, edit=None, path="/"):
    """One request. `headers` adds and, with None, removes; `edit` changes the signed headers as a last step."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    url = urlsplit(endpoint.base)
    sent = {"Host": url.netloc, "Content-Type": JSON10}
    if target:
        sent["X-Amz-Target"] = target
    sent.update(headers or {})
    sent = {name: value for name, value in sent.items() if value is not None}
    if sign:
        ours = endpoint.session.get_credentials()
        token = token or (ours.token if key is None else None)
        sent["X-Amz-Date"] = stamp(seconds)
        if token:
            sent["X-Amz-Security-Token"] = token
        plain, _, query = path.partition("?")
        sent["Authorization"] = authorization(
            method, plain, sent, body, key or ours.access_key, secret or ours.secret_key, region, service,
            query=query)
    if edit:
        edit(sent)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname, url.port, timeout=60)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        # A server may answer a long body before its end; the answer is still to be read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
