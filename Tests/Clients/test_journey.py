"""The same handler binaries, once against the emulator and once against moto: only variables differ."""

import json
import os
import re
import subprocess
import uuid

import boto3
import pytest

import journey
from running import BINARIES, MANIFEST, ROOT, SPEECH, Emulator, clean, until

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    """A moto server, with the table and bucket that the manifest declares."""
    command = os.path.join(os.path.dirname(os.sys.executable), "moto_server")
    said = tmp_path_factory.mktemp("moto") / "said.txt"
    with open(said, "w") as file:
        process = subprocess.Popen(
            [command, "-H", "127.0.0.1", "-p", "0"], stdout=file, stderr=file, env=clean())
    # A port that was chosen here would be somebody else's by the time it begins.
    url = until(lambda: re.search(r"Running on (http://127\.0\.0\.1:\d+)\n", said.read_text()), "moto")[1]
    keys = {
        "endpoint_url": url, "region_name": "us-east-1", "aws_access_key_id": "test",
        "aws_secret_access_key": "test"}
    with open(MANIFEST) as file:
        manifest = json.load(file)
    for table in manifest["tables"]:
        table.pop("TimeToLive", None)
        boto3.client("dynamodb", **keys).create_table(**table)
    for bucket in manifest["buckets"]:
        boto3.client("s3", **keys).create_bucket(Bucket=bucket["name"])
    yield url
    process.terminate()
    process.wait(timeout=60)


@pytest.fixture(scope="module", params=["emulator", "moto"])
def gateway(request, tmp_path_factory):
    """The gateway; in the second run the handlers' AWS address points at moto."""
    folder = tmp_path_factory.mktemp("journey")
    if request.param == "emulator":
        instance = Emulator(folder / "data")
    else:
        with open(MANIFEST) as file:
            manifest = json.load(file)
        manifest["environment"]["AWS_ENDPOINT_URL"] = request.getfixturevalue("moto")
        path = folder / "manifest.json"
        path.write_text(json.dumps(manifest))
        instance = Emulator(folder / "data", manifest=path)
    yield instance.gateway
    instance.stop()


def test_journey(gateway):
    user = f"user-{uuid.uuid4()}"
    trip = journey.Journey(gateway)
    slot = trip.upload(SPEECH, user)
    heard = trip.transcribe(slot["audioId"])
    words = set(re.findall(r"[a-z]+", heard["transcript"].lower()))
    assert {"sun", "shining"} <= words, heard
    assert heard["language"] == "en"
    assert 1 < heard["duration"] < 10
    image = trip.generate(slot["audioId"], user)
    picture = trip.download(image["imageUrl"])
    assert picture.startswith(PNG) and len(picture) > 5_000
    thumbnail = trip.download(image["thumbnailUrl"])
    assert thumbnail.startswith(PNG) and len(thumbnail) < len(picture)
    pictures = trip.gallery(user)["images"]
    assert [entry["imageId"] for entry in pictures] == [image["imageId"]]
    assert trip.like(image["imageId"], "key-1-" + user)["current_value"] == 1
    assert trip.like(image["imageId"], "key-1-" + user)["current_value"] == 1
    assert trip.like(image["imageId"], "key-2-" + user)["current_value"] == 2
    counted = trip.expect(200, "GET", f"/counter/{image['imageId']}/like")
    assert counted["current_value"] == 2
    trip.expect(200, "DELETE", f"/gallery/{image['imageId']}?userId={user}")
    assert journey.call("GET", image["imageUrl"]).status == 404
    assert trip.expect(200, "GET", f"/gallery?userId={user}&limit=10")["images"] == []


def test_health_sees_every_dependency(gateway):
    answer = journey.call("GET", gateway + "/api/v1/health?deep=1")
    assert answer.status == 200, answer.body
    document = answer.json()
    assert document["service"] == "mumble-serverless"
    assert document["status"] == "ok", document


def test_unknown_route_is_the_gateways_404(gateway):
    answer = journey.call("GET", gateway + "/nowhere")
    assert (answer.status, answer.json()) == (404, {"message": "Not Found"})


def test_binaries_are_static():
    for name in ("health", "audioUpload", "speechToText", "generateImage", "weather", "gallery", "counter"):
        listing = subprocess.run(
            ["ldd", os.path.join(BINARIES, name)], capture_output=True, text=True)
        assert "not a dynamic executable" in listing.stdout + listing.stderr


def test_demo_prints_each_step():
    result = subprocess.run(
        ["python3", os.path.join(ROOT, "scripts/demo.py")], capture_output=True, text=True, env=clean(),
        timeout=300)
    assert result.returncode == 0, result.stderr
    assert "sun is shining" in result.stdout
    assert len(re.findall(r"\d ms", result.stdout)) >= 7
