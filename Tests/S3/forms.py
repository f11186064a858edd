"""Browser uploads: forms, their policies and signatures, built byte by byte."""

import base64
import datetime
import hashlib
import hmac
import json
import uuid

from . import wire


def expiration(seconds=600):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def encode(policy):
    text = policy if isinstance(policy, (str, bytes)) else json.dumps(policy)
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def signature_v4(secret, scope, policy):
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, policy.encode(), hashlib.sha256).hexdigest()


def multipart(fields, boundary="----form", close=True):
    """fields: pairs of name and value; a value is text, bytes, or (file name, bytes)."""
    body = b""
    for name, value in fields:
        extra = ""
        if isinstance(value, tuple):
            extra, value = f'; filename="{value[0]}"', value[1]
        value = value if isinstance(value, bytes) else value.encode()
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
        body += head.encode() + value + b"\r\n"
    return body + (f"--{boundary}--\r\n".encode() if close else b"")


class Form:
    """A form for one bucket, signed with Signature Version 4, every field covered by its policy.

    `fields` come before the file. `conditions` are added to those that cover them; `uncovered` names fields that
    get none. `policy` replaces the document, `change` replaces or, with None, removes fields after signing. `again`
    are pairs of fields that come once more, without conditions of their own.
    """

    def __init__(self, endpoint, bucket, key="k", file=b"content", filename="upload.txt", fields=None,
                 conditions=(), uncovered=(), policy=None, expires=600, change=None, version=4, access_key=None,
                 secret=None, token=None, region=None, service="s3", algorithm="AWS4-HMAC-SHA256", date=None,
                 after=(), again=()):
        ours = endpoint.session.get_credentials()
        access_key, secret = access_key or ours.access_key, secret or ours.secret_key
        date = date or wire.stamp()
        scope = f"{date[:8]}/{region or endpoint.region}/{service}/aws4_request"
        self.fields = {**({} if key is None else {"key": key}), **(fields or {})}
        if version == 4:
            self.fields |= {
                "x-amz-algorithm": algorithm, "x-amz-credential": f"{access_key}/{scope}", "x-amz-date": date}
        token = token or ours.token
        if token:
            self.fields["x-amz-security-token"] = token
        covered = [{"bucket": bucket}] if "bucket" not in uncovered else []
        covered += [["starts-with", f"${name}", ""] for name in self.fields if name not in uncovered]
        if policy is None:
            policy = {"expiration": expiration(expires), "conditions": [*covered, *conditions]}
        self.fields["policy"] = encode(policy)
        if version == 4:
            self.fields["x-amz-signature"] = signature_v4(secret, scope, self.fields["policy"])
        else:
            digest = hmac.new(secret.encode(), self.fields["policy"].encode(), hashlib.sha1).digest()
            self.fields |= {"AWSAccessKeyId": access_key, "signature": base64.b64encode(digest).decode()}
        for name, value in (change or {}).items():
            if value is None:
                self.fields.pop(name)
            else:
                self.fields[name] = value
        self.file = file if filename is None else (filename, file)
        self.after, self.again = list(after), list(again)
        self.endpoint, self.bucket = endpoint, bucket

    def send(self, host=None, path=None, boundary=None, content_type=None, headers=None):
        boundary = boundary or f"----{uuid.uuid4().hex}"
        body = multipart([*self.fields.items(), *self.again, ("file", self.file), *self.after], boundary)
        return post(self.endpoint, self.bucket, body, boundary, host, path, content_type, headers)


def post(endpoint, bucket, body, boundary="----form", host=None, path=None, content_type=None, headers=None):
    type_ = content_type or f"multipart/form-data; boundary={boundary}"
    return wire.send(
        endpoint, "POST", path or ("/" if host else f"/{bucket}"), {"Content-Type": type_, **(headers or {})}, body,
        host=host, sign=False)


def empty(s3, bucket):
    return "Contents" not in s3.list_objects_v2(Bucket=bucket)
