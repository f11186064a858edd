"""aws-chunked bodies, built and signed chunk by chunk."""

import base64
import hashlib
import hmac
import zlib

from . import wire

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
EMPTY = hashlib.sha256(b"").hexdigest()


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def pieces(data, size=65536):
    return [data[start:start + size] for start in range(0, len(data), size)]


class ChunkSigner:
    def __init__(self, endpoint, authorization, timestamp):
        fields = dict(part.split("=", 1) for part in authorization.split(" ", 1)[1].replace(",", " ").split())
        self.scope = fields["Credential"].split("/", 1)[1]
        self.previous, self.timestamp = fields["Signature"], timestamp
        key = b"AWS4" + endpoint.session.get_credentials().secret_key.encode()
        for part in self.scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        self.key = key

    def sign(self, kind, *hashes):
        text = "\n".join([f"AWS4-HMAC-SHA256-{kind}", self.timestamp, self.scope, self.previous, *hashes])
        self.previous = hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
        return self.previous


def put(endpoint, path, data=b"", kind=SIGNED, chunks=None, trailers=(), headers=None, decoded=None, damage=None,
        transfer="length", encoding="aws-chunked", trailer_signature=True, method="PUT"):
    """One aws-chunked upload. chunks: the pieces, by default of 64 KiB. trailers: pairs. damage: changes the finished
    body. transfer: `length` for Content-Length or `chunked` for HTTP's own chunks around it all."""
    chunks = pieces(data) if chunks is None else chunks
    sent = {"x-amz-decoded-content-length": str(len(b"".join(chunks)) if decoded is None else decoded)}
    if encoding:
        sent["Content-Encoding"] = encoding
    if trailers:
        sent["x-amz-trailer"] = ",".join(name for name, _ in trailers)
    sent.update(headers or {})
    sent = {name: value for name, value in sent.items() if value is not None}
    body = []

    def edit(pairs):
        values = {name.lower(): value for name, value in pairs}
        signer = ChunkSigner(endpoint, values["authorization"], values["x-amz-date"])
        for chunk in [*chunks, b""]:
            line = f"{len(chunk):x}"
            if kind != UNSIGNED_TRAILER:
                line += ";chunk-signature=" + signer.sign("PAYLOAD", EMPTY, hashlib.sha256(chunk).hexdigest())
            body.append(line.encode() + b"\r\n" + chunk + (b"\r\n" if chunk else b""))
        for name, value in trailers:
            body.append(f"{name}:{value}\r\n".encode())
        if kind == SIGNED_TRAILER and trailer_signature:
            text = "".join(f"{name}:{value}\n" for name, value in trailers)
            signature = signer.sign("TRAILER", hashlib.sha256(text.encode()).hexdigest())
            body.append(f"x-amz-trailer-signature:{signature}\r\n".encode())
        body.append(b"\r\n")
        whole = b"".join(body)
        whole = damage(whole) if damage else whole
        if transfer == "chunked":
            pairs.append(("Transfer-Encoding", "chunked"))
            whole = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in pieces(whole, 10_000))
            whole += b"0\r\n\r\n"
        else:
            pairs.append(("Content-Length", len(whole)))
        pairs.append(("x-body", whole))

    return send_edited(endpoint, method, path, sent, kind, edit)


def send_edited(endpoint, method, path, headers, kind, edit):
    """The body depends on the signature, so the edit hands it over as a last header, which is not sent."""
    captured = {}

    def capture(pairs):
        edit(pairs)
        captured["body"] = pairs.pop()[1]
        captured["pairs"] = list(pairs)
        raise Captured()

    try:
        wire.send(endpoint, method, path, headers, b"", payload_hash=kind, edit=capture, length=False)
    except Captured:
        pass
    head = f"{method} {path} HTTP/1.1\r\n".encode() + wire.encode_headers(captured["pairs"]) + b"\r\n"
    return wire.exchange(endpoint.base, head + captured["body"], method)


class Captured(Exception):
    pass
