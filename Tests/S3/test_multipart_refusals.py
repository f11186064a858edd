"""Parts and completions that are refused, uploads that are not there."""

import base64
import hashlib

import pytest

from .conftest import error_of, refused
from .uploads import LARGE, Upload

NOT_FOUND = (
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "
    "entity tag may not match the part's entity tag.")


@pytest.fixture
def upload(s3, bucket):
    """upload(**CreateMultipartUpload parameters) -> Upload"""
    return lambda **more: Upload(s3, bucket, **more)


@pytest.mark.parametrize("number", [0, -1, 10_001])
def test_numbers_that_no_part_has(upload, number):
    with refused(
        "InvalidArgument", 400, "Part number must be an integer between 1 and 10000, inclusive"
    ) as refusal:
        upload().part(number, b"x")
    assert refusal.elements == {"ArgumentName": "partNumber", "ArgumentValue": str(number)}


def test_a_part_number_that_is_no_number(raw, upload):
    made = upload()
    answer = raw("PUT", f"/{made.bucket}/k?partNumber=x&uploadId={made.id}", {}, b"x")
    answer.is_error("InvalidArgument", 400, "Part number must be an integer between 1 and 10000, inclusive")


def test_small_parts_are_found_at_the_end(upload):
    made = upload()
    made.part(1, b"small")
    made.part(2, b"end")
    with refused(
        "EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size"
    ) as refusal:
        made.complete()
    assert refusal.elements["MinSizeAllowed"] == "5242880"
    assert (refusal.elements["PartNumber"], refusal.elements["ProposedSize"]) == ("1", "5")
    assert refusal.elements["ETag"] == hashlib.md5(b"small").hexdigest()


@pytest.mark.parametrize("order", [(2, 1), (1, 1), (1, 3, 2)])
def test_parts_out_of_order(upload, order):
    made = upload()
    for number in (1, 2, 3):
        made.part(number, LARGE)
    with refused(
        "InvalidPartOrder", 400,
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
    ):
        made.complete(*order)


def test_a_part_that_was_not_sent(upload):
    made = upload()
    made.part(1, b"x")
    with refused("InvalidPart", 400, NOT_FOUND) as refusal:
        made.complete({"PartNumber": 9, "ETag": made.tags[1]})
    assert refusal.elements["PartNumber"] == "9"
    assert refusal.elements["UploadId"] == made.id


def test_a_part_of_another_tag(upload):
    made = upload()
    made.part(1, b"x")
    with refused("InvalidPart", 400, NOT_FOUND) as refusal:
        made.complete({"PartNumber": 1, "ETag": '"0123456789abcdef0123456789abcdef"'})
    assert refusal.elements["ETag"] == "0123456789abcdef0123456789abcdef"


def test_the_tag_of_a_part_that_was_replaced(upload):
    made = upload()
    old = made.part(1, b"old")["ETag"]
    made.part(1, b"new")
    with refused("InvalidPart", 400):
        made.complete({"PartNumber": 1, "ETag": old})


def test_tags_need_no_quotes(upload):
    made = upload()
    made.part(1, b"x")
    made.complete({"PartNumber": 1, "ETag": made.tags[1].strip('"')})
    assert made.body() == b"x"


@pytest.mark.parametrize(
    "document",
    [b"", b"parts", b"<CompleteMultipartUpload>", b"<Other/>",
     b"<CompleteMultipartUpload><Part><ETag>x</ETag></Part></CompleteMultipartUpload>",
     b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
     b"<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>"])
def test_documents_that_are_no_lists(raw, upload, document):
    made = upload()
    made.part(1, b"x")
    raw("POST", f"/{made.bucket}/k?uploadId={made.id}", {}, document).is_error("MalformedXML", 400)


def test_a_list_in_the_namespace(raw, upload):
    made = upload()
    made.part(1, b"x")
    document = (
        '<?xml version="1.0" encoding="UTF-8"?><CompleteMultipartUpload '
        'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Part><PartNumber>1</PartNumber>'
        f"<ETag>&quot;{made.tags[1][1:-1]}&quot;</ETag></Part></CompleteMultipartUpload>").encode()
    assert raw("POST", f"/{made.bucket}/k?uploadId={made.id}", {}, document).status == 200


def test_after_a_refusal_the_upload_goes_on(upload):
    made = upload()
    made.part(1, b"x")
    with refused("InvalidPart", 400):
        made.complete({"PartNumber": 2, "ETag": made.tags[1]})
    made.complete()
    assert made.body() == b"x"


@pytest.mark.parametrize("call", ["part", "complete", "parts", "abort"])
def test_an_upload_that_is_not_there(s3, upload, call):
    made = upload()
    made.part(1, b"x")
    s3.abort_multipart_upload(**made.name)
    act = {
        "part": lambda: made.part(2, b"y"), "complete": made.complete, "parts": made.parts,
        "abort": lambda: s3.abort_multipart_upload(**made.name)}[call]
    refusal = error_of(act)
    assert (refusal.code, refusal.status) == ("NoSuchUpload", 404)
    assert refusal.message == (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
        "completed.")
    assert refusal.elements["UploadId"] == made.id


@pytest.mark.parametrize("identifier", ["x", "0" * 80, "../../etc"])
def test_identifiers_that_no_upload_has(s3, bucket, identifier):
    with refused("NoSuchUpload", 404):
        s3.upload_part(Bucket=bucket, Key="k", UploadId=identifier, PartNumber=1, Body=b"x")


def test_an_upload_belongs_to_its_key(s3, upload):
    made = upload()
    with refused("NoSuchUpload", 404):
        s3.upload_part(Bucket=made.bucket, Key="other", UploadId=made.id, PartNumber=1, Body=b"x")


def test_an_absent_bucket(s3, bucket):
    with refused("NoSuchBucket", 404):
        s3.create_multipart_upload(Bucket=f"{bucket}-absent", Key="k")
    with refused("NoSuchBucket", 404):
        s3.list_multipart_uploads(Bucket=f"{bucket}-absent")


def test_a_completed_upload_has_no_parts_left(upload):
    made = upload()
    made.part(1, b"x")
    made.complete()
    with refused("NoSuchUpload", 404):
        made.parts()


def test_a_completion_may_be_asked_for_again(upload):
    made = upload()
    made.part(1, b"x")
    assert made.complete()["ETag"] == made.complete()["ETag"]


def test_an_aborted_upload_leaves_nothing(s3, upload):
    made = upload()
    made.part(1, b"x")
    answer = s3.abort_multipart_upload(**made.name)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=made.bucket)
    with refused("NoSuchKey", 404):
        made.body()


def test_a_wrong_digest_of_a_part(upload):
    made = upload()
    digest = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    with refused("BadDigest", 400):
        made.part(1, b"x", ContentMD5=digest)
    assert "Parts" not in made.parts()


@pytest.mark.parametrize("number", [0, -1])
def test_listed_numbers_begin_with_one(upload, number):
    made = upload()
    made.part(1, b"x")
    with refused("InvalidArgument", 400, "PartNumber must be >= 1") as refusal:
        made.complete({"PartNumber": number, "ETag": made.tags[1]})
    assert refusal.elements == {"ArgumentName": "PartNumber"}


@pytest.mark.parametrize("checksums", [
    {"ChecksumCRC32": "!!"}, {"ChecksumSHA1": "a"}, {"ChecksumCRC32": "AAAAAB=="},
    {"ChecksumCRC32": "AAAAAA==", "ChecksumSHA1": "AAAA"}])
def test_a_listed_part_has_one_checksum_at_most(upload, checksums):
    made = upload(ChecksumAlgorithm="CRC32")
    made.part(1, b"x")
    with refused("InvalidArgument", 400, "Invalid Base64 or multiple checksums present in request") as refusal:
        made.complete({"PartNumber": 1, "ETag": made.tags[1], **checksums})
    listed = "".join(f"{name.removeprefix('Checksum')}:{value};" for name, value in checksums.items())
    assert refusal.elements == {"ArgumentName": "Checksum", "ArgumentValue": listed}


@pytest.mark.parametrize("size, message", [
    ("size", "Value for x-amz-mp-object-size header is invalid: 'size'"),
    ("1.5", "Value for x-amz-mp-object-size header is invalid: '1.5'"),
    (-1, "Value for x-amz-mp-object-size header is less than zero: '-1'")])
def test_a_size_of_the_whole_that_none_can_be(upload, size, message):
    made = upload()
    made.part(1, b"x")
    assert error_of(lambda: made.complete(MpuObjectSize=size)).message == message
    made.complete()


@pytest.mark.parametrize("method, path", [
    ("GET", "/{}/k"), ("HEAD", "/{}/k"), ("DELETE", "/{}/k"), ("GET", "/{}"), ("HEAD", "/{}"), ("DELETE", "/{}"),
    ("POST", "/{}/k?uploadId={}"), ("GET", "/{}/k?uploadId={}"), ("GET", "/{}/k?tagging")])
def test_only_copies_have_a_source(raw, upload, method, path):
    made = upload()
    answer = raw(method, path.format(made.bucket, made.id), {"x-amz-copy-source": f"{made.bucket}/k"})
    assert answer.status == 400
    if method != "HEAD":
        document = answer.is_error(
            "InvalidArgument", 400, "You can only specify a copy source header for copy requests.")
        assert document["ArgumentName"] == "x-amz-copy-source"


def test_a_post_that_is_no_operation_is_not_allowed_with_a_source_either(raw, bucket):
    raw("POST", f"/{bucket}/k", {"x-amz-copy-source": f"{bucket}/k"}).is_error("MethodNotAllowed", 405)
