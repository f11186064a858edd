"""System headers, user metadata, storage classes and response overrides."""

import pytest

from .conftest import error_of, refused


def put(s3, bucket, **more):
    return s3.put_object(Bucket=bucket, Key="k", Body=b"x", **more)


def head(s3, bucket, **more):
    return s3.head_object(Bucket=bucket, Key="k", **more)


def sent(s3, bucket, name):
    """A header of the object's HEAD as it was sent."""
    return head(s3, bucket)["ResponseMetadata"]["HTTPHeaders"].get(name)


# System headers


def test_the_default_type(s3, bucket):
    put(s3, bucket)
    assert head(s3, bucket)["ContentType"] == "binary/octet-stream"


def test_an_empty_type_is_the_default(raw, bucket):
    assert raw("PUT", f"/{bucket}/k", {"Content-Type": ""}, b"x").status == 200
    assert raw("GET", f"/{bucket}/k").headers["Content-Type"] == "binary/octet-stream"


@pytest.mark.parametrize(
    "parameter,header,value",
    [
        ("ContentType", "content-type", "text/plain; charset=utf-8"),
        ("ContentType", "content-type", "not a type"),
        ("CacheControl", "cache-control", "public, max-age=14400"),
        ("CacheControl", "cache-control", "no-cache"),
        ("ContentDisposition", "content-disposition", 'attachment; filename="a b.txt"'),
        ("ContentEncoding", "content-encoding", "gzip"),
        ("ContentEncoding", "content-encoding", "made-up"),
        ("ContentLanguage", "content-language", "de-DE, en"),
        ("WebsiteRedirectLocation", "x-amz-website-redirect-location", "/elsewhere"),
        ("WebsiteRedirectLocation", "x-amz-website-redirect-location", "https://example.com/a?b=c"),
    ],
)
@pytest.mark.parametrize("call", ["get_object", "head_object"])
def test_headers_are_kept(s3, bucket, parameter, header, value, call):
    put(s3, bucket, **{parameter: value})
    answer = getattr(s3, call)(Bucket=bucket, Key="k")
    assert answer["ResponseMetadata"]["HTTPHeaders"][header] == value


@pytest.mark.parametrize("value", ["Thu, 01 Dec 2033 16:00:00 GMT", "never", "0", "2033-12-01"])
def test_expires_is_any_text(raw, bucket, value):
    assert raw("PUT", f"/{bucket}/k", {"Expires": value}, b"x").status == 200
    assert raw("GET", f"/{bucket}/k").headers["Expires"] == value


def test_headers_of_others_are_not_kept(raw, bucket):
    assert raw("PUT", f"/{bucket}/k", {"X-Other": "1", "Content-Location": "/x"}, b"x").status == 200
    answer = raw("GET", f"/{bucket}/k")
    assert "X-Other" not in answer.headers and "Content-Location" not in answer.headers


@pytest.mark.parametrize("value", ["elsewhere", "ftp://example.com/", "http:/example.com"])
def test_redirects_lead_somewhere(s3, bucket, value):
    with refused("InvalidRedirectLocation", 400, "must have a prefix of 'http://' or 'https://' or '/'"):
        put(s3, bucket, WebsiteRedirectLocation=value)


def test_overwriting_replaces_all_headers(s3, bucket):
    put(s3, bucket, ContentType="text/plain", CacheControl="no-cache", Metadata={"a": "1"})
    put(s3, bucket)
    answer = head(s3, bucket)
    assert answer["ContentType"] == "binary/octet-stream"
    assert "CacheControl" not in answer and answer["Metadata"] == {}


def test_headers_of_a_multipart_upload_are_those_of_its_start(s3, bucket):
    upload = s3.create_multipart_upload(
        Bucket=bucket, Key="k", ContentType="text/plain", CacheControl="no-cache", Metadata={"a": "1"},
        ContentDisposition="inline", StorageClass="STANDARD_IA")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"parts")
    s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    answer = head(s3, bucket)
    assert (answer["ContentType"], answer["CacheControl"]) == ("text/plain", "no-cache")
    assert (answer["ContentDisposition"], answer["StorageClass"]) == ("inline", "STANDARD_IA")
    assert answer["Metadata"] == {"a": "1"}


# User metadata


@pytest.mark.parametrize("call", ["get_object", "head_object"])
def test_metadata_are_kept(s3, bucket, call):
    metadata = {"a": "1", "long-name.with_signs": "some text, with; signs = \"all\"", "empty": ""}
    put(s3, bucket, Metadata=metadata)
    assert getattr(s3, call)(Bucket=bucket, Key="k")["Metadata"] == metadata


def test_an_object_without_metadata(s3, bucket):
    put(s3, bucket)
    assert head(s3, bucket)["Metadata"] == {}


def test_names_are_in_lower_case(raw, s3, bucket):
    assert raw("PUT", f"/{bucket}/k", {"X-Amz-Meta-CamelCase": "Value"}, b"x").status == 200
    assert raw("GET", f"/{bucket}/k").headers.get("x-amz-meta-camelcase") == "Value"
    assert head(s3, bucket)["Metadata"] == {"camelcase": "Value"}


def test_spaces_around_values_are_dropped(raw, s3, bucket):
    assert raw("PUT", f"/{bucket}/k", {"x-amz-meta-a": "  two words  "}, b"x").status == 200
    assert head(s3, bucket)["Metadata"] == {"a": "two words"}


@pytest.mark.parametrize("count", [1, 2, 20])
def test_metadata_of_2_kb(s3, bucket, count):
    # Names without prefix and values count.
    metadata = {f"{number:04}": "v" for number in range(count)}
    metadata["0000"] = "v" * (2048 - 4 * count - (count - 1))
    put(s3, bucket, Metadata=metadata)
    assert head(s3, bucket)["Metadata"] == metadata


@pytest.mark.parametrize("metadata", [{"a": "v" * 2048}, {"name": "v" * 2045}, {"a": "v" * 1024, "b": "v" * 1024}])
def test_more_metadata(s3, bucket, metadata):
    with refused(
        "MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size"
    ) as refusal:
        put(s3, bucket, Metadata=metadata)
    assert refusal.elements["MaxSizeAllowed"] == "2048"
    assert int(refusal.elements["Size"]) == sum(len(name) + len(value) for name, value in metadata.items())


@pytest.mark.parametrize(
    "value,returned",
    [
        ("=?UTF-8?Q?plain?=", "plain"),
        ("=?UTF-8?Q?two_words?=", "two words"),
        ("=?UTF-8?B?cGxhaW4=?=", "plain"),
        ("=?UTF-8?Q?mostly_plain_text_=C3=BC?=", "=?UTF-8?Q?mostly_plain_text_=C3=BC?="),
        ("=?UTF-8?B?5L2g5aW9?=", "=?UTF-8?B?5L2g5aW9?="),
        ("=?UTF-8?Q?=E4=BD=A0=E5=A5=BD?=", "=?UTF-8?B?5L2g5aW9?="),
        ("no =? word", "no =? word"),
        ("a=b?c", "a=b?c"),
    ],
)
def test_encoded_words(s3, bucket, value, returned):
    put(s3, bucket, Metadata={"a": value})
    assert sent(s3, bucket, "x-amz-meta-a") == returned


def test_an_encoded_line_end_writes_no_header(s3, bucket):
    put(s3, bucket, Metadata={"a": "=?UTF-8?Q?x=0D=0AX-Other:_1?="})
    answer = head(s3, bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert "x-other" not in answer


# Storage classes


@pytest.mark.parametrize(
    "name",
    ["REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
     "GLACIER_IR"])
def test_storage_classes(s3, bucket, name):
    put(s3, bucket, StorageClass=name)
    assert head(s3, bucket)["StorageClass"] == name
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["StorageClass"] == name


@pytest.mark.parametrize("more", [{}, {"StorageClass": "STANDARD"}])
def test_the_standard_class_is_not_told(s3, bucket, more):
    put(s3, bucket, **more)
    assert "StorageClass" not in head(s3, bucket)
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["StorageClass"] == "STANDARD"


@pytest.mark.parametrize("name", ["standard", "COLD", "GLACIER_DEEP"])
def test_classes_that_are_none(s3, bucket, name):
    with refused("InvalidStorageClass", 400, "The storage class you specified is not valid") as refusal:
        put(s3, bucket, StorageClass=name)
    assert refusal.elements["StorageClassRequested"] == name


@pytest.mark.parametrize("name", ["GLACIER", "DEEP_ARCHIVE"])
def test_archived_objects_cannot_be_read(s3, bucket, name):
    put(s3, bucket, StorageClass=name)
    with refused(
        "InvalidObjectState", 403, "The operation is not valid for the object's storage class"
    ) as refusal:
        s3.get_object(Bucket=bucket, Key="k")
    assert refusal.elements["StorageClass"] == name


def test_instant_archives_can_be_read(s3, bucket):
    put(s3, bucket, StorageClass="GLACIER_IR")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


# Overrides


OVERRIDES = [
    ("ResponseContentType", "content-type", "text/other"),
    ("ResponseContentLanguage", "content-language", "fr"),
    ("ResponseCacheControl", "cache-control", "no-store"),
    ("ResponseContentDisposition", "content-disposition", 'attachment; filename="x y.txt"'),
    ("ResponseContentEncoding", "content-encoding", "identity"),
]


@pytest.mark.parametrize("call", ["get_object", "head_object"])
@pytest.mark.parametrize("parameter,header,value", OVERRIDES)
def test_a_header_is_overridden(s3, bucket, parameter, header, value, call):
    put(s3, bucket, ContentType="text/plain", CacheControl="no-cache", ContentLanguage="de",
        ContentDisposition="inline")
    answer = getattr(s3, call)(Bucket=bucket, Key="k", **{parameter: value})
    assert answer["ResponseMetadata"]["HTTPHeaders"][header] == value


def test_expires_is_overridden(raw, bucket, s3):
    put(s3, bucket)
    path = f"/{bucket}/k?response-expires=Thu%2C%2001%20Dec%202033%2016%3A00%3A00%20GMT"
    assert raw("GET", path).headers["Expires"] == "Thu, 01 Dec 2033 16:00:00 GMT"


def test_an_override_leaves_the_object_as_it_is(s3, bucket):
    put(s3, bucket, ContentType="text/plain")
    s3.get_object(Bucket=bucket, Key="k", ResponseContentType="text/other")
    assert head(s3, bucket)["ContentType"] == "text/plain"


def test_an_override_of_a_range(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    answer = s3.get_object(Bucket=bucket, Key="k", Range="bytes=0-1", ResponseContentType="text/other")
    assert (answer["ContentType"], answer["Body"].read()) == ("text/other", b"01")


def test_an_override_beyond_latin_1(s3, bucket):
    put(s3, bucket)
    with refused("InvalidArgument", 400, "Header value cannot be represented using ISO-8859-1."):
        s3.get_object(Bucket=bucket, Key="k", ResponseContentDisposition='attachment; filename="你好"')


def test_the_head_of_an_absent_object(s3, bucket):
    refusal = error_of(lambda: head(s3, bucket))
    assert (refusal.code, refusal.status, refusal.message) == ("404", 404, "Not Found")
