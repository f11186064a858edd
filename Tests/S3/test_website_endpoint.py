"""The endpoint of static web sites: pages, errors, redirects, hosts."""

import hashlib
import html
import json
import re

import pytest

from .conftest import unique

INDEX = {"IndexDocument": {"Suffix": "index.html"}}


def put(s3, bucket, **configuration):
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={**INDEX, **configuration})


def allow(s3, bucket, keys, listing=True):
    """Anybody may read these keys, and learn which keys there are not."""
    statements = [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                   "Resource": f"arn:aws:s3:::{bucket}/{keys}"}]
    if listing:
        statements.append({"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket",
                           "Resource": f"arn:aws:s3:::{bucket}"})
    s3.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))


class Site:
    """A bucket that anybody may read, with pages, seen through the website endpoint."""

    def __init__(self, s3, raw, bucket, endpoint):
        self.s3, self.raw, self.bucket, self.endpoint = s3, raw, bucket, endpoint
        s3.delete_public_access_block(Bucket=bucket)
        allow(s3, bucket, "*")

    @property
    def host(self):
        region = self.endpoint.region
        name = f"{self.bucket}.s3-website-{region}.amazonaws.com"
        return name if self.endpoint.is_aws else f"{self.bucket}.s3-website.localhost:{self.endpoint.port}"

    def page(self, key, body=None, **more):
        more.setdefault("ContentType", "text/html")
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body or f"page {key}".encode(), **more)

    def get(self, path="/", method="GET", headers=None, host=None):
        return self.raw(method, path, headers, sign=False, host=host or self.host)


@pytest.fixture
def site(s3, raw, bucket, endpoint):
    made = Site(s3, raw, bucket, endpoint)
    put(s3, bucket, ErrorDocument={"Key": "error.html"})
    made.page("index.html")
    return made


@pytest.fixture
def plain_site(s3, raw, bucket, endpoint):
    """A site without an error document of its own."""
    made = Site(s3, raw, bucket, endpoint)
    put(s3, bucket)
    made.page("index.html")
    return made


def facts(answer):
    """What an error page lists, as a dictionary."""
    assert answer.headers["Content-Type"].startswith("text/html")
    items = re.findall(r"<li>(.*?)</li>", answer.body.decode())
    return dict(html.unescape(item).split(": ", 1) for item in items)


def test_the_root_is_the_index(site):
    answer = site.get("/")
    assert (answer.status, answer.body) == (200, b"page index.html")
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.headers["ETag"] == f'"{hashlib.md5(b"page index.html").hexdigest()}"'


@pytest.mark.parametrize("path,key", [
    ("/about.html", "about.html"), ("/docs/a.html", "docs/a.html"), ("/docs/", "docs/index.html"),
    ("/a%20b.html", "a b.html"), ("/%C3%A9.html", "é.html"), ("/a+b.html", "a+b.html"),
    ("/docs//", "docs//index.html"), ("/index.html", "index.html"),
])
def test_a_path_is_a_key(site, path, key):
    site.page(key)
    answer = site.get(path)
    assert (answer.status, answer.body.decode()) == (200, f"page {key}")


def test_a_query_changes_nothing(site):
    for query in ["?v=1", "?acl", "?versioning", "?versionId=null", "?response-content-type=a/b"]:
        answer = site.get("/" + query)
        assert (answer.status, answer.body) == (200, b"page index.html"), query
        assert answer.headers["Content-Type"] == "text/html"


def test_a_head_has_no_body(site):
    answer = site.get("/", "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == "15"


def test_headers_of_the_object_are_sent(site):
    site.page("p", CacheControl="max-age=9", ContentLanguage="de", Metadata={"a": "b"})
    answer = site.get("/p")
    assert answer.headers["Cache-Control"] == "max-age=9"
    assert answer.headers["Content-Language"] == "de"
    assert answer.headers["x-amz-meta-a"] == "b"


def test_a_folder_without_slash_is_redirected(site):
    site.page("docs/index.html")
    answer = site.get("/docs")
    assert answer.status == 302
    assert answer.headers["Location"] == "/docs/"


def test_a_page_wins_over_a_folder(site):
    site.page("docs/index.html")
    site.page("docs")
    assert site.get("/docs").body == b"page docs"


def test_a_folder_needs_its_index(plain_site):
    plain_site.page("docs/other.html")
    for path, key in [("/docs", "docs"), ("/docs/", "docs/index.html")]:
        answer = plain_site.get(path)
        assert answer.status == 404
        assert facts(answer)["Key"] == key


@pytest.mark.parametrize("name,value,status", [
    ("If-None-Match", '"{etag}"', 304), ("If-None-Match", '"other"', 200),
    ("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT", 200),
    ("If-Modified-Since", "Fri, 01 Jan 2010 00:00:00 GMT", 200),
    ("If-Match", '"other"', 412), ("Range", "bytes=5-9", 206), ("Range", "bytes=99-", 416),
])
def test_conditions_and_ranges(site, name, value, status):
    etag = hashlib.md5(b"page index.html").hexdigest()
    answer = site.get("/", headers={name: value.format(etag=etag)})
    assert answer.status == status
    if status == 206:
        assert (answer.body, answer.headers["Content-Range"]) == (b"index", "bytes 5-9/15")
    if status == 304:
        assert answer.body == b""


def test_the_error_document_has_the_status_of_the_error(site):
    site.page("error.html", b"<h1>lost</h1>", ContentType="text/html; charset=utf-8")
    answer = site.get("/absent")
    assert (answer.status, answer.body) == (404, b"<h1>lost</h1>")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("header", [("Range", "bytes=0-1"), ("If-None-Match", "*"), ("If-Match", '"other"')])
def test_conditions_do_not_reach_the_error_document(site, header):
    site.page("error.html", b"lost")
    answer = site.get("/absent", headers=dict([header]))
    assert (answer.status, answer.body) == (404, b"lost")
    assert answer.headers["Content-Range"] is None


def test_an_error_document_may_be_missing_too(site):
    answer = site.get("/absent")
    assert answer.status == 404
    text = answer.body.decode()
    assert "<h1>404 Not Found</h1>" in text
    assert "An Error Occurred While Attempting to Retrieve a Custom Error Document" in text
    assert "Key: absent</li>" in text and "Key: error.html</li>" in text


def test_without_error_document_s3_has_a_page(plain_site):
    answer = plain_site.get("/absent")
    assert answer.status == 404
    listed = facts(answer)
    assert listed["Code"] == "NoSuchKey"
    assert listed["Message"] == "The specified key does not exist."
    assert listed["Key"] == "absent"
    assert listed["RequestId"] == answer.headers["x-amz-request-id"]
    assert listed["HostId"] == answer.headers["x-amz-id-2"]
    assert "<title>404 Not Found</title>" in answer.body.decode()
    answer = plain_site.get("/a/" + "x" * 1_100)
    assert answer.status == 400 and facts(answer)["Code"] == "KeyTooLongError"


def test_a_page_of_s3_cannot_be_written_by_a_visitor(plain_site):
    answer = plain_site.get("/%3Cscript%3Ealert(1)%3C/script%3E")
    assert answer.status == 404
    assert b"<script>" not in answer.body


def test_a_head_of_nothing_has_no_page(plain_site):
    answer = plain_site.get("/absent", "HEAD")
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_a_site_is_only_read(site, method):
    answer = site.get("/index.html", method)
    assert answer.status == 405
    listed = facts(answer)
    assert listed["Code"] == "MethodNotAllowed"
    assert listed["Method"] == method
    assert site.get("/index.html").status == 200


def test_a_bucket_without_site(raw, s3, bucket, endpoint):
    made = Site(s3, raw, bucket, endpoint)
    answer = made.get("/")
    assert answer.status == 404
    assert facts(answer)["Code"] == "NoSuchWebsiteConfiguration"
    assert facts(answer)["BucketName"] == bucket


def test_no_such_bucket(raw, endpoint):
    name = unique("absent")
    host = f"{name}.s3-website-{endpoint.region}.amazonaws.com"
    answer = raw("GET", "/", sign=False, host=host)
    assert answer.status == 404
    assert facts(answer)["Code"] == "NoSuchBucket"
    assert facts(answer)["BucketName"] == name


def test_pages_that_nobody_may_read(s3, raw, bucket, endpoint):
    made = Site(s3, raw, bucket, endpoint)
    put(s3, bucket)
    made.page("index.html")
    s3.delete_bucket_policy(Bucket=bucket)
    for path in ["/", "/absent"]:
        answer = made.get(path)
        assert answer.status == 403
        assert facts(answer)["Code"] == "AccessDenied"
        assert "<h1>403 Forbidden</h1>" in answer.body.decode()


def test_a_forbidden_page_has_the_error_document(site, s3):
    allow(s3, site.bucket, "error.html")
    site.page("error.html", b"sorry")
    answer = site.get("/")
    assert (answer.status, answer.body) == (403, b"sorry")


def test_who_may_not_list_does_not_learn_what_is_missing(plain_site, s3):
    allow(s3, plain_site.bucket, "*", listing=False)
    assert plain_site.get("/").status == 200
    answer = plain_site.get("/absent")
    assert answer.status == 403
    assert facts(answer)["Code"] == "AccessDenied"


def test_objects_may_be_opened_one_by_one(s3, raw, bucket, endpoint):
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    made = Site(s3, raw, bucket, endpoint)
    s3.delete_bucket_policy(Bucket=bucket)
    put(s3, bucket)
    made.page("index.html", ACL="public-read")
    made.page("secret.html")
    assert made.get("/").status == 200
    assert made.get("/secret.html").status == 403


def test_a_signature_makes_no_difference(site, raw):
    site.s3.delete_bucket_policy(Bucket=site.bucket)
    assert raw("GET", "/", host=site.host).status == 403


# Redirects

def test_an_object_may_be_a_redirect(site):
    for location in ["/other.html", "https://example.com/x?y=z"]:
        site.page("old", WebsiteRedirectLocation=location)
        answer = site.get("/old")
        assert (answer.status, answer.body) == (301, b"")
        assert answer.headers["Location"] == location


def test_a_redirect_is_followed_by_the_site_alone(site, s3):
    site.page("old", b"data", WebsiteRedirectLocation="/other.html")
    answer = s3.get_object(Bucket=site.bucket, Key="old")
    assert answer["WebsiteRedirectLocation"] == "/other.html"
    assert answer["Body"].read() == b"data"


@pytest.mark.parametrize("protocol,expected", [("https", "https"), (None, "http")])
def test_a_redirect_of_everything(site, s3, protocol, expected):
    target = {"HostName": "www.example.com", **({"Protocol": protocol} if protocol else {})}
    s3.put_bucket_website(Bucket=site.bucket, WebsiteConfiguration={"RedirectAllRequestsTo": target})
    for path in ["/", "/index.html", "/a/b%20c"]:
        answer = site.get(path)
        assert answer.status == 301
        assert answer.headers["Location"] == f"{expected}://www.example.com{path}"


def routed(site, s3, rules, path):
    put(s3, site.bucket, RoutingRules=rules)
    answer = site.get(path)
    return answer.status, answer.headers["Location"]


def test_a_rule_replaces_a_prefix(site, s3):
    site.page("docs/a.html")
    rules = [{"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}}]
    assert routed(site, s3, rules, "/docs/a.html") == (301, f"http://{site.host}/documents/a.html")


def test_a_rule_removes_a_prefix(site, s3):
    rules = [{"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": ""}}]
    assert routed(site, s3, rules, "/docs/a%20b") == (301, f"http://{site.host}/a%20b")


def test_a_rule_replaces_a_key(site, s3):
    rules = [{"Condition": {"KeyPrefixEquals": "old"}, "Redirect": {"ReplaceKeyWith": "new.html"}}]
    assert routed(site, s3, rules, "/old/deep/page") == (301, f"http://{site.host}/new.html")


def test_a_rule_says_where_and_how(site, s3):
    rules = [{"Condition": {"KeyPrefixEquals": "x/"},
              "Redirect": {"HostName": "e.com", "Protocol": "https", "HttpRedirectCode": "307"}}]
    assert routed(site, s3, rules, "/x/y") == (307, "https://e.com/x/y")


def test_a_rule_for_errors_waits_for_one(site, s3):
    site.page("there")
    rules = [{"Condition": {"HttpErrorCodeReturnedEquals": "404"}, "Redirect": {"ReplaceKeyPrefixWith": "lost?key="}}]
    assert routed(site, s3, rules, "/absent") == (301, f"http://{site.host}/lost?key=absent")
    assert site.get("/there").body == b"page there"


def test_a_rule_may_want_prefix_and_error(site, s3):
    rules = [{"Condition": {"KeyPrefixEquals": "a/", "HttpErrorCodeReturnedEquals": "404"},
              "Redirect": {"ReplaceKeyWith": "a.html"}}]
    assert routed(site, s3, rules, "/a/absent") == (301, f"http://{site.host}/a.html")
    assert site.get("/b/absent").status == 404
    site.page("a/there")
    assert site.get("/a/there").status == 200


def test_a_rule_for_forbidden_pages(site, s3):
    s3.delete_bucket_policy(Bucket=site.bucket)
    rules = [{"Condition": {"HttpErrorCodeReturnedEquals": "403"}, "Redirect": {"HostName": "login.example.com"}}]
    assert routed(site, s3, rules, "/index.html") == (301, "http://login.example.com/index.html")


def test_the_first_rule_that_fits_decides(site, s3):
    rules = [{"Condition": {"KeyPrefixEquals": "a/b"}, "Redirect": {"ReplaceKeyWith": "1"}},
             {"Condition": {"KeyPrefixEquals": "a"}, "Redirect": {"ReplaceKeyWith": "2"}},
             {"Redirect": {"ReplaceKeyWith": "3"}}]
    assert routed(site, s3, rules, "/a/bc")[1].endswith("/1")
    assert site.get("/a/c").headers["Location"].endswith("/2")
    assert site.get("/c").headers["Location"].endswith("/3")


def test_a_rule_comes_before_the_page(site, s3):
    site.page("moved")
    rules = [{"Condition": {"KeyPrefixEquals": "moved"}, "Redirect": {"ReplaceKeyWith": "index.html"}}]
    assert routed(site, s3, rules, "/moved")[0] == 301


# Hosts and browsers

@pytest.mark.parametrize("form", ["{}.s3-website-{}.amazonaws.com", "{}.s3-website.{}.amazonaws.com"])
def test_both_forms_of_the_host(site, endpoint, form):
    answer = site.get("/", host=form.format(site.bucket, endpoint.region))
    assert (answer.status, answer.body) == (200, b"page index.html")


def test_a_bucket_with_dots(s3, raw, make_bucket, endpoint):
    made = Site(s3, raw, make_bucket(Bucket=unique("www") + ".example.com"), endpoint)
    put(s3, made.bucket)
    made.page("index.html")
    assert made.get("/").body == b"page index.html"


def test_the_rest_host_is_no_site(site, raw, endpoint):
    answer = raw("GET", "/", host=endpoint.virtual_host(site.bucket))
    assert answer.xml.tag == "ListBucketResult"


def test_sites_follow_the_rules_of_cors(site, s3):
    s3.put_bucket_cors(Bucket=site.bucket, CORSConfiguration={"CORSRules": [
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://app.example.com"]}]})
    origin = {"Origin": "https://app.example.com"}
    assert site.get("/", headers=origin).headers["Access-Control-Allow-Origin"] == origin["Origin"]
    answer = site.get("/", "OPTIONS", {**origin, "Access-Control-Request-Method": "GET"})
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Methods"] == "GET"


def test_the_newest_version_is_served(site, s3):
    s3.put_bucket_versioning(Bucket=site.bucket, VersioningConfiguration={"Status": "Enabled"})
    site.page("index.html", b"second")
    assert site.get("/").body == b"second"
    s3.delete_object(Bucket=site.bucket, Key="index.html")
    assert site.get("/").status == 404
