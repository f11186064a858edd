"""CopyObject: what is copied, directives, sources, conditions, copies onto themselves."""

import datetime
import hashlib

import pytest

from .conftest import error_of, refused

OTHER = '"0123456789abcdef0123456789abcdef"'


@pytest.fixture
def source(s3, bucket):
    """A bucket with the object `source`, which has headers, metadata and a storage class."""
    s3.put_object(
        Bucket=bucket, Key="source", Body=b"body", ContentType="text/plain", CacheControl="no-cache",
        ContentDisposition="inline", ContentLanguage="de", Metadata={"a": "1"}, StorageClass="STANDARD_IA",
        WebsiteRedirectLocation="/elsewhere")
    return bucket


def copy(s3, bucket, key="copy", source="source", **more):
    more.setdefault("CopySource", {"Bucket": bucket, "Key": source})
    return s3.copy_object(Bucket=bucket, Key=key, **more)


def head(s3, bucket, key="copy", **more):
    return s3.head_object(Bucket=bucket, Key=key, **more)


def test_a_copy_has_the_same_bytes(s3, source):
    answer = copy(s3, source)["CopyObjectResult"]
    assert answer["ETag"] == f'"{hashlib.md5(b"body").hexdigest()}"'
    assert s3.get_object(Bucket=source, Key="copy")["Body"].read() == b"body"


def test_the_answer(s3, source):
    answer = copy(s3, source)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ServerSideEncryption"] == "AES256"
    assert "VersionId" not in answer and "CopySourceVersionId" not in answer
    result = answer["CopyObjectResult"]
    age = datetime.datetime.now(datetime.timezone.utc) - result["LastModified"]
    assert abs(age.total_seconds()) < 900
    assert result["LastModified"] == head(s3, source)["LastModified"]


def test_headers_and_metadata_are_copied(s3, source):
    copy(s3, source)
    answer = head(s3, source)
    assert (answer["ContentType"], answer["CacheControl"]) == ("text/plain", "no-cache")
    assert (answer["ContentDisposition"], answer["ContentLanguage"]) == ("inline", "de")
    assert answer["Metadata"] == {"a": "1"}


def test_class_and_redirect_are_not_copied(s3, source):
    copy(s3, source)
    answer = head(s3, source)
    assert "StorageClass" not in answer and "WebsiteRedirectLocation" not in answer


def test_class_and_redirect_may_be_given(s3, source):
    copy(s3, source, StorageClass="ONEZONE_IA", WebsiteRedirectLocation="/there")
    answer = head(s3, source)
    assert (answer["StorageClass"], answer["WebsiteRedirectLocation"]) == ("ONEZONE_IA", "/there")


@pytest.mark.parametrize("more", [{}, {"MetadataDirective": "COPY"}])
def test_metadata_of_the_request_are_read_over(s3, source, more):
    copy(s3, source, Metadata={"b": "2"}, ContentType="text/other", CacheControl="public", **more)
    answer = head(s3, source)
    assert (answer["Metadata"], answer["ContentType"]) == ({"a": "1"}, "text/plain")
    assert answer["CacheControl"] == "no-cache"


def test_metadata_are_replaced_as_a_whole(s3, source):
    copy(s3, source, MetadataDirective="REPLACE", Metadata={"b": "2"}, ContentType="text/other")
    answer = head(s3, source)
    assert (answer["Metadata"], answer["ContentType"]) == ({"b": "2"}, "text/other")
    assert "CacheControl" not in answer and "ContentDisposition" not in answer


def test_a_replaced_type_is_the_default(s3, source):
    copy(s3, source, MetadataDirective="REPLACE")
    answer = head(s3, source)
    assert (answer["Metadata"], answer["ContentType"]) == ({}, "binary/octet-stream")


def test_an_unknown_directive(s3, source):
    with refused("InvalidArgument", 400, "Unknown metadata directive.") as refusal:
        copy(s3, source, MetadataDirective="KEEP")
    assert refusal.elements["ArgumentName"] == "x-amz-metadata-directive"
    assert refusal.elements["ArgumentValue"] == "KEEP"


def test_a_copy_in_another_bucket(s3, source, make_bucket):
    other = make_bucket()
    s3.copy_object(Bucket=other, Key="copy", CopySource={"Bucket": source, "Key": "source"})
    assert s3.get_object(Bucket=other, Key="copy")["Body"].read() == b"body"


def test_a_copy_over_an_object(s3, source):
    s3.put_object(Bucket=source, Key="copy", Body=b"a longer body than before", Metadata={"old": "1"})
    copy(s3, source)
    assert s3.get_object(Bucket=source, Key="copy")["Body"].read() == b"body"
    assert head(s3, source)["Metadata"] == {"a": "1"}


def test_a_copy_outlives_its_source(s3, source):
    copy(s3, source)
    s3.delete_object(Bucket=source, Key="source")
    assert s3.get_object(Bucket=source, Key="copy")["Body"].read() == b"body"


@pytest.mark.parametrize("size", [0, 100_000])
def test_copies_of_other_sizes(s3, bucket, size):
    body = bytes(number % 251 for number in range(size))
    s3.put_object(Bucket=bucket, Key="source", Body=body)
    copy(s3, bucket)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == body


@pytest.mark.parametrize("key", ["a b", "a+b", "ü", "a%2Fb", "a/b?c", "a#b", "/leading", "a//b", "\U0001F600"])
def test_sources_of_any_name(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    copy(s3, bucket, source=key)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == key.encode()


@pytest.mark.parametrize("form", ["{}/source", "/{}/source"])
def test_ways_to_write_a_source(s3, source, form):
    copy(s3, source, CopySource=form.format(source))
    assert s3.get_object(Bucket=source, Key="copy")["Body"].read() == b"body"


@pytest.mark.parametrize("text", ["{}", "{}/", "nothing", "/{}"])
def test_sources_without_a_key(s3, source, text):
    with refused("InvalidArgument", 400, "Invalid copy source object key") as refusal:
        copy(s3, source, CopySource=text.format(source))
    assert refusal.elements["ArgumentName"] == "x-amz-copy-source"


def test_an_absent_source(s3, source):
    with refused("NoSuchKey", 404, "The specified key does not exist.") as refusal:
        copy(s3, source, source="absent")
    assert refusal.elements["Key"] == "absent"


def test_an_absent_source_bucket(s3, source):
    with refused("NoSuchBucket", 404) as refusal:
        copy(s3, source, CopySource=f"{source}-absent/source")
    assert refusal.elements["BucketName"] == f"{source}-absent"


def test_an_absent_target_bucket(s3, source):
    with refused("NoSuchBucket", 404) as refusal:
        s3.copy_object(
            Bucket=f"{source}-absent", Key="copy", CopySource={"Bucket": source, "Key": "source"})
    assert refusal.elements["BucketName"] == f"{source}-absent"


@pytest.mark.parametrize("name", ["GLACIER", "DEEP_ARCHIVE"])
def test_archived_sources(s3, bucket, name):
    s3.put_object(Bucket=bucket, Key="source", Body=b"x", StorageClass=name)
    refusal = error_of(lambda: copy(s3, bucket))
    assert (refusal.code, refusal.status) == ("InvalidObjectState", 403)
    assert refusal.elements["StorageClass"] == name


# Onto itself


ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
    "metadata, storage class, website redirect location or encryption attributes.")


@pytest.mark.parametrize("more", [{}, {"MetadataDirective": "COPY"}, {"Metadata": {"b": "2"}}])
def test_a_copy_onto_itself_without_a_change(s3, source, more):
    with refused("InvalidRequest", 400, ITSELF):
        copy(s3, source, "source", **more)


@pytest.mark.parametrize(
    "more",
    [
        {"MetadataDirective": "REPLACE"},
        {"StorageClass": "STANDARD"},
        {"StorageClass": "STANDARD_IA"},
        {"WebsiteRedirectLocation": "/x"},
        {"ServerSideEncryption": "AES256"},
    ],
)
def test_a_copy_onto_itself_with_a_change(s3, source, more):
    copy(s3, source, "source", **more)
    assert s3.get_object(Bucket=source, Key="source")["Body"].read() == b"body"


def test_new_metadata_by_a_copy_onto_itself(s3, source):
    copy(s3, source, "source", MetadataDirective="REPLACE", Metadata={"b": "2"}, ContentType="text/other")
    answer = head(s3, source, "source")
    assert (answer["Metadata"], answer["ContentType"]) == ({"b": "2"}, "text/other")


def test_a_versioned_copy_onto_itself(s3, versioned_bucket):
    s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"x")
    with refused("InvalidRequest", 400, ITSELF):
        copy(s3, versioned_bucket, "k", "k")


# Versions


@pytest.fixture
def versions(s3, versioned_bucket):
    """(bucket, older version, newer version) of the object `source`."""
    made = [s3.put_object(Bucket=versioned_bucket, Key="source", Body=body)["VersionId"]
            for body in (b"old", b"new")]
    return versioned_bucket, *made


def test_a_copy_of_the_current_version(s3, versions):
    bucket, _, new = versions
    answer = copy(s3, bucket)
    assert answer["CopySourceVersionId"] == new
    assert answer["VersionId"] not in (None, new)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"new"


def test_a_copy_of_an_old_version(s3, versions):
    bucket, old, _ = versions
    answer = copy(s3, bucket, CopySource={"Bucket": bucket, "Key": "source", "VersionId": old})
    assert answer["CopySourceVersionId"] == old
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"old"


def test_an_old_version_is_brought_back_by_a_copy(s3, versions):
    bucket, old, new = versions
    answer = copy(s3, bucket, "source", CopySource={"Bucket": bucket, "Key": "source", "VersionId": old})
    assert answer["VersionId"] not in (old, new)
    assert s3.get_object(Bucket=bucket, Key="source")["Body"].read() == b"old"
    assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 3


def test_a_source_behind_a_marker(s3, versions):
    bucket, _, _ = versions
    s3.delete_object(Bucket=bucket, Key="source")
    with refused("NoSuchKey", 404):
        copy(s3, bucket)


def test_a_marker_as_source(s3, versions):
    bucket, _, _ = versions
    marker = s3.delete_object(Bucket=bucket, Key="source")["VersionId"]
    with refused(
        "InvalidRequest", 400,
        "The source of a copy request may not specifically refer to a delete marker by version id.",
    ):
        copy(s3, bucket, CopySource={"Bucket": bucket, "Key": "source", "VersionId": marker})


def test_a_source_version_that_is_gone(s3, versions):
    bucket, old, _ = versions
    s3.delete_object(Bucket=bucket, Key="source", VersionId=old)
    with refused("NoSuchVersion", 404):
        copy(s3, bucket, CopySource={"Bucket": bucket, "Key": "source", "VersionId": old})


@pytest.mark.parametrize("version", ["x", "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"])
def test_a_source_version_that_never_was(s3, versions, version):
    bucket, _, _ = versions
    with refused("InvalidArgument", 400, "Invalid version id specified"):
        copy(s3, bucket, CopySource={"Bucket": bucket, "Key": "source", "VersionId": version})


def test_a_copy_into_a_suspended_bucket(s3, versions):
    bucket, _, _ = versions
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    answer = copy(s3, bucket)
    assert "VersionId" not in answer
    assert head(s3, bucket)["VersionId"] == "null"


# Checksums


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_a_copy_repeats_the_algorithm(s3, bucket, algorithm):
    put = s3.put_object(Bucket=bucket, Key="source", Body=b"x", ChecksumAlgorithm=algorithm)
    result = copy(s3, bucket)["CopyObjectResult"]
    assert result[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    answer = head(s3, bucket, ChecksumMode="ENABLED")
    assert answer[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]


def test_a_copy_may_have_another_algorithm(s3, bucket):
    s3.put_object(Bucket=bucket, Key="source", Body=b"x", ChecksumAlgorithm="SHA1")
    result = copy(s3, bucket, ChecksumAlgorithm="SHA256")["CopyObjectResult"]
    assert "ChecksumSHA256" in result and "ChecksumSHA1" not in result


def test_a_source_without_a_checksum(s3_when_required, bucket):
    s3_when_required.put_object(Bucket=bucket, Key="source", Body=b"x")
    result = copy(s3_when_required, bucket)["CopyObjectResult"]
    assert "ChecksumCRC64NVME" in result


def test_an_object_in_parts_becomes_one_piece(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="source")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="source", UploadId=upload, PartNumber=1, Body=b"parts")
    s3.complete_multipart_upload(
        Bucket=bucket, Key="source", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert copy(s3, bucket)["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(b"parts").hexdigest()}"'
    assert "PartsCount" not in s3.get_object(Bucket=bucket, Key="copy", PartNumber=1)


# Conditions of the source


@pytest.fixture
def state(s3, source):
    """(ETag, Last-Modified) of the source."""
    answer = head(s3, source, "source")
    return answer["ETag"], answer["LastModified"]


def ago(time, seconds=86_400):
    return time - datetime.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "conditions",
    [
        lambda etag, time: {"CopySourceIfMatch": etag},
        lambda etag, time: {"CopySourceIfMatch": etag.strip('"')},
        lambda etag, time: {"CopySourceIfMatch": "*"},
        lambda etag, time: {"CopySourceIfNoneMatch": OTHER},
        lambda etag, time: {"CopySourceIfUnmodifiedSince": time},
        lambda etag, time: {"CopySourceIfModifiedSince": ago(time)},
        lambda etag, time: {"CopySourceIfMatch": etag, "CopySourceIfUnmodifiedSince": ago(time)},
        lambda etag, time: {"CopySourceIfNoneMatch": OTHER, "CopySourceIfModifiedSince": ago(time)},
    ],
)
def test_conditions_that_hold(s3, source, state, conditions):
    copy(s3, source, **conditions(*state))


@pytest.mark.parametrize(
    "name,conditions",
    [
        ("If-Match", lambda etag, time: {"CopySourceIfMatch": OTHER}),
        ("If-None-Match", lambda etag, time: {"CopySourceIfNoneMatch": etag}),
        ("If-Unmodified-Since", lambda etag, time: {"CopySourceIfUnmodifiedSince": ago(time)}),
        ("If-Modified-Since", lambda etag, time: {"CopySourceIfModifiedSince": time}),
        ("If-None-Match", lambda etag, time: {
            "CopySourceIfNoneMatch": etag, "CopySourceIfModifiedSince": ago(time)}),
        ("If-Match", lambda etag, time: {
            "CopySourceIfMatch": OTHER, "CopySourceIfUnmodifiedSince": time}),
    ],
)
def test_conditions_that_do_not_hold(s3, source, state, name, conditions):
    with refused("PreconditionFailed", 412) as refusal:
        copy(s3, source, **conditions(*state))
    assert refusal.elements["Condition"] == f"x-amz-copy-source-{name}"
    with refused("404", 404):
        head(s3, source)
