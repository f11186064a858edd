"""Server-side encryption with keys of S3 and of the key service: the bucket's rule, the headers of objects."""

import hashlib

import pytest

from .conftest import refused
from .encryption import customer, put_rule, rule
from .forms import Form

# The bucket's rule

def test_every_bucket_encrypts_with_keys_of_s3(s3, bucket):
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert len(found) == 1
    assert found[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert found[0]["BucketKeyEnabled"] is False


@pytest.mark.parametrize("algorithm", ["AES256", "aws:kms", "aws:kms:dsse"])
def test_a_rule_is_returned_as_it_was_put(s3, bucket, algorithm):
    put_rule(s3, bucket, algorithm)
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert found["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == algorithm
    assert found["BucketKeyEnabled"] is False


def test_a_rule_keeps_its_bucket_key(s3, bucket):
    put_rule(s3, bucket, "aws:kms", bucket_key=True)
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert found["BucketKeyEnabled"] is True


def test_deleting_the_rule_brings_back_keys_of_s3(s3, bucket):
    put_rule(s3, bucket, "aws:kms")
    for _ in range(2):
        answer = s3.delete_bucket_encryption(Bucket=bucket)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert found["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


@pytest.mark.parametrize("configuration", [
    {"Rules": []},
    {"Rules": rule("AES256")["Rules"] * 2},
    {"Rules": [{"BucketKeyEnabled": True}]},
    rule("AES128"),
    rule(""),
], ids=["no rule", "two rules", "nothing by default", "unknown algorithm", "empty algorithm"])
def test_a_malformed_rule_is_refused(s3, bucket, configuration):
    with refused("MalformedXML", 400):
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=configuration)


def test_a_key_makes_no_sense_with_keys_of_s3(s3, bucket):
    with refused("InvalidArgument", 400, "a KMSMasterKeyID is not applicable") as refusal:
        put_rule(s3, bucket, "AES256", key="some-key")
    assert refusal.elements["ArgumentName"] == "ApplyServerSideEncryptionByDefault"


@pytest.mark.parametrize("call", ["get", "put", "delete"])
def test_the_rule_of_no_bucket(s3, call):
    with refused("NoSuchBucket", 404):
        if call == "put":
            put_rule(s3, "no-such-bucket-for-encryption", "AES256")
        else:
            getattr(s3, f"{call}_bucket_encryption")(Bucket="no-such-bucket-for-encryption")


# Objects

def test_objects_say_that_they_are_encrypted(s3, bucket):
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"data")["ServerSideEncryption"] == "AES256"
    assert s3.get_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "AES256"
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "AES256"


def test_keys_of_s3_leave_the_md5_as_entity_tag(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="AES256")["ETag"]
    assert etag == f'"{hashlib.md5(b"data").hexdigest()}"'


@pytest.mark.parametrize("algorithm", ["aws:kms", "aws:kms:dsse"])
def test_the_rule_applies_to_new_objects(s3, bucket, algorithm):
    s3.put_object(Bucket=bucket, Key="old", Body=b"data")
    put_rule(s3, bucket, algorithm)
    put = s3.put_object(Bucket=bucket, Key="new", Body=b"data")
    assert put["ServerSideEncryption"] == algorithm
    head = s3.head_object(Bucket=bucket, Key="new")
    assert head["ServerSideEncryption"] == algorithm
    assert head["SSEKMSKeyId"] == put["SSEKMSKeyId"]
    assert head["SSEKMSKeyId"].startswith("arn:aws:kms:")
    assert s3.head_object(Bucket=bucket, Key="old")["ServerSideEncryption"] == "AES256"


def test_an_object_with_a_service_key_has_another_entity_tag(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="aws:kms")["ETag"]
    assert etag != f'"{hashlib.md5(b"data").hexdigest()}"'
    assert s3.head_object(Bucket=bucket, Key="k")["ETag"] == etag
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["Body"].read() == b"data"


def test_a_request_wins_over_the_rule(s3, bucket):
    put_rule(s3, bucket, "aws:kms")
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="AES256")
    assert answer["ServerSideEncryption"] == "AES256"
    assert "SSEKMSKeyId" not in answer


def test_the_bucket_key_of_the_rule_is_shown(s3, bucket):
    put_rule(s3, bucket, "aws:kms", bucket_key=True)
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"data")["BucketKeyEnabled"] is True
    assert s3.head_object(Bucket=bucket, Key="k")["BucketKeyEnabled"] is True


def test_a_request_sets_its_own_bucket_key(s3, bucket):
    answer = s3.put_object(
        Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="aws:kms", BucketKeyEnabled=True)
    assert answer["BucketKeyEnabled"] is True
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="aws:kms")
    assert not answer.get("BucketKeyEnabled")


def test_an_unknown_method_of_encryption(s3, bucket):
    with refused("InvalidArgument", 400, "The encryption method specified is not supported") as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="AES512")
    assert refusal.elements["ArgumentName"] == "x-amz-server-side-encryption"
    assert refusal.elements["ArgumentValue"] == "AES512"


@pytest.mark.parametrize("algorithm", [None, "AES256"])
def test_a_service_key_needs_its_method(s3, bucket, algorithm):
    more = {"ServerSideEncryption": algorithm} if algorithm else {}
    with refused("InvalidArgument", 400, "requires HTTP header x-amz-server-side-encryption : aws:kms"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"data", SSEKMSKeyId="some-key", **more)


@pytest.mark.parametrize("call", ["get_object", "head_object"])
def test_reading_takes_no_wish(raw, s3, bucket, call):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    method = {"get_object": "GET", "head_object": "HEAD"}[call]
    answer = raw(method, f"/{bucket}/k", {"x-amz-server-side-encryption": "AES256"})
    assert answer.status == 400
    if method == "GET":
        answer.is_error("InvalidArgument", 400, "header is not supported for this operation")


def test_a_copy_follows_the_rule_of_its_bucket(s3, bucket, make_bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="aws:kms")
    target = make_bucket()
    answer = s3.copy_object(Bucket=target, Key="copy", CopySource=f"{bucket}/k")
    assert answer["ServerSideEncryption"] == "AES256"
    assert s3.head_object(Bucket=target, Key="copy")["ServerSideEncryption"] == "AES256"


def test_a_copy_may_ask_for_another_encryption(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    answer = s3.copy_object(
        Bucket=bucket, Key="k", CopySource=f"{bucket}/k", ServerSideEncryption="aws:kms")
    assert answer["ServerSideEncryption"] == "aws:kms"
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "aws:kms"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"


def test_a_copy_onto_itself_is_fine_where_the_bucket_has_a_rule(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    with refused("InvalidRequest", 400, "encryption attributes"):
        s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/k")
    put_rule(s3, bucket, "AES256")
    assert s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/k")["CopyObjectResult"]


def test_an_upload_in_parts_is_encrypted_as_it_began(s3, bucket):
    made = s3.create_multipart_upload(Bucket=bucket, Key="k", ServerSideEncryption="aws:kms")
    assert made["ServerSideEncryption"] == "aws:kms"
    put_rule(s3, bucket, "aws:kms:dsse")
    where = {"Bucket": bucket, "Key": "k", "UploadId": made["UploadId"]}
    part = s3.upload_part(PartNumber=1, Body=b"data", **where)
    assert part["ServerSideEncryption"] == "aws:kms"
    done = s3.complete_multipart_upload(
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}, **where)
    assert done["ServerSideEncryption"] == "aws:kms"
    assert done["SSEKMSKeyId"] == made["SSEKMSKeyId"]
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "aws:kms"


def test_a_part_takes_no_wish(raw, s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    answer = raw("PUT", f"/{bucket}/k?partNumber=1&uploadId={upload}",
                 {"x-amz-server-side-encryption": "AES256"}, b"data")
    answer.is_error("InvalidArgument", 400, "header is not supported for this operation")


@pytest.mark.parametrize("name", ["x-amz-server-side-encryption-context"])
def test_a_context_has_to_be_json_in_base64(raw, bucket, name):
    answer = raw("PUT", f"/{bucket}/k", {"x-amz-server-side-encryption": "aws:kms", name: "no json"}, b"data")
    assert answer.code == "InvalidArgument"


# Forms

@pytest.mark.parametrize("algorithm", ["AES256", "aws:kms"])
def test_a_form_says_how_to_encrypt(s3, bucket, endpoint, algorithm):
    answer = Form(endpoint, bucket, fields={"x-amz-server-side-encryption": algorithm}).send()
    assert answer.status == 204, answer
    assert answer.headers["x-amz-server-side-encryption"] == algorithm
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == algorithm


def test_a_form_follows_the_rule_of_its_bucket(s3, bucket, endpoint):
    put_rule(s3, bucket, "aws:kms")
    assert Form(endpoint, bucket).send().headers["x-amz-server-side-encryption"] == "aws:kms"


# Names of keys

@pytest.mark.parametrize("name,suffix", [
    ("1234abcd-12ab-34cd-56ef-1234567890ab", ":key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("alias/aws/s3", None),
], ids=["id", "own key"])
def test_a_key_is_answered_as_arn(s3, bucket, endpoint, name, suffix):
    if endpoint.is_aws and suffix:
        pytest.skip("the key has to exist")
    answer = s3.put_object(
        Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="aws:kms", SSEKMSKeyId=name)
    assert answer["SSEKMSKeyId"].startswith(f"arn:aws:kms:{endpoint.region}:")
    default = s3.put_object(Bucket=bucket, Key="l", Body=b"data", ServerSideEncryption="aws:kms")["SSEKMSKeyId"]
    if suffix:
        assert answer["SSEKMSKeyId"].endswith(suffix)
        assert answer["SSEKMSKeyId"] != default
    else:
        assert answer["SSEKMSKeyId"] == default


def test_a_key_of_another_region(s3, bucket):
    with refused("KMS.NotFoundException", 400, "Invalid arn ap-south-2"):
        s3.put_object(
            Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="aws:kms",
            SSEKMSKeyId="arn:aws:kms:ap-south-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab")


# UpdateObjectEncryption

def update(s3, bucket, arn, **more):
    bucket_key = more.pop("bucket_key", None)
    key = {"KMSKeyArn": arn, **({} if bucket_key is None else {"BucketKeyEnabled": bucket_key})}
    return s3.update_object_encryption(Bucket=bucket, Key="k", ObjectEncryption={"SSEKMS": key}, **more)


@pytest.fixture
def arn(s3, bucket):
    """The account's own key, or any other of its keys: there is one that exists everywhere."""
    return s3.put_object(Bucket=bucket, Key="key", Body=b"", ServerSideEncryption="aws:kms")["SSEKMSKeyId"]


def test_an_object_gets_another_key_and_stays_as_it_is(s3, bucket, arn):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", Metadata={"a": "b"})
    before = s3.head_object(Bucket=bucket, Key="k")
    assert update(s3, bucket, arn, bucket_key=True)["ResponseMetadata"]["HTTPStatusCode"] == 200
    after = s3.head_object(Bucket=bucket, Key="k")
    assert (after["ServerSideEncryption"], after["SSEKMSKeyId"]) == ("aws:kms", arn)
    assert after["BucketKeyEnabled"] is True
    for name in ["ETag", "LastModified", "Metadata", "ContentLength"]:
        assert after[name] == before[name]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"


def test_one_version_gets_another_key(s3, versioned_bucket, arn):
    first = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"2")["VersionId"]
    update(s3, versioned_bucket, arn, VersionId=first)
    shown = [s3.head_object(Bucket=versioned_bucket, Key="k", VersionId=version)["ServerSideEncryption"]
             for version in (first, second)]
    assert shown == ["aws:kms", "AES256"]


@pytest.mark.parametrize("given", [customer(), {"ServerSideEncryption": "aws:kms:dsse"}], ids=["client", "dsse"])
def test_other_encryptions_cannot_be_updated(s3, bucket, arn, given):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **given)
    with refused("InvalidRequest", 400, "source objects with the encryption type DSSE-KMS or SSE-C"):
        update(s3, bucket, arn)


@pytest.mark.parametrize("name", ["alias/aws/s3", "1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:s3:::x"])
def test_a_key_is_named_in_full(s3, bucket, name):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    with refused("InvalidRequest", 400, "a valid Amazon Web Services KMS key Amazon Resource Name (ARN)"):
        update(s3, bucket, name)


def test_a_key_of_another_account(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    with refused("AccessDenied", 403, "must be owned by the same account as the bucket"):
        update(s3, bucket, "arn:aws:kms:us-east-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab")


def test_no_object_to_update(s3, bucket, arn):
    with refused("NoSuchKey", 404):
        update(s3, bucket, arn)


def test_a_locked_object_keeps_its_key(s3, make_bucket):
    bucket = make_bucket(ObjectLockEnabledForBucket=True)
    arn = s3.put_object(Bucket=bucket, Key="key", Body=b"", ServerSideEncryption="aws:kms")["SSEKMSKeyId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", ObjectLockLegalHoldStatus="ON")
    with refused("AccessDenied", 403, "protected by S3 Object Lock"):
        update(s3, bucket, arn)
    s3.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "OFF"})
    update(s3, bucket, arn)
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "aws:kms"
