"""Tags of objects: put, get, delete, tags of new objects and of copies, versions, limits."""

import base64
import hashlib

import pytest

from .conftest import error_of, refused

TAGS = [{"Key": "colour", "Value": "red"}, {"Key": "size", "Value": "large"}]


def tags(s3, bucket, key="k", **more):
    return s3.get_object_tagging(Bucket=bucket, Key=key, **more)["TagSet"]


def put_tags(s3, bucket, tag_set, key="k", **more):
    return s3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": tag_set}, **more)


@pytest.fixture
def tagged(s3, bucket):
    """A bucket with the tagged object `k`."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="colour=red&size=large")
    return bucket


def test_an_object_without_tags_has_an_empty_set(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert tags(s3, bucket) == []


def test_tags_are_kept_in_order(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert put_tags(s3, bucket, TAGS)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert tags(s3, bucket) == TAGS


def test_putting_tags_replaces_the_whole_set(s3, tagged):
    put_tags(s3, tagged, [{"Key": "new", "Value": ""}])
    assert tags(s3, tagged) == [{"Key": "new", "Value": ""}]


def test_putting_no_tags_takes_all_away(s3, tagged):
    put_tags(s3, tagged, [])
    assert tags(s3, tagged) == []


def test_deleting_tags(s3, tagged):
    answer = s3.delete_object_tagging(Bucket=tagged, Key="k")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert tags(s3, tagged) == []


def test_deleting_tags_twice(s3, tagged):
    for _ in range(2):
        answer = s3.delete_object_tagging(Bucket=tagged, Key="k")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_tags_leave_the_object_as_it_is(s3, tagged):
    before = s3.head_object(Bucket=tagged, Key="k")
    put_tags(s3, tagged, TAGS[:1])
    after = s3.head_object(Bucket=tagged, Key="k")
    assert (before["ETag"], before["LastModified"]) == (after["ETag"], after["LastModified"])
    assert s3.get_object(Bucket=tagged, Key="k")["Body"].read() == b"x"


def test_an_unversioned_answer_has_no_version(s3, tagged):
    assert "VersionId" not in put_tags(s3, tagged, TAGS)
    assert "VersionId" not in s3.get_object_tagging(Bucket=tagged, Key="k")


def test_overwriting_drops_the_tags(s3, tagged):
    s3.put_object(Bucket=tagged, Key="k", Body=b"y")
    assert tags(s3, tagged) == []


def test_a_new_object_under_a_deleted_key_has_no_tags(s3, tagged):
    s3.delete_object(Bucket=tagged, Key="k")
    s3.put_object(Bucket=tagged, Key="k", Body=b"y")
    assert tags(s3, tagged) == []


@pytest.mark.parametrize("call", ["get_object_tagging", "put_object_tagging", "delete_object_tagging"])
def test_the_key_must_exist(s3, bucket, call):
    more = {"Tagging": {"TagSet": TAGS}} if call.startswith("put") else {}
    with refused("NoSuchKey", 404, "The specified key does not exist."):
        getattr(s3, call)(Bucket=bucket, Key="absent", **more)


@pytest.mark.parametrize("call", ["get_object_tagging", "put_object_tagging", "delete_object_tagging"])
def test_the_bucket_must_exist(s3, bucket, call):
    more = {"Tagging": {"TagSet": TAGS}} if call.startswith("put") else {}
    with refused("NoSuchBucket", 404):
        getattr(s3, call)(Bucket=f"{bucket}-absent", Key="k", **more)


# Counting


@pytest.mark.parametrize("call", ["get_object", "head_object"])
def test_reads_count_the_tags(s3, tagged, call):
    answer = getattr(s3, call)(Bucket=tagged, Key="k")
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"] == "2"


def test_without_tags_nothing_is_counted(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert "TagCount" not in s3.get_object(Bucket=bucket, Key="k")


# The header


@pytest.mark.parametrize(
    "header,expected",
    [
        ("a=1", [("a", "1")]),
        ("a=1&b=2", [("a", "1"), ("b", "2")]),
        ("a=", [("a", "")]),
        ("a%20b=c%20d", [("a b", "c d")]),
        ("a+b=c", [("a b", "c")]),
        ("a%2Bb=%2F%40%3A", [("a+b", "/@:")]),
        ("%C3%BC=%E2%82%ACuro", None),
        ("k=v%3Dw", [("k", "v=w")]),
    ],
)
def test_tags_of_a_new_object(s3, bucket, header, expected):
    if expected is None:
        # The euro sign is no letter.
        with refused("InvalidArgument", 400):
            s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging=header)
        return
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging=header)
    assert [(tag["Key"], tag["Value"]) for tag in tags(s3, bucket)] == expected


@pytest.mark.parametrize("header", ["a=1&a=2", "=1"])
def test_headers_that_are_no_tags(s3, bucket, header):
    with refused(
        "InvalidArgument", 400,
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without "
        "tag name duplicates.",
    ) as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging=header)
    assert refusal.elements["ArgumentName"] == "x-amz-tagging"


def test_more_than_ten_tags_in_the_header(s3, bucket):
    with refused("BadRequest", 400, "Object tags cannot be greater than 10"):
        s3.put_object(
            Bucket=bucket, Key="k", Body=b"x", Tagging="&".join(f"k{n}=v" for n in range(11)))


def test_tags_of_a_multipart_upload_are_fixed_at_its_start(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", Tagging="a=1&b=2")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"parts")
    s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert [(tag["Key"], tag["Value"]) for tag in tags(s3, bucket)] == [("a", "1"), ("b", "2")]


# Copies


def test_a_copy_takes_the_tags_along(s3, tagged):
    s3.copy_object(Bucket=tagged, Key="copy", CopySource={"Bucket": tagged, "Key": "k"})
    assert tags(s3, tagged, "copy") == TAGS


def test_a_copy_may_have_tags_of_its_own(s3, tagged):
    s3.copy_object(
        Bucket=tagged, Key="copy", CopySource={"Bucket": tagged, "Key": "k"}, TaggingDirective="REPLACE",
        Tagging="own=1")
    assert tags(s3, tagged, "copy") == [{"Key": "own", "Value": "1"}]


def test_replacing_by_nothing_leaves_no_tags(s3, tagged):
    s3.copy_object(
        Bucket=tagged, Key="copy", CopySource={"Bucket": tagged, "Key": "k"}, TaggingDirective="REPLACE")
    assert tags(s3, tagged, "copy") == []


def test_tags_and_metadata_are_replaced_apart(s3, tagged):
    s3.copy_object(
        Bucket=tagged, Key="copy", CopySource={"Bucket": tagged, "Key": "k"}, MetadataDirective="REPLACE",
        Metadata={"m": "1"})
    assert tags(s3, tagged, "copy") == TAGS


def test_an_unknown_directive(s3, tagged):
    with refused("InvalidArgument", 400, "Unknown tagging directive.") as refusal:
        s3.copy_object(
            Bucket=tagged, Key="copy", CopySource={"Bucket": tagged, "Key": "k"}, TaggingDirective="KEEP")
    assert refusal.elements["ArgumentName"] == "x-amz-tagging-directive"
    assert refusal.elements["ArgumentValue"] == "KEEP"


# Limits


@pytest.mark.parametrize("key", ["k" * 128, "ü" * 128, "a+b-c=d.e_f:g/h@i j", "Ключ", "鍵"])
def test_keys_of_tags(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    put_tags(s3, bucket, [{"Key": key, "Value": "v"}])
    assert tags(s3, bucket) == [{"Key": key, "Value": "v"}]


@pytest.mark.parametrize("value", ["", "v" * 256, "ü" * 256, "a+b-c=d.e_f:g/h@i j", "0"])
def test_values_of_tags(s3, bucket, value):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    put_tags(s3, bucket, [{"Key": "k", "Value": value}])
    assert tags(s3, bucket) == [{"Key": "k", "Value": value}]


@pytest.mark.parametrize("key", ["k" * 129, "", "a&b", "a!", "a#b", "a,b", "<a>"])
def test_keys_that_no_tag_may_have(s3, tagged, key):
    with refused("InvalidTag", 400, "The TagKey you have provided is invalid") as refusal:
        put_tags(s3, tagged, [{"Key": key, "Value": "v"}])
    assert (refusal.elements.get("TagKey") or "") == key
    assert tags(s3, tagged) == TAGS


@pytest.mark.parametrize("value", ["v" * 257, "a&b", "a!", "a#b", "a,b"])
def test_values_that_no_tag_may_have(s3, tagged, value):
    with refused("InvalidTag", 400, "The TagValue you have provided is invalid") as refusal:
        put_tags(s3, tagged, [{"Key": "k", "Value": value}])
    assert (refusal.elements["TagKey"], refusal.elements["TagValue"]) == ("k", value)
    assert tags(s3, tagged) == TAGS


def test_ten_tags(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    ten = [{"Key": f"k{n}", "Value": f"v{n}"} for n in range(10)]
    put_tags(s3, bucket, ten)
    assert tags(s3, bucket) == ten


def test_eleven_tags(s3, tagged):
    with refused("BadRequest", 400, "Object tags cannot be greater than 10"):
        put_tags(s3, tagged, [{"Key": f"k{n}", "Value": "v"} for n in range(11)])
    assert tags(s3, tagged) == TAGS


def test_a_key_twice(s3, tagged):
    with refused("InvalidTag", 400, "Cannot provide multiple Tags with the same key") as refusal:
        put_tags(s3, tagged, [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}])
    assert refusal.elements["TagKey"] == "k"


def test_keys_of_another_case_are_others(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    put_tags(s3, bucket, [{"Key": "k", "Value": "1"}, {"Key": "K", "Value": "2"}])
    assert len(tags(s3, bucket)) == 2


def test_keys_of_the_system(s3, tagged):
    with refused("InvalidTag", 400, "Your TagKey cannot be prefixed with aws:") as refusal:
        put_tags(s3, tagged, [{"Key": "aws:own", "Value": "1"}])
    assert refusal.elements["TagKey"] == "aws:own"


@pytest.mark.parametrize("tag", [{"Key": "k"}, {"Value": "v"}])
def test_a_tag_has_a_key_and_a_value(s3, tagged, tag):
    with refused("MalformedXML", 400):
        put_tags(s3, tagged, [tag])


@pytest.mark.parametrize("document", [b"", b"<Tagging/>", b"<TagSet/>", b"tags", b"<Tagging><TagSet>"])
def test_documents_that_are_no_tags(raw, tagged, document):
    digest = base64.b64encode(hashlib.md5(document).digest()).decode()
    answer = raw("PUT", f"/{tagged}/k?tagging", {"Content-MD5": digest}, document)
    answer.is_error("MalformedXML", 400)


# Versions


@pytest.fixture
def two_versions(s3, versioned_bucket):
    """(bucket, older version with tag n=1, newer version with tag n=2) of the object `k`."""
    versions = [
        s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"x", Tagging=f"n={n}")["VersionId"]
        for n in (1, 2)]
    return versioned_bucket, *versions


def test_each_version_has_its_own_tags(s3, two_versions):
    bucket, old, new = two_versions
    assert tags(s3, bucket) == [{"Key": "n", "Value": "2"}]
    assert tags(s3, bucket, VersionId=old) == [{"Key": "n", "Value": "1"}]
    assert tags(s3, bucket, VersionId=new) == [{"Key": "n", "Value": "2"}]


def test_tags_of_an_old_version_change_alone(s3, two_versions):
    bucket, old, new = two_versions
    assert put_tags(s3, bucket, TAGS, VersionId=old)["VersionId"] == old
    assert tags(s3, bucket, VersionId=old) == TAGS
    assert tags(s3, bucket, VersionId=new) == [{"Key": "n", "Value": "2"}]
    assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 2


def test_answers_tell_the_version(s3, two_versions):
    bucket, old, new = two_versions
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["VersionId"] == new
    assert put_tags(s3, bucket, TAGS)["VersionId"] == new
    assert s3.delete_object_tagging(Bucket=bucket, Key="k", VersionId=old)["VersionId"] == old


def test_tags_of_an_old_version_are_deleted_alone(s3, two_versions):
    bucket, old, new = two_versions
    s3.delete_object_tagging(Bucket=bucket, Key="k", VersionId=old)
    assert tags(s3, bucket, VersionId=old) == []
    assert tags(s3, bucket) == [{"Key": "n", "Value": "2"}]


@pytest.mark.parametrize("by_id", [True, False])
@pytest.mark.parametrize("call", ["get_object_tagging", "put_object_tagging", "delete_object_tagging"])
def test_a_delete_marker_has_no_tags(s3, two_versions, call, by_id):
    bucket, _, _ = two_versions
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    more = {"VersionId": marker} if by_id else {}
    if call.startswith("put"):
        more["Tagging"] = {"TagSet": TAGS}
    refusal = error_of(lambda: getattr(s3, call)(Bucket=bucket, Key="k", **more))
    assert (refusal.code, refusal.status) == ("MethodNotAllowed", 405)
    assert refusal.elements["ResourceType"] == "DeleteMarker"


def test_a_copy_of_a_version_takes_its_tags(s3, two_versions):
    bucket, old, _ = two_versions
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k", "VersionId": old})
    assert tags(s3, bucket, "copy") == [{"Key": "n", "Value": "1"}]


def test_tags_need_no_digest(raw, s3, tagged):
    document = b"<Tagging><TagSet/></Tagging>"
    assert raw("PUT", f"/{tagged}/k?tagging", {}, document).status == 200
    assert tags(s3, tagged) == []
