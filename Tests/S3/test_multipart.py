"""Multipart uploads: parts, completion, refusals, listings, copies of parts, checksums."""

import base64
import hashlib
import zlib

import pytest

from conftest import error_of, refused

MIB = 1 << 20
LARGE = b"x" * 5 * MIB
NOT_FOUND = (
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "
    "entity tag may not match the part's entity tag.")


class Upload:
    """A multipart upload of the object `k`."""

    def __init__(self, s3, bucket, key="k", **more):
        self.s3, self.bucket, self.key, self.tags = s3, bucket, key, {}
        self.begun = s3.create_multipart_upload(Bucket=bucket, Key=key, **more)
        self.id = self.begun["UploadId"]
        self.name = {"Bucket": bucket, "Key": key, "UploadId": self.id}

    def part(self, number, body, **more):
        answer = self.s3.upload_part(PartNumber=number, Body=body, **self.name, **more)
        self.tags[number] = answer["ETag"]
        return answer

    def complete(self, *parts, **more):
        """With the given parts (numbers, or dictionaries), by default with all in order."""
        listed = [
            part if isinstance(part, dict) else {"PartNumber": part, "ETag": self.tags[part]}
            for part in parts or sorted(self.tags)]
        return self.s3.complete_multipart_upload(MultipartUpload={"Parts": listed}, **self.name, **more)

    def body(self):
        return self.s3.get_object(Bucket=self.bucket, Key=self.key)["Body"].read()

    def parts(self, **more):
        return self.s3.list_parts(**self.name, **more)


@pytest.fixture
def upload(s3, bucket):
    """upload(**CreateMultipartUpload parameters) -> Upload"""
    return lambda **more: Upload(s3, bucket, **more)


def etag(*bodies):
    joined = b"".join(hashlib.md5(body).digest() for body in bodies)
    return f'"{hashlib.md5(joined).hexdigest()}-{len(bodies)}"'


# From beginning to end


def test_an_upload_of_one_part(upload):
    made = upload()
    made.part(1, b"only")
    answer = made.complete()
    assert answer["ETag"] == etag(b"only")
    assert made.body() == b"only"


def test_an_upload_of_several_parts(upload):
    made = upload()
    bodies = [LARGE, b"y" * 6 * MIB, b"end"]
    for number, body in enumerate(bodies, 1):
        assert made.part(number, body)["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert made.complete()["ETag"] == etag(*bodies)
    assert made.body() == b"".join(bodies)


def test_parts_may_come_in_any_order(upload):
    made = upload()
    made.part(2, b"end")
    made.part(1, LARGE)
    made.complete()
    assert made.body() == LARGE + b"end"


def test_numbers_may_have_gaps(upload):
    made = upload()
    made.part(7, LARGE)
    made.part(10_000, b"end")
    assert made.complete()["ETag"] == etag(LARGE, b"end")
    assert made.body() == LARGE + b"end"


def test_a_part_may_be_sent_again(upload):
    made = upload()
    made.part(1, b"first")
    made.part(1, b"second")
    made.complete()
    assert made.body() == b"second"


def test_parts_that_are_not_listed_are_dropped(upload):
    made = upload()
    for number, body in [(1, LARGE), (2, b"dropped"), (3, b"end")]:
        made.part(number, body)
    made.complete(1, 3)
    assert made.body() == LARGE + b"end"


def test_an_empty_part(upload):
    made = upload()
    made.part(1, b"")
    assert made.complete()["ETag"] == etag(b"")
    assert made.body() == b""


def test_the_answers(upload):
    made = upload()
    assert (made.begun["Bucket"], made.begun["Key"]) == (made.bucket, "k")
    assert made.begun["ServerSideEncryption"] == "AES256"
    assert made.part(1, b"x")["ServerSideEncryption"] == "AES256"
    answer = made.complete()
    assert (answer["Bucket"], answer["Key"]) == (made.bucket, "k")
    assert answer["Location"].endswith("/k")
    assert answer["ServerSideEncryption"] == "AES256"
    assert "VersionId" not in answer


def test_an_object_appears_with_its_completion_only(s3, upload):
    made = upload()
    made.part(1, b"x")
    with refused("NoSuchKey", 404):
        made.body()
    assert "Contents" not in s3.list_objects_v2(Bucket=made.bucket)
    made.complete()
    assert s3.list_objects_v2(Bucket=made.bucket)["Contents"][0]["Size"] == 1


def test_an_old_object_stays_until_the_completion(s3, upload):
    made = upload()
    s3.put_object(Bucket=made.bucket, Key="k", Body=b"old")
    made.part(1, b"new")
    assert made.body() == b"old"
    made.complete()
    assert made.body() == b"new"


def test_two_uploads_of_one_key(upload):
    first, second = upload(), upload()
    assert first.id != second.id
    first.part(1, b"first")
    second.part(1, b"second")
    second.complete()
    first.complete()
    assert first.body() == b"first"


def test_a_listing_shows_the_tag_in_parts(s3, upload):
    made = upload()
    made.part(1, b"x")
    made.complete()
    assert s3.list_objects_v2(Bucket=made.bucket)["Contents"][0]["ETag"] == etag(b"x")
    assert s3.head_object(Bucket=made.bucket, Key="k")["ETag"] == etag(b"x")


# Reading parts


def test_parts_are_read_by_number(s3, upload):
    made = upload()
    bodies = [LARGE, b"y" * 6 * MIB, b"end"]
    for number, body in enumerate(bodies, 1):
        made.part(number, body)
    tag = made.complete()["ETag"]
    start = 0
    for number, body in enumerate(bodies, 1):
        answer = s3.get_object(Bucket=made.bucket, Key="k", PartNumber=number)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert answer["Body"].read() == body
        assert (answer["PartsCount"], answer["ETag"]) == (3, tag)
        total = sum(map(len, bodies))
        assert answer["ContentRange"] == f"bytes {start}-{start + len(body) - 1}/{total}"
        head = s3.head_object(Bucket=made.bucket, Key="k", PartNumber=number)
        assert (head["ContentLength"], head["PartsCount"]) == (len(body), 3)
        start += len(body)
    with refused("InvalidPartNumber", 416) as refusal:
        s3.get_object(Bucket=made.bucket, Key="k", PartNumber=4)
    assert refusal.elements["ActualPartCount"] == "3"


def test_without_a_part_number_parts_are_not_counted(s3, upload):
    made = upload()
    made.part(1, b"x")
    made.complete()
    assert "PartsCount" not in s3.get_object(Bucket=made.bucket, Key="k")


@pytest.mark.parametrize("first,last", [(0, 0), (5 * MIB - 1, 5 * MIB), (5 * MIB, 5 * MIB + 2), (100, 5 * MIB + 50)])
def test_ranges_over_parts(s3, upload, first, last):
    made = upload()
    made.part(1, LARGE)
    made.part(2, b"y" * 100)
    made.complete()
    answer = s3.get_object(Bucket=made.bucket, Key="k", Range=f"bytes={first}-{last}")
    assert answer["Body"].read() == (LARGE + b"y" * 100)[first:last + 1]


# Refusals


@pytest.mark.parametrize("number", [0, -1, 10_001])
def test_numbers_that_no_part_has(upload, number):
    with refused(
        "InvalidArgument", 400, "Part number must be an integer between 1 and 10000, inclusive"
    ):
        upload().part(number, b"x")


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


# ListParts


def test_parts_are_listed(upload):
    made = upload(StorageClass="STANDARD_IA")
    made.part(2, b"two")
    made.part(1, b"one!")
    answer = made.parts()
    assert [(part["PartNumber"], part["Size"], part["ETag"]) for part in answer["Parts"]] == [
        (1, 4, made.tags[1]), (2, 3, made.tags[2])]
    assert (answer["Bucket"], answer["Key"], answer["UploadId"]) == (made.bucket, "k", made.id)
    assert (answer["PartNumberMarker"], answer["NextPartNumberMarker"]) == (0, 2)
    assert (answer["MaxParts"], answer["IsTruncated"]) == (1000, False)
    assert answer["StorageClass"] == "STANDARD_IA"
    assert answer["Owner"]["ID"] and answer["Initiator"]["ID"]


def test_an_upload_without_parts(upload):
    answer = upload().parts()
    assert "Parts" not in answer
    assert (answer["NextPartNumberMarker"], answer["IsTruncated"]) == (0, False)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_parts_in_pages(upload, size):
    made = upload()
    for number in (1, 2, 4, 8, 16):
        made.part(number, b"x")
    numbers, marker = [], 0
    while True:
        page = made.parts(MaxParts=size, PartNumberMarker=marker)
        numbers += [part["PartNumber"] for part in page["Parts"]]
        assert len(page["Parts"]) <= size and page["MaxParts"] == size
        assert page["NextPartNumberMarker"] == numbers[-1]
        marker = page["NextPartNumberMarker"]
        if not page["IsTruncated"]:
            break
    assert numbers == [1, 2, 4, 8, 16]


@pytest.mark.parametrize("name", ["max-parts", "part-number-marker"])
def test_numbers_that_are_none(raw, upload, name):
    made = upload()
    answer = raw("GET", f"/{made.bucket}/k?uploadId={made.id}&{name}=x")
    answer.is_error("InvalidArgument", 400)


# ListMultipartUploads


def listed(answer):
    return [(entry["Key"], entry["UploadId"]) for entry in answer.get("Uploads", [])]


def test_a_bucket_without_uploads(s3, bucket):
    answer = s3.list_multipart_uploads(Bucket=bucket)
    assert "Uploads" not in answer
    assert (answer["IsTruncated"], answer["MaxUploads"]) == (False, 1000)
    assert (answer["KeyMarker"], answer["UploadIdMarker"]) == ("", "")


def test_uploads_are_listed_by_key_and_then_by_time(s3, upload):
    made = [upload(key=key) for key in ("b", "a", "b", "a/x")]
    answer = s3.list_multipart_uploads(Bucket=made[0].bucket)
    assert listed(answer) == [
        ("a", made[1].id), ("a/x", made[3].id), ("b", made[0].id), ("b", made[2].id)]
    assert (answer["NextKeyMarker"], answer["NextUploadIdMarker"]) == ("b", made[2].id)
    entry = answer["Uploads"][0]
    assert entry["StorageClass"] == "STANDARD"
    assert entry["Owner"]["ID"] and entry["Initiator"]["ID"] and entry["Initiated"]


def test_completed_uploads_are_not_listed(s3, upload):
    made, other = upload(), upload()
    made.part(1, b"x")
    made.complete()
    assert listed(s3.list_multipart_uploads(Bucket=made.bucket)) == [("k", other.id)]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_uploads_in_pages(s3, upload, size):
    made = [upload(key=key) for key in ("a", "a", "a", "b", "c")]
    found, markers = [], {}
    while True:
        page = s3.list_multipart_uploads(Bucket=made[0].bucket, MaxUploads=size, **markers)
        found += listed(page)
        assert len(listed(page)) <= size and page["MaxUploads"] == size
        markers = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}
        if not page["IsTruncated"]:
            break
    assert found == [(one.key, one.id) for one in made]


def test_uploads_after_a_key(s3, upload):
    made = [upload(key=key) for key in ("a", "b", "b", "c")]
    answer = s3.list_multipart_uploads(Bucket=made[0].bucket, KeyMarker="b")
    assert listed(answer) == [("c", made[3].id)]


def test_a_marker_that_is_none(s3, bucket):
    with refused("InvalidArgument", 400, "Invalid uploadId marker") as refusal:
        s3.list_multipart_uploads(Bucket=bucket, KeyMarker="k", UploadIdMarker="nothing")
    assert refusal.elements["ArgumentName"] == "upload-id-marker"


def test_uploads_under_a_prefix(s3, upload):
    made = [upload(key=key) for key in ("a/1", "a/2", "b")]
    answer = s3.list_multipart_uploads(Bucket=made[0].bucket, Prefix="a/")
    assert [key for key, _ in listed(answer)] == ["a/1", "a/2"]
    assert answer["Prefix"] == "a/"


def test_uploads_are_grouped(s3, upload):
    made = [upload(key=key) for key in ("a/1", "a/2", "b", "c/1")]
    answer = s3.list_multipart_uploads(Bucket=made[0].bucket, Delimiter="/")
    assert [key for key, _ in listed(answer)] == ["b"]
    assert [entry["Prefix"] for entry in answer["CommonPrefixes"]] == ["a/", "c/"]
    assert answer["Delimiter"] == "/"


def test_grouped_uploads_in_pages(s3, upload):
    made = [upload(key=key) for key in ("a/1", "a/2", "b", "c/1")]
    first = s3.list_multipart_uploads(Bucket=made[0].bucket, Delimiter="/", MaxUploads=1)
    assert [entry["Prefix"] for entry in first["CommonPrefixes"]] == ["a/"]
    assert (first["IsTruncated"], first["NextKeyMarker"]) == (True, "a/")
    second = s3.list_multipart_uploads(
        Bucket=made[0].bucket, Delimiter="/", MaxUploads=1, KeyMarker=first["NextKeyMarker"])
    assert [key for key, _ in listed(second)] == ["b"]


def test_names_of_uploads_are_encoded_on_request(raw, upload):
    made = upload(key="a b+ü")
    answer = raw("GET", f"/{made.bucket}?uploads&encoding-type=url")
    assert answer.element("Key") == "a+b%2B%C3%BC"


# Copies of parts


@pytest.fixture
def source(s3, bucket):
    """The source of copies, ten bytes."""
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    return {"Bucket": bucket, "Key": "source"}


def copy_part(upload, source, number=1, **more):
    answer = upload.s3.upload_part_copy(CopySource=source, PartNumber=number, **upload.name, **more)
    upload.tags[number] = answer["CopyPartResult"]["ETag"]
    return answer


def test_a_whole_object_as_part(upload, source):
    made = upload()
    result = copy_part(made, source)["CopyPartResult"]
    assert result["ETag"] == f'"{hashlib.md5(b"0123456789").hexdigest()}"'
    assert result["LastModified"]
    made.complete()
    assert made.body() == b"0123456789"


@pytest.mark.parametrize("range,body", [("bytes=0-0", b"0"), ("bytes=2-5", b"2345"), ("bytes=0-9", b"0123456789")])
def test_a_range_as_part(upload, source, range, body):
    made = upload()
    copy_part(made, source, CopySourceRange=range)
    made.complete()
    assert made.body() == body


@pytest.mark.parametrize("range", ["0-2", "bytes=0", "bytes=hello-world", "bytes=0-bar", "bytes=hello-", "bytes=0-2,3-5",
                                   "bytes=5-", "bytes=-5", "bytes=5-2"])
def test_ranges_that_are_none(upload, source, range):
    with refused(
        "InvalidArgument", 400, "The x-amz-copy-source-range value must be of the form bytes=first-last"
    ) as refusal:
        copy_part(upload(), source, CopySourceRange=range)
    assert refusal.elements["ArgumentName"] == "x-amz-copy-source-range"


@pytest.mark.parametrize("range", ["bytes=0-10", "bytes=10-12", "bytes=100-200"])
def test_ranges_behind_the_end(upload, source, range):
    with refused("InvalidArgument", 400, "Range specified is not valid for source object of size: 10"):
        copy_part(upload(), source, CopySourceRange=range)


def test_a_part_of_a_version(s3, versioned_bucket):
    old = s3.put_object(Bucket=versioned_bucket, Key="source", Body=b"old")["VersionId"]
    s3.put_object(Bucket=versioned_bucket, Key="source", Body=b"new")
    made = Upload(s3, versioned_bucket)
    answer = copy_part(made, {"Bucket": versioned_bucket, "Key": "source", "VersionId": old})
    assert answer["CopySourceVersionId"] == old
    assert made.complete()["VersionId"]
    assert made.body() == b"old"


def test_a_part_of_an_absent_object(upload, bucket):
    with refused("NoSuchKey", 404):
        copy_part(upload(), {"Bucket": bucket, "Key": "absent"})


@pytest.mark.parametrize("holds", [True, False])
def test_a_part_on_a_condition(s3, upload, source, holds):
    tag = s3.head_object(**source)["ETag"] if holds else '"0123456789abcdef0123456789abcdef"'
    if holds:
        copy_part(upload(), source, CopySourceIfMatch=tag)
        return
    with refused("PreconditionFailed", 412) as refusal:
        copy_part(upload(), source, CopySourceIfMatch=tag)
    assert refusal.elements["Condition"] == "x-amz-copy-source-If-Match"


def test_copied_and_sent_parts_together(upload, source):
    made = upload()
    made.part(1, LARGE)
    copy_part(made, source, 2)
    made.complete()
    assert made.body() == LARGE + b"0123456789"


# Checksums


def crc32(body):
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


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


def test_a_copied_part_gets_the_upload_s_checksum(upload, source):
    made = upload(ChecksumAlgorithm="CRC32")
    result = copy_part(made, source)["CopyPartResult"]
    assert result["ChecksumCRC32"] == crc32(b"0123456789")
