"""Where a request's bucket and key are read from, and which methods a resource has."""

import pytest

from .conftest import unique


def own_hosts(endpoint, bucket):
    """Host headers that name the bucket on this endpoint; AWS answers its own names only."""
    aws = [f"{bucket}.s3.{endpoint.region}.amazonaws.com", f"{bucket}.s3.dualstack.{endpoint.region}.amazonaws.com"]
    if endpoint.is_aws:
        return [*aws, f"{bucket}.s3.amazonaws.com"]
    return [
        *aws, f"{bucket}.s3.amazonaws.com", f"{bucket}.s3-{endpoint.region}.amazonaws.com",
        f"{bucket}.s3.localhost:{endpoint.port}", f"{bucket}.localhost:{endpoint.port}", f"{bucket}.s3.localhost",
        f"{bucket.upper()}.S3.LOCALHOST"]


@pytest.mark.parametrize("number", range(8))
def test_a_host_that_names_the_bucket_finds_its_objects(raw, endpoint, bucket, number):
    hosts = own_hosts(endpoint, bucket)
    host = hosts[number % len(hosts)]
    assert raw("PUT", "/dir//a%2Fb", body=b"v", host=host).status == 200
    assert raw("GET", f"/{bucket}/dir//a/b").body == b"v"
    assert raw("GET", "/dir//a/b", host=host).body == b"v"


@pytest.mark.parametrize("number", range(8))
def test_the_root_of_a_buckets_host_is_the_bucket(raw, s3, endpoint, bucket, number):
    hosts = own_hosts(endpoint, bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    answer = raw("GET", "/?list-type=2", host=hosts[number % len(hosts)])
    assert (answer.element("Name"), answer.element("Key")) == (bucket, "k")


def test_a_bucket_with_dots_in_its_name(raw, make_bucket, endpoint):
    bucket = make_bucket(Bucket=unique("a.b") + ".c")
    assert raw("PUT", f"/{bucket}/k", body=b"path").status == 200
    if not endpoint.is_aws:  # no certificate covers the dots
        assert raw("GET", "/k", host=endpoint.virtual_host(bucket)).body == b"path"


def test_a_bucket_whose_name_ends_like_a_host_of_s3(raw, make_bucket, endpoint):
    bucket = make_bucket(Bucket=unique("x") + ".s3.localhost")
    assert raw("PUT", f"/{bucket}/k", body=b"v").status == 200
    if not endpoint.is_aws:
        assert raw("GET", "/k", host=f"{bucket}.s3.localhost").body == b"v"


def test_boto3_addresses_a_bucket_by_its_host(endpoint, s3, bucket):
    if endpoint.is_aws:
        client = endpoint.client(style="virtual")
        client.put_object(Bucket=bucket, Key="a/b c", Body=b"v")
    else:
        client = endpoint.session.client("s3", endpoint_url=f"http://localhost:{endpoint.port}")
        client.put_object(Bucket=bucket, Key="a/b c", Body=b"v")
    assert s3.get_object(Bucket=bucket, Key="a/b c")["Body"].read() == b"v"


def test_an_absent_bucket_named_by_host_is_named_in_the_error(raw, endpoint):
    name = unique()
    document = raw("GET", "/k", host=endpoint.virtual_host(name)).is_error("NoSuchBucket", 404)
    assert document["BucketName"] == name


@pytest.mark.parametrize("path", ["/{}", "/{}/", "/{}?", "/{}/?", "/{}?x-id=ListObjects"])
def test_a_slash_behind_the_bucket_means_nothing(raw, bucket, path):
    assert raw("GET", path.format(bucket)).element("Name") == bucket


def test_the_service_lists_buckets(raw, bucket):
    answer = raw("GET", "/")
    assert (answer.status, answer.xml.tag) == (200, "ListAllMyBucketsResult")


@pytest.mark.parametrize("name", ["a", "ab", "A%20B", "a%2Fb", "x" * 256])
def test_what_no_bucket_can_be_called_is_refused(raw, name):
    raw("GET", f"/{name}").is_error("InvalidBucketName", 400, "The specified bucket is not valid.")


# Methods and sub-resources

BUCKET_ALLOW = {
    "location": "GET", "uploads": "POST, GET", "versioning": "GET, PUT", "acl": "GET, PUT",
    "tagging": "DELETE, GET, PUT", "policy": "DELETE, GET, PUT", "cors": "DELETE, GET, PUT", "policyStatus": "GET",
    "lifecycle": "DELETE, GET, PUT", "website": "DELETE, GET, PUT", "encryption": "DELETE, GET, PUT",
    "replication": "DELETE, GET, PUT", "publicAccessBlock": "DELETE, GET, PUT", "logging": "GET, PUT",
    "ownershipControls": "DELETE, GET, PUT", "notification": "GET, PUT", "object-lock": "GET, PUT",
    "requestPayment": "GET, PUT", "accelerate": "GET, PUT", "versions": "GET"}
OBJECT_ALLOW = {
    "acl": "GET, PUT", "tagging": "DELETE, GET, PUT", "retention": "GET, PUT", "legal-hold": "GET, PUT",
    "uploadId": "DELETE, POST, GET", "attributes": "GET"}


def methods(text):
    return sorted(text.split(", "))


@pytest.mark.parametrize("name", BUCKET_ALLOW)
def test_head_on_a_buckets_subresource_is_refused(raw, bucket, name):
    answer = raw("HEAD", f"/{bucket}?{name}")
    assert (answer.status, answer.body) == (405, b"")
    assert methods(answer.headers["Allow"]) == methods(BUCKET_ALLOW[name])


@pytest.mark.parametrize("name", OBJECT_ALLOW)
def test_head_on_an_objects_subresource_is_refused(raw, s3, bucket, name):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    answer = raw("HEAD", f"/{bucket}/k?{name}")
    assert (answer.status, answer.body) == (405, b"")
    assert methods(answer.headers["Allow"]) == methods(OBJECT_ALLOW[name])


@pytest.mark.parametrize("method,path", [
    ("PUT", "?location"), ("POST", "?acl"), ("DELETE", "?versioning"), ("PUT", "?policyStatus"), ("PUT", "?versions"),
    ("POST", "/k?tagging"), ("DELETE", "/k?acl"), ("PUT", "/k?attributes")])
def test_a_method_that_a_subresource_lacks_is_refused(raw, bucket, method, path):
    answer = raw(method, f"/{bucket}{path}")
    document = answer.is_error(
        "MethodNotAllowed", 405, "The specified method is not allowed against this resource.")
    assert document["Method"] == method
    assert method not in methods(answer.headers["Allow"])


@pytest.mark.parametrize("query,names", [
    ("policy&acl", "acl, policy"), ("versioning&location", "location, versioning"), ("tagging=&cors", "cors, tagging"),
    ("uploads&versioning", "uploads, versioning"), ("website&acl&cors", "acl, cors, website")])
def test_two_subresources_at_once_are_refused(raw, bucket, query, names):
    answer = raw("GET", f"/{bucket}?{query}")
    document = answer.is_error("InvalidArgument", 400)
    assert answer.message == f"Conflicting query string parameters: {names}"
    assert (document["ArgumentName"], document["ArgumentValue"]) == ("ResourceType", names.split(", ")[0])


@pytest.mark.parametrize("method", ["PATCH", "FOO"])
def test_a_method_that_buckets_lack_is_refused(raw, bucket, method):
    answer = raw(method, f"/{bucket}")
    document = answer.is_error("MethodNotAllowed", 405)
    assert (document["Method"], document["ResourceType"]) == (method, "BUCKET")
    assert methods(answer.headers["Allow"]) == methods("HEAD, DELETE, POST, GET, PUT")


def test_a_post_to_a_bucket_must_be_a_form(raw, bucket):
    document = raw("POST", f"/{bucket}", body=b"x").is_error("PreconditionFailed", 412)
    assert document["Condition"] == "Bucket POST must be of the enclosure-type multipart/form-data"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_the_service_itself_can_only_be_read(raw, method):
    document = raw(method, "/").is_error("MethodNotAllowed", 405)
    assert (document["Method"], document["ResourceType"]) == (method, "SERVICE")


@pytest.mark.parametrize("query", ["x-id=GetObject", "unknown", "unknown=1&x=y", "X-Unknown=1"])
def test_a_query_that_selects_nothing_is_ignored(raw, s3, bucket, query):
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    assert raw("GET", f"/{bucket}/k?{query}").body == b"v"


def test_a_subresource_never_falls_through_to_the_object(raw, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"secret")
    for name in ["acl", "tagging", "torrent", "attributes", "retention", "legal-hold"]:
        assert raw("GET", f"/{bucket}/k?{name}").body != b"secret", name


def s3_hosts(endpoint):
    aws = [f"s3.{endpoint.region}.amazonaws.com", "s3.amazonaws.com"]
    return aws if endpoint.is_aws else [*aws, f"s3.localhost:{endpoint.port}", "S3.localhost"]


@pytest.mark.parametrize("number", range(4))
def test_a_browser_at_the_front_door_is_shown_what_s3_is(raw, endpoint, number):
    hosts = s3_hosts(endpoint)
    answer = raw("GET", "/", host=hosts[number % len(hosts)], sign=False)
    assert (answer.status, answer.headers["Location"]) == (307, "https://aws.amazon.com/s3/")
    assert answer.body == b""


def test_a_signed_question_at_the_front_door_lists_buckets(raw, endpoint, bucket):
    answer = raw("GET", "/", host=s3_hosts(endpoint)[0])
    assert answer.status == 200 and answer.xml.tag == "ListAllMyBucketsResult"
