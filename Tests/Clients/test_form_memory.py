"""A browser's form of any size costs no memory and, when it breaks off, leaves nothing."""

import hashlib
import os
import socket
from urllib.parse import urlsplit

import pytest
from running import Emulator, until

MIB = 1 << 20
BOUNDARY = "form-of-many-bytes"


def resident(process):
    """Bytes of memory that a process holds."""
    with open(f"/proc/{process.pid}/status") as file:
        line = next(line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def begin(aws, fields, file_bytes):
    """A connection on which a form was begun, up to its file, and the bytes that end it."""
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items())
    head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    url = urlsplit(aws)
    connection = socket.create_connection((url.hostname, url.port), 60)
    connection.sendall(
        f"POST /forms HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {len(head) + file_bytes + len(tail)}\r\n\r\n{head}".encode())
    return connection, tail


@pytest.fixture
def server(tmp_path):
    emulator = Emulator(tmp_path / "data")
    emulator.client("s3").create_bucket(Bucket="forms")
    yield emulator
    emulator.stop()


def test_a_large_form_is_stored_with_flat_memory(server):
    s3 = server.client("s3")
    fields = s3.generate_presigned_post("forms", "large")["fields"]
    block, count = os.urandom(MIB), 200
    connection, tail = begin(server.aws, fields, count * MIB)
    before, digest = resident(server.process), hashlib.md5()
    peak = before
    with connection:
        for _ in range(count):
            connection.sendall(block)
            digest.update(block)
            peak = max(peak, resident(server.process))
        connection.sendall(tail)
        assert connection.recv(4096).startswith(b"HTTP/1.1 204 ")
        peak = max(peak, resident(server.process))
    assert s3.head_object(Bucket="forms", Key="large")["ETag"] == f'"{digest.hexdigest()}"'
    assert peak - before < 64 * MIB


def test_a_form_that_breaks_off_leaves_nothing(server, tmp_path):
    def large_files():
        return [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size >= 5 * MIB]

    s3 = server.client("s3")
    connection, _ = begin(server.aws, s3.generate_presigned_post("forms", "torn")["fields"], 50 * MIB)
    with connection:
        connection.sendall(os.urandom(20 * MIB))
        until(large_files, "the form reaches the disk")
    until(lambda: not large_files(), "the form is taken off the disk")
    assert "Contents" not in s3.list_objects_v2(Bucket="forms")
