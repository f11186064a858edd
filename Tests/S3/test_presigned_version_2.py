"""Presigned URLs of Signature Version 2: what it signs, and what it would have to."""

from urllib.parse import urlsplit

import pytest

from .test_presigned_urls import changed, follow, key  # noqa: F401: fixtures


def test_version_2_urls_work(endpoint, follow, key, bucket):
    url = endpoint.client(signature_version="s3").generate_presigned_url(
        "get_object", {"Bucket": bucket, "Key": "k", "ResponseContentType": "text/new"})
    parts = urlsplit(url)
    answer = follow("GET", f"{parts.path}?{parts.query}")
    assert (answer.body, answer.headers["Content-Type"]) == (b"v", "text/new")


@pytest.mark.parametrize("name", ["Signature", "Expires", "AWSAccessKeyId"])
def test_a_version_2_url_needs_all_its_parts(endpoint, follow, key, bucket, name):
    url = endpoint.client(signature_version="s3").generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"})
    parts = urlsplit(url)
    answer = follow("GET", changed(f"{parts.path}?{parts.query}", **{name: None}))
    answer.is_error(
        "AccessDenied", 403, "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")


def test_a_version_2_url_expires(endpoint, follow, key, bucket):
    url = endpoint.client(signature_version="s3").generate_presigned_url(
        "get_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=-10)
    parts = urlsplit(url)
    follow("GET", f"{parts.path}?{parts.query}").is_error("AccessDenied", 403, "Request has expired")


@pytest.fixture
def version_2(endpoint, key, bucket):
    """The path of a URL of this version for GET."""
    url = endpoint.client(signature_version="s3").generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"})
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


@pytest.mark.parametrize("name", [
    "acl", "tagging", "torrent", "uploads", "uploadId=x", "versionId=null", "partNumber=1", "response-expires=a",
    "response-content-type=text%2Fhtml", "response-content-disposition=a", "response-cache-control=a",
    "response-content-encoding=a", "response-content-language=a", "%61cl"])
def test_what_version_2_signs_cannot_be_added(follow, version_2, name):
    follow("GET", f"{version_2}&{name}").is_error("SignatureDoesNotMatch", 403)


# Younger than this version, which does not sign them.
UNSIGNED = [
    "abac", "annotation", "attributes", "encryption", "intelligent-tiering", "legal-hold", "metadataAnnotationTable",
    "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable", "metadataTable", "ownershipControls",
    "policyStatus", "publicAccessBlock", "renameObject", "retention", "session"]


@pytest.mark.parametrize("name", UNSIGNED + ["%72etention", "retention=", "legal-hold=1"])
def test_a_version_2_url_does_not_become_one_for_a_younger_subresource(follow, version_2, name):
    assert follow("GET", version_2).body == b"v"
    follow("GET", f"{version_2}&{name}").is_error("AccessDenied", 403)
    base, query = version_2.split("?")
    follow("GET", f"{base}?{name}&{query}").is_error("AccessDenied", 403)


def test_the_younger_subresources_change_nothing(follow, s3, version_2, bucket):
    follow("PUT", version_2 + "&legal-hold", body=b"<LegalHold><Status>ON</Status></LegalHold>").is_error(
        "AccessDenied", 403)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"v"


@pytest.mark.parametrize("name", ["X-Amz-Meta-a:b=c", "x-amz-a%3Ab=c", "versionId=a%26acl", "a%0A=b", "a=%0Db"])
def test_a_query_that_could_be_read_twice_is_refused(follow, version_2, name):
    follow("GET", f"{version_2}&{name}").is_error("AccessDenied", 403)


@pytest.mark.parametrize("name", ["x-id=GetObject", "prefix=a", "list-type=2", "unknown"])
def test_what_means_nothing_to_an_object_may_be_added(follow, version_2, name):
    assert follow("GET", f"{version_2}&{name}").body == b"v"
