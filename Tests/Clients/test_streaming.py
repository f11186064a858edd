"""Large bodies: memory that does not grow, clients that stall, crawl or go away.

STREAM_BYTES sets the size of the large objects, by default 300 MB; 5368709120 is S3's limit for one upload.
"""

import functools
import hashlib
import os
import re
import socket
import subprocess
import time
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from running import EMULATOR, MANIFEST, until

SIZE = int(os.environ.get("STREAM_BYTES", 300 << 20))
GROWTH = 64 << 20
BLOCK = bytes(range(251)) * 4177  # a little over 1 MiB, of no period that a buffer has


def blocks(size):
    while size > 0:
        piece = BLOCK[:size] if size < len(BLOCK) else BLOCK
        yield piece
        size -= len(piece)


class Unsigned(S3SigV4Auth):
    """Signs the head of a request whose body nobody has seen."""

    def payload(self, request):
        return "UNSIGNED-PAYLOAD"


def signed(aws, method, path, service="s3", headers=None, body=b""):
    request = AWSRequest(method, aws + path, data=body, headers=headers or {})
    signer = Unsigned if service == "s3" else SigV4Auth
    signer(Credentials("test", "test"), service, "us-east-1").add_auth(request)
    return dict(request.headers.items())


class Wire:
    """One connection to the AWS port, open from its first use on."""

    def __init__(self, aws, receive_buffer=None, timeout=120):
        self.aws, self.host = aws, urlsplit(aws).netloc
        self.receive_buffer, self.timeout = receive_buffer, timeout
        self.rest = b""

    @functools.cached_property
    def socket(self):
        parts = urlsplit(self.aws)
        connected = socket.socket()
        if self.receive_buffer:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        connected.settimeout(self.timeout)
        connected.connect((parts.hostname, parts.port))
        return connected

    def head(self, method, path, length=None, headers=None, service="s3"):
        lines = {"Host": self.host, **signed(self.aws, method, path, service, headers)}
        if length is not None:
            lines["Content-Length"] = str(length)
        text = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())
        self.socket.sendall(text.encode() + b"\r\n")

    def answer_head(self):
        while b"\r\n\r\n" not in self.rest:
            more = self.socket.recv(65_536)
            assert more, self.rest
            self.rest += more
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        return int(head.split()[1]), int(length[1]) if length else 0, head.decode()

    def answer(self):
        status, length, head = self.answer_head()
        while len(self.rest) < length:
            more = self.socket.recv(65_536)
            assert more
            self.rest += more
        body, self.rest = self.rest[:length], self.rest[length:]
        return status, body

    def digest(self, length):
        """Reads a body and keeps none of it."""
        digest = hashlib.md5(self.rest)
        length -= len(self.rest)
        self.rest = b""
        buffer = bytearray(1 << 20)
        while length > 0:
            count = self.socket.recv_into(buffer, min(length, len(buffer)))
            assert count > 0, f"{length} bytes are missing"
            digest.update(memoryview(buffer)[:count])
            length -= count
        return digest.hexdigest()

    def close(self):
        if "socket" in self.__dict__:
            self.socket.close()


def peak(process):
    """The most memory that the process has had since it was asked to forget, bytes."""
    with open(f"/proc/{process.pid}/status") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1]) << 10


def forget_peak(process):
    with open(f"/proc/{process.pid}/clear_refs", "w") as file:
        file.write("5")


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def files(folder, name):
    return [os.path.join(root, file) for root, _, found in os.walk(os.path.join(folder, "store", name))
            for file in found]


@pytest.fixture
def served(start):
    """An emulator of its own with a bucket, warmed up."""
    instance = start()
    s3 = instance.client("s3")
    s3.create_bucket(Bucket="large")
    for _ in range(3):
        s3.put_object(Bucket="large", Key="warm", Body=b"x" * (2 << 20))
        s3.get_object(Bucket="large", Key="warm")["Body"].read()
    s3.delete_object(Bucket="large", Key="warm")
    return instance


def upload(wire, path, size):
    """PUTs the blocks; returns the entity tag and the MD5 of what was sent."""
    digest = hashlib.md5()
    wire.head("PUT", path, size)
    for piece in blocks(size):
        wire.socket.sendall(piece)
        digest.update(piece)
    status, _, head = wire.answer_head()
    assert status == 200, head
    return re.search(r'(?i)etag: "([^"]+)"', head)[1], digest.hexdigest()


def download(wire, path):
    wire.head("GET", path)
    status, length, head = wire.answer_head()
    assert status == 200, head
    return length, wire.digest(length)


def test_one_large_upload_and_its_download_take_no_memory(served):
    forget_peak(served.process)
    before = peak(served.process)
    wire = Wire(served.aws)
    tag, digest = upload(wire, "/large/one", SIZE)
    assert tag == digest
    assert download(wire, "/large/one") == (SIZE, digest)
    wire.close()
    growth = peak(served.process) - before
    print(f"PUT and GET of {SIZE >> 20} MiB: memory grew by {growth >> 20} MiB")
    assert growth < GROWTH


def test_a_large_upload_in_parts_takes_no_memory_and_is_completed_at_once(served):
    s3 = served.client("s3")
    upload_id = s3.create_multipart_upload(Bucket="large", Key="parts")["UploadId"]
    forget_peak(served.process)
    before = peak(served.process)
    wire = Wire(served.aws)
    part, sizes, parts = 100 << 20, [], []
    while sum(sizes) < SIZE:
        sizes.append(min(part, SIZE - sum(sizes)))
    for number, size in enumerate(sizes, 1):
        tag, digest = upload(wire, f"/large/parts?partNumber={number}&uploadId={upload_id}", size)
        assert tag == digest
        parts.append({"PartNumber": number, "ETag": tag})
    written = {os.stat(path).st_ino for path in files(served.folder, "blobs")}
    started = time.monotonic()
    done = s3.complete_multipart_upload(
        Bucket="large", Key="parts", UploadId=upload_id, MultipartUpload={"Parts": parts})
    seconds = time.monotonic() - started
    expected = hashlib.md5(b"".join(bytes.fromhex(p["ETag"]) for p in parts)).hexdigest()
    assert done["ETag"] == f'"{expected}-{len(parts)}"'
    whole = hashlib.md5()
    for size in sizes:
        for piece in blocks(size):
            whole.update(piece)
    assert download(wire, "/large/parts") == (SIZE, whole.hexdigest())
    wire.close()
    growth = peak(served.process) - before
    print(f"{SIZE >> 20} MiB in {len(parts)} parts: memory grew by {growth >> 20} MiB, "
          f"completed in {seconds * 1000:.1f} ms")
    assert growth < GROWTH
    assert {os.stat(path).st_ino for path in files(served.folder, "blobs")} == written, "the parts are written again"


def test_an_upload_that_is_cut_off_leaves_nothing(served):
    open_before = descriptors(served.process)
    for sent in (0, 10, 2 << 20, 5 << 20):
        wire = Wire(served.aws)
        wire.head("PUT", "/large/cut", 8 << 20)
        wire.socket.sendall(b"x" * sent)
        time.sleep(0.05)
        wire.close()
    until(lambda: not files(served.folder, "staging"), "an empty staging folder")
    assert files(served.folder, "blobs") == []
    until(lambda: descriptors(served.process) <= open_before, "the end of its descriptors")
    s3 = served.client("s3")
    assert "Contents" not in s3.list_objects_v2(Bucket="large")


def test_an_upload_that_is_reset_leaves_the_old_object(served):
    s3 = served.client("s3")
    s3.put_object(Bucket="large", Key="k", Body=b"old")
    wire = Wire(served.aws)
    wire.head("PUT", "/large/k", 8 << 20)
    wire.socket.sendall(b"x" * (4 << 20))
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    wire.close()
    until(lambda: not files(served.folder, "staging"), "an empty staging folder")
    assert s3.get_object(Bucket="large", Key="k")["Body"].read() == b"old"


def test_a_part_that_is_cut_off_is_not_listed(served):
    s3 = served.client("s3")
    upload_id = s3.create_multipart_upload(Bucket="large", Key="k")["UploadId"]
    wire = Wire(served.aws)
    wire.head("PUT", f"/large/k?partNumber=1&uploadId={upload_id}", 6 << 20)
    wire.socket.sendall(b"x" * (5 << 20))
    wire.close()
    until(lambda: not files(served.folder, "staging"), "an empty staging folder")
    assert "Parts" not in s3.list_parts(Bucket="large", Key="k", UploadId=upload_id)
    assert files(served.folder, "blobs") == []


def test_a_wrong_digest_leaves_nothing(served):
    wire = Wire(served.aws)
    wire.head("PUT", "/large/k", 3 << 20, {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="})
    wire.socket.sendall(b"x" * (3 << 20))
    status, body = wire.answer()
    assert (status, b"<Code>BadDigest</Code>" in body) == (400, True)
    wire.close()
    until(lambda: not files(served.folder, "staging") and not files(served.folder, "blobs"), "empty folders")


def test_downloads_that_are_cut_off_let_go_of_files_and_versions(served):
    s3 = served.client("s3")
    upload_id = s3.create_multipart_upload(Bucket="large", Key="k")["UploadId"]
    parts = []
    for number in (1, 2, 3):
        tag = s3.upload_part(
            Bucket="large", Key="k", UploadId=upload_id, PartNumber=number, Body=BLOCK * 12)["ETag"]
        parts.append({"PartNumber": number, "ETag": tag})
    s3.complete_multipart_upload(
        Bucket="large", Key="k", UploadId=upload_id, MultipartUpload={"Parts": parts})
    until(lambda: len(files(served.folder, "blobs")) == 3, "three files")
    idle = descriptors(served.process)
    wires = [Wire(served.aws, receive_buffer=65_536) for _ in range(5)]
    for wire in wires:
        wire.head("GET", "/large/k")
        assert wire.answer_head()[0] == 200
    s3.delete_object(Bucket="large", Key="k")
    time.sleep(0.5)
    assert len(files(served.folder, "blobs")) == 3, "readers need them"
    # One crawls to the end of the version that it started.
    assert wires[0].digest(36 * len(BLOCK)) == hashlib.md5(BLOCK * 36).hexdigest()
    for wire in wires:
        wire.close()
    until(lambda: not files(served.folder, "blobs"), "no file is left")
    until(lambda: descriptors(served.process) <= idle, "the end of its descriptors")


def test_an_overwritten_object_is_read_to_its_end(served):
    s3 = served.client("s3")
    s3.put_object(Bucket="large", Key="k", Body=BLOCK * 20)
    wire = Wire(served.aws, receive_buffer=65_536)
    wire.head("GET", "/large/k")
    assert wire.answer_head()[0] == 200
    s3.put_object(Bucket="large", Key="k", Body=b"new")
    assert wire.digest(20 * len(BLOCK)) == hashlib.md5(BLOCK * 20).hexdigest()
    wire.close()


@pytest.mark.parametrize("expect", [True, False])
def test_a_dynamodb_body_beyond_its_limit_is_refused_by_its_head(served, expect):
    headers = {"X-Amz-Target": "DynamoDB_20120810.PutItem", "Content-Type": "application/x-amz-json-1.0"}
    if expect:
        headers["Expect"] = "100-continue"
    wire = Wire(served.aws)
    wire.head("POST", "/", (16 << 20) + 1, headers, service="dynamodb")
    assert wire.answer()[0] == 413
    wire.close()
    assert files(served.folder, "staging") == []


def test_what_was_streamed_is_sound(served):
    wire = Wire(served.aws)
    upload(wire, "/large/one", 40 << 20)
    wire.head("PUT", "/large/cut", 8 << 20)
    wire.socket.sendall(b"x" * (4 << 20))
    wire.close()
    served.stop()
    found = subprocess.run(
        [EMULATOR, "verify", "--data", served.folder], capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stdout + found.stderr
