"""Writers of objects that know exactly what their buckets must hold after a crash.

Small bodies lie in the database, larger ones in files of their own, the largest pass through the staging folder.
"""

import base64
import hashlib
import re
import time
import xml.etree.ElementTree as xml
from urllib.parse import quote

from . import load

BUCKET, VERSIONED, EXPIRING = "load", "load-versions", "load-expiring"
KINDS = ("put", "versions", "multipart", "batch", "expiry", "copy", "multipart", "versions")
RULES = (b"<LifecycleConfiguration><Rule><ID>all</ID><Filter/><Status>Enabled</Status>"
         b"<Expiration><Date>2020-01-01T00:00:00Z</Date></Expiration></Rule></LifecycleConfiguration>")
# What matches() allows to be gone.
EXPIRED = {"expires": {"N": "0"}}
SIZES = (0, 10, 10_000, 20_000, 40_000, 40_000, 1_300_000)
PART = 5 << 20


class ObjectWriter(load.Writer):
    """`state` maps (bucket, key, "") to what must be stored there.

    In the versioned bucket that is the list of the key's versions, newest first, else one object's digest.
    """

    def __init__(self, place, seed, keys=4, kind=None, sizes=SIZES):
        super().__init__(place, seed, keys, sizes)
        self.kind = kind or KINDS[place % len(KINDS)]
        self.name = f"{self.kind}-{place}"
        self.upload = None  # of the multipart kind: what is under way
        self.expired = 0
        self.prefix = f"{ {'versions': VERSIONED, 'expiry': EXPIRING}.get(self.kind, BUCKET)}/{self.name}/"

    def next(self):
        self.count += 1
        self.pending = getattr(self, self.kind)()
        if self.history is not None:
            self.history.append(self.pending)
        self.pending.sent = time.monotonic_ns()
        return self.pending.operation, self.pending.body

    def done(self, status, answer):
        step, self.pending = self.pending, None
        step.answered = time.monotonic_ns()
        assert status in (200, 204), f"{self.name}: {step.operation}: {status} {answer}"
        assert b"<Error>" not in answer, f"{self.name}: {step.operation}: {answer}"
        if self.kind == "versions":
            self.name_version(step, answer)
        if self.kind == "multipart":
            self.follow(answer)
        load.apply(self.state, step.changes)

    def key(self, place=None):
        place = self.random.randrange(self.keys) if place is None else place
        bucket, _, prefix = self.prefix.partition("/")
        return bucket, f"{prefix}{place}", ""

    def content(self, size=None):
        """Differs from all contents before it."""
        size = self.random.choice(self.sizes) if size is None else size
        seed = hashlib.sha256(f"{self.name}/{self.count}".encode()).digest()
        return (seed * (size // 32 + 1))[:size]

    # Steps by kind

    def put(self):
        key = self.key()
        if key in self.state and self.random.random() < 0.3:
            return load.Step(f"DELETE /{key[0]}/{key[1]}", b"", {key: None})
        body = self.content()
        return load.Step(f"PUT /{key[0]}/{key[1]}", body, {key: digest(body)})

    def expiry(self):
        """Puts into a bucket of which everything is due; each fourth request has its rules carried out."""
        if self.count % 4 == 0:
            return load.Step(f"PUT /{EXPIRING}?lifecycle\nContent-MD5: {md5(RULES)}", RULES, {})
        key = self.key()
        body = self.content()
        return load.Step(f"PUT /{key[0]}/{key[1]}", body, {key: {**digest(body), **EXPIRED}})

    def copy(self):
        source, key = self.key(0), self.key(1 + self.random.randrange(self.keys - 1))
        if source not in self.state or self.random.random() < 0.3:
            body = self.content()
            return load.Step(f"PUT /{source[0]}/{source[1]}", body, {source: digest(body)})
        return load.Step(
            f"PUT /{key[0]}/{key[1]}\nx-amz-copy-source: /{source[0]}/{source[1]}", b"", {key: self.state[source]})

    def batch(self):
        """Puts, until there is something to delete at once: all of it goes, or nothing."""
        if len(self.state) < self.keys:
            key = next(self.key(place) for place in range(self.keys) if self.key(place) not in self.state)
            body = self.content()
            return load.Step(f"PUT /{key[0]}/{key[1]}", body, {key: digest(body)})
        keys = self.random.sample(sorted(self.state), self.random.randrange(2, self.keys + 1))
        objects = "".join(f"<Object><Key>{key[1]}</Key></Object>" for key in keys)
        body = f"<Delete>{objects}</Delete>".encode()
        return load.Step(f"POST /{BUCKET}?delete\nContent-MD5: {md5(body)}", body, {key: None for key in keys})

    def multipart(self):
        key = self.upload and self.upload["key"]
        if not self.upload:
            self.upload = {"key": self.key(), "id": None, "parts": [], "sizes": self.part_sizes()}
            key = self.upload["key"]
            return load.Step(f"POST /{key[0]}/{key[1]}?uploads", b"", {})
        parts, where = self.upload["parts"], f"/{key[0]}/{key[1]}"
        if len(parts) < len(self.upload["sizes"]):
            body = self.content(self.upload["sizes"][len(parts)])
            self.upload["next"] = (hashlib.md5(body).digest(), len(body))
            return load.Step(f"PUT {where}?partNumber={len(parts) + 1}&uploadId={self.upload['id']}", body, {})
        if self.random.random() < 0.2:
            return load.Step(f"DELETE {where}?uploadId={self.upload['id']}", b"", {})
        listed = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{tag.hex()}</ETag></Part>"
                         for number, (tag, _) in enumerate(parts, 1))
        tag = hashlib.md5(b"".join(tag for tag, _ in parts)).hexdigest()
        return load.Step(
            f"POST {where}?uploadId={self.upload['id']}",
            f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode(),
            {key: {"etag": f"{tag}-{len(parts)}", "size": sum(size for _, size in parts)}})

    def part_sizes(self):
        return (PART, 70_000) if self.random.random() < 0.1 else (self.random.choice(self.sizes),)

    def follow(self, answer):
        """Notes how far the upload has come."""
        if self.upload["id"] is None:
            self.upload["id"] = re.search(rb"<UploadId>(.*)</UploadId>", answer).group(1).decode()
        elif "next" in self.upload:
            self.upload["parts"].append(self.upload.pop("next"))
        else:
            self.upload = None  # completed or aborted

    def versions(self):
        key = self.key()
        where, old = f"/{key[0]}/{key[1]}", self.state.get(key, {"versions": []})["versions"]
        dice = self.random.random()
        if old and (dice < 0.3 or len(old) > 6):
            gone = self.random.choice(old)
            left = [version for version in old if version != gone]
            return load.Step(f"DELETE {where}?versionId={gone[0]}", b"", {key: {"versions": left} if left else None})
        if old and dice < 0.45:
            return load.Step(f"DELETE {where}", b"", {key: {"versions": [["?", "marker"]] + old}})
        body = self.content()
        return load.Step(f"PUT {where}", body, {key: {"versions": [["?", hashlib.md5(body).hexdigest()]] + old}})

    @staticmethod
    def name_version(step, answer):
        for change in step.changes.values():
            if change and change["versions"][0][0] == "?":
                change["versions"][0][0] = re.search(rb"(?i)\nx-amz-version-id: *(\S+)", answer.head).group(1).decode()

    # After a crash

    def compare(self, before, pending, found, now):
        if pending and self.kind == "versions":
            # Nobody was told the name of a version that a crash cut off.
            for key, change in pending.changes.items():
                if change and change["versions"][0][0] == "?" and found.get(key):
                    change["versions"][0][0] = found[key]["versions"][0][0]
        super().compare(before, pending, found, now)

    def check(self, found, now):
        self.upload = None
        self.expired += sum(1 for key in self.state if key not in found and self.kind == "expiry")
        super().check(found, now)

    def stored(self, server):
        """What is stored under this writer's keys, as a listing tells it."""
        bucket, _, prefix = self.prefix.partition("/")
        if self.kind == "versions":
            return self.stored_versions(server, bucket, prefix)
        status, answer = server.call(f"GET /{bucket}?list-type=2&prefix={quote(prefix)}", b"")
        assert status == 200, answer
        found = {}
        for entry in elements(answer, "Contents"):
            tag, size = entry["ETag"].strip('"'), int(entry["Size"])
            found[bucket, entry["Key"], ""] = {"etag": tag, "size": size} if "-" in tag else {"md5": tag, "size": size}
            if self.kind == "expiry":
                found[bucket, entry["Key"], ""].update(EXPIRED)
        for (_, key, _), known in list(found.items()):
            status, body = server.call(f"GET /{bucket}/{key}", b"")
            if self.kind == "expiry" and status == 404:
                del found[bucket, key, ""]  # expired since it was listed
                continue
            assert status == 200 and len(body) == known["size"], (key, status, len(body), known)
            assert "etag" in known or hashlib.md5(body).hexdigest() == known["md5"], key
        return found

    @staticmethod
    def stored_versions(server, bucket, prefix):
        status, answer = server.call(f"GET /{bucket}?versions&prefix={quote(prefix)}", b"")
        assert status == 200, answer
        found = {}
        for entry in elements(answer, "Version", "DeleteMarker"):
            tag = entry["ETag"].strip('"') if "ETag" in entry else "marker"
            versions = found.setdefault((bucket, entry["Key"], ""), {"versions": []})["versions"]
            assert (entry["IsLatest"] == "true") == (not versions), entry
            versions.append([entry["VersionId"], tag])
        return found


def elements(answer, *names):
    """The listed entries, each as a dictionary of its texts."""
    for element in xml.fromstring(answer):
        if element.tag.rpartition("}")[2] in names:
            yield {child.tag.rpartition("}")[2]: child.text for child in element}


def make_buckets(server):
    versioning = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    for operation, body in ((f"PUT /{BUCKET}", b""), (f"PUT /{VERSIONED}", b""), (f"PUT /{EXPIRING}", b""),
                            (f"PUT /{VERSIONED}?versioning\nContent-MD5: {md5(versioning)}", versioning)):
        status, answer = server.call(operation, body)
        assert status == 200, answer


def md5(body):
    """As the header Content-MD5 has it."""
    return base64.b64encode(hashlib.md5(body).digest()).decode()


def digest(body):
    return {"md5": hashlib.md5(body).hexdigest(), "size": len(body)}


def check(server, writers):
    """Every writer's objects are as acknowledged, and there are no others."""
    known = 0
    for writer in writers:
        found = writer.stored(server)
        writer.check(found, time.time())
        known += sum(1 for key in found if key[0] == BUCKET)
    status, answer = server.call(f"GET /{BUCKET}?list-type=2", b"")
    assert status == 200 and len(list(elements(answer, "Contents"))) == known, "there are objects of nobody"
