"""Digests of bodies: five checksums and MD5, in headers and trailers, right and wrong."""

import base64
import hashlib
import zlib

import pytest

from . import chunks
from .conftest import refused

DATA = b"The quick brown fox jumps over the lazy dog" * 100


def crc32c(data):
    table = []
    for index in range(256):
        for _ in range(8):
            index = index >> 1 ^ (0x82F63B78 if index & 1 else 0)
        table.append(index)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return (crc ^ 0xFFFFFFFF).to_bytes(4, "big")


def crc64nvme(data):
    table = []
    for index in range(256):
        for _ in range(8):
            index = index >> 1 ^ (0x9A6C9329AC4BC9B5 if index & 1 else 0)
        table.append(index)
    crc = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return (crc ^ 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big")


RAW = {
    "CRC32": lambda data: zlib.crc32(data).to_bytes(4, "big"), "CRC32C": crc32c, "CRC64NVME": crc64nvme,
    "SHA1": lambda data: hashlib.sha1(data).digest(), "SHA256": lambda data: hashlib.sha256(data).digest()}
ALGORITHMS = list(RAW)


def value(algorithm, data=DATA):
    return base64.b64encode(RAW[algorithm](data)).decode()


def header(algorithm):
    return f"x-amz-checksum-{algorithm.lower()}"


@pytest.mark.parametrize("algorithm,expected", [
    ("CRC32", "cbf43926"), ("CRC32C", "e3069283"), ("CRC64NVME", "ae8b14860a799888"),
    ("SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
    ("SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225")])
def test_published_check_values(raw, bucket, algorithm, expected):
    given = base64.b64encode(bytes.fromhex(expected)).decode()
    assert raw("PUT", f"/{bucket}/k", {header(algorithm): given}, b"123456789").status == 200


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_checksum_in_a_header_is_kept_and_told(raw, s3, bucket, algorithm):
    answer = raw("PUT", f"/{bucket}/k", {header(algorithm): value(algorithm)}, DATA)
    assert answer.headers[header(algorithm)] == value(algorithm)
    assert answer.headers["x-amz-checksum-type"] == "FULL_OBJECT"
    for read in [s3.get_object, s3.head_object]:
        got = read(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
        assert (got[f"Checksum{algorithm}"], got["ChecksumType"]) == (value(algorithm), "FULL_OBJECT")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("kind", [chunks.SIGNED_TRAILER, chunks.UNSIGNED_TRAILER])
def test_a_checksum_in_a_trailer_is_kept_and_told(endpoint, s3, bucket, algorithm, kind):
    answer = chunks.put(endpoint, f"/{bucket}/k", DATA, kind, trailers=[(header(algorithm), value(algorithm))])
    assert answer.headers[header(algorithm)] == value(algorithm), answer
    assert s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")[f"Checksum{algorithm}"] == value(algorithm)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_boto3s_own_checksums_are_right(s3, bucket, algorithm):
    answer = s3.put_object(Bucket=bucket, Key="k", Body=DATA, ChecksumAlgorithm=algorithm)
    assert answer[f"Checksum{algorithm}"] == value(algorithm)


def test_boto3_sends_one_by_default(s3, bucket):
    assert s3.put_object(Bucket=bucket, Key="k", Body=DATA)["ChecksumCRC32"] == value("CRC32")


def test_an_upload_without_checksum_gets_crc64nvme(s3_when_required, bucket):
    answer = s3_when_required.put_object(Bucket=bucket, Key="k", Body=DATA)
    assert (answer["ChecksumCRC64NVME"], answer["ChecksumType"]) == (value("CRC64NVME"), "FULL_OBJECT")
    head = s3_when_required.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head["ChecksumCRC64NVME"] == value("CRC64NVME")


def test_a_named_algorithm_without_value_gets_crc64nvme(raw, bucket):
    answer = raw("PUT", f"/{bucket}/k", {"x-amz-sdk-checksum-algorithm": "SHA1"}, DATA)
    assert answer.headers["x-amz-checksum-crc64nvme"] == value("CRC64NVME")


@pytest.mark.parametrize("method", ["get_object", "head_object"])
def test_checksums_are_told_only_on_request(s3_when_required, bucket, method):
    s3_when_required.put_object(Bucket=bucket, Key="k", Body=DATA)
    answer = getattr(s3_when_required, method)(Bucket=bucket, Key="k")
    assert not [name for name in answer if name.startswith("Checksum")]


@pytest.mark.parametrize("mode", ["INVALID", "DISABLED", "true"])
def test_another_checksum_mode_is_refused(raw, s3, bucket, mode):
    s3.put_object(Bucket=bucket, Key="k", Body=DATA)
    raw("GET", f"/{bucket}/k", {"x-amz-checksum-mode": mode}).is_error(
        "InvalidRequest", 400, "Value for x-amz-checksum-mode header is invalid.")
    assert raw("HEAD", f"/{bucket}/k", {"x-amz-checksum-mode": mode}).status == 400


@pytest.mark.parametrize("range_,told", [
    ("bytes=0-4299", True), ("bytes=0-999999", True), ("bytes=0-", True), ("bytes=-9999", True), ("bytes=0-10", False),
    ("bytes=1-", False), ("bytes=-10", False)])
def test_a_range_tells_the_checksum_only_of_the_whole(raw, s3, bucket, range_, told):
    s3.put_object(Bucket=bucket, Key="k", Body=DATA)
    answer = raw("GET", f"/{bucket}/k", {"Range": range_, "x-amz-checksum-mode": "ENABLED"})
    assert answer.status == 206
    assert ("x-amz-checksum-crc32" in answer.headers) == told


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_wrong_checksum_is_refused(raw, s3, bucket, algorithm):
    raw("PUT", f"/{bucket}/k", {header(algorithm): value(algorithm, b"other")}, DATA).is_error(
        "BadDigest", 400, f"The {algorithm} you specified did not match the calculated checksum.")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("wrong", ["", "nonsense!", "AAA=", "A" * 100, "=", "short"])
def test_a_malformed_checksum_is_refused(raw, s3, bucket, algorithm, wrong):
    raw("PUT", f"/{bucket}/k", {header(algorithm): wrong}, DATA).is_error(
        "InvalidRequest", 400, f"Value for {header(algorithm)} header is invalid.")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("one,other", [("CRC32", "SHA256"), ("CRC32C", "CRC64NVME"), ("SHA1", "CRC32")])
def test_two_checksums_are_refused(raw, bucket, one, other):
    raw("PUT", f"/{bucket}/k", {header(one): value(one), header(other): value(other)}, DATA).is_error(
        "InvalidRequest", 400,
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")


UNSUPPORTED = ("Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
               "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")


@pytest.mark.parametrize("name", ["CRC16", "WHATEVER", "sha-256"])
def test_an_unknown_algorithm_is_refused(raw, bucket, name):
    raw("PUT", f"/{bucket}/k", {"x-amz-sdk-checksum-algorithm": name}, DATA).is_error(
        "InvalidRequest", 400, UNSUPPORTED)


@pytest.mark.parametrize("name", ["x-amz-checksum-crc16", "x-amz-checksum-sha256a", "x-amz-checksum-x"])
def test_a_header_of_an_unknown_algorithm_is_refused(raw, bucket, name):
    raw("PUT", f"/{bucket}/k", {name: "dummy"}, DATA).is_error(
        "InvalidRequest", 400, "The algorithm type you specified in x-amz-checksum- header is invalid.")


@pytest.mark.parametrize("announced, sent", [("CRC32", "CRC32C"), ("SHA256", "CRC32"), ("sha1", "SHA256"), ("CRC16", "CRC32")])
@pytest.mark.parametrize("what", ["object", "part"])
def test_another_algorithm_than_announced_is_refused(raw, s3, bucket, announced, sent, what):
    path = f"/{bucket}/k"
    if what == "part":
        path += "?partNumber=1&uploadId=" + s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    raw("PUT", path, {"x-amz-sdk-checksum-algorithm": announced, header(sent): value(sent)}, DATA).is_error(
        "InvalidRequest", 400, "Value for x-amz-sdk-checksum-algorithm header is invalid.")


def test_a_checksum_does_not_change_the_entity_tag(raw, bucket):
    tags = {raw("PUT", f"/{bucket}/k", {header(name): value(name)}, DATA).headers["ETag"] for name in ALGORITHMS}
    assert tags == {f'"{hashlib.md5(DATA).hexdigest()}"'}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_listings_name_the_algorithm(raw, s3, bucket, algorithm):
    raw("PUT", f"/{bucket}/k", {header(algorithm): value(algorithm)}, DATA)
    entry = s3.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert (entry["ChecksumAlgorithm"], entry["ChecksumType"]) == ([algorithm], "FULL_OBJECT")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_empty_object_has_a_checksum(raw, bucket, algorithm):
    answer = raw("PUT", f"/{bucket}/k", {header(algorithm): value(algorithm, b"")})
    assert answer.headers[header(algorithm)] == value(algorithm, b"")


@pytest.mark.parametrize("size", [16_384, 16_385, 1_048_576, 3_000_001])
@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256"])
def test_large_bodies_are_digested_too(raw, bucket, size, algorithm):
    data = b"x" * size
    assert raw("PUT", f"/{bucket}/k", {header(algorithm): value(algorithm, data)}, data).status == 200
    raw("PUT", f"/{bucket}/k", {header(algorithm): value(algorithm, b"")}, data).is_error("BadDigest", 400)


# MD5


def test_a_right_md5_is_accepted(raw, bucket):
    given = base64.b64encode(hashlib.md5(DATA).digest()).decode()
    assert raw("PUT", f"/{bucket}/k", {"Content-MD5": given}, DATA).status == 200


def test_a_wrong_md5_is_refused_with_both(raw, s3, bucket):
    given = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    document = raw("PUT", f"/{bucket}/k", {"Content-MD5": given}, DATA).is_error(
        "BadDigest", 400, "The Content-MD5 you specified did not match what we received.")
    assert document["ExpectedDigest"] == hashlib.md5(b"other").hexdigest()
    assert document["CalculatedDigest"] == base64.b64encode(hashlib.md5(DATA).digest()).decode()
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("wrong", ["", "nonsense", "AAAA", "YWJyYWNhZGFicmE=", "=" * 24, hashlib.md5(DATA).hexdigest()])
def test_a_malformed_md5_is_refused(raw, bucket, wrong):
    document = raw("PUT", f"/{bucket}/k", {"Content-MD5": wrong}, DATA).is_error(
        "InvalidDigest", 400, "The Content-MD5 you specified was invalid.")
    assert document["Content-MD5"] == wrong


def test_md5_and_checksum_must_both_be_right(raw, bucket):
    md5 = base64.b64encode(hashlib.md5(DATA).digest()).decode()
    good = {"Content-MD5": md5, header("CRC32"): value("CRC32")}
    assert raw("PUT", f"/{bucket}/k", good, DATA).status == 200
    raw("PUT", f"/{bucket}/k", {**good, header("CRC32"): value("CRC32", b"")}, DATA).is_error("BadDigest", 400)


def test_a_damaged_download_is_seen_by_the_client(s3, bucket):
    """The checksum that is told describes the bytes that are sent: botocore verifies it."""
    s3.put_object(Bucket=bucket, Key="k", Body=DATA)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == DATA
    assert type(got["Body"]).__name__ == "StreamingChecksumBody"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_parts_checksum_is_told(raw, s3, bucket, algorithm):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=algorithm)["UploadId"]
    path = f"/{bucket}/k?partNumber=1&uploadId={upload}"
    answer = raw("PUT", path, {header(algorithm): value(algorithm)}, DATA)
    assert answer.headers[header(algorithm)] == value(algorithm)
    raw("PUT", path, {header(algorithm): value(algorithm, b"")}, DATA).is_error("BadDigest", 400)


def test_a_deletion_of_many_needs_a_digest(raw, bucket):
    raw("POST", f"/{bucket}?delete", body=b"<Delete><Object><Key>k</Key></Object></Delete>").is_error(
        "InvalidRequest", 400, "Missing required header for this request: Content-MD5")


def test_a_deletion_of_many_with_a_wrong_digest_deletes_nothing(raw, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    body = b"<Delete><Object><Key>k</Key></Object></Delete>"
    raw("POST", f"/{bucket}?delete", {header("SHA256"): value("SHA256")}, body).is_error("BadDigest", 400)
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="absent")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 1
