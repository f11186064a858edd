"""Bodies in aws-chunked framing: signed and unsigned, with and without trailers."""

import hashlib
import random

import pytest

from . import chunks
from .chunks import SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER, crc32

KINDS = [SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER]


def trailers_of(kind, data):
    return () if kind == SIGNED else [("x-amz-checksum-crc32", crc32(data))]


@pytest.fixture
def put(endpoint, bucket):
    """put(data, kind=..., ...) -> Answer to a chunked upload of object `k`, its trailers right by default."""
    def send(data=b"content", kind=SIGNED, **more):
        more.setdefault("trailers", trailers_of(kind, data))
        return chunks.put(endpoint, f"/{bucket}/k", data, kind, **more)
    return send


@pytest.fixture
def stored(s3, bucket):
    return lambda **more: s3.get_object(Bucket=bucket, Key="k", **more)


@pytest.fixture
def absent(s3, bucket):
    return lambda: "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("transfer", ["length", "chunked"])
@pytest.mark.parametrize("size", [0, 1, 8192, 16_385, 65_536, 65_537, 1_500_000])
def test_the_framing_is_taken_off(put, stored, kind, transfer, size):
    data = random.Random(size).randbytes(size)
    answer = put(data, kind, transfer=transfer)
    assert answer.status == 200, answer
    got = stored()
    assert got["Body"].read() == data and got["ContentLength"] == size
    assert got["ETag"] == answer.headers["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'


@pytest.mark.parametrize("sent,kept", [
    ("aws-chunked", None), ("gzip,aws-chunked", "gzip"), ("aws-chunked,gzip", "gzip"), ("gzip, aws-chunked", "gzip"),
    (None, None), ("gzip", "gzip")])
def test_the_coding_of_the_transfer_is_not_stored(put, stored, sent, kept):
    assert put(encoding=sent).status == 200
    assert stored().get("ContentEncoding") == kept


@pytest.mark.parametrize("kind", [SIGNED_TRAILER, UNSIGNED_TRAILER])
def test_the_checksum_of_a_trailer_is_kept(put, stored, kind):
    answer = put(b"content", kind)
    assert answer.headers["x-amz-checksum-crc32"] == crc32(b"content")
    assert answer.headers["x-amz-checksum-type"] == "FULL_OBJECT"
    assert stored(ChecksumMode="ENABLED")["ChecksumCRC32"] == crc32(b"content")


@pytest.mark.parametrize("kind", [SIGNED_TRAILER, UNSIGNED_TRAILER])
def test_a_wrong_checksum_in_a_trailer_is_refused(put, absent, kind):
    put(b"content", kind, trailers=[("x-amz-checksum-crc32", crc32(b"other"))]).is_error(
        "BadDigest", 400, "The CRC32 you specified did not match the calculated checksum.")
    assert absent()


@pytest.mark.parametrize("kind", [SIGNED_TRAILER, UNSIGNED_TRAILER])
def test_a_malformed_checksum_in_a_trailer_is_refused(put, absent, kind):
    put(b"content", kind, trailers=[("x-amz-checksum-crc32", "AAAA")]).is_error("InvalidRequest", 400, "is invalid.")
    assert absent()


def test_a_signed_header_may_carry_the_checksum_of_a_chunked_body(put, stored):
    assert put(headers={"x-amz-checksum-crc32": crc32(b"content")}).status == 200
    assert stored(ChecksumMode="ENABLED")["ChecksumCRC32"] == crc32(b"content")


def test_a_checksum_in_header_and_trailer_is_refused(put):
    put(kind=UNSIGNED_TRAILER, headers={"x-amz-checksum-crc32": crc32(b"content")}).is_error(
        "InvalidRequest", 400, "Expecting a single x-amz-checksum- header")


def test_a_trailer_that_s3_does_not_know_is_refused(put):
    put(kind=UNSIGNED_TRAILER, trailers=[("x-amz-meta-a", "1")]).is_error(
        "InvalidRequest", 400, "The value specified in the x-amz-trailer header is not supported")


@pytest.mark.parametrize("kind", [SIGNED_TRAILER, UNSIGNED_TRAILER])
def test_an_announced_trailer_must_come(put, absent, kind):
    put(kind=kind, trailers=[], headers={"x-amz-trailer": "x-amz-checksum-crc32"}).is_error(
        "MalformedTrailerError", 400, "The request contained trailing data that was not well-formed")
    assert absent()


def test_the_order_of_chunks_is_signed(put, absent):
    data = random.Random(1).randbytes(40_000)

    def swap(body):
        first = body.index(b"\r\n", body.index(b"\r\n") + 2 + 20_000) + 2
        second = body.index(b"\r\n", body.index(b"\r\n", first) + 2 + 20_000) + 2
        return body[first:second] + body[:first] + body[second:]

    put(chunks=[data[:20_000], data[20_000:]], damage=swap).is_error("SignatureDoesNotMatch", 403)
    assert absent()


@pytest.mark.parametrize("kind", [SIGNED, SIGNED_TRAILER])
def test_a_changed_byte_is_found(put, absent, kind):
    put(b"content" * 5000, kind, damage=lambda body: body.replace(b"content", b"CONTENT", 1)).is_error(
        "SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you provided.")
    assert absent()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_each_chunks_signature_counts(put, absent, number):
    def damage(body):
        parts = body.split(b"chunk-signature=")
        parts[number + 1] = b"0" * 64 + parts[number + 1][64:]
        return b"chunk-signature=".join(parts)

    put(chunks=[b"a" * 8192, b"b" * 9000], damage=damage).is_error("SignatureDoesNotMatch", 403)
    assert absent()


def test_the_trailers_signature_counts(put, absent):
    def damage(body):
        start = body.index(b"x-amz-trailer-signature:") + 24
        return body[:start] + b"0" * 64 + body[start + 64:]

    put(kind=SIGNED_TRAILER, damage=damage).is_error("SignatureDoesNotMatch", 403)
    assert absent()


def test_a_signed_trailer_needs_its_signature(put, absent):
    put(kind=SIGNED_TRAILER, trailer_signature=False).is_error("MalformedTrailerError", 400)
    assert absent()


def test_an_unsigned_trailer_needs_none(put, stored):
    assert put(kind=UNSIGNED_TRAILER).status == 200
    assert stored()["Body"].read() == b"content"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes,number,bad", [([100, 100], 1, 100), ([8192, 8191, 10], 2, 8191)])
def test_only_the_last_chunk_may_be_small(put, absent, kind, sizes, number, bad):
    parts = [b"x" * size for size in sizes]
    document = put(b"".join(parts), kind, chunks=parts).is_error(
        "InvalidChunkSizeError", 403, "Only the last chunk is allowed to have a size less than 8192 bytes")
    assert (document["Chunk"], document["BadChunkSize"]) == (str(number), str(bad))
    assert absent()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("decoded", [0, 6, 8, 1000])
def test_the_announced_length_must_be_right(put, absent, kind, decoded):
    document = put(b"content", kind, decoded=decoded).is_error(
        "IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length HTTP header")
    assert (document["NumberBytesExpected"], document["NumberBytesProvided"]) == (str(decoded), "7")
    assert absent()


@pytest.mark.parametrize("kind", KINDS)
def test_the_length_must_be_announced(put, absent, kind):
    put(kind=kind, headers={"x-amz-decoded-content-length": None}).is_error(
        "MissingContentLength", 411, "You must provide the Content-Length HTTP header.")
    assert absent()


@pytest.mark.parametrize("damage", [
    lambda body: body[:-40], lambda body: body[: len(body) // 2], lambda body: b"", lambda body: b"zz\r\n" + body,
    lambda body: b"-1\r\n" + body, lambda body: body + b"x", lambda body: body.replace(b"\r\n", b"", 1),
    lambda body: b"f" * 20 + body, lambda body: b"x" * 5000], ids=range(9))
@pytest.mark.parametrize("kind", [SIGNED, UNSIGNED_TRAILER])
def test_broken_framing_stores_nothing(put, absent, damage, kind):
    answer = put(b"content" * 3000, kind, damage=damage)
    assert answer.status in (400, 403) and answer.code in (
        "IncompleteBody", "MalformedTrailerError", "SignatureDoesNotMatch"), answer
    assert absent()


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_may_be_chunked(endpoint, s3, bucket, kind):
    upload = s3.create_multipart_upload(
        Bucket=bucket, Key="k", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")["UploadId"]
    data = b"part" * 5000
    answer = chunks.put(
        endpoint, f"/{bucket}/k?partNumber=1&uploadId={upload}", data, kind, trailers=trailers_of(kind, data))
    assert answer.status == 200, answer
    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)["Parts"]
    assert [(part["PartNumber"], part["Size"], part["ETag"]) for part in listed] == [
        (1, len(data), f'"{hashlib.md5(data).hexdigest()}"')]


def test_deletion_of_many_objects_may_be_chunked(endpoint, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    document = b"<Delete><Object><Key>k</Key></Object></Delete>"
    answer = chunks.put(
        endpoint, f"/{bucket}?delete", document, UNSIGNED_TRAILER, trailers=trailers_of(UNSIGNED_TRAILER, document),
        method="POST")
    assert (answer.status, answer.element("Key")) == (200, "k")


def test_boto3_sends_trailers_for_streams(endpoint, s3, bucket):
    class Stream:
        """Cannot be read twice, so botocore cannot hash it first."""

        def __init__(self, data):
            self.data = data

        def read(self, size=-1):
            size = len(self.data) if size is None or size < 0 else size
            taken, self.data = self.data[:size], self.data[size:]
            return taken

    client = endpoint.client(s3={"payload_signing_enabled": False, "addressing_style": "path"})
    data = b"0123456789" * 10_000
    client.put_object(Bucket=bucket, Key="k", Body=data, ContentLength=len(data), ChecksumAlgorithm="SHA256")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == data


# Without this framing


def test_http_chunks_alone_have_no_length(raw, bucket, absent):
    def edit(pairs):
        pairs[:] = [pair for pair in pairs if pair[0] != "Content-Length"] + [("Transfer-Encoding", "chunked")]

    document = raw("PUT", f"/{bucket}/k", body=b"7\r\ncontent\r\n0\r\n\r\n", payload_hash="UNSIGNED-PAYLOAD",
                   edit=edit).is_error(
        "NotImplemented", 501, "A header you provided implies functionality that is not implemented")
    assert document["Header"] == "Transfer-Encoding"
    assert absent()


@pytest.mark.parametrize("path", ["k", "k?partNumber=1&uploadId=x"])
def test_an_upload_without_length_is_refused(raw, bucket, path, absent):
    answer = raw("PUT", f"/{bucket}/{path}", length=False)
    assert answer.status in (404, 411)
    if "?" not in path:
        answer.is_error("MissingContentLength", 411, "You must provide the Content-Length HTTP header.")
    assert absent()
