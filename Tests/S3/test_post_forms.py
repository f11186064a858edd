"""POST Object: uploads by a browser's form."""

import base64
import hashlib
import random
import zlib

import pytest
import requests

from .conftest import unique
from .forms import Form, empty, multipart, post


@pytest.fixture
def stored(s3, bucket):
    """stored(key) -> GetObject's answer with the whole body under `data`."""
    def get(key="k", **more):
        answer = s3.get_object(Bucket=bucket, Key=key, **more)
        return {**answer, "data": answer["Body"].read()}
    return get


# What is stored


@pytest.mark.parametrize("size", [0, 1, 16384, 16385, 300_000, 2_500_000])
def test_a_file_of_any_size_is_stored_as_sent(form, stored, size):
    data = random.Random(size).randbytes(size)
    answer = form(file=data).send()
    assert (answer.status, answer.body) == (204, b"")
    got = stored()
    assert got["data"] == data
    assert got["ETag"] == answer.headers["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'


@pytest.mark.parametrize("data", [
    b"\r\n", b"\r", b"\n", b"--", b"\r\n--", b"\r\n------", b"\r\n----for", b"\r\n\r\n----form", b"a\r\n----fort\r\nb",
    b"\r\r\n----for", b"\x00\xff\r\n--\r\n"])
def test_content_that_resembles_a_boundary_is_content(form, stored, data):
    assert form(file=data).send(boundary="----form").status == 204
    assert stored()["data"] == data


def test_a_large_file_full_of_line_ends_is_stored_as_sent(form, stored):
    data = b"\r\n--\r\n----for\r" * 150_000
    assert form(file=data).send(boundary="----form").status == 204
    assert stored()["data"] == data


def test_fields_become_headers_of_the_object(form, stored):
    given = {
        "Content-Type": "text/css", "Cache-Control": "max-age=60", "Content-Disposition": "attachment",
        "Content-Language": "de", "Content-Encoding": "identity", "Expires": "Wed, 21 Oct 2037 07:28:00 GMT"}
    assert form(fields=given).send().status == 204
    got = stored()["ResponseMetadata"]["HTTPHeaders"]
    assert {name: got[name.lower()] for name in given} == given


def test_metadata_is_stored_under_lower_case_names(form, stored):
    assert form(fields={"x-amz-meta-Color": "Green", "X-AMZ-META-N": "1"}).send().status == 204
    assert stored()["Metadata"] == {"color": "Green", "n": "1"}


def test_a_storage_class_is_stored(form, stored):
    assert form(fields={"x-amz-storage-class": "STANDARD_IA"}).send().status == 204
    assert stored()["StorageClass"] == "STANDARD_IA"


def test_an_unknown_storage_class_is_refused(form):
    answer = form(fields={"x-amz-storage-class": "FAKE"}).send()
    document = answer.is_error("InvalidStorageClass", 400, "The storage class you specified is not valid")
    assert document["StorageClassRequested"] == "FAKE"


def test_the_type_of_the_file_part_is_not_the_objects(endpoint, bucket, form, stored):
    sent = form()
    body = multipart(sent.fields.items(), close=False) + (
        b'------form\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\nx\r\n------form--\r\n")
    assert post(endpoint, bucket, body).status == 204
    assert stored()["ContentType"] == "binary/octet-stream"


def test_an_upload_without_checksum_gets_one(form, stored):
    answer = form().send()
    assert answer.headers["x-amz-checksum-type"] == "FULL_OBJECT"
    assert answer.headers["x-amz-checksum-crc64nvme"] == stored(ChecksumMode="ENABLED")["ChecksumCRC64NVME"]


@pytest.mark.parametrize("covered", [True, False])
def test_a_right_checksum_is_kept(form, stored, covered):
    value = base64.b64encode(hashlib.sha256(b"content").digest()).decode()
    name = "x-amz-checksum-sha256"
    assert form(fields={name: value}, uncovered=[] if covered else [name]).send().status == 204
    assert stored(ChecksumMode="ENABLED")["ChecksumSHA256"] == value


def test_a_wrong_checksum_is_refused(form, s3, bucket):
    value = base64.b64encode(zlib.crc32(b"other").to_bytes(4, "big")).decode()
    form(fields={"x-amz-checksum-crc32": value}).send().is_error(
        "BadDigest", 400, "The CRC32 you specified did not match the calculated checksum.")
    assert empty(s3, bucket)


def test_a_malformed_checksum_is_refused(form):
    form(fields={"x-amz-checksum-sha256": "sailorjerry"}).send().is_error(
        "InvalidRequest", 400, "Value for x-amz-checksum-sha256 header is invalid.")


def test_a_wrong_md5_is_refused(form):
    value = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    form(fields={"Content-MD5": value}).send().is_error("BadDigest", 400)


def test_a_form_overwrites(form, stored, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"old", ContentType="text/old")
    assert form(file=b"new").send().status == 204
    assert (stored()["data"], stored()["ContentType"]) == (b"new", "binary/octet-stream")


# Names


@pytest.mark.parametrize("filename,name", [
    ("report.pdf", "report.pdf"), ("C:\\Users\\me\\x.txt", "x.txt"), ("dir/y.txt", "y.txt"), ("", ""),
    ("ü 你好.txt", "ü 你好.txt")])
def test_a_key_takes_the_name_of_the_file(form, stored, filename, name):
    assert form(key="in/${filename}", filename=filename).send().status == 204
    assert stored("in/" + name)["data"] == b"content"


def test_without_file_name_the_placeholder_stays(form, stored):
    assert form(key="in/${filename}", filename=None).send().status == 204
    assert stored("in/${filename}")["data"] == b"content"


def test_conditions_see_the_replaced_name(form):
    conditions = [["starts-with", "$key", "foo"]]
    assert form(key="${filename}", filename="foo.txt", conditions=conditions).send().status == 204
    form(key="${filename}", filename="bar.txt", conditions=conditions).send().is_error("AccessDenied", 403)


@pytest.mark.parametrize("key", ["a b/c+d", "../x", "//", "trailing/", "\\$foo.txt", "é", "e\u0301", "x" * 1024])
def test_any_key_can_be_uploaded(form, stored, key):
    assert form(key=key).send().status == 204
    assert stored(key)["data"] == b"content"


def test_a_key_of_1025_bytes_is_refused(form):
    document = form(key="x" * 1025).send().is_error("KeyTooLongError", 400, "Your key is too long")
    assert (document["Size"], document["MaxSizeAllowed"]) == ("1025", "1024")


def test_field_names_have_no_case(form, stored):
    sent = form(fields={"content-TYPE": "text/css"})
    sent.fields = {name.upper(): value for name, value in sent.fields.items()}
    assert sent.send().status == 204
    assert stored()["ContentType"] == "text/css"


def test_fields_behind_the_file_are_ignored(form, stored):
    sent = form(after=[("key", "other"), ("acl", "nonsense"), ("submit", "Upload"), ("file", ("b", b"second"))])
    assert sent.send().status == 204
    assert stored()["data"] == b"content"


def test_a_field_may_look_like_a_file(endpoint, bucket, form, stored):
    fields = {name: ("x.txt", value.encode()) for name, value in form().fields.items()}
    assert post(endpoint, bucket, multipart([*fields.items(), ("file", b"plain")])).status == 204
    assert stored()["data"] == b"plain"


# Answers


@pytest.mark.parametrize("wanted,status", [("200", 200), ("201", 201), ("204", 204), ("404", 204), ("x", 204)])
def test_the_form_chooses_the_status(form, wanted, status):
    answer = form(fields={"success_action_status": wanted}).send()
    assert answer.status == status
    assert (answer.body == b"") == (status != 201)
    assert answer.headers["ETag"] == f'"{hashlib.md5(b"content").hexdigest()}"'


def test_the_document_of_201(form, endpoint, bucket):
    answer = form(key="a/ü b", fields={"success_action_status": "201"}).send()
    assert answer.xml.tag == "PostResponse" and b"xmlns" not in answer.body
    assert answer.headers["Content-Type"] == "application/xml"
    assert (answer.element("Bucket"), answer.element("Key")) == (bucket, "a/ü b")
    assert answer.element("ETag") == answer.headers["ETag"]
    assert answer.element("Location") == answer.headers["Location"]
    assert answer.headers["Location"].endswith(f"{endpoint.netloc}/{bucket}/a%2F%C3%BC%20b")


def test_the_location_of_a_virtual_host(form, endpoint, bucket):
    host = endpoint.virtual_host(bucket)
    answer = form(key="a/b").send(host=host)
    assert answer.status == 204
    assert answer.headers["Location"].endswith(f"//{host}/a%2Fb")


@pytest.mark.parametrize("field", ["success_action_redirect", "redirect"])
@pytest.mark.parametrize("target,glue", [("http://example.com/done", "?"), ("https://example.com/?a=b", "&")])
def test_a_redirect_tells_the_result(form, bucket, field, target, glue):
    answer = form(key="a/b c", fields={field: target, "success_action_status": "201"}).send()
    tag = hashlib.md5(b"content").hexdigest()
    assert (answer.status, answer.body) == (303, b"")
    assert answer.headers["Location"] == f"{target}{glue}bucket={bucket}&key=a%2Fb+c&etag=%22{tag}%22"


@pytest.mark.parametrize("target", ["/relative", "nonsense", "ftp://example.com/", "http://", ""])
def test_a_redirect_that_is_no_web_address_is_ignored(form, target):
    assert form(fields={"success_action_redirect": target}).send().status == 204


def test_boto3s_presigned_post_works(s3, bucket, stored):
    given = s3.generate_presigned_post(
        bucket, "dir/${filename}", Fields={"Content-Type": "text/css"},
        Conditions=[{"Content-Type": "text/css"}, ["content-length-range", 1, 100]], ExpiresIn=60)
    answer = requests.post(given["url"], data=given["fields"], files={"file": ("style.css", b"a{}")})
    assert answer.status_code == 204, answer.text
    assert (stored("dir/style.css")["data"], stored("dir/style.css")["ContentType"]) == (b"a{}", "text/css")


# Malformed forms


@pytest.mark.parametrize("type_", ["application/x-www-form-urlencoded", "text/plain", "multipart/mixed; boundary=x"])
def test_a_body_that_is_no_form_is_refused(endpoint, bucket, type_):
    document = post(endpoint, bucket, b"key=k", content_type=type_).is_error(
        "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold")
    assert document["Condition"] == "Bucket POST must be of the enclosure-type multipart/form-data"


@pytest.mark.parametrize("body,type_", [
    (multipart([("key", "k"), ("file", b"x")]), "multipart/form-data"),
    (b"key=k", None), (b"", None), (b"------form\r\nno colon\r\n\r\nx\r\n------form--\r\n", None),
    (b"------form\r\nContent-Type: text/plain\r\n\r\nx\r\n------form--\r\n", None),
    (b"------formX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n", None),
])
def test_a_form_that_cannot_be_read_is_refused(endpoint, bucket, body, type_):
    post(endpoint, bucket, body, content_type=type_).is_error(
        "MalformedPOSTRequest", 400, "The body of your POST request is not well-formed multipart/form-data.")


def test_a_form_that_ends_too_early_stores_nothing(endpoint, bucket, form, s3):
    sent = form()
    body = multipart([*sent.fields.items(), ("file", sent.file)], close=False)
    post(endpoint, bucket, body).is_error("MalformedPOSTRequest", 400)
    assert empty(s3, bucket)


def test_a_form_without_key_is_refused(endpoint, bucket, form):
    document = form(key=None).send().is_error("InvalidArgument", 400, "Bucket POST must contain a field named 'key'.")
    assert document["ArgumentName"] == "key"


def test_a_key_behind_the_file_does_not_count(form):
    form(key=None, after=[("key", "k")]).send().is_error("InvalidArgument", 400, "field named 'key'")


def test_an_empty_key_is_refused(form):
    form(key="").send().is_error("InvalidArgument", 400, "User key must have a length greater than 0.")


def test_a_form_without_file_is_refused(endpoint, bucket, form):
    document = post(endpoint, bucket, multipart(form().fields.items())).is_error(
        "InvalidArgument", 400, "POST requires exactly one file upload per request.")
    assert (document["ArgumentName"], document["ArgumentValue"]) == ("file", "0")


def test_too_many_bytes_before_the_file_are_refused(endpoint, bucket):
    body = multipart([("key", "k"), ("x-ignore-a", "x" * 20_480), ("file", b"x")])
    document = post(endpoint, bucket, body).is_error("MaxPostPreDataLengthExceeded", 400)
    assert document["MaxPostPreDataLengthBytes"] == "20480"


def test_a_form_for_an_absent_bucket_is_refused(endpoint):
    name = unique()
    document = Form(endpoint, name).send().is_error("NoSuchBucket", 404)
    assert document["BucketName"] == name


def test_a_form_for_an_object_is_refused(form, bucket):
    answer = form().send(path=f"/{bucket}/k")
    document = answer.is_error("MethodNotAllowed", 405, "The specified method is not allowed against this resource.")
    assert (document["Method"], document["ResourceType"]) == ("POST", "OBJECT")


@pytest.mark.parametrize("boundary", ["x", "a b'()+_,-./:=?", "-" * 70])
def test_any_boundary_is_understood(endpoint, bucket, form, stored, boundary):
    assert form().send(boundary=boundary, content_type=f'multipart/form-data; boundary="{boundary}"').status == 204
    assert stored()["data"] == b"content"


def test_text_before_the_first_boundary_is_ignored(endpoint, bucket, form, stored):
    sent = form()
    body = b"read me not\r\n" + multipart([*sent.fields.items(), ("file", sent.file)]) + b"nor me"
    assert post(endpoint, bucket, body).status == 204
    assert stored()["data"] == b"content"
