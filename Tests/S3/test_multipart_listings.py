"""ListParts and ListMultipartUploads."""

import pytest

from .conftest import refused
from .uploads import Upload


@pytest.fixture
def upload(s3, bucket):
    """upload(**CreateMultipartUpload parameters) -> Upload"""
    return lambda **more: Upload(s3, bucket, **more)


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
    assert set(answer["Owner"]) == {"ID"} and set(answer["Initiator"]) == {"ID", "DisplayName"}


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


@pytest.mark.parametrize("name", ["max-parts", "part-number-marker"])
def test_numbers_below_zero(raw, upload, name):
    made = upload()
    raw("GET", f"/{made.bucket}/k?uploadId={made.id}&{name}=-2").is_error(
        "InvalidArgument", 400, f"Argument {name} must be an integer between 0 and 2147483647")


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
    assert set(entry["Owner"]) == {"ID"} and set(entry["Initiator"]) == {"ID", "DisplayName"}
    assert entry["Initiated"]


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
