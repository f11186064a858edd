"""Checksums of multipart uploads: kinds, claims, what listings show."""

import base64
import hashlib
import zlib

import pytest

from .conftest import refused
from .uploads import LARGE, Upload, crc32


@pytest.fixture
def upload(s3, bucket):
    """upload(**CreateMultipartUpload parameters) -> Upload"""
    return lambda **more: Upload(s3, bucket, **more)


@pytest.mark.parametrize(
    "algorithm,kind",
    [("CRC32", "COMPOSITE"), ("CRC32C", "COMPOSITE"), ("SHA1", "COMPOSITE"), ("SHA256", "COMPOSITE"),
     ("CRC64NVME", "FULL_OBJECT")])
def test_the_kind_that_an_algorithm_has(upload, algorithm, kind):
    begun = upload(ChecksumAlgorithm=algorithm).begun
    assert (begun["ChecksumAlgorithm"], begun["ChecksumType"]) == (algorithm, kind)


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C"])
def test_another_kind(upload, algorithm):
    begun = upload(ChecksumAlgorithm=algorithm, ChecksumType="FULL_OBJECT").begun
    assert begun["ChecksumType"] == "FULL_OBJECT"


@pytest.mark.parametrize("algorithm", ["SHA1", "SHA256"])
def test_hashes_of_the_whole_object(upload, algorithm):
    with refused(
        "InvalidRequest", 400,
        f"The FULL_OBJECT checksum type cannot be used with the {algorithm.lower()} checksum algorithm.",
    ):
        upload(ChecksumAlgorithm=algorithm, ChecksumType="FULL_OBJECT")


def test_a_composite_of_crc64(upload):
    with refused("InvalidRequest", 400, "The COMPOSITE checksum type cannot be used with the crc64nvme"):
        upload(ChecksumAlgorithm="CRC64NVME", ChecksumType="COMPOSITE")


def test_a_kind_without_an_algorithm(upload):
    with refused(
        "InvalidRequest", 400,
        "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
    ):
        upload(ChecksumType="COMPOSITE")


def test_an_unknown_algorithm(raw, bucket):
    answer = raw("POST", f"/{bucket}/k?uploads", {"x-amz-checksum-algorithm": "CRC16"})
    answer.is_error("InvalidRequest", 400, "Checksum algorithm provided is unsupported.")


def composite(made, bodies):
    """Uploads and completes parts with their CRC32."""
    listed = []
    for number, body in enumerate(bodies, 1):
        answer = made.part(number, body, ChecksumAlgorithm="CRC32")
        assert answer["ChecksumCRC32"] == crc32(body)
        listed.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumCRC32": answer["ChecksumCRC32"]})
    return listed


def test_a_composite_checksum(s3, upload):
    made = upload(ChecksumAlgorithm="CRC32")
    bodies = [LARGE, b"end"]
    answer = made.complete(*composite(made, bodies))
    joined = b"".join(zlib.crc32(body).to_bytes(4, "big") for body in bodies)
    assert answer["ChecksumCRC32"] == crc32(joined) + "-2"
    assert answer["ChecksumType"] == "COMPOSITE"
    head = s3.head_object(Bucket=made.bucket, Key="k", ChecksumMode="ENABLED")
    assert (head["ChecksumCRC32"], head["ChecksumType"]) == (answer["ChecksumCRC32"], "COMPOSITE")


def test_a_checksum_of_the_whole(s3, upload):
    made = upload(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    bodies = [LARGE, b"end"]
    composite(made, bodies)
    answer = made.complete()
    assert answer["ChecksumCRC32"] == crc32(b"".join(bodies))
    assert answer["ChecksumType"] == "FULL_OBJECT"
    got = s3.get_object(Bucket=made.bucket, Key="k", ChecksumMode="ENABLED")
    assert got["ChecksumCRC32"] == answer["ChecksumCRC32"]
    assert got["Body"].read() == b"".join(bodies)


def test_a_checksum_of_the_whole_may_be_claimed(upload):
    made = upload(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    composite(made, [b"body"])
    made.complete(ChecksumCRC32=crc32(b"body"), ChecksumType="FULL_OBJECT")
    assert made.body() == b"body"


def test_a_wrong_claim_about_the_whole(upload):
    made = upload(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    composite(made, [b"body"])
    with refused("BadDigest", 400, "The crc32 you specified did not match the calculated checksum."):
        made.complete(ChecksumCRC32=crc32(b"other"), ChecksumType="FULL_OBJECT")


def test_a_composite_needs_the_parts_checksums(upload):
    made = upload(ChecksumAlgorithm="CRC32")
    composite(made, [b"body"])
    with refused(
        "InvalidRequest", 400,
        "The upload was created using a crc32 checksum. The complete request must include the checksum for each "
        "part. It was missing for part 1 in the request.",
    ):
        made.complete()


def test_a_wrong_checksum_of_a_listed_part(upload):
    made = upload(ChecksumAlgorithm="CRC32")
    (entry,) = composite(made, [b"body"])
    with refused("InvalidPart", 400):
        made.complete({**entry, "ChecksumCRC32": crc32(b"other")})


def test_a_wrong_checksum_of_a_part_makes_the_claim_about_the_whole_wrong(upload):
    made = upload(ChecksumAlgorithm="CRC32")
    (entry,) = composite(made, [b"body"])
    whole = crc32(zlib.crc32(b"body").to_bytes(4, "big"))
    with refused("BadDigest", 400, "The crc32 you specified did not match the calculated checksum."):
        made.complete({**entry, "ChecksumCRC32": crc32(b"other")}, ChecksumCRC32=whole)


def test_a_listed_part_has_no_other_checksum_than_the_upload(upload):
    made = upload(ChecksumAlgorithm="CRC32")
    (entry,) = composite(made, [b"body"])
    del entry["ChecksumCRC32"]
    sha1 = base64.b64encode(hashlib.sha1(b"body").digest()).decode()
    with refused("BadDigest", 400, "The sha1 you specified for part 1 did not match what we received."):
        made.complete({**entry, "ChecksumSHA1": sha1})


@pytest.mark.parametrize("value", ["8ykn/A==", "AAAAAA=="])
def test_without_an_algorithm_a_part_has_no_checksum_to_be_listed(upload, value):
    made = upload()
    made.part(1, b"body")
    with refused("InvalidPart", 400):
        made.complete({"PartNumber": 1, "ETag": made.tags[1], "ChecksumCRC32C": value})


@pytest.mark.parametrize("suffix", ["", "-1"])
def test_a_composite_may_be_claimed_with_or_without_the_number_of_parts(upload, suffix):
    made = upload(ChecksumAlgorithm="CRC32")
    (entry,) = composite(made, [b"body"])
    whole = crc32(zlib.crc32(b"body").to_bytes(4, "big"))
    assert made.complete(entry, ChecksumCRC32=whole + suffix)["ChecksumCRC32"] == whole + "-1"


def test_a_composite_of_another_number_of_parts(upload):
    made = upload(ChecksumAlgorithm="CRC32")
    (entry,) = composite(made, [b"body"])
    whole = crc32(zlib.crc32(b"body").to_bytes(4, "big"))
    with refused("BadDigest", 400, "The crc32 you specified did not match the calculated checksum."):
        made.complete(entry, ChecksumCRC32=whole + "-2")


@pytest.mark.parametrize("value", ["", "short", "AAAAAB==", "AAAA", "AAAAAA==-a", "AAAAAA==-", "AAAAAA==-0"])
def test_a_claim_about_the_whole_that_is_no_checksum(upload, value):
    made = upload(ChecksumAlgorithm="CRC32")
    (entry,) = composite(made, [b"body"])
    with refused("InvalidRequest", 400, "Value for x-amz-checksum-crc32 header is invalid."):
        made.complete(entry, ChecksumCRC32=value)


def test_an_upload_has_one_algorithm(upload):
    with refused("InvalidRequest", 400, "Invalid types are specified in x-amz-checksum-algorithm header."):
        upload(ChecksumAlgorithm="CRC32,CRC32C")


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256"])
def test_each_part_of_a_composite_brings_its_checksum(raw, upload, algorithm):
    made = upload(ChecksumAlgorithm=algorithm)
    raw("PUT", f"/{made.bucket}/k?partNumber=1&uploadId={made.id}", body=b"x").is_error(
        "InvalidRequest", 400,
        f"Checksum Type mismatch occurred, expected checksum Type: {algorithm.lower()}, actual checksum Type: null")


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", None])
def test_parts_of_a_whole_need_no_checksum(raw, upload, algorithm):
    made = upload(**{"ChecksumAlgorithm": algorithm, "ChecksumType": "FULL_OBJECT"} if algorithm else {})
    answer = raw("PUT", f"/{made.bucket}/k?partNumber=1&uploadId={made.id}", body=b"x")
    assert answer.status == 200
    made.complete({"PartNumber": 1, "ETag": answer.headers["ETag"]})
    assert made.body() == b"x"


def test_a_part_of_another_algorithm(upload):
    made = upload(ChecksumAlgorithm="SHA256")
    with refused(
        "InvalidRequest", 400,
        "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32",
    ):
        made.part(1, b"x", ChecksumAlgorithm="CRC32")


def test_without_an_algorithm_the_object_has_crc64(s3, upload):
    made = upload()
    made.part(1, b"123456789", ChecksumAlgorithm="SHA1")
    made.complete()
    head = s3.head_object(Bucket=made.bucket, Key="k", ChecksumMode="ENABLED")
    assert (head["ChecksumCRC64NVME"], head["ChecksumType"]) == ("rosUhgp5mIg=", "FULL_OBJECT")


def test_without_an_algorithm_parts_show_no_checksums(upload):
    made = upload()
    made.part(1, b"x", ChecksumAlgorithm="SHA1")
    answer = made.parts()
    assert "ChecksumAlgorithm" not in answer and "ChecksumSHA1" not in answer["Parts"][0]


def test_listed_parts_show_their_checksums(upload):
    made = upload(ChecksumAlgorithm="CRC32")
    composite(made, [b"x"])
    answer = made.parts()
    assert (answer["ChecksumAlgorithm"], answer["ChecksumType"]) == ("CRC32", "COMPOSITE")
    assert answer["Parts"][0]["ChecksumCRC32"] == crc32(b"x")


def test_listed_uploads_show_their_algorithm(s3, upload):
    made = upload(ChecksumAlgorithm="SHA1")
    (entry,) = s3.list_multipart_uploads(Bucket=made.bucket)["Uploads"]
    assert (entry["ChecksumAlgorithm"], entry["ChecksumType"]) == ("SHA1", "COMPOSITE")


def test_the_size_of_the_whole_may_be_claimed(upload):
    made = upload()
    made.part(1, b"body")
    with refused(
        "InvalidRequest", 400,
        "The provided 'x-amz-mp-object-size' header value 5 does not match what was computed: 4",
    ):
        made.complete(MpuObjectSize=5)
    made.complete(MpuObjectSize=4)
