"""Server-side encryption with keys that the client sends along."""

import base64
import hashlib
import urllib.request

import pytest

from .conftest import error_of, refused
from .encryption import NOT_READABLE, OTHER, customer, headers_of, put_rule
from .forms import Form


def test_a_key_of_the_client_opens_its_object(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    assert put["SSECustomerAlgorithm"] == "AES256"
    assert put["SSECustomerKeyMD5"] == headers_of()["x-amz-server-side-encryption-customer-key-MD5"]
    assert "ServerSideEncryption" not in put
    got = s3.get_object(Bucket=bucket, Key="k", **customer())
    assert got["Body"].read() == b"data"
    assert got["SSECustomerKeyMD5"] == put["SSECustomerKeyMD5"]
    assert s3.head_object(Bucket=bucket, Key="k", **customer())["ContentLength"] == 4


def test_its_entity_tag_is_not_the_md5(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    assert put["ETag"] != f'"{hashlib.md5(b"data").hexdigest()}"'


def test_without_the_key_nothing_is_read(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    with refused("InvalidRequest", 400, NOT_READABLE):
        s3.get_object(Bucket=bucket, Key="k")
    with refused("400", 400):
        s3.head_object(Bucket=bucket, Key="k")


def test_another_key_opens_nothing(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    with refused("AccessDenied", 403):
        s3.get_object(Bucket=bucket, Key="k", **customer(OTHER))
    with refused("403", 403):
        s3.head_object(Bucket=bucket, Key="k", **customer(OTHER))


def test_a_key_too_many(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    with refused("InvalidRequest", 400, "The encryption parameters are not applicable to this object."):
        s3.get_object(Bucket=bucket, Key="k", **customer())


def test_a_range_needs_the_key_too(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789", **customer())
    assert s3.get_object(Bucket=bucket, Key="k", Range="bytes=2-3", **customer())["Body"].read() == b"23"
    with refused("InvalidRequest", 400):
        s3.get_object(Bucket=bucket, Key="k", Range="bytes=2-3")


def test_deleting_needs_no_key(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    assert s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"] == 204


@pytest.mark.parametrize("change,code,text", [
    ({"algorithm": None}, "InvalidArgument", "must provide a valid encryption algorithm."),
    ({"key": None}, "InvalidArgument", "must provide an appropriate secret key."),
    ({"key-MD5": None}, "InvalidArgument", "must provide the client calculated MD5 of the secret key."),
    ({"algorithm": "AES128"}, "InvalidEncryptionAlgorithmError", "Supported value: AES256."),
    ({"key": base64.b64encode(b"short").decode()}, "InvalidArgument", "The secret key was invalid"),
    ({"key": "*" * 44}, "InvalidArgument", "The secret key was invalid for the specified algorithm."),
    ({"key-MD5": base64.b64encode(b"0" * 16).decode()}, "InvalidArgument",
     "The calculated MD5 hash of the key did not match the hash that was provided."),
], ids=["no algorithm", "no key", "no MD5", "other algorithm", "short key", "no base64", "wrong MD5"])
def test_the_three_headers_are_judged(raw, bucket, change, code, text):
    headers = headers_of()
    for name, value in change.items():
        full = f"x-amz-server-side-encryption-customer-{name}"
        headers.pop(full)
        if value:
            headers[full] = value
    answer = raw("PUT", f"/{bucket}/k", headers, b"data")
    document = answer.is_error(code, 400, text)
    assert document["ArgumentName"] == "x-amz-server-side-encryption"


@pytest.mark.parametrize("algorithm", ["AES256", "aws:kms"])
def test_a_key_of_the_client_excludes_every_other_method(s3, bucket, algorithm):
    with refused("InvalidArgument", 400, "is incompatible with the encryption method specified"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption=algorithm, **customer())


def test_a_copy_needs_the_key_of_its_source(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    with refused("InvalidRequest", 400, NOT_READABLE):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    with refused("AccessDenied", 403):
        s3.copy_object(
            Bucket=bucket, Key="copy", CopySource=f"{bucket}/k", **customer(OTHER, "CopySource"))
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k", **customer(prefix="CopySource"))
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"data"


def test_a_copy_may_have_a_key_of_its_own(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    answer = s3.copy_object(
        Bucket=bucket, Key="copy", CopySource=f"{bucket}/k", **customer(prefix="CopySource"), **customer(OTHER))
    assert answer["SSECustomerAlgorithm"] == "AES256"
    assert s3.get_object(Bucket=bucket, Key="copy", **customer(OTHER))["Body"].read() == b"data"


def test_an_object_may_change_its_key(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    s3.copy_object(
        Bucket=bucket, Key="k", CopySource=f"{bucket}/k", **customer(prefix="CopySource"), **customer(OTHER))
    with refused("AccessDenied", 403):
        s3.get_object(Bucket=bucket, Key="k", **customer())
    assert s3.get_object(Bucket=bucket, Key="k", **customer(OTHER))["Body"].read() == b"data"


def test_every_part_needs_the_key_of_its_upload(s3, bucket):
    made = s3.create_multipart_upload(Bucket=bucket, Key="k", **customer())
    assert made["SSECustomerAlgorithm"] == "AES256"
    where = {"Bucket": bucket, "Key": "k", "UploadId": made["UploadId"]}
    with refused("InvalidRequest", 400, "Subsequent part requests must include"):
        s3.upload_part(PartNumber=1, Body=b"data", **where)
    with refused("InvalidRequest", 400, "did not match the ones used originally"):
        s3.upload_part(PartNumber=1, Body=b"data", **where, **customer(OTHER))
    part = s3.upload_part(PartNumber=1, Body=b"data", **where, **customer())
    assert part["SSECustomerAlgorithm"] == "AES256"
    s3.complete_multipart_upload(
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}, **where)
    with refused("InvalidRequest", 400, NOT_READABLE):
        s3.get_object(Bucket=bucket, Key="k")
    assert s3.get_object(Bucket=bucket, Key="k", **customer())["Body"].read() == b"data"


def test_a_part_can_be_copied_from_an_object_with_a_key(s3, bucket):
    s3.put_object(Bucket=bucket, Key="source", Body=b"data", **customer())
    where = {"Bucket": bucket, "Key": "k",
             "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]}
    with refused("InvalidRequest", 400, NOT_READABLE):
        s3.upload_part_copy(PartNumber=1, CopySource=f"{bucket}/source", **where)
    part = s3.upload_part_copy(
        PartNumber=1, CopySource=f"{bucket}/source", **where, **customer(prefix="CopySource"))
    s3.complete_multipart_upload(
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]}, **where)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"


def test_a_presigned_url_carries_the_key_in_headers(s3, bucket, endpoint):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k", **customer()})
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers_of())) as answer:
        assert answer.read() == b"data"


def test_each_version_has_its_own_encryption(s3, versioned_bucket):
    bucket = versioned_bucket
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", **customer())["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"2", ServerSideEncryption="aws:kms")["VersionId"]
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first, **customer())["Body"].read() == b"1"
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=second)["ServerSideEncryption"] == "aws:kms"
    assert error_of(lambda: s3.get_object(Bucket=bucket, Key="k", VersionId=first)).status == 400


def test_a_bucket_may_block_keys_of_clients(s3, bucket):
    put_rule(s3, bucket, "AES256", blocked=["SSE-C"])
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert found["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}
    with refused("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"data")["ServerSideEncryption"] == "AES256"


def test_a_form_brings_a_key_of_the_client(s3, bucket, endpoint):
    assert Form(endpoint, bucket, fields=headers_of()).send().status == 204
    with refused("InvalidRequest", 400, NOT_READABLE):
        s3.get_object(Bucket=bucket, Key="k")
    assert s3.get_object(Bucket=bucket, Key="k", **customer())["Body"].read() == b"content"


def test_a_form_with_half_a_key(bucket, endpoint):
    fields = headers_of()
    fields.pop("x-amz-server-side-encryption-customer-key")
    Form(endpoint, bucket, fields=fields).send().is_error(
        "InvalidArgument", 400, "must provide an appropriate secret key.")


def test_attributes_need_the_key_too(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    asked = {"Bucket": bucket, "Key": "k", "ObjectAttributes": ["ObjectSize"]}
    # For this operation botocore encodes no key and adds no MD5.
    sent = headers_of()
    prefix = "x-amz-server-side-encryption-customer-"
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": sent[prefix + "key"],
           "SSECustomerKeyMD5": sent[prefix + "key-MD5"]}
    assert s3.get_object_attributes(**asked, **key)["ObjectSize"] == 4
    with refused("InvalidRequest", 400, NOT_READABLE):
        s3.get_object_attributes(**asked)
