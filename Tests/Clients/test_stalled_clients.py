"""Clients that fall silent: the connection ends, nothing half-done is seen or left behind, others are served.

The emulator's own patience is a minute; here it has two seconds.
"""

import contextlib
import os
import subprocess
import threading
import time

import pytest
from running import EMULATOR, Emulator, until

from .test_request_heads import BOUNDARY, form, send_head
from .test_streaming import Wire, descriptors, files, signed

MIB = 1 << 20
IDLE = 2
# On a busy machine everything takes longer; what matters is that it ends.
PATIENCE = 60


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    instance = Emulator(tmp_path_factory.mktemp("stalls") / "data", "--idle-timeout", str(IDLE))
    instance.client("s3").create_bucket(Bucket="stalls")
    yield instance
    instance.stop()


@pytest.fixture
def s3(served):
    """A client with a connection for each request: one that it keeps ends here about when it is used again."""
    client = served.client("s3")
    client.meta.events.register("before-call.s3", lambda **_: client.close())
    return client


@pytest.fixture
def wire(served, s3):
    """A connection after which nothing is left, and everybody else is served."""
    before = set(files(served.folder, "blobs"))
    connection = Wire(served.aws, timeout=PATIENCE)
    yield connection
    connection.close()
    until(lambda: not files(served.folder, "staging"), "no staged bytes")
    until(lambda: before.issuperset(files(served.folder, "blobs")), "no new blobs")
    s3.put_object(Bucket="stalls", Key="after", Body=b"v")
    assert s3.get_object(Bucket="stalls", Key="after")["Body"].read() == b"v"
    s3.delete_object(Bucket="stalls", Key="after")


def ends(wire):
    """Reads until the server closes; returns what was left to read."""
    received = wire.rest
    wire.rest = b""
    while True:
        try:
            more = wire.socket.recv(65_536)
        except ConnectionResetError:
            return received
        if not more:
            return received
        received += more


def held(process):
    """The blobs that a process has open."""
    found = []
    for name in os.listdir(f"/proc/{process.pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(f"/proc/{process.pid}/fd/{name}"))
    return [path for path in found if "/store/blobs/" in path]


def is_request_timeout(wire):
    status, body = wire.answer()
    assert status == 400 and b"<Code>RequestTimeout</Code>" in body, (status, body)
    assert ends(wire) == b""


def test_a_connection_that_rests_is_closed(wire):
    assert ends(wire) == b""


def test_a_connection_that_rests_after_a_request_is_closed(wire):
    wire.head("GET", "/stalls")
    assert wire.answer()[0] == 200
    assert ends(wire) == b""


@pytest.mark.parametrize("beginning", [
    b"G", b"PUT /stalls/k HT", b"PUT /stalls/k HTTP/1.1\r\nHost: a\r\nContent-Le",
    b"PUT /stalls/k HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"])
def test_half_a_head_is_given_up(wire, beginning):
    wire.socket.sendall(beginning)
    assert wire.answer()[0] == 408
    assert ends(wire) == b""


def test_a_head_that_trickles_is_given_up(wire):
    """One byte now and then must not hold a connection for ever."""
    status = b""
    wire.socket.settimeout(0.2)
    end = time.monotonic() + PATIENCE
    for byte in (b"GET /stalls HTTP/1.1\r\n" + b"X-Filler: y\r\n" * 10_000):
        try:
            wire.socket.sendall(bytes([byte]))
            status = wire.socket.recv(65_536)
            break
        except TimeoutError:
            assert time.monotonic() < end
    assert status.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("sent", [0, 1, 10_000, 99_999])
def test_half_a_body_in_memory_is_given_up(wire, s3, sent):
    wire.head("PUT", "/stalls/k", 100_000)
    wire.socket.sendall(b"x" * sent)
    is_request_timeout(wire)
    assert "Contents" not in s3.list_objects_v2(Bucket="stalls")


@pytest.mark.parametrize("sent", [0, 1, 3 * MIB, 8 * MIB - 1])
def test_half_a_body_on_the_disk_is_given_up(served, wire, s3, sent):
    wire.head("PUT", "/stalls/k", 8 * MIB)
    wire.socket.sendall(b"x" * sent)
    until(lambda: len(files(served.folder, "staging")) == 1, "a staged file")
    is_request_timeout(wire)
    assert "Contents" not in s3.list_objects_v2(Bucket="stalls")


def test_half_an_overwrite_leaves_the_old_object(wire, s3):
    s3.put_object(Bucket="stalls", Key="old", Body=b"old")
    wire.head("PUT", "/stalls/old", 4 * MIB)
    wire.socket.sendall(b"x" * 3 * MIB)
    is_request_timeout(wire)
    assert s3.get_object(Bucket="stalls", Key="old")["Body"].read() == b"old"
    s3.delete_object(Bucket="stalls", Key="old")


def test_half_a_part_is_not_listed(wire, s3):
    upload_id = s3.create_multipart_upload(Bucket="stalls", Key="k")["UploadId"]
    wire.head("PUT", f"/stalls/k?partNumber=1&uploadId={upload_id}", 6 * MIB)
    wire.socket.sendall(b"x" * 5 * MIB)
    is_request_timeout(wire)
    assert "Parts" not in s3.list_parts(Bucket="stalls", Key="k", UploadId=upload_id)
    s3.abort_multipart_upload(Bucket="stalls", Key="k", UploadId=upload_id)


CHUNK = b"100000\r\n" + b"x" * MIB + b"\r\n"


@pytest.mark.parametrize("sent", [
    b"", b"3", b"100000\r\n", CHUNK[:1000], CHUNK[:-1], CHUNK, CHUNK + b"0\r\n", CHUNK * 3 + b"0\r\nX"], ids=len)
def test_half_a_chunked_body_is_given_up(wire, sent):
    """CompleteMultipartUpload takes the longest document that is no upload."""
    fields = signed(wire.aws, "POST", "/stalls/k?uploadId=none")
    send_head(wire, "POST", "/stalls/k?uploadId=none", {**fields, "Transfer-Encoding": "chunked"}, sign=False)
    wire.socket.sendall(sent)
    is_request_timeout(wire)


@pytest.mark.parametrize("size", [5, 100_000, 3 * MIB])
def test_half_an_aws_chunked_body_is_given_up(wire, s3, size):
    headers = {"x-amz-decoded-content-length": str(9 * MIB), "Content-Encoding": "aws-chunked"}
    fields = signed(wire.aws, "PUT", "/stalls/k", headers=headers)
    send_head(wire, "PUT", "/stalls/k", {**fields, "Content-Length": str(9 * MIB + 100)}, sign=False)
    wire.socket.sendall(b"900000\r\n" + b"x" * size)
    is_request_timeout(wire)
    assert "Contents" not in s3.list_objects_v2(Bucket="stalls")


@pytest.mark.parametrize("size", [0, 100_000, 3 * MIB])
def test_half_a_form_is_given_up(wire, s3, size):
    fields = s3.generate_presigned_post("stalls", "k")["fields"]
    send_head(wire, "POST", "/stalls", {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(9 * MIB)}, sign=False)
    wire.socket.sendall(form(fields).encode() + b"x" * size)
    is_request_timeout(wire)
    assert "Contents" not in s3.list_objects_v2(Bucket="stalls")


def test_a_client_that_never_sends_what_it_asked_for_is_given_up(wire):
    fields = signed(wire.aws, "PUT", "/stalls/k")
    send_head(wire, "PUT", "/stalls/k", {
        **fields, "Content-Length": str(8 * MIB), "Expect": "100-continue"}, sign=False)
    assert wire.answer_head()[0] == 100
    is_request_timeout(wire)


def test_half_a_document_changes_nothing(wire, s3):
    wire.head("PUT", "/stalls?tagging", 1000)
    wire.socket.sendall(b"<Tagging>")
    is_request_timeout(wire)
    with pytest.raises(s3.exceptions.ClientError) as error:
        s3.get_bucket_tagging(Bucket="stalls")
    assert error.value.response["Error"]["Code"] == "NoSuchTagSet"


@pytest.mark.parametrize("length", [1000, 3 * MIB])
def test_half_a_dynamodb_request_is_given_up(wire, length):
    headers = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}
    wire.head("POST", "/", length, headers, service="dynamodb")
    wire.socket.sendall(b"{")
    assert wire.answer()[0] == 408
    assert ends(wire) == b""


@pytest.mark.parametrize("size", [30 * MIB, 64 * MIB])
def test_a_reader_that_stops_is_let_go(served, s3, size):
    s3.put_object(Bucket="stalls", Key="large", Body=b"x" * size)
    idle = descriptors(served.process)
    wire = Wire(served.aws, receive_buffer=65_536, timeout=PATIENCE)
    wire.head("GET", "/stalls/large")
    assert wire.answer_head()[1] == size
    assert held(served.process)
    # The server lets go of the file, though the client holds its end; what was deleted is gone from the disk.
    s3.delete_object(Bucket="stalls", Key="large")
    until(lambda: not held(served.process), "the file is closed")
    until(lambda: descriptors(served.process) <= idle, "descriptors are closed")
    until(lambda: not files(served.folder, "blobs"), "no blobs")
    assert len(ends(wire)) < size
    wire.close()
    assert s3.list_buckets()["Buckets"]


def test_a_reader_that_crawls_is_served_to_the_end(served, s3):
    """Progress counts, not speed."""
    size = 24 * MIB
    s3.put_object(Bucket="stalls", Key="crawl", Body=b"x" * size)
    wire = Wire(served.aws, receive_buffer=65_536)
    wire.head("GET", "/stalls/crawl")
    assert wire.answer_head()[1] == size
    left = size - len(wire.rest)
    for _ in range(12):
        count = 0
        while count < MIB:
            count += len(wire.socket.recv(65_536))
        left -= count
        time.sleep(IDLE / 8)
    while left > 0:
        more = wire.socket.recv(MIB)
        assert more
        left -= len(more)
    wire.close()
    s3.delete_object(Bucket="stalls", Key="crawl")


@pytest.mark.parametrize("length", [20, 2 * MIB + 20])
def test_a_sender_that_crawls_is_heard_to_the_end(served, s3, length):
    wire = Wire(served.aws)
    wire.head("PUT", "/stalls/crawl", length)
    wire.socket.sendall(b"x" * (length - 12))
    for _ in range(12):
        time.sleep(IDLE / 8)
        wire.socket.sendall(b"x")
    assert wire.answer()[0] == 200
    wire.close()
    assert s3.head_object(Bucket="stalls", Key="crawl")["ContentLength"] == length
    s3.delete_object(Bucket="stalls", Key="crawl")


def test_a_hundred_silent_clients_keep_nobody_out(served, s3):
    idle = descriptors(served.process)
    silent = []
    for number in range(100):
        wire = Wire(served.aws)
        if number % 3 == 1:
            wire.socket.sendall(b"PUT /stalls/k HTTP/1.1\r\nHost: a\r\n")
        elif number % 3 == 2:
            wire.head("PUT", f"/stalls/silent-{number}", 3 * MIB)
            wire.socket.sendall(b"x" * (2 * MIB))
        silent.append(wire.socket)
    for number in range(20):
        s3.put_object(Bucket="stalls", Key="busy", Body=b"x" * 100_000)
        assert s3.head_object(Bucket="stalls", Key="busy")["ContentLength"] == 100_000
    s3.delete_object(Bucket="stalls", Key="busy")
    until(lambda: not files(served.folder, "staging"), "no staged bytes")
    until(lambda: descriptors(served.process) <= idle + 2, "descriptors are closed")
    assert "Contents" not in s3.list_objects_v2(Bucket="stalls")
    for connection in silent:
        connection.close()


def test_a_client_that_sends_on_after_its_refusal_is_cut_off(served):
    """What is dropped has an end too: the answer waits, the connection does not."""
    wire = Wire(served.aws, timeout=PATIENCE)
    send_head(wire, "PUT", "/stalls/k", {"Content-Length": str(5 << 30)}, sign=False)
    stop = threading.Event()
    cut = threading.Event()

    def trickle():
        while not stop.is_set():
            try:
                wire.socket.sendall(b"x" * 1000)
            except OSError:
                return cut.set()
            time.sleep(0.05)

    sender = threading.Thread(target=trickle)
    sender.start()
    try:
        status, body = wire.answer()
        assert status == 403 and b"<Code>AccessDenied</Code>" in body
        assert cut.wait(PATIENCE + 30)
    finally:
        stop.set()
        sender.join()
        wire.close()
    assert files(served.folder, "staging") == []


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "86401"])
def test_a_patience_that_cannot_be_is_refused(value):
    found = subprocess.run(
        [EMULATOR, "start", "--idle-timeout", value], capture_output=True, text=True, timeout=PATIENCE)
    assert found.returncode == 64 and "--idle-timeout has to be a whole number" in found.stderr, found
