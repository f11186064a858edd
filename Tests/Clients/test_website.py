"""A site that the manifest declares: pages are put with any client and read by anybody, over restarts and in a browser.
"""

import http.client
import json
import os
import shutil
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from running import clean

BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PAGE = """<!doctype html><title>waiting</title><p id="said">nothing</p><script>
fetch("{url}").then(answer => answer.json()).then(
    data => {{ document.getElementById("said").textContent = data.greeting + " " + location.pathname; }},
    error => {{ document.getElementById("said").textContent = "refused"; }});
</script>"""


def manifest(tmp_path, **website):
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({
        "service": "sites", "functions": {},
        "buckets": [{"name": "site", "website": website}, {"name": "data"}]}))
    return path


def host_of(emulator):
    return f"site.s3-website.localhost:{urlsplit(emulator.aws).port}"


def get(emulator, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(emulator.aws).port, timeout=180)
    connection.request(method, path, headers={"Host": host_of(emulator)})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def put(emulator, key, body, bucket="site", type="text/html"):
    emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType=type)


def test_a_declared_site_is_open_to_anybody(start, tmp_path):
    emulator = start(manifest=manifest(tmp_path, index="home.html", error="lost.html"))
    assert emulator.ready["sites"] == [f"http://{host_of(emulator)}/"]
    put(emulator, "home.html", b"home")
    put(emulator, "lost.html", b"lost")
    assert get(emulator, "/") == (200, b"home")
    assert get(emulator, "/absent") == (404, b"lost")
    configuration = emulator.client("s3").get_bucket_website(Bucket="site")
    assert configuration["IndexDocument"] == {"Suffix": "home.html"}
    assert configuration["ErrorDocument"] == {"Key": "lost.html"}


def test_a_site_needs_no_more_than_an_empty_declaration(start, tmp_path):
    emulator = start(manifest=manifest(tmp_path))
    put(emulator, "index.html", b"index")
    assert get(emulator, "/") == (200, b"index")
    assert get(emulator, "/absent")[0] == 404


def test_a_bucket_without_declaration_stays_closed(start, tmp_path):
    emulator = start(manifest=manifest(tmp_path))
    put(emulator, "k", b"data", bucket="data")
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(emulator.aws).port, timeout=180)
    connection.request("GET", "/data/k")
    assert connection.getresponse().status == 403
    connection.close()


def test_a_changed_declaration_holds_after_a_restart(start, tmp_path):
    emulator = start(manifest=manifest(tmp_path))
    put(emulator, "index.html", b"index")
    put(emulator, "other.html", b"other")
    emulator.stop()
    emulator = start(manifest=manifest(tmp_path, index="other.html"))
    assert get(emulator, "/") == (200, b"other")


def test_a_policy_of_the_owner_is_kept(start, tmp_path):
    emulator = start(manifest=manifest(tmp_path))
    put(emulator, "index.html", b"index")
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/secret/*"}]}
    emulator.client("s3").put_bucket_policy(Bucket="site", Policy=json.dumps(policy))
    emulator.stop()
    emulator = start(manifest=manifest(tmp_path))
    assert json.loads(emulator.client("s3").get_bucket_policy(Bucket="site")["Policy"]) == policy
    assert get(emulator, "/")[0] == 403


def test_the_cli_publishes_a_site(start, tmp_path):
    emulator = start(manifest=manifest(tmp_path))
    pages = tmp_path / "pages"
    (pages / "docs").mkdir(parents=True)
    (pages / "index.html").write_text("<h1>home</h1>")
    (pages / "docs" / "start.html").write_text("<h1>docs</h1>")
    (pages / "lost.html").write_text("<h1>lost</h1>")
    variables = clean({
        "AWS_ENDPOINT_URL": emulator.aws, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1"})

    def aws(*arguments):
        command = [os.path.join(os.path.dirname(sys.executable), "aws"), "s3", *arguments]
        subprocess.run(command, env=variables, check=True, capture_output=True, timeout=180)

    aws("sync", str(pages), "s3://site")
    aws("website", "s3://site", "--index-document", "start.html", "--error-document", "lost.html")
    assert get(emulator, "/docs/") == (200, b"<h1>docs</h1>")
    assert get(emulator, "/index.html") == (200, b"<h1>home</h1>")
    assert get(emulator, "/") == (404, b"<h1>lost</h1>")


def show(url):
    """The document that a browser has once the scripts of the page are done."""
    done = subprocess.run(
        [BROWSER, "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", "--dump-dom",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE localhost, EXCLUDE 127.0.0.1",
         f"--user-data-dir={show.folder}", url],
        capture_output=True, text=True, timeout=180, check=True)
    return done.stdout


@pytest.fixture
def browser(tmp_path):
    if BROWSER is None:
        pytest.skip("no chromium-headless-shell on this machine")
    show.folder = tmp_path / "browser"
    return show


@pytest.fixture
def site(start, tmp_path):
    """A site whose page fetches a document out of another bucket by a presigned URL."""
    emulator = start(manifest=manifest(tmp_path))
    s3 = emulator.client("s3", s3={"addressing_style": "path"}, signature_version="s3v4")
    put(emulator, "greeting.json", b'{"greeting": "hello from data"}', "data", "application/json")
    url = s3.generate_presigned_url("get_object", {"Bucket": "data", "Key": "greeting.json"})
    put(emulator, "docs/index.html", PAGE.format(url=url).encode())
    return emulator


def allow(emulator, origin):
    emulator.client("s3").put_bucket_cors(Bucket="data", CORSConfiguration={"CORSRules": [
        {"AllowedMethods": ["GET"], "AllowedOrigins": [origin]}]})


def test_a_browser_shows_a_page_that_fetches_from_another_bucket(site, browser):
    allow(site, f"http://{host_of(site)}")
    assert '<p id="said">hello from data /docs/</p>' in browser(f"http://{host_of(site)}/docs")


def test_a_browser_refuses_what_cors_does_not_allow(site, browser):
    allow(site, "http://other.example.com")
    assert '<p id="said">refused</p>' in browser(f"http://{host_of(site)}/docs/")


def test_a_browser_puts_an_object_after_a_preflight(site, browser):
    s3 = site.client("s3", s3={"addressing_style": "path"}, signature_version="s3v4")
    s3.put_bucket_cors(Bucket="data", CORSConfiguration={"CORSRules": [
        {"AllowedMethods": ["PUT"], "AllowedOrigins": ["http://site.s3-website.localhost:*"],
         "AllowedHeaders": ["content-type"], "ExposeHeaders": ["ETag"]}]})
    url = s3.generate_presigned_url("put_object", {"Bucket": "data", "Key": "by-browser"})
    put(site, "put.html", f"""<p id="said">nothing</p><script>
        fetch("{url}", {{method: "PUT", body: "from the browser", headers: {{"Content-Type": "text/x-own"}}}}).then(
            answer => {{ document.getElementById("said").textContent = answer.status + " " + answer.headers.get("ETag"); }},
            error => {{ document.getElementById("said").textContent = "refused"; }});
        </script>""".encode())
    shown = browser(f"http://{host_of(site)}/put.html")
    stored = s3.get_object(Bucket="data", Key="by-browser")
    assert f'200 {stored["ETag"]}' in shown.replace("&quot;", '"')
    assert stored["Body"].read() == b"from the browser"
    assert stored["ContentType"] == "text/x-own"
