"""boto3 against the emulator's S3."""

import hashlib
import io
import urllib.error
import urllib.request
import uuid

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from running import until

MIB = 1 << 20


@pytest.fixture
def bucket(s3):
    name = f"b-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    yield name
    while True:
        listed = s3.list_objects_v2(Bucket=name).get("Contents", [])
        if not listed:
            break
        s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": entry["Key"]} for entry in listed]})
    s3.delete_bucket(Bucket=name)


def failing(call, code):
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] == code, caught.value.response
    return caught.value.response


@pytest.mark.parametrize("size", [0, 1, 16_384, 16_385, 300_000, 3 * MIB])
def test_round_trip(s3, bucket, size):
    body = bytes(index % 251 for index in range(size))
    put = s3.put_object(Bucket=bucket, Key="k", Body=body, ContentType="audio/wav", Metadata={"who": "me"})
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == body
    assert (got["ContentType"], got["Metadata"], got["ContentLength"]) == ("audio/wav", {"who": "me"}, size)
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["ETag"] == put["ETag"]


@pytest.mark.parametrize("key", [
    "plain", "a/b/c", "../../etc/passwd", "/leading", "trailing/", "double//slash", "sp ace+plus", "%2F",
    "ünïcödé/你好", "ALL", "all", "quote'\"<>&", "x" * 1024, ".", "..", "a\tb"])
def test_any_key_is_safe_and_distinct(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]


@pytest.mark.parametrize("requested,expected,content_range", [
    ("bytes=0-3", b"0123", "bytes 0-3/10"), ("bytes=5-", b"56789", "bytes 5-9/10"),
    ("bytes=-3", b"789", "bytes 7-9/10"), ("bytes=8-100", b"89", "bytes 8-9/10"),
    ("bytes=3-1", b"0123456789", None), ("bytes=0-1,3-4", b"0123456789", None)])
def test_ranges(s3, bucket, requested, expected, content_range):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    got = s3.get_object(Bucket=bucket, Key="k", Range=requested)
    assert got["Body"].read() == expected
    assert got.get("ContentRange") == content_range


def test_listing_with_delimiter_and_pages(s3, bucket):
    for key in ["a/1", "a/2", "b/1", "c", "d", "e/x/1"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    keys, prefixes = [], []
    for page in s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2}):
        keys += [entry["Key"] for entry in page.get("Contents", [])]
        prefixes += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
    assert (keys, prefixes) == (["c", "d"], ["a/", "b/", "e/"])
    listed = s3.list_objects(Bucket=bucket, Prefix="a/")
    assert [entry["Key"] for entry in listed["Contents"]] == ["a/1", "a/2"]


def test_multipart(s3, bucket):
    body = bytes(range(256)) * (12 * MIB // 256) + b"tail"
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=3)
    s3.upload_fileobj(io.BytesIO(body), bucket, "big", Config=config)
    head = s3.head_object(Bucket=bucket, Key="big")
    assert head["ContentLength"] == len(body) and head["ETag"].endswith('-3"')
    received = io.BytesIO()
    s3.download_fileobj(bucket, "big", received, Config=config)
    assert received.getvalue() == body


def test_multipart_errors_and_abort(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    here = dict(Bucket=bucket, Key="k", UploadId=upload)
    first = s3.upload_part(PartNumber=1, Body=b"small", **here)["ETag"]
    second = s3.upload_part(PartNumber=2, Body=b"small too", **here)["ETag"]
    parts = [{"PartNumber": 1, "ETag": first}, {"PartNumber": 2, "ETag": second}]
    failing(lambda: s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **here), "EntityTooSmall")
    failing(lambda: s3.complete_multipart_upload(MultipartUpload={"Parts": parts[::-1]}, **here), "InvalidPartOrder")
    parts[1]["ETag"] = '"00000000000000000000000000000000"'
    failing(lambda: s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **here), "InvalidPart")
    assert [part["PartNumber"] for part in s3.list_parts(**here)["Parts"]] == [1, 2]
    s3.abort_multipart_upload(**here)
    failing(lambda: s3.list_parts(**here), "NoSuchUpload")


def test_delete_objects(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "never"}]})
    assert sorted(entry["Key"] for entry in answer["Deleted"]) == ["a", "never"]


def test_copy_keeps_and_replaces_metadata(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a b", Body=b"x", ContentType="image/png", Metadata={"m": "1"})
    source = {"Bucket": bucket, "Key": "a b"}
    s3.copy_object(Bucket=bucket, Key="kept", CopySource=source)
    kept = s3.head_object(Bucket=bucket, Key="kept")
    assert (kept["ContentType"], kept["Metadata"]) == ("image/png", {"m": "1"})
    s3.copy_object(Bucket=bucket, Key="new", CopySource=source, MetadataDirective="REPLACE", Metadata={"n": "2"})
    assert s3.head_object(Bucket=bucket, Key="new")["Metadata"] == {"n": "2"}


def test_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["ETag"]
    failing(lambda: s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*"), "PreconditionFailed")
    failing(lambda: s3.get_object(Bucket=bucket, Key="k", IfMatch='"x"'), "PreconditionFailed")
    assert failing(lambda: s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag), "304")
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=etag)


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums(s3, bucket, algorithm):
    field = f"Checksum{algorithm}"
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"checked", ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert put[field] and got[field] == put[field] and got["Body"].read() == b"checked"


def test_streamed_upload_with_trailer(s3, bucket):
    class Stream(io.RawIOBase):
        def __init__(self, data):
            self.data = io.BytesIO(data)

        def readable(self):
            return True

        def read(self, size=-1):
            return self.data.read(size)

    body = b"stream" * 100_000
    s3.upload_fileobj(Stream(body), bucket, "k")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body


def http(method, url, body=None, headers=None):
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


# Without a version boto3 presigns with version 2 in us-east-1, and names the signature differently.
PRESIGNERS = [
    ({}, "&Signature=", b"SignatureDoesNotMatch"),
    ({"signature_version": "s3v4"}, "&X-Amz-Signature=", b"not signed")]


@pytest.mark.parametrize("config,signature,unsigned", PRESIGNERS, ids=["default", "s3v4"])
def test_presigned(emulator, bucket, config, signature, unsigned):
    s3 = emulator.client("s3", **config)
    put = s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "a b/ü", "ContentType": "audio/wav"}, ExpiresIn=60)
    assert http("PUT", put, b"bytes", {"Content-Type": "audio/wav"})[0] == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/ü"}, ExpiresIn=60)
    assert http("GET", get)[:2] == (200, b"bytes")
    assert signature in get
    status, body, _ = http("GET", get.replace(signature, signature + "0"))
    assert status == 403 and b"SignatureDoesNotMatch" in body
    status, body, _ = http("PUT", put, b"x", {"Content-Type": "audio/wav", "x-amz-meta-evil": "1"})
    assert status == 403 and unsigned in body
    assert http("GET", get.split("?")[0])[0] == 403
    named = s3.generate_presigned_url("get_object", Params={
        "Bucket": bucket, "Key": "a b/ü", "ResponseContentType": "text/plain; charset=utf-8"})
    status, body, headers = http("GET", named)
    assert (status, body, headers["Content-Type"]) == (200, b"bytes", "text/plain; charset=utf-8")
    assert http("GET", named.replace("text%2Fplain", "text%2Fhtml"))[0] == 403
    spent = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/ü"}, ExpiresIn=1)
    until(lambda: http("GET", spent)[0] == 403, "the end of the URL's time")
    assert b"<Message>Request has expired</Message>" in http("GET", spent)[1]


def test_cors(s3, bucket):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [{
        "AllowedOrigins": ["https://app.example"], "AllowedMethods": ["PUT", "GET"], "AllowedHeaders": ["*"]}]})
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"}).split("?")[0]
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}
    status, _, headers = http("OPTIONS", url, headers=asked)
    assert status == 200 and headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert http("OPTIONS", url, headers={**asked, "Origin": "https://evil.example"})[0] == 403


ERRORS = [
    ("get_object", dict(Key="absent"), "NoSuchKey"), ("head_object", dict(Key="absent"), "404"),
    ("get_object", dict(Bucket="absent-bucket", Key="k"), "NoSuchBucket"),
    ("put_object", dict(Bucket="absent-bucket", Key="k", Body=b""), "NoSuchBucket"),
    ("list_objects_v2", dict(Bucket="absent-bucket"), "NoSuchBucket"),
    ("delete_bucket", dict(Bucket="absent-bucket"), "NoSuchBucket"),
    ("head_bucket", dict(Bucket="absent-bucket"), "404"),
    ("create_bucket", dict(Bucket="xn--bad"), "InvalidBucketName"),
    ("list_objects_v2", dict(ContinuationToken="garbage"), "InvalidArgument"),
    ("upload_part", dict(Key="k", UploadId="none", PartNumber=1, Body=b""), "NoSuchUpload"),
    ("get_bucket_cors", {}, "NoSuchCORSConfiguration"),
]


@pytest.mark.parametrize("operation,arguments,code", ERRORS, ids=[str(n) for n in range(len(ERRORS))])
def test_errors_are_awss(s3, bucket, operation, arguments, code):
    failing(lambda: getattr(s3, operation)(**{"Bucket": bucket, **arguments}), code)


def test_bucket_with_objects_stays(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    failing(lambda: s3.delete_bucket(Bucket=bucket), "BucketNotEmpty")


def test_invalid_range(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123")
    failing(lambda: s3.get_object(Bucket=bucket, Key="k", Range="bytes=10-"), "InvalidRange")


@pytest.mark.parametrize("access,secret,code", [
    ("nobody", "test", "InvalidAccessKeyId"), ("test", "wrong", "SignatureDoesNotMatch")])
def test_wrong_credentials(emulator, access, secret, code):
    failing(lambda: emulator.client("s3", access, secret).list_buckets(), code)


def test_virtual_host_style(emulator, bucket):
    client = boto3.client(
        "s3", endpoint_url=emulator.aws.replace("127.0.0.1", "localhost"), region_name="us-east-1",
        aws_access_key_id="test", aws_secret_access_key="test",
        config=boto3.session.Config(s3={"addressing_style": "virtual"}))
    url = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert url.startswith(f"http://{bucket}.localhost:")
    emulator.client("s3").put_object(Bucket=bucket, Key="k", Body=b"by host")
    host = url.split("/")[2]
    address = url.replace(host, "127.0.0.1:" + host.split(":")[1])
    assert http("GET", address, headers={"Host": host})[:2] == (200, b"by host")
