"""GetObjectAttributes: attributes by name, checksums, parts, versions."""

import pytest

from .conftest import refused

ALL = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
MIB = 1 << 20


def attributes(s3, bucket, names=ALL, **more):
    return s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=names, **more)


def upload(s3, bucket, bodies, algorithm=None, **more):
    """Uploads the object `k` in parts; the answers to its parts."""
    if algorithm:
        more["ChecksumAlgorithm"] = algorithm
    made = s3.create_multipart_upload(Bucket=bucket, Key="k", **more)["UploadId"]
    extra = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    answers, listed = [], []
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(Bucket=bucket, Key="k", UploadId=made, PartNumber=number, Body=body, **extra)
        answers.append(answer)
        entry = {"PartNumber": number, "ETag": answer["ETag"]}
        if algorithm:
            entry[f"Checksum{algorithm}"] = answer[f"Checksum{algorithm}"]
        listed.append(entry)
    s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=made, MultipartUpload={"Parts": listed})
    return answers


@pytest.fixture
def plain(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm="SHA256")
    return bucket


def test_all_attributes(s3, plain):
    answer = attributes(s3, plain)
    assert answer["ETag"] == "5d41402abc4b2a76b9719d911017c592"
    assert answer["Checksum"] == {
        "ChecksumSHA256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", "ChecksumType": "FULL_OBJECT"}
    assert (answer["StorageClass"], answer["ObjectSize"]) == ("STANDARD", 5)
    assert "ObjectParts" not in answer and "VersionId" not in answer
    assert answer["LastModified"] == s3.head_object(Bucket=plain, Key="k")["LastModified"]


@pytest.mark.parametrize("name", ALL)
def test_one_attribute(s3, plain, name):
    answer = attributes(s3, plain, [name])
    assert set(ALL) & set(answer) == ({name} - {"ObjectParts"})


def test_attributes_in_several_headers(raw, plain):
    answer = raw(
        "GET", f"/{plain}/k?attributes",
        [("x-amz-object-attributes", "ETag"), ("x-amz-object-attributes", "ObjectSize")])
    assert answer.status == 200
    assert [child.tag for child in answer.xml] == ["ETag", "ObjectSize"]
    assert answer.xml.tag == "GetObjectAttributesResponse"


@pytest.mark.parametrize("headers", [{}, {"x-amz-object-attributes": ""}])
def test_attributes_must_be_named(raw, plain, headers):
    answer = raw("GET", f"/{plain}/k?attributes", headers)
    answer.is_error(
        "InvalidRequest", 400,
        "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty")


@pytest.mark.parametrize("name", ["etag", "Owner", "Size"])
def test_an_unknown_attribute(s3, plain, name):
    with refused("InvalidArgument", 400, "Invalid attribute name specified."):
        attributes(s3, plain, ["ETag", name])


@pytest.mark.parametrize("name", ["STANDARD_IA", "GLACIER"])
def test_a_storage_class(s3, bucket, name):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", StorageClass=name)
    assert attributes(s3, bucket)["StorageClass"] == name


def test_an_absent_object(s3, bucket):
    with refused("NoSuchKey", 404):
        attributes(s3, bucket)


def test_an_absent_bucket(s3, bucket):
    with refused("NoSuchBucket", 404):
        attributes(s3, f"{bucket}-absent")


# Versions


def test_attributes_of_a_version(s3, versioned_bucket):
    old = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"old!")["VersionId"]
    new = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"new")["VersionId"]
    answer = attributes(s3, versioned_bucket, VersionId=old)
    assert (answer["ObjectSize"], answer["VersionId"]) == (4, old)
    answer = attributes(s3, versioned_bucket)
    assert (answer["ObjectSize"], answer["VersionId"]) == (3, new)


def test_attributes_of_a_marker(s3, versioned_bucket):
    s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"x")
    marker = s3.delete_object(Bucket=versioned_bucket, Key="k")["VersionId"]
    with refused("NoSuchKey", 404):
        attributes(s3, versioned_bucket)
    with refused("MethodNotAllowed", 405):
        attributes(s3, versioned_bucket, VersionId=marker)


# Parts


def test_parts_without_checksums_are_counted(s3_when_required, bucket):
    upload(s3_when_required, bucket, [b"x" * 5 * MIB, b"y"])
    answer = attributes(s3_when_required, bucket)
    assert answer["ObjectParts"] == {"TotalPartsCount": 2}
    assert answer["ETag"].endswith("-2") and answer["ObjectSize"] == 5 * MIB + 1
    assert answer["Checksum"]["ChecksumType"] == "FULL_OBJECT"
    assert "ChecksumCRC64NVME" in answer["Checksum"]


def test_a_composite_checksum_comes_without_its_count(s3, bucket):
    upload(s3, bucket, [b"x" * 5 * MIB, b"y"], "SHA256")
    told = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")["ChecksumSHA256"]
    checksum = attributes(s3, bucket)["Checksum"]
    assert told == checksum["ChecksumSHA256"] + "-2"
    assert checksum["ChecksumType"] == "COMPOSITE"


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256"])
def test_parts_with_checksums_are_listed(s3, bucket, algorithm):
    answers = upload(s3, bucket, [b"x" * 5 * MIB, b"y"], algorithm)
    parts = attributes(s3, bucket)["ObjectParts"]
    assert parts["TotalPartsCount"] == 2
    assert (parts["PartNumberMarker"], parts["MaxParts"], parts["IsTruncated"]) == (0, 1000, False)
    assert parts["Parts"] == [
        {"PartNumber": number, "Size": size, f"Checksum{algorithm}": answer[f"Checksum{algorithm}"]}
        for number, size, answer in zip((1, 2), (5 * MIB, 1), answers)]


def test_parts_in_pages(s3, bucket):
    upload(s3, bucket, [b"x" * 5 * MIB, b"y" * 5 * MIB, b"z"], "CRC32")
    first = attributes(s3, bucket, ["ObjectParts"], MaxParts=2)["ObjectParts"]
    assert [part["PartNumber"] for part in first["Parts"]] == [1, 2]
    assert (first["IsTruncated"], first["NextPartNumberMarker"], first["MaxParts"]) == (True, 2, 2)
    assert first["TotalPartsCount"] == 3
    second = attributes(
        s3, bucket, ["ObjectParts"], MaxParts=2, PartNumberMarker=first["NextPartNumberMarker"])["ObjectParts"]
    assert [part["PartNumber"] for part in second["Parts"]] == [3]
    assert (second["IsTruncated"], second["PartNumberMarker"]) == (False, 2)
