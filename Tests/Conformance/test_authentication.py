"""Signature Version 4 as DynamoDB judges it: which of its errors, with which text."""

import pytest

from .wire import send, stamp

CORAL = "com.amazon.coral.service#"
MISMATCH = ("The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")


def refusal(answer):
    assert answer.status == 400
    assert answer.crc_is_right
    assert set(answer.json) == {"__type", "message"}
    return answer.json["__type"].removeprefix(CORAL), answer.json["message"]


def replaced(name, old, new):
    def edit(headers):
        assert old in headers[name]
        headers[name] = headers[name].replace(old, new)
    return edit


def without(field):
    """Drops one field of the Authorization header."""
    def edit(headers):
        scheme, fields = headers["Authorization"].split(" ", 1)
        kept = [each for each in fields.split(", ") if not each.startswith(field)]
        headers["Authorization"] = scheme + " " + ", ".join(kept)
    return edit


def header(value):
    return lambda headers: headers.update({"Authorization": value})


def test_signed_request(endpoint):
    assert send(endpoint).status == 200


@pytest.mark.parametrize("operation", ["ListTables", "GetItem", "PutItem", "Query", "DescribeTable"])
def test_missing_token(endpoint, operation):
    answer = send(endpoint, "DynamoDB_20120810." + operation, sign=False)
    assert refusal(answer) == ("MissingAuthenticationTokenException", "Request is missing Authentication Token")


@pytest.mark.parametrize("value", ["AWS4", "Basic dGVzdDp0ZXN0", "Bearer token"])
def test_other_schemes_count_as_missing(endpoint, value):
    assert refusal(send(endpoint, edit=header(value)))[0] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize("field", ["Credential", "SignedHeaders", "Signature"])
def test_incomplete_signature_names_the_part(endpoint, field):
    code, message = refusal(send(endpoint, edit=without(field)))
    assert code == "IncompleteSignatureException"
    assert f"Authorization header requires '{field}' parameter." in message


def test_incomplete_signature_names_all_parts(endpoint):
    def edit(headers):
        headers["Authorization"] = "AWS4-HMAC-SHA256 x"
        del headers["X-Amz-Date"]

    code, message = refusal(send(endpoint, edit=edit))
    assert code == "IncompleteSignatureException"
    for part in ["'Credential' parameter", "'Signature' parameter", "'SignedHeaders' parameter",
                 "existence of either a 'X-Amz-Date' or a 'Date' header"]:
        assert part in message


def test_missing_date(endpoint):
    code, message = refusal(send(endpoint, edit=lambda headers: headers.pop("X-Amz-Date")))
    assert code == "IncompleteSignatureException"
    assert "'X-Amz-Date' or a 'Date' header" in message


def test_credential_with_too_few_parts(endpoint):
    code, message = refusal(send(endpoint, edit=replaced("Authorization", "/aws4_request", "")))
    assert code == "IncompleteSignatureException"
    assert "keyid/date/region/service/term" in message


def test_unknown_key(endpoint):
    code, message = refusal(send(endpoint, key="AKIAUNKNOWNKEY00000", secret="x"))
    assert (code, message) == (
        "UnrecognizedClientException", "The security token included in the request is invalid.")


def test_wrong_secret(endpoint):
    code, message = refusal(send(endpoint, secret="wrong"))
    assert code == "InvalidSignatureException"
    assert message.startswith(MISMATCH)


def test_wrong_signature(endpoint):
    def edit(headers):
        head, _, signature = headers["Authorization"].rpartition("=")
        headers["Authorization"] = head + "=" + signature[::-1]

    assert refusal(send(endpoint, edit=edit))[1].startswith(MISMATCH)


@pytest.mark.parametrize("name,value", [
    ("X-Amz-Target", "DynamoDB_20120810.DescribeLimits"), ("Content-Type", "application/json")])
def test_a_signed_header_that_changed(endpoint, name, value):
    answer = send(endpoint, edit=lambda headers: headers.update({name: value}))
    assert refusal(answer)[0] == "InvalidSignatureException"


def test_an_unsigned_header_may_change(endpoint):
    assert send(endpoint, edit=lambda headers: headers.update({"X-Other": "later"})).status == 200


def test_host_must_be_signed(endpoint):
    code, message = refusal(send(endpoint, edit=replaced("Authorization", "host;", "")))
    assert code == "InvalidSignatureException"
    assert "'Host' or ':authority' must be a 'SignedHeader'" in message


@pytest.mark.parametrize("minutes", [-16, -60, -60 * 24 * 400])
def test_expired_signature(endpoint, minutes):
    before = stamp(minutes * 60)
    code, message = refusal(send(endpoint, seconds=minutes * 60))
    assert code == "InvalidSignatureException"
    expired = message.removeprefix("Signature expired: ")[:len(before)]
    assert before <= expired <= stamp(minutes * 60), message
    assert "is now earlier than" in message and "- 15 min.)" in message


@pytest.mark.parametrize("minutes", [16, 60])
def test_signature_of_the_future(endpoint, minutes):
    code, message = refusal(send(endpoint, seconds=minutes * 60))
    assert code == "InvalidSignatureException"
    assert message.startswith("Signature not yet current: ")
    assert "is still later than" in message and "+ 15 min.)" in message


@pytest.mark.parametrize("minutes", [-14, 14])
def test_skew_within_a_quarter_of_an_hour(endpoint, minutes):
    assert send(endpoint, seconds=minutes * 60).status == 200


def test_wrong_region(endpoint):
    code, message = refusal(send(endpoint, region="mars-north-1"))
    assert code == "InvalidSignatureException"
    assert "Credential should be scoped to a valid region" in message


def test_wrong_service(endpoint):
    code, message = refusal(send(endpoint, service="s3"))
    assert code == "InvalidSignatureException"
    assert "Credential should be scoped to correct service: 'dynamodb'" in message


def test_wrong_terminator(endpoint):
    code, message = refusal(send(endpoint, edit=replaced("Authorization", "aws4_request", "aws5_request")))
    assert code == "InvalidSignatureException"
    assert "Credential should be scoped with a valid terminator" in message


def test_scope_of_another_day(endpoint):
    def edit(headers):
        date = headers["X-Amz-Date"][:8]
        replaced("Authorization", f"/{date}/", "/20200101/")(headers)

    code, message = refusal(send(endpoint, edit=edit))
    assert code == "InvalidSignatureException"
    assert "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP" in message


def test_header_and_query_together(endpoint):
    code, message = refusal(send(endpoint, path="/?X-Amz-Algorithm=AWS4-HMAC-SHA256"))
    assert code == "InvalidSignatureException"
    assert "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header" in message


def test_incomplete_query(endpoint):
    code, message = refusal(send(endpoint, path="/?X-Amz-Algorithm=AWS4-HMAC-SHA256", sign=False))
    assert code == "IncompleteSignatureException"
    assert "AWS query-string parameters must include 'X-Amz-Credential'" in message


def test_superfluous_session_token(endpoint):
    answer = send(endpoint, token="bm90IGEgdG9rZW4=")
    assert refusal(answer)[0] == "UnrecognizedClientException"


def test_parts_may_be_divided_by_commas_only(endpoint):
    def edit(headers):
        headers["Authorization"] = headers["Authorization"].replace(", ", ",")

    assert send(endpoint, edit=edit).status == 200
