"""REST API: the cache of a stage."""

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from Lambda import bootstraps
from running import until

from . import programs


@pytest.fixture(scope="module")
def gateway(start):
    def stage(**settings):
        return {"cacheClusterEnabled": True, "methodSettings": {"*/*": settings}} if settings else {
            "cacheClusterEnabled": True}

    # One environment: it counts its calls.
    once = {"code": bootstraps.python(programs.TOLD), "reservedConcurrency": 1}
    return start(functions={"told": once}, restApi={
        "stages": {
            "prod": stage(), "plain": {}, "never": stage(cacheTtlInSeconds=0), "short": stage(cacheTtlInSeconds=1),
            "all": stage(cachingEnabled=True, cacheDataEncrypted=True), "off": stage(cachingEnabled=False),
            "free": stage(requireAuthorizationForCacheControl=False),
            "strict": stage(unauthorizedCacheControlHeaderStrategy="FAIL_WITH_403"),
            "silent": stage(unauthorizedCacheControlHeaderStrategy="SUCCEED_WITHOUT_RESPONSE_HEADER")},
        "routes": [
            {"route": "ANY /{proxy+}", "function": "told",
             "cacheKeyParameters": ["method.request.querystring.page", "method.request.header.X-Lang"]}]})


def call(gateway, path, headers=None, method="GET", **arguments):
    """The number of the function's call that made this answer."""
    answer = gateway.send(method, path, headers or {}, **arguments)
    assert answer.status == 200, answer.body
    return int(answer.headers["x-call"])


@pytest.mark.parametrize("stage,kept", [
    ("prod", True), ("plain", False), ("never", False), ("all", True), ("off", False)])
def test_get_is_kept_where_the_stage_says_so(gateway, stage, kept):
    first, second = call(gateway, f"/{stage}/kept"), call(gateway, f"/{stage}/kept")
    assert (first == second) is kept


@pytest.mark.parametrize("stage,kept", [("prod", False), ("all", True)])
def test_other_methods_are_kept_only_when_told_so(gateway, stage, kept):
    first, second = [call(gateway, f"/{stage}/post", method="POST", body="x") for _ in range(2)]
    assert (first == second) is kept


@pytest.mark.parametrize("first,second,same", [
    ("/prod/one", "/prod/two", False), ("/prod/q?page=1", "/prod/q?page=2", False),
    ("/prod/q?page=3", "/prod/q?page=3&other=1", True), ("/prod/q?page=4&page=5", "/prod/q?page=4", False)])
def test_the_path_and_declared_parameters_tell_answers_apart(gateway, first, second, same):
    assert (call(gateway, first) == call(gateway, second)) is same


@pytest.mark.parametrize("name,same", [("X-Lang", False), ("X-Other", True)])
def test_declared_headers_tell_answers_apart(gateway, name, same):
    path = f"/prod/by-{name}"
    assert (call(gateway, path, {name: "de"}) == call(gateway, path, {name: "en"})) is same


def test_stages_do_not_share_answers(gateway):
    assert call(gateway, "/prod/shared") != call(gateway, "/all/shared")


def test_errors_are_not_kept(gateway):
    tell = {"answer": {"statusCode": 404, "body": "no"}}
    assert gateway.send("GET", "/prod/error", tell=tell).status == 404
    assert gateway.send("GET", "/prod/error").status == 200


def test_an_answer_of_more_than_a_mebibyte_is_not_kept(gateway):
    assert len(gateway.send("GET", "/prod/large", tell={"size": 1_048_577}).body) == 1_048_577
    assert gateway.send("GET", "/prod/large").json["path"] == "/large"


def test_an_answer_is_kept_for_its_time_to_live(gateway):
    first = call(gateway, "/short/x")
    until(lambda: call(gateway, "/short/x") != first, "the answer has expired")


@pytest.mark.parametrize("value", ["max-age=0", "no-cache", "private, max-age=0"])
def test_whoever_is_allowed_may_have_an_answer_made_anew(gateway, value):
    path = f"/free/{value.replace(', ', '-').replace('=', '-')}"
    first = call(gateway, path)
    second = call(gateway, path, {"Cache-Control": value})
    assert second != first
    assert call(gateway, path) == second


def signed(gateway, path, secret="test"):
    request = AWSRequest("GET", gateway.url + path, headers={"Cache-Control": "max-age=0"})
    SigV4Auth(Credentials("test", secret), "execute-api", "us-east-1").add_auth(request)
    return dict(request.headers)


@pytest.mark.parametrize("stage", ["prod", "silent", "strict"])
def test_who_signs_may_have_an_answer_made_anew(gateway, stage):
    path = f"/{stage}/signed"
    first = call(gateway, path)
    second = gateway.send("GET", path, signed(gateway, path))
    assert second.status == 200 and int(second.headers["x-call"]) != first and "Warning" not in second.headers
    assert call(gateway, path) == int(second.headers["x-call"])


def test_who_signs_may_have_named_the_api_by_the_path(gateway):
    api = gateway.emulator.client("apigateway").get_rest_apis()["items"][0]["id"]
    first = gateway.send("GET", "/strict/named", api=api)
    path = f"/_aws/execute-api/{api}/strict/named"
    second = gateway.send("GET", path, signed(gateway, path))
    assert second.status == 200 and second.headers["x-call"] != first.headers["x-call"]


def test_a_wrong_signature_allows_nothing(gateway):
    call(gateway, "/strict/forged")
    answer = gateway.send("GET", "/strict/forged", signed(gateway, "/strict/forged", "wrong"))
    assert answer.message == (403, "Forbidden")


@pytest.mark.parametrize("stage", ["prod", "silent"])
def test_others_get_the_kept_answer(gateway, stage):
    first = gateway.send("GET", f"/{stage}/anew")
    second = gateway.send("GET", f"/{stage}/anew", {"Cache-Control": "max-age=0"})
    assert second.headers["x-call"] == first.headers["x-call"]
    warning = "199 Cache-control headers were ignored because the caller was unauthorized."
    assert second.headers["Warning"] == (warning if stage == "prod" else None)


def test_or_are_forbidden(gateway):
    call(gateway, "/strict/anew")
    assert gateway.send("GET", "/strict/anew", {"Cache-Control": "max-age=0"}).message == (403, "Forbidden")


def test_a_kept_answer_has_identifiers_of_its_own(gateway):
    first, second = gateway.send("GET", "/prod/ids"), gateway.send("GET", "/prod/ids")
    assert first.headers["x-call"] == second.headers["x-call"]
    assert first.headers["x-amzn-RequestId"] != second.headers["x-amzn-RequestId"]


def test_flush_stage_cache_empties_one_stages_cache(gateway):
    first, other = call(gateway, "/prod/flushed"), call(gateway, "/all/flushed")
    answer = gateway.emulator.client("apigateway").flush_stage_cache(restApiId="mumblerest", stageName="prod")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert call(gateway, "/prod/flushed") != first and call(gateway, "/all/flushed") == other


def test_only_a_stages_cache_can_be_flushed(gateway):
    client = gateway.emulator.client("apigateway")
    with pytest.raises(client.exceptions.NotFoundException, match="Invalid stage identifier specified"):
        client.flush_stage_cache(restApiId="mumblerest", stageName="none")
