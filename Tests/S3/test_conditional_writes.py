"""If-None-Match and If-Match of PutObject, CopyObject and CompleteMultipartUpload."""

import pytest

from .conftest import error_of, refused

OTHER = '"0123456789abcdef0123456789abcdef"'
UNSUPPORTED = "A header you provided implies functionality that is not implemented"
WRITES = ["put", "copy", "complete"]


@pytest.fixture
def write(s3, bucket):
    """write(name, **conditions): writes the key `k` by one of the three operations."""
    s3.put_object(Bucket=bucket, Key="source", Body=b"source")

    def write(name, **conditions):
        if name == "put":
            return s3.put_object(Bucket=bucket, Key="k", Body=b"new", **conditions)
        if name == "copy":
            return s3.copy_object(
                Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "source"}, **conditions)
        upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
        part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"parts")
        return s3.complete_multipart_upload(
            Bucket=bucket, Key="k", UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}, **conditions)

    return write


@pytest.fixture
def old(s3, bucket):
    """The ETag of an object that is there already."""
    return s3.put_object(Bucket=bucket, Key="k", Body=b"old")["ETag"]


def body(s3, bucket):
    return s3.get_object(Bucket=bucket, Key="k")["Body"].read()


@pytest.mark.parametrize("name", WRITES)
def test_a_new_key(write, name):
    assert write(name, IfNoneMatch="*")["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("name", WRITES)
def test_a_key_that_exists(s3, bucket, old, write, name):
    with refused(
        "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold"
    ) as refusal:
        write(name, IfNoneMatch="*")
    assert refusal.elements["Condition"] == "If-None-Match"
    assert body(s3, bucket) == b"old"


@pytest.mark.parametrize("name", WRITES)
def test_the_expected_object(old, write, name):
    assert write(name, IfMatch=old)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("name", WRITES)
def test_the_expected_object_without_quotes(old, write, name):
    write(name, IfMatch=old.strip('"'))


@pytest.mark.parametrize("name", WRITES)
def test_another_object_than_expected(s3, bucket, old, write, name):
    with refused("PreconditionFailed", 412) as refusal:
        write(name, IfMatch=OTHER)
    assert refusal.elements["Condition"] == "If-Match"
    assert body(s3, bucket) == b"old"


@pytest.mark.parametrize("name", WRITES)
def test_no_object_where_one_is_expected(write, name):
    with refused("NoSuchKey", 404, "The specified key does not exist."):
        write(name, IfMatch=OTHER)


@pytest.mark.parametrize("name", WRITES)
def test_tags_that_must_not_match_are_not_supported(old, write, name):
    with refused("NotImplemented", 501, UNSUPPORTED) as refusal:
        write(name, IfNoneMatch=OTHER)
    assert refusal.elements["Header"] == "If-None-Match"
    assert refusal.elements["additionalMessage"] == (
        "We don't accept the provided value of If-None-Match header for this API")


@pytest.mark.parametrize("name", WRITES)
def test_any_object_is_not_supported(old, write, name):
    with refused("NotImplemented", 501, UNSUPPORTED) as refusal:
        write(name, IfMatch="*")
    assert refusal.elements["Header"] == "If-Match"


@pytest.mark.parametrize("name", WRITES)
def test_both_conditions_are_not_supported(old, write, name):
    with refused("NotImplemented", 501, UNSUPPORTED) as refusal:
        write(name, IfMatch=old, IfNoneMatch="*")
    assert refusal.elements["Header"] == "If-Match,If-None-Match"
    assert refusal.elements["additionalMessage"] == (
        "Multiple conditional request headers present in the request")


def test_a_deleted_key_is_new_again(s3, bucket, old, write):
    s3.delete_object(Bucket=bucket, Key="k")
    write("put", IfNoneMatch="*")
    assert body(s3, bucket) == b"new"


def test_the_second_of_two_fails(s3, bucket, write):
    write("put", IfNoneMatch="*")
    with refused("PreconditionFailed", 412):
        write("put", IfNoneMatch="*")


def test_a_swap(s3, bucket, old):
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfMatch=old)["ETag"]
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=old)
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=first)
    assert body(s3, bucket) == b"3"


def test_the_tag_of_an_object_in_parts(s3, bucket, write):
    etag = write("complete")["ETag"]
    write("put", IfMatch=etag)
    assert body(s3, bucket) == b"new"


def test_a_key_that_exists_in_parts(write):
    write("complete")
    with refused("PreconditionFailed", 412):
        write("complete", IfNoneMatch="*")


# Versions


def test_behind_a_marker_there_is_no_object(s3, versioned_bucket):
    etag = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"old")["ETag"]
    s3.delete_object(Bucket=versioned_bucket, Key="k")
    with refused("NoSuchKey", 404):
        s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"new", IfMatch=etag)
    s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"new", IfNoneMatch="*")
    assert body(s3, versioned_bucket) == b"new"


def test_only_the_current_version_counts(s3, versioned_bucket):
    old = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"old")["ETag"]
    current = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"current")["ETag"]
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"new", IfMatch=old)
    s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"new", IfMatch=current)


# Uploads that something came between


@pytest.fixture
def upload(s3, bucket):
    """begin() -> finish(**conditions): a multipart upload of `k` in two steps."""
    def begin():
        upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
        part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"parts")

        def finish(**conditions):
            return s3.complete_multipart_upload(
                Bucket=bucket, Key="k", UploadId=upload,
                MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}, **conditions)

        return finish

    return begin


def conflict(call, condition):
    refusal = error_of(call)
    assert (refusal.code, refusal.status) == ("ConditionalRequestConflict", 409)
    assert refusal.message == (
        "The conditional request cannot succeed due to a conflicting operation against this resource.")
    assert (refusal.elements["Condition"], refusal.elements["Key"]) == (condition, "k")


def test_an_overwrite_during_the_upload_is_a_conflict(s3, bucket, old, upload):
    finish = upload()
    new = s3.put_object(Bucket=bucket, Key="k", Body=b"between")["ETag"]
    with refused("PreconditionFailed", 412):
        finish(IfMatch=old)
    conflict(lambda: finish(IfMatch=new), "If-Match")
    assert body(s3, bucket) == b"between"


def test_a_deletion_during_the_upload_is_a_conflict(s3, bucket, old, upload):
    finish = upload()
    s3.delete_object(Bucket=bucket, Key="k")
    conflict(lambda: finish(IfNoneMatch="*"), "If-None-Match")


def test_a_deletion_during_the_upload_leaves_nothing_to_match(s3, bucket, old, upload):
    finish = upload()
    s3.delete_object(Bucket=bucket, Key="k")
    with refused("NoSuchKey", 404):
        finish(IfMatch=old)


def test_a_new_object_during_the_upload_exists(s3, bucket, upload):
    finish = upload()
    s3.put_object(Bucket=bucket, Key="k", Body=b"between")
    with refused("PreconditionFailed", 412):
        finish(IfNoneMatch="*")


def test_after_a_false_condition_the_upload_goes_on(s3, bucket, old, upload):
    finish = upload()
    with refused("PreconditionFailed", 412):
        finish(IfMatch=OTHER)
    finish(IfMatch=old)
    assert body(s3, bucket) == b"parts"
