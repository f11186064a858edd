"""Access control lists of buckets and objects: how they are written, read and obeyed."""

import pytest

from . import access
from .access import ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY
from .conftest import error_of, refused, unique

OTHER = "a" * 64  # a canonical user id that nobody here has


def grants_of(answer):
    """The grants as pairs: the group's address, or 'owner', or another user's id; and the permission."""
    return sorted(
        (grant["Grantee"].get("URI") or {answer["Owner"]["ID"]: "owner"}.get(
            grant["Grantee"]["ID"], grant["Grantee"]["ID"]), grant["Permission"])
        for grant in answer["Grants"])


def listed(owner, *grants):
    """An AccessControlPolicy."""
    return {"Owner": {"ID": owner}, "Grants": [
        {"Grantee": grantee, "Permission": permission} for grantee, permission in grants]}


def user(canonical_id):
    return {"Type": "CanonicalUser", "ID": canonical_id}


def group(uri):
    return {"Type": "Group", "URI": uri}


OWNER = ("owner", "FULL_CONTROL")
CANNED = {
    "private": [OWNER], "public-read": [(ALL_USERS, "READ"), OWNER],
    "public-read-write": [(ALL_USERS, "READ"), (ALL_USERS, "WRITE"), OWNER],
    "authenticated-read": [(AUTHENTICATED_USERS, "READ"), OWNER], "aws-exec-read": None,
    "bucket-owner-read": [OWNER], "bucket-owner-full-control": [OWNER],
}


@pytest.fixture(params=["bucket", "object"])
def target(request, s3, acl_bucket):
    """put(**list) and get() of a bucket's list or of an object's."""
    class Target:
        kind = request.param
        bucket = acl_bucket
        place = {"Bucket": acl_bucket} | ({"Key": "k"} if request.param == "object" else {})
        put = staticmethod(lambda **more: getattr(s3, f"put_{request.param}_acl")(**Target.place, **more))
        get = staticmethod(lambda: getattr(s3, f"get_{request.param}_acl")(**Target.place))

    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x")
    return Target


def test_at_first_everything_is_the_owners(target):
    answer = target.get()
    assert grants_of(answer) == [OWNER]
    assert answer["Grants"][0]["Grantee"]["Type"] == "CanonicalUser"
    assert len(answer["Owner"]["ID"]) == 64


@pytest.mark.parametrize("canned", sorted(CANNED))
def test_canned_lists(target, canned):
    assert target.put(ACL=canned)["ResponseMetadata"]["HTTPStatusCode"] == 200
    if CANNED[canned] is not None:
        assert grants_of(target.get()) == sorted(CANNED[canned])


def test_a_bucket_may_grant_to_log_delivery(s3, acl_bucket):
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="log-delivery-write")
    assert grants_of(s3.get_bucket_acl(Bucket=acl_bucket)) == sorted(
        [(LOG_DELIVERY, "READ_ACP"), (LOG_DELIVERY, "WRITE"), OWNER])


def test_an_object_may_not_grant_to_log_delivery(s3, acl_bucket):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x")
    with refused("InvalidArgument", 400):
        s3.put_object_acl(Bucket=acl_bucket, Key="k", ACL="log-delivery-write")


@pytest.mark.parametrize("canned", ["fake-acl", "Private", "public"])
def test_an_unknown_canned_list_is_refused(target, canned):
    refusal = error_of(lambda: target.put(ACL=canned))
    assert (refusal.code, refusal.status) == ("InvalidArgument", 400)
    assert refusal.elements["ArgumentName"] == "x-amz-acl"
    assert refusal.elements["ArgumentValue"] == canned


def test_each_put_replaces_the_list(target):
    target.put(ACL="public-read")
    target.put(ACL="private")
    assert grants_of(target.get()) == [OWNER]


# Grants in headers

@pytest.mark.parametrize("header, permission", [
    ("GrantRead", "READ"), ("GrantReadACP", "READ_ACP"), ("GrantWriteACP", "WRITE_ACP"),
    ("GrantFullControl", "FULL_CONTROL"), ("GrantWrite", "WRITE")])
@pytest.mark.parametrize("form", ['uri="{}"', "uri={}"], ids=["quoted", "plain"])
def test_grants_in_headers(target, form, header, permission):
    target.put(**{header: form.format(AUTHENTICATED_USERS)})
    assert grants_of(target.get()) == [(AUTHENTICATED_USERS, permission)]


def test_several_grantees_in_one_header(target):
    target.put(GrantRead=f'uri="{ALL_USERS}", uri="{AUTHENTICATED_USERS}"')
    assert grants_of(target.get()) == sorted([(ALL_USERS, "READ"), (AUTHENTICATED_USERS, "READ")])


def test_a_grantee_by_id(target):
    owner = target.get()["Owner"]["ID"]
    target.put(GrantFullControl=f'id="{owner}"')
    assert grants_of(target.get()) == [OWNER]


@pytest.mark.parametrize("value, name, text", [
    ('id="nobody"', "id", "Invalid id"), ('id=""', "id", "Invalid id"),
    ('uri="http://acs.amazonaws.com/groups/global/Nobody"', "uri", "Invalid group uri"),
    ("nonsense", "x-amz-grant-read", "Argument format not recognized"),
    ('name="me"', "x-amz-grant-read", "Argument format not recognized")])
def test_a_grantee_that_is_nobody_is_refused(target, value, name, text):
    refusal = error_of(lambda: target.put(GrantRead=value))
    assert (refusal.code, refusal.status, refusal.message) == ("InvalidArgument", 400, text)
    assert refusal.elements["ArgumentName"] == name


# Lists as documents

def test_a_list_of_all_permissions(target):
    owner = target.get()["Owner"]["ID"]
    target.put(AccessControlPolicy=listed(owner, *(
        (group(ALL_USERS), permission) for permission in ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"])))
    assert [permission for _, permission in grants_of(target.get())] == sorted(
        ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"])


def test_a_list_may_be_read_and_put_back(target):
    target.put(ACL="public-read")
    answer = target.get()
    target.put(AccessControlPolicy={"Owner": answer["Owner"], "Grants": answer["Grants"]})
    assert grants_of(target.get()) == sorted(CANNED["public-read"])


def test_a_list_may_be_empty(s3, target):
    owner = target.get()["Owner"]["ID"]
    target.put(AccessControlPolicy=listed(owner))
    assert target.get().get("Grants", []) == []
    target.put(ACL="private")


def test_another_owner_is_refused(target):
    with refused("AccessDenied", 403):
        target.put(AccessControlPolicy=listed(OTHER, (group(ALL_USERS), "READ")))


@pytest.mark.parametrize("grantee, name, text", [
    (user("nobody"), "CanonicalUser/ID", "Invalid id"), (user("A" * 63), "CanonicalUser/ID", "Invalid id"),
    (group("http://acs.amazonaws.com/groups/global/Nobody"), "Group/URI", "Invalid group uri"),
    (group("AllUsers"), "Group/URI", "Invalid group uri")])
def test_a_listed_grantee_that_is_nobody_is_refused(target, grantee, name, text):
    owner = target.get()["Owner"]["ID"]
    refusal = error_of(lambda: target.put(AccessControlPolicy=listed(owner, (grantee, "READ"))))
    assert (refusal.code, refusal.status, refusal.message) == ("InvalidArgument", 400, text)
    assert refusal.elements["ArgumentName"] == name


def test_the_owner_of_a_list_is_somebody(target):
    refusal = error_of(lambda: target.put(AccessControlPolicy=listed("nobody", (group(ALL_USERS), "READ"))))
    assert (refusal.code, refusal.status, refusal.message) == ("InvalidArgument", 400, "Invalid id")
    assert refusal.elements["ArgumentName"] == "CanonicalUser/ID"


@pytest.mark.parametrize("permission", ["READWRITE", "read", ""])
def test_a_permission_exists(target, permission):
    owner = target.get()["Owner"]["ID"]
    with refused("MalformedACLError", 400):
        target.put(AccessControlPolicy=listed(owner, (group(ALL_USERS), permission)))


@pytest.mark.parametrize("kind", ["Everybody", "canonicaluser", ""])
def test_a_kind_of_grantee_exists(target, kind):
    owner = target.get()["Owner"]["ID"]
    with refused("MalformedACLError", 400):
        target.put(AccessControlPolicy=listed(owner, ({"Type": kind, "ID": owner}, "READ")))


@pytest.mark.parametrize("body", [
    b"<AccessControlPolicy/>", b"<Other/>", b"text", b"<AccessControlPolicy><Owner><ID>x</ID></Owner></AccessControlPolicy>",
    b"<AccessControlPolicy><AccessControlList/></AccessControlPolicy>"])
def test_a_malformed_document_is_refused(raw, target, body):
    path = "/" + "/".join(target.place.values()) + "?acl"
    raw("PUT", path, body=body).is_error("MalformedACLError", 400)


def test_addresses_of_people_resolve_to_nobody(target):
    owner = target.get()["Owner"]["ID"]
    by_mail = {"Type": "AmazonCustomerByEmail", "EmailAddress": "nobody@example.com"}
    refusal = error_of(lambda: target.put(AccessControlPolicy=listed(owner, (by_mail, "READ"))))
    assert refusal.status == 400


def test_a_list_is_needed(raw, target):
    path = "/" + "/".join(target.place.values()) + "?acl"
    document = raw("PUT", path).is_error(
        "MissingSecurityHeader", 400, "Your request was missing a required header")
    assert document["MissingHeaderName"] == "x-amz-acl"


def test_one_way_of_saying_a_list_is_enough(target):
    with refused("InvalidRequest", 400, "Specifying both Canned ACLs and Header Grants is not allowed"):
        target.put(ACL="public-read", GrantRead=f'uri="{ALL_USERS}"')


def test_headers_and_document_together_are_refused(target):
    owner = target.get()["Owner"]["ID"]
    with refused("UnexpectedContent", 400, "This request does not support content"):
        target.put(ACL="public-read", AccessControlPolicy=listed(owner, (group(ALL_USERS), "READ")))


# Objects

def test_a_write_may_bring_its_list(s3, acl_bucket):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x", ACL="public-read")
    assert grants_of(s3.get_object_acl(Bucket=acl_bucket, Key="k")) == sorted(CANNED["public-read"])


def test_a_write_may_bring_grants(s3, acl_bucket):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x", GrantRead=f'uri="{ALL_USERS}"')
    assert grants_of(s3.get_object_acl(Bucket=acl_bucket, Key="k")) == [(ALL_USERS, "READ")]


def test_overwriting_forgets_the_list(s3, anonymous, acl_bucket):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x", ACL="public-read")
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"y")
    assert grants_of(s3.get_object_acl(Bucket=acl_bucket, Key="k")) == [OWNER]
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=acl_bucket, Key="k")


@pytest.mark.parametrize("directive", ["COPY", "REPLACE"])
def test_a_copy_does_not_take_the_list_along(s3, acl_bucket, directive):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x", ACL="public-read")
    s3.copy_object(Bucket=acl_bucket, Key="copy", CopySource={"Bucket": acl_bucket, "Key": "k"}, MetadataDirective=directive)
    assert grants_of(s3.get_object_acl(Bucket=acl_bucket, Key="copy")) == [OWNER]


def test_a_copy_may_bring_its_own_list(s3, anonymous, acl_bucket):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x")
    s3.copy_object(Bucket=acl_bucket, Key="copy", CopySource={"Bucket": acl_bucket, "Key": "k"}, ACL="public-read")
    assert anonymous.get_object(Bucket=acl_bucket, Key="copy")["Body"].read() == b"x"


def test_an_upload_in_parts_keeps_the_list_of_its_start(s3, anonymous, acl_bucket):
    upload = s3.create_multipart_upload(Bucket=acl_bucket, Key="k", ACL="public-read")["UploadId"]
    part = s3.upload_part(Bucket=acl_bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(
        Bucket=acl_bucket, Key="k", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert anonymous.get_object(Bucket=acl_bucket, Key="k")["Body"].read() == b"x"


def test_an_unknown_list_stores_no_object(s3, acl_bucket):
    with refused("InvalidArgument", 400):
        s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x", ACL="fake-acl")
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=acl_bucket, Key="k")


@pytest.mark.parametrize("operation, parameters", [("get_object_acl", {}), ("put_object_acl", {"ACL": "private"})])
def test_an_absent_object_has_no_list(s3, acl_bucket, operation, parameters):
    with refused("NoSuchKey", 404) as refusal:
        getattr(s3, operation)(Bucket=acl_bucket, Key="absent", **parameters)
    assert refusal.elements["Key"] == "absent"


@pytest.mark.parametrize("operation, parameters", [
    ("get_object_acl", {"Key": "k"}), ("put_object_acl", {"Key": "k", "ACL": "private"}), ("get_bucket_acl", {}),
    ("put_bucket_acl", {"ACL": "private"})])
def test_an_absent_bucket_is_missed(s3, operation, parameters):
    with refused("NoSuchBucket", 404):
        getattr(s3, operation)(Bucket=unique(), **parameters)


def test_changing_a_list_changes_nothing_else(s3, acl_bucket):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x", Metadata={"a": "b"}, ContentType="text/plain")
    before = s3.head_object(Bucket=acl_bucket, Key="k")
    s3.put_object_acl(Bucket=acl_bucket, Key="k", ACL="public-read")
    after = s3.head_object(Bucket=acl_bucket, Key="k")
    for name in ["ETag", "LastModified", "ContentType", "Metadata", "ContentLength"]:
        assert after[name] == before[name]


# Versions

@pytest.fixture
def versions(s3, acl_bucket):
    """A bucket and two versions of the key k in it."""
    s3.put_bucket_versioning(Bucket=acl_bucket, VersioningConfiguration={"Status": "Enabled"})
    return acl_bucket, [s3.put_object(Bucket=acl_bucket, Key="k", Body=body)["VersionId"] for body in [b"1", b"2"]]


def test_each_version_has_a_list_of_its_own(s3, versions):
    bucket, (old, new) = versions
    s3.put_object_acl(Bucket=bucket, Key="k", VersionId=old, ACL="public-read")
    assert grants_of(s3.get_object_acl(Bucket=bucket, Key="k", VersionId=old)) == sorted(CANNED["public-read"])
    assert grants_of(s3.get_object_acl(Bucket=bucket, Key="k", VersionId=new)) == [OWNER]
    assert grants_of(s3.get_object_acl(Bucket=bucket, Key="k")) == [OWNER]


def test_without_a_version_the_newest_is_meant(s3, versions):
    bucket, (old, new) = versions
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="public-read")
    assert grants_of(s3.get_object_acl(Bucket=bucket, Key="k", VersionId=new)) == sorted(CANNED["public-read"])
    assert grants_of(s3.get_object_acl(Bucket=bucket, Key="k", VersionId=old)) == [OWNER]


def test_the_list_of_a_version_opens_that_version(s3, anonymous, versions):
    bucket, (old, new) = versions
    s3.put_object_acl(Bucket=bucket, Key="k", VersionId=old, ACL="public-read")
    assert anonymous.get_object(Bucket=bucket, Key="k", VersionId=old)["Body"].read() == b"1"
    for version in [{"VersionId": new}, {}]:
        with refused("AccessDenied", 403):
            anonymous.get_object(Bucket=bucket, Key="k", **version)


def test_a_delete_marker_has_no_list(s3, versions):
    bucket, _ = versions
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    with refused("NoSuchKey", 404):
        s3.get_object_acl(Bucket=bucket, Key="k")
    with refused("MethodNotAllowed", 405):
        s3.get_object_acl(Bucket=bucket, Key="k", VersionId=marker)


# What lists permit

@pytest.mark.parametrize("permission, operations", [
    ("READ", {"get_object", "head_object"}), ("READ_ACP", {"get_object_acl"}),
    ("WRITE_ACP", {"put_object_acl"}), ("WRITE", set()),
    ("FULL_CONTROL", {"get_object", "head_object", "get_object_acl", "put_object_acl"})])
def test_what_a_list_of_an_object_permits_to_the_world(s3, anonymous, acl_bucket, permission, operations):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x")
    owner = access.owner(s3, acl_bucket)
    granted = listed(owner, (user(owner), "FULL_CONTROL"), (group(ALL_USERS), permission))
    for operation in ["get_object", "head_object", "get_object_acl", "put_object_acl", "delete_object", "put_object"]:
        s3.put_object_acl(Bucket=acl_bucket, Key="k", AccessControlPolicy=granted)
        more = {"put_object_acl": {"AccessControlPolicy": granted}, "put_object": {"Body": b"y"}}.get(operation, {})
        call = (lambda: getattr(anonymous, operation)(Bucket=acl_bucket, Key="k", **more))
        if operation in operations:
            call()
        else:
            assert error_of(call).status == 403, operation


@pytest.mark.parametrize("permission, operations", [
    ("READ", {"list_objects", "list_objects_v2", "list_multipart_uploads", "head_bucket"}),
    ("WRITE", {"put_object", "delete_object"}), ("READ_ACP", {"get_bucket_acl"}),
    ("WRITE_ACP", {"put_bucket_acl"})])
def test_what_a_list_of_a_bucket_permits_to_the_world(s3, anonymous, acl_bucket, permission, operations):
    owner = access.owner(s3, acl_bucket)
    s3.put_object(Bucket=acl_bucket, Key="held", Body=b"x")
    granted = listed(owner, (user(owner), "FULL_CONTROL"), (group(ALL_USERS), permission))
    s3.put_bucket_acl(Bucket=acl_bucket, AccessControlPolicy=granted)
    more = {"put_object": {"Key": "k", "Body": b"y"}, "delete_object": {"Key": "k"}, "get_object": {"Key": "held"},
            "put_bucket_acl": {"AccessControlPolicy": granted}}
    for operation in ["list_objects", "list_objects_v2", "list_multipart_uploads", "head_bucket", "put_object",
                      "get_object", "delete_object", "get_bucket_acl", "put_bucket_acl", "get_bucket_policy",
                      "delete_bucket"]:
        call = (lambda: getattr(anonymous, operation)(Bucket=acl_bucket, **more.get(operation, {})))
        if operation in operations:
            call()
        else:
            assert error_of(call).status == 403, operation


def test_authenticated_users_are_not_the_world(s3, anonymous, acl_bucket):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x", ACL="authenticated-read")
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=acl_bucket, Key="k")
    assert s3.get_object(Bucket=acl_bucket, Key="k")["Body"].read() == b"x"


def test_the_world_misses_what_it_may_list(s3, anonymous, acl_bucket):
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=acl_bucket, Key="absent")
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="public-read")
    with refused("NoSuchKey", 404):
        anonymous.get_object(Bucket=acl_bucket, Key="absent")


def test_a_policy_denies_what_a_list_permits(s3, anonymous, acl_bucket):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x", ACL="public-read")
    assert anonymous.get_object(Bucket=acl_bucket, Key="k")["Body"].read() == b"x"
    with access.policy(s3, acl_bucket, access.statement("Deny", "s3:GetObject", access.arn(acl_bucket, "*"))):
        with refused("AccessDenied", 403):
            anonymous.get_object(Bucket=acl_bucket, Key="k")
