"""PutBucketWebsite, GetBucketWebsite, DeleteBucketWebsite."""

import base64
import hashlib

import pytest

from .conftest import refused

INDEX = {"IndexDocument": {"Suffix": "index.html"}}


def put(s3, bucket, **configuration):
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={**INDEX, **configuration})


# The configuration

def test_a_new_bucket_is_no_site(s3, bucket):
    with refused(
            "NoSuchWebsiteConfiguration", 404,
            "The specified bucket does not have a website configuration") as refusal:
        s3.get_bucket_website(Bucket=bucket)
    assert refusal.elements["BucketName"] == bucket


@pytest.mark.parametrize("configuration", [
    INDEX,
    {**INDEX, "ErrorDocument": {"Key": "errors/404.html"}},
    {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}},
    {"RedirectAllRequestsTo": {"HostName": "example.com"}},
    {**INDEX, "RoutingRules": [
        {"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}},
        {"Condition": {"HttpErrorCodeReturnedEquals": "404", "KeyPrefixEquals": "x"},
         "Redirect": {"HostName": "e.com", "Protocol": "http", "HttpRedirectCode": "307", "ReplaceKeyWith": "e"}},
        {"Redirect": {"ReplaceKeyPrefixWith": ""}},
    ]},
], ids=["index", "error", "redirect", "redirect without protocol", "rules"])
def test_a_site_is_returned_as_it_was_put(s3, bucket, configuration):
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)
    found = s3.get_bucket_website(Bucket=bucket)
    found.pop("ResponseMetadata")
    assert found == configuration


def test_deleting_a_site_is_fine_twice(s3, bucket):
    put(s3, bucket)
    for _ in range(2):
        assert s3.delete_bucket_website(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchWebsiteConfiguration", 404):
        s3.get_bucket_website(Bucket=bucket)


@pytest.mark.parametrize("suffix", ["", "a/index.html", "/"])
def test_an_index_is_no_path(s3, bucket, suffix):
    with refused("InvalidArgument", 400, "The IndexDocument Suffix is not well formed") as refusal:
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": suffix}})
    assert refusal.elements["ArgumentName"] == "IndexDocument"


def test_a_site_needs_an_index(s3, bucket):
    with refused("InvalidArgument", 400, "A value for IndexDocument Suffix must be provided"):
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={"ErrorDocument": {"Key": "e"}})


def test_a_redirect_of_everything_stands_alone(s3, bucket):
    with refused(
            "InvalidArgument", 400,
            "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.") as refusal:
        put(s3, bucket, RedirectAllRequestsTo={"HostName": "example.com"})
    assert refusal.elements["ArgumentName"] == "RedirectAllRequestsTo"
    assert refusal.elements["ArgumentValue"] == "not null"


@pytest.mark.parametrize("rule,text", [
    ({"Redirect": {"ReplaceKeyWith": "a", "ReplaceKeyPrefixWith": "b"}},
     "You can only define ReplaceKeyPrefix or ReplaceKey but not both."),
    ({"Condition": {}, "Redirect": {"HostName": "a"}}, "Condition cannot be empty."),
    ({"Redirect": {"Protocol": "ftp"}}, "Invalid protocol, protocol can be http or https."),
    ({"Redirect": {"HttpRedirectCode": "200"}}, "The provided HTTP redirect code (200) is not valid."),
    ({"Redirect": {"HttpRedirectCode": "300"}}, "Valid codes are 3XX except 300."),
    ({"Condition": {"HttpErrorCodeReturnedEquals": "200"}, "Redirect": {"HostName": "a"}},
     "The provided HTTP error code (200) is not valid. Valid codes are 4XX or 5XX."),
], ids=["two keys", "no condition", "protocol", "code 200", "code 300", "error 200"])
def test_rules_that_make_no_sense(s3, bucket, rule, text):
    with refused("InvalidRequest", 400, text):
        put(s3, bucket, RoutingRules=[rule])


def test_fifty_rules_fit(s3, bucket):
    rules = [{"Condition": {"KeyPrefixEquals": str(n)}, "Redirect": {"ReplaceKeyWith": "x"}} for n in range(51)]
    put(s3, bucket, RoutingRules=rules[:50])
    with refused("InvalidRequest", 400, "limited to 50"):
        put(s3, bucket, RoutingRules=rules)


@pytest.mark.parametrize("document", [
    "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules/></WebsiteConfiguration>",
    "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument><ErrorDocument/></WebsiteConfiguration>",
    "<WebsiteConfiguration><RedirectAllRequestsTo/></WebsiteConfiguration>",
    "<WebsiteConfiguration><Index/></WebsiteConfiguration>", "<Website/>", "",
], ids=["no rules", "no error key", "no host", "unknown", "other root", "nothing"])
def test_malformed_sites(raw, bucket, document):
    body = document.encode()
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    raw("PUT", f"/{bucket}?website", {"Content-MD5": digest}, body).is_error("MalformedXML", 400)


@pytest.mark.parametrize("call", ["get", "put", "delete"])
def test_the_site_of_no_bucket(s3, call):
    name = "no-such-bucket-for-sites"
    with refused("NoSuchBucket", 404):
        if call == "put":
            put(s3, name)
        else:
            getattr(s3, f"{call}_bucket_website")(Bucket=name)
