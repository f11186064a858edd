"""Buckets as such: their names, making, finding, listing and deleting them."""

import datetime
from urllib.parse import quote

import pytest

from . import access
from .conftest import REGION, error_of, refused, unique

oldest_region = pytest.mark.skipif(REGION != "us-east-1", reason="only the oldest region does so")


# Names

@pytest.mark.parametrize("name", [
    "ab", "a" * 64, "Upper-case", "under_score", "-dash", "dash-", ".dot", "dot.", "two..dots", "192.168.5.4",
    "xn--abc", "sthree-abc", "amzn-s3-demo-abc", "abc-s3alias", "abc--ol-s3", "abc.mrap", "abc--x-s3", "abc--table-s3",
    "a b c", "abc!", "añb", "a*b*c"])
def test_a_name_that_no_bucket_may_have(raw, name):
    document = raw("PUT", f"/{quote(name)}").is_error("InvalidBucketName", 400, "The specified bucket is not valid.")
    assert document["BucketName"] == name


@pytest.mark.parametrize("form", ["{}", "{}.with.dots", "{}-1", "9{}", "{}.9", "{}-a.b-c"])
def test_a_name_that_a_bucket_may_have(make_bucket, s3, form):
    name = make_bucket(Bucket=form.format(unique()))
    assert s3.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("length", [3, 63])
def test_the_shortest_and_the_longest_name(endpoint, make_bucket, s3, length):
    name = (unique() + "x" * 63)[:63] if length == 63 else unique()[-3:].replace("-", "0")
    if length == 3 and endpoint.is_aws:
        pytest.skip("all short names are taken")
    s3.head_bucket(Bucket=make_bucket(Bucket=name))


# CreateBucket

@oldest_region
def test_the_answer_says_where_the_bucket_is(s3, make_bucket):
    name = unique()
    answer = s3.create_bucket(Bucket=name)
    try:
        assert answer["Location"] == f"/{name}"
        assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-arn"] == access.arn(name)
    finally:
        s3.delete_bucket(Bucket=name)


@oldest_region
def test_the_owner_may_create_a_bucket_again(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert s3.create_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


@oldest_region
def test_creating_again_resets_the_list(s3, acl_bucket):
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="public-read")
    s3.create_bucket(Bucket=acl_bucket)
    assert len(s3.get_bucket_acl(Bucket=acl_bucket)["Grants"]) == 1


@oldest_region
@pytest.mark.parametrize("acl,grants", [("public-read", 2), ("public-read-write", 3), ("authenticated-read", 2),
                                        ("private", 1), ("log-delivery-write", 3)])
def test_creating_again_with_a_list_puts_it(s3, acl_bucket, acl, grants):
    s3.create_bucket(Bucket=acl_bucket, ACL=acl)
    assert len(s3.get_bucket_acl(Bucket=acl_bucket)["Grants"]) == grants


@oldest_region
def test_creating_again_puts_listed_grants(s3, acl_bucket):
    s3.create_bucket(Bucket=acl_bucket, GrantRead=f'uri="{access.ALL_USERS}"')
    [grant] = s3.get_bucket_acl(Bucket=acl_bucket)["Grants"]
    assert (grant["Grantee"]["URI"], grant["Permission"]) == (access.ALL_USERS, "READ")


@oldest_region
@pytest.mark.parametrize("ownership", [{}, {"ObjectOwnership": "ObjectWriter"}])
def test_creating_again_without_lists_takes_none(s3, bucket, ownership):
    with refused("AccessControlListNotSupported", 400, "The bucket does not allow ACLs"):
        s3.create_bucket(Bucket=bucket, ACL="authenticated-read", **ownership)
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]


@oldest_region
@pytest.mark.parametrize("acl", ["private", "bucket-owner-full-control"])
def test_creating_again_may_say_what_the_owner_has_anyhow(s3, bucket, acl):
    s3.create_bucket(Bucket=bucket, ACL=acl)
    assert len(s3.get_bucket_acl(Bucket=bucket)["Grants"]) == 1


@oldest_region
def test_creating_again_heeds_the_public_access_block(s3, make_bucket):
    name = make_bucket(ObjectOwnership="ObjectWriter")
    with refused("AccessDenied", 403):
        s3.create_bucket(Bucket=name, ACL="public-read")
    s3.create_bucket(Bucket=name, ACL="log-delivery-write")
    assert len(s3.get_bucket_acl(Bucket=name)["Grants"]) == 3


@oldest_region
def test_creating_again_leaves_the_ownership(s3, acl_bucket):
    s3.create_bucket(Bucket=acl_bucket, ObjectOwnership="BucketOwnerEnforced")
    rules = s3.get_bucket_ownership_controls(Bucket=acl_bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "ObjectWriter"}]


@oldest_region
def test_creating_again_keeps_configurations(s3, versioned_bucket):
    s3.delete_public_access_block(Bucket=versioned_bucket)
    s3.create_bucket(Bucket=versioned_bucket)
    assert s3.get_bucket_versioning(Bucket=versioned_bucket)["Status"] == "Enabled"
    with refused("NoSuchPublicAccessBlockConfiguration", 404):
        s3.get_public_access_block(Bucket=versioned_bucket)


AGAIN = [
    {"LocationConstraint": "eu-west-2"}, {"Tags": [{"Key": "a", "Value": "b"}]},
    {"LocationConstraint": "us-west-1", "Tags": [{"Key": "a", "Value": "b"}]}]


@oldest_region
@pytest.mark.parametrize("configuration", AGAIN)
def test_created_again_a_bucket_cannot_be_another(s3, bucket, configuration):
    with refused("BucketAlreadyOwnedByYou", 409, "Your previous request to create the named bucket succeeded") as refusal:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=configuration)
    assert refusal.elements["BucketName"] == bucket
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None


@oldest_region
def test_a_bucket_elsewhere_is_not_created_again(s3, make_bucket):
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": "us-west-2"}}
    name = make_bucket(**elsewhere)
    with refused("BucketAlreadyOwnedByYou", 409):
        s3.create_bucket(Bucket=name, **elsewhere)


def test_an_unknown_ownership_is_named_in_the_message_alone(s3):
    with refused("InvalidArgument", 400, "Invalid x-amz-object-ownership header: Mine") as refusal:
        s3.create_bucket(Bucket=unique(), ObjectOwnership="Mine")
    assert refusal.elements == {"ArgumentName": "x-amz-object-ownership"}


@oldest_region
@pytest.mark.parametrize("constraint", ["", "us-east-1", "mars-west-1", "moon", "us_west_2", "US-WEST-2"])
def test_a_location_that_is_none(s3, constraint):
    with refused("InvalidLocationConstraint", 400, "The specified location-constraint is not valid") as refusal:
        s3.create_bucket(Bucket=unique(), CreateBucketConfiguration={"LocationConstraint": constraint})
    assert (refusal.elements["LocationConstraint"] or "") == constraint


@oldest_region
@pytest.mark.parametrize("constraint, region", [
    ("us-west-2", "us-west-2"), ("eu-central-1", "eu-central-1"), ("EU", "eu-west-1")])
def test_the_oldest_endpoint_makes_buckets_elsewhere(s3, make_bucket, constraint, region):
    name = make_bucket(CreateBucketConfiguration={"LocationConstraint": constraint})
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == constraint
    assert s3.head_bucket(Bucket=name)["BucketRegion"] == region


@pytest.mark.parametrize("body", [b"text", b"<CreateBucketConfiguration>", b"<Other/>", b"<a></b>"])
def test_a_malformed_document_is_refused(raw, body):
    raw("PUT", f"/{unique()}", body=body).is_error("MalformedXML", 400)


@oldest_region
@pytest.mark.parametrize("body", [
    b"", b"<CreateBucketConfiguration/>", b"<CreateBucketConfiguration xmlns='http://s3.amazonaws.com/doc/2006-03-01/'/>"])
def test_an_empty_document_says_nothing(raw, s3, body):
    name = unique()
    assert raw("PUT", f"/{name}", body=body).status == 200
    s3.delete_bucket(Bucket=name)


def test_a_bucket_may_be_born_with_tags(s3, make_bucket):
    tags = [{"Key": "team", "Value": "blue"}, {"Key": "cost", "Value": ""}]
    configuration = {"Tags": tags}
    if REGION != "us-east-1":
        configuration["LocationConstraint"] = REGION
    name = make_bucket(CreateBucketConfiguration=configuration)
    found = s3.get_bucket_tagging(Bucket=name)["TagSet"]
    assert sorted(tag["Key"] for tag in found) == ["cost", "team"]


@pytest.mark.parametrize("tags", [
    [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], [{"Key": "aws:a", "Value": "1"}],
    [{"Key": "a" * 129, "Value": ""}], [{"Key": "a", "Value": "b" * 257}]])
def test_tags_of_a_new_bucket_are_judged(s3, tags):
    name = unique()
    configuration = {"Tags": tags}
    if REGION != "us-east-1":
        configuration["LocationConstraint"] = REGION
    with refused("InvalidTag", 400):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=configuration)
    with refused("404", 404):
        s3.head_bucket(Bucket=name)


# HeadBucket, GetBucketLocation

def test_a_head_describes_the_bucket(s3, bucket):
    headers = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-bucket-region"] == REGION
    assert headers["x-amz-access-point-alias"] == "false"
    assert headers["x-amz-bucket-arn"] == access.arn(bucket)


def test_a_refused_head_tells_the_region(raw, bucket):
    for more in [{"sign": False}, {"secret": "wrong"}]:
        answer = raw("HEAD", f"/{bucket}", **more)
        assert (answer.status, answer.headers["x-amz-bucket-region"]) == (403, REGION)


@oldest_region
def test_the_oldest_region_has_no_name_as_a_location(s3, raw, bucket):
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    answer = raw("GET", f"/{bucket}?location")
    assert answer.xml.tag == "LocationConstraint" and not answer.xml.text


@pytest.mark.parametrize("operation", ["delete_bucket", "get_bucket_location", "list_objects", "list_objects_v2",
                                       "list_multipart_uploads", "get_bucket_acl", "get_bucket_versioning"])
def test_an_absent_bucket_is_missed(s3, operation):
    name = unique()
    with refused("NoSuchBucket", 404, "The specified bucket does not exist") as refusal:
        getattr(s3, operation)(Bucket=name)
    assert refusal.elements["BucketName"] == name


def test_an_absent_bucket_is_missed_by_head(s3):
    with refused("404", 404):
        s3.head_bucket(Bucket=unique())


# DeleteBucket

def test_a_deleted_bucket_is_gone(s3):
    name = unique()
    s3.create_bucket(Bucket=name, **({} if REGION == "us-east-1" else {
        "CreateBucketConfiguration": {"LocationConstraint": REGION}}))
    assert s3.delete_bucket(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("404", 404):
        s3.head_bucket(Bucket=name)
    with refused("NoSuchBucket", 404):
        s3.delete_bucket(Bucket=name)


def test_a_bucket_with_an_object_stays(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with refused("BucketNotEmpty", 409, "The bucket you tried to delete is not empty") as refusal:
        s3.delete_bucket(Bucket=bucket)
    assert refusal.elements["BucketName"] == bucket
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_a_bucket_with_old_versions_stays(s3, versioned_bucket):
    s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"x")
    s3.delete_object(Bucket=versioned_bucket, Key="k")
    with refused("BucketNotEmpty", 409, "You must delete all versions in the bucket."):
        s3.delete_bucket(Bucket=versioned_bucket)


def test_a_bucket_that_is_made_anew_is_new(s3, make_bucket):
    name = make_bucket(ObjectOwnership="ObjectWriter")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.delete_public_access_block(Bucket=name)
    s3.delete_bucket(Bucket=name)
    make_bucket(Bucket=name)
    assert "Status" not in s3.get_bucket_versioning(Bucket=name)
    assert s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True


# ListBuckets

def test_a_listing_describes_each_bucket(s3, bucket):
    answer = s3.list_buckets(Prefix=bucket)
    [found] = answer["Buckets"]
    assert (found["Name"], found["BucketRegion"], found["BucketArn"]) == (bucket, REGION, access.arn(bucket))
    age = datetime.datetime.now(datetime.timezone.utc) - found["CreationDate"]
    assert abs(age) < datetime.timedelta(minutes=10)
    assert len(answer["Owner"]["ID"]) == 64
    assert answer["Prefix"] == bucket


def test_a_listing_is_in_order(s3, make_bucket):
    prefix = unique()
    names = [make_bucket(Bucket=f"{prefix}-{letter}") for letter in "cab"]
    assert [found["Name"] for found in s3.list_buckets(Prefix=prefix)["Buckets"]] == sorted(names)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_of_a_listing(s3, make_bucket, size):
    prefix = unique()
    names = [make_bucket(Bucket=f"{prefix}-{letter}") for letter in "abc"]
    found, token, pages = [], None, 0
    while True:
        page = s3.list_buckets(Prefix=prefix, MaxBuckets=size, **({"ContinuationToken": token} if token else {}))
        assert len(page["Buckets"]) <= size
        found += [entry["Name"] for entry in page["Buckets"]]
        pages += 1
        token = page.get("ContinuationToken")
        if not token:
            break
    assert found == names and pages <= -(-3 // size) + 1


def test_without_a_size_there_are_no_pages(s3, bucket):
    answer = s3.list_buckets()
    assert "ContinuationToken" not in answer
    assert bucket in [found["Name"] for found in answer["Buckets"]]


def test_a_listing_of_one_region(s3, bucket):
    other = "eu-west-3" if REGION != "eu-west-3" else "us-west-2"
    assert [found["Name"] for found in s3.list_buckets(Prefix=bucket, BucketRegion=REGION)["Buckets"]] == [bucket]
    assert s3.list_buckets(Prefix=bucket, BucketRegion=other).get("Buckets", []) == []


def test_a_listing_of_a_region_that_is_none(s3):
    refusal = error_of(lambda: s3.list_buckets(BucketRegion="mars-west-1"))
    assert (refusal.code, refusal.status) == ("InvalidArgument", 400)
    assert refusal.message == "Argument value mars-west-1 is not a valid AWS Region"
    assert refusal.elements["ArgumentName"] == "bucket-region"


@pytest.mark.parametrize("size", [0, -1, 10_001])
def test_a_size_of_a_page_out_of_range(s3, size):
    refusal = error_of(lambda: s3.list_buckets(MaxBuckets=size))
    assert (refusal.code, refusal.status) == ("InvalidArgument", 400)


# The expected owner

OPERATIONS = [
    ("head_bucket", {}), ("list_objects_v2", {}), ("get_bucket_acl", {}), ("get_bucket_location", {}),
    ("get_bucket_versioning", {}), ("put_object", {"Key": "k", "Body": b"y"}), ("get_object", {"Key": "k"}),
    ("head_object", {"Key": "k"}), ("delete_object", {"Key": "k"}), ("create_multipart_upload", {"Key": "k"}),
    ("delete_bucket", {}), ("get_object_acl", {"Key": "k"}), ("get_public_access_block", {}),
    ("delete_objects", {"Delete": {"Objects": [{"Key": "k"}]}}),
    ("copy_object", {"Key": "copy", "CopySource": "{}/k"}),
]


@pytest.mark.parametrize("operation, parameters", OPERATIONS, ids=[entry[0] for entry in OPERATIONS])
def test_another_owner_than_expected(s3, bucket, operation, parameters):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    parameters = {name: value.replace("{}", bucket) if isinstance(value, str) else value
                  for name, value in parameters.items()}
    call = (lambda: getattr(s3, operation)(Bucket=bucket, ExpectedBucketOwner="111122223333", **parameters))
    assert error_of(call).status == 403
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_the_expected_owner(s3, endpoint, bucket):
    owner = access.account(endpoint)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner=owner)
    assert s3.get_object(Bucket=bucket, Key="k", ExpectedBucketOwner=owner)["Body"].read() == b"x"
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"},
                   ExpectedBucketOwner=owner, ExpectedSourceBucketOwner=owner)


def test_another_owner_of_the_source_than_expected(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with refused("AccessDenied", 403):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"},
                       ExpectedSourceBucketOwner="111122223333")


@pytest.mark.parametrize("owner", ["1234", "nobody", "1234567890123", "12345678901a"])
def test_an_expected_owner_that_is_no_account(s3, bucket, owner):
    with refused("InvalidBucketOwnerAWSAccountID", 400):
        s3.get_bucket_acl(Bucket=bucket, ExpectedBucketOwner=owner)


def test_whoever_asks_may_offer_to_pay(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", RequestPayer="requester")
    assert s3.get_object(Bucket=bucket, Key="k", RequestPayer="requester")["Body"].read() == b"x"
