"""HTTP API: JWT authorizers."""

import json
import time

import pytest

from .tokens import ECKey, Issuer, RSAKey, encoded


@pytest.fixture(scope="module")
def issuer():
    issuer = Issuer()
    yield issuer
    issuer.close()


@pytest.fixture(scope="module")
def gateway(start, issuer, tmp_path_factory):
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write_text(json.dumps(issuer.key_set()))
    jwt = {"type": "jwt", "issuer": issuer.url, "audience": ["one", "two"]}
    gateway = start(httpApi={
        "authorizers": {
            "found": jwt, "url": {**jwt, "jwksUri": issuer.url + "/keys"}, "file": {**jwt, "jwksFile": str(keys)},
            "query": {**jwt, "identitySource": "$request.querystring.token"},
            "other": {**jwt, "identitySource": "$request.header.X-Token"},
            "lost": {**jwt, "jwksUri": issuer.url + "/none"},
            "undiscovered": {**jwt, "issuer": issuer.url + "/none"}},
        "routes": [
            *({"route": f"GET /{name}", "function": "told", "authorizer": name} for name in (
                "found", "url", "file", "query", "other", "lost", "undiscovered")),
            {"route": "GET /scoped", "function": "told", "authorizer": "found", "scopes": ["read", "write"]},
            {"route": "GET /first", "function": "told", "authorizer": "found", "payloadFormat": "1.0"},
            {"route": "GET /open", "function": "told"}]})
    gateway.keys = keys
    return gateway


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def refused(answer, description):
    """A 401 as AWS words it."""
    assert answer.message == (401, "Unauthorized")
    assert answer.headers["www-authenticate"] == (
        f'Bearer scope="" error="invalid_token" error_description="{description}"')


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "ES256"])
@pytest.mark.parametrize("source", ["found", "url", "file"])
def test_a_good_token_passes(gateway, issuer, algorithm, source):
    authorizer = gateway.send("GET", "/" + source, bearer(issuer.token(algorithm))).event["requestContext"]["authorizer"]
    assert set(authorizer) == {"jwt"} and set(authorizer["jwt"]) == {"claims", "scopes"}
    assert authorizer["jwt"]["claims"]["sub"] == "me" and authorizer["jwt"]["scopes"] is None


def test_claims_are_strings(gateway, issuer):
    token = issuer.token(
        **{"cognito:groups": ["admin", "editor"], "flag": True, "off": False, "level": 7, "half": 0.5, "empty": []})
    claims = gateway.send("GET", "/found", bearer(token)).event["requestContext"]["authorizer"]["jwt"]["claims"]
    assert claims["cognito:groups"] == "[admin editor]"
    assert (claims["flag"], claims["off"], claims["level"], claims["half"], claims["empty"]) == (
        "true", "false", "7", "0.5", "[]")
    assert claims["exp"].isdigit() and all(isinstance(value, str) for value in claims.values())


def test_format_1_has_claims_and_scopes(gateway, issuer):
    authorizer = gateway.send("GET", "/first", bearer(issuer.token())).event["requestContext"]["authorizer"]
    assert authorizer["claims"]["sub"] == "me" and authorizer["scopes"] is None


@pytest.mark.parametrize("prefix", ["Bearer ", "bearer ", "BEARER ", ""])
def test_the_scheme_may_be_there_or_not(gateway, issuer, prefix):
    assert gateway.send("GET", "/found", {"authorization": prefix + issuer.token()}).status == 200


def test_a_token_may_come_in_another_header_or_in_the_query(gateway, issuer):
    token = issuer.token()
    assert gateway.send("GET", "/other", {"x-token": token}).status == 200
    assert gateway.send("GET", f"/query?token={token}").status == 200
    assert gateway.send("GET", "/query", bearer(token)).status == 401


@pytest.mark.parametrize("headers", [{}, {"Authorization": ""}, {"X-Token": "there"}])
def test_without_a_token_the_challenge_is_bare(gateway, headers):
    answer = gateway.send("GET", "/found", headers)
    assert answer.message == (401, "Unauthorized") and answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["apigw-requestid"] and answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("changes,description", [
    ({"aud": "three"}, "the token does not have a valid audience"),
    ({"aud": ["three", "four"]}, "the token does not have a valid audience"),
    ({"aud": None}, "the token does not have a valid audience"),
    ({"aud": None, "client_id": "three"}, "the token does not have a valid audience"),
    ({"aud": "three", "client_id": "one"}, "the token does not have a valid audience"),
    ({"exp": 1_000}, "the token has expired"),
    ({"exp": None}, "the token has expired"),
    ({"exp": "tomorrow"}, "the token has expired"),
    ({"iss": "https://elsewhere.example"}, "invalid issuer"),
    ({"iss": None}, "invalid issuer"),
    ({"nbf": 9_999_999_999}, "the token is not valid yet"),
    ({"iat": 9_999_999_999}, "the token was used before it was issued"),
])
def test_claims_that_do_not_hold(gateway, issuer, changes, description):
    refused(gateway.send("GET", "/found", bearer(issuer.token(**changes))), description)


@pytest.mark.parametrize("changes", [
    {"aud": "two"}, {"aud": ["three", "one"]}, {"aud": None, "client_id": "one"}, {"nbf": None, "iat": None},
    {"client_id": "three"}])
def test_claims_that_hold(gateway, issuer, changes):
    assert gateway.send("GET", "/found", bearer(issuer.token(**changes))).status == 200


def test_an_issuer_has_to_be_the_same_to_the_last_slash(gateway, issuer):
    refused(gateway.send("GET", "/found", bearer(issuer.token(iss=issuer.url + "/"))), "invalid issuer")


@pytest.mark.parametrize("algorithm", ["HS256", "none", "ES384", "PS256", "EdDSA"])
def test_other_algorithms_are_refused(gateway, issuer, algorithm):
    token = issuer.token(header={"alg": algorithm})
    refused(gateway.send("GET", "/found", bearer(token)), f"signing method {algorithm} is invalid")


def test_an_algorithm_needs_a_key_of_its_kind(gateway, issuer):
    token = issuer.token("ES256", header={"kid": "rsa-1"})
    refused(gateway.send("GET", "/found", bearer(token)), "crypto/ecdsa: verification error")
    token = issuer.token("RS256", header={"kid": "ec-1"})
    refused(gateway.send("GET", "/found", bearer(token)), "crypto/rsa: verification error")


def test_a_signature_by_another_key_is_refused(gateway, issuer):
    refused(
        gateway.send("GET", "/found", bearer(issuer.token(key=RSAKey("rsa-1")))), "crypto/rsa: verification error")
    refused(
        gateway.send("GET", "/found", bearer(issuer.token("ES256", key=ECKey("ec-1")))),
        "crypto/ecdsa: verification error")


def test_a_changed_claim_is_refused(gateway, issuer):
    head, _, signature = issuer.token().split(".")
    body = encoded(json.dumps(issuer.claims(sub="you")).encode())
    refused(gateway.send("GET", "/found", bearer(f"{head}.{body}.{signature}")), "crypto/rsa: verification error")


def test_an_unknown_key_is_refused_and_fetches_nothing(gateway, issuer):
    assert gateway.send("GET", "/found", bearer(issuer.token())).status == 200
    before = dict(issuer.asked)
    answer = gateway.send("GET", "/found", bearer(issuer.token(key=RSAKey("new"))))
    assert answer.status == 401 and issuer.asked == before


def test_a_token_without_kid_may_be_signed_by_any_key(gateway, issuer):
    assert gateway.send("GET", "/found", bearer(issuer.token(header={"kid": None}))).status == 200


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c.d", "..", "!!!.!!!.!!!", "e30.e30.", "eyJhbGciOiJSUzI1NiJ9.e30"])
def test_what_is_no_token_is_refused(gateway, token):
    answer = gateway.send("GET", "/found", bearer(token))
    assert answer.message == (401, "Unauthorized")
    assert answer.headers["www-authenticate"].startswith('Bearer scope="" error="invalid_token" error_description="')


def test_the_segments_of_a_token_are_counted(gateway):
    refused(gateway.send("GET", "/found", bearer("a.b")), "token contains an invalid number of segments")


def test_a_token_cannot_write_a_header_of_its_own(gateway, issuer):
    token = issuer.token(header={"alg": 'x"\r\nset-cookie: a=b'})
    answer = gateway.send("GET", "/found", bearer(token))
    assert answer.status == 401 and "set-cookie" not in answer.headers
    assert answer.headers["www-authenticate"].count('"') == 6


@pytest.mark.parametrize("claims,scopes", [
    ({"scope": "read"}, ["read"]), ({"scope": "none write"}, ["none", "write"]), ({"scp": ["read"]}, ["read"]),
    ({"scp": "write more"}, ["write", "more"])])
def test_one_of_the_scopes_is_enough(gateway, issuer, claims, scopes):
    answer = gateway.send("GET", "/scoped", bearer(issuer.token(**claims)))
    assert answer.event["requestContext"]["authorizer"]["jwt"]["scopes"] == scopes


@pytest.mark.parametrize("claims", [{}, {"scope": "reads"}, {"scope": ""}, {"scp": []}])
def test_without_a_scope_access_is_forbidden(gateway, issuer, claims):
    answer = gateway.send("GET", "/scoped", bearer(issuer.token(**claims)))
    assert answer.message == (403, "Forbidden")
    assert answer.headers["www-authenticate"].startswith('Bearer scope="read write" error="insufficient_scope" ')


def test_keys_are_fetched_once(gateway, issuer):
    assert gateway.send("GET", "/found", bearer(issuer.token())).status == 200
    before = dict(issuer.asked)
    for _ in range(3):
        assert gateway.send("GET", "/found", bearer(issuer.token())).status == 200
    assert issuer.asked == before and before["/.well-known/openid-configuration"] >= 1


def test_a_file_of_keys_is_read_again_when_it_changes(gateway, issuer):
    new = RSAKey("new-in-file")
    assert gateway.send("GET", "/file", bearer(issuer.token(key=new))).status == 401
    keys = issuer.key_set()
    keys["keys"].append(new.jwk())
    time.sleep(0.01)
    gateway.keys.write_text(json.dumps(keys))
    assert gateway.send("GET", "/file", bearer(issuer.token(key=new))).status == 200


@pytest.mark.parametrize("path,description", [
    ("/lost", "JWKS communication error"), ("/undiscovered", "OIDC discovery endpoint communication error")])
def test_keys_that_cannot_be_had(gateway, issuer, path, description):
    refused(gateway.send("GET", path, bearer(issuer.token())), description)


def test_a_route_without_an_authorizer_asks_nobody(gateway):
    assert "authorizer" not in gateway.send("GET", "/open").event["requestContext"]
