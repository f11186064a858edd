"""What may be long, and what is refused before it takes any room."""

import re

import pytest
from running import Emulator, until

from .test_streaming import Wire, files, forget_peak, peak, signed

MIB = 1 << 20
LIMITS = {
    ("PUT", "?policy"): 64 << 10, ("PUT", "?cors"): 64 << 10, ("PUT", "?acl"): 64 << 10,
    ("PUT", "?versioning"): 64 << 10, ("PUT", "?tagging"): 128 << 10, ("PUT", "?website"): 128 << 10,
    ("PUT", "?lifecycle"): 2 * MIB, ("PUT", "?replication"): 2 * MIB, ("PUT", "?notification"): 2 * MIB,
    ("PUT", "/k?tagging"): 64 << 10, ("PUT", "/k?retention"): 64 << 10, ("POST", "?delete"): 2 * MIB,
    ("POST", "/k?uploadId=none"): 4 * MIB, ("GET", "/k"): 64 << 10, ("GET", ""): 64 << 10,
    ("DELETE", "/k"): 64 << 10}
# A signature of many chunks is more than a document; this much is taken beside it.
FRAMING = 64 << 10


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    instance = Emulator(tmp_path_factory.mktemp("heads") / "data")
    s3 = instance.client("s3")
    s3.create_bucket(Bucket="heads")
    s3.put_object(Bucket="heads", Key="k", Body=b"v")
    yield instance
    instance.stop()


def send_head(wire, method, path, lines, sign=True, wrong=False, **more):
    """A head without Content-Length; `lines` are not signed."""
    fields = {"Host": wire.host}
    if sign:
        fields |= signed(wire.aws, method, path, **more)
    if wrong:
        fields["Authorization"] = re.sub("Signature=.{8}", "Signature=00000000", fields["Authorization"])
    text = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in {**fields, **lines}.items())
    wire.socket.sendall(text.encode() + b"\r\n")


def pour(wire, total, chunked=False):
    """Sends so many bytes, or until the server takes no more."""
    piece = b"x" * 65_536
    if chunked:
        piece = b"10000\r\n" + piece + b"\r\n"
    try:
        for _ in range(total >> 16):
            wire.socket.sendall(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass


def refused(wire, code):
    status, body = wire.answer()
    assert f"<Code>{code}</Code>".encode() in body, (status, body)
    return status, body


@pytest.fixture
def wire(served):
    connection = Wire(served.aws)
    yield connection
    connection.close()
    until(lambda: not files(served.folder, "staging"), "nothing of it stays")
    assert served.client("s3").get_object(Bucket="heads", Key="k")["Body"].read() == b"v"


@pytest.mark.parametrize("expect", [True, False])
@pytest.mark.parametrize("case", LIMITS, ids=" ".join)
def test_a_document_beyond_its_limit_is_refused_by_its_head(wire, case, expect):
    lines = {"Content-Length": str(max(LIMITS[case], MIB) + 1), **({"Expect": "100-continue"} if expect else {})}
    send_head(wire, case[0], "/heads" + case[1], lines)
    status, body = refused(wire, "MaxMessageLengthExceeded")
    assert status == 400 and b"<Message>Your request was too big.</Message>" in body
    assert f"<MaxMessageLengthBytes>{LIMITS[case]}</MaxMessageLengthBytes>".encode() in body


@pytest.mark.parametrize("case", LIMITS, ids=" ".join)
def test_a_short_document_beyond_its_limit_is_refused_too(wire, case):
    if LIMITS[case] >= MIB:
        pytest.skip("a body that is not judged by its head is shorter")
    send_head(wire, case[0], "/heads" + case[1], {"Content-Length": str(LIMITS[case] + 1)})
    wire.socket.sendall(b"x" * (LIMITS[case] + 1))
    refused(wire, "MaxMessageLengthExceeded")


@pytest.mark.parametrize("case", LIMITS, ids=" ".join)
def test_an_endless_document_is_refused_when_it_passes_the_limit(served, wire, case):
    send_head(wire, case[0], "/heads" + case[1], {"Transfer-Encoding": "chunked"})
    pour(wire, LIMITS[case] + FRAMING + (1 << 17), chunked=True)
    refused(wire, "MaxMessageLengthExceeded")
    until(lambda: not files(served.folder, "staging"), "nothing of it stays")


@pytest.mark.parametrize("how", ["anonymous", "wrong"])
@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("case", [
    ("PUT", "?policy"), ("GET", "/k"), ("POST", "/k?uploadId=none"), ("POST", "/k?uploads"), ("DELETE", "/k"),
    ("PUT", "/new")], ids=" ".join)
def test_nobody_puts_bytes_on_the_disk_without_leave(served, case, how, chunked):
    wire = Wire(served.aws)
    length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(5 << 30)}
    send_head(wire, case[0], "/heads" + case[1], length, sign=how == "wrong", wrong=how == "wrong")
    pour(wire, 16 * MIB, chunked)
    assert files(served.folder, "staging") == []
    assert refused(wire, "AccessDenied" if how == "anonymous" else "SignatureDoesNotMatch")[0] == 403
    wire.close()


@pytest.mark.parametrize("method,path,host", [
    ("OPTIONS", "/heads/k", None), ("POST", "/page", "heads.s3-website.localhost"),
    ("GET", "/page", "heads.s3-website.localhost"), ("POST", "/heads?delete", None)])
def test_what_needs_no_name_brings_no_long_body(served, wire, method, path, host):
    send_head(wire, method, path, {"Content-Length": str(5 << 30), **({"Host": host} if host else {})}, sign=False)
    assert wire.answer_head()[0] == 400
    assert files(served.folder, "staging") == []


def test_memory_does_not_grow_with_refused_bodies(served):
    for number in range(12):
        if number == 2:
            forget_peak(served.process)
            before = peak(served.process)
        wire = Wire(served.aws)
        send_head(wire, "PUT", "/heads?policy", {"Content-Length": str(5 << 30)}, sign=False)
        pour(wire, 64 * MIB)
        refused(wire, "AccessDenied")
        wire.close()
    assert peak(served.process) - before < 64 * MIB


BOUNDARY = "heads-of-forms"


def form(fields, name="file"):
    return "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ) + f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="x"\r\n\r\n'


FORMS = [
    (form({"key": "a"}), "AccessDenied"), (form({}), "InvalidArgument"), (form({"key": ""}), "InvalidArgument"),
    (form({"key": "a", "policy": "e30=", "AWSAccessKeyId": "AKIDNOBODY", "signature": "x"}), "InvalidAccessKeyId"),
    (form({"key": "a", "policy": "e30=", "AWSAccessKeyId": "test", "signature": "x"}), "SignatureDoesNotMatch"),
    ("x" * 40_000, "MaxPostPreDataLengthExceeded"), (form({"key": "x" * 30_000}), "MaxPostPreDataLengthExceeded"),
    (f"--{BOUNDARY}\r\nno head at all\r\n\r\n", "MalformedPOSTRequest")]


@pytest.mark.parametrize("beginning,code", FORMS, ids=[f"{code}-{len(text)}" for text, code in FORMS])
def test_a_form_is_judged_before_its_file_has_come(served, wire, beginning, code):
    send_head(wire, "POST", "/heads", {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(4 << 30)}, sign=False)
    wire.socket.sendall(beginning.encode())
    pour(wire, 16 * MIB)
    refused(wire, code)
    assert files(served.folder, "staging") == []


def test_a_form_waits_for_its_100(served, wire):
    send_head(wire, "POST", "/heads", {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(4 << 30),
        "Expect": "100-continue"}, sign=False)
    assert wire.answer_head()[0] == 100
    wire.socket.sendall(form({"key": "a"}).encode())
    pour(wire, MIB)
    refused(wire, "AccessDenied")


def test_a_file_that_its_policy_does_not_allow_is_refused_before_it_has_come(served, wire):
    signed_form = served.client("s3").generate_presigned_post(
        "heads", "a", Conditions=[["content-length-range", 1, 1000]])
    send_head(wire, "POST", "/heads", {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(4 << 30)}, sign=False)
    wire.socket.sendall(form(signed_form["fields"]).encode())
    pour(wire, 16 * MIB)
    status, body = refused(wire, "EntityTooLarge")
    assert status == 400 and b"<MaxSizeAllowed>1000</MaxSizeAllowed>" in body
    assert files(served.folder, "staging") == []


@pytest.mark.parametrize("expect", [True, False])
def test_a_form_that_is_allowed_comes_in(served, expect):
    """Its beginning is looked at, and nothing of it is lost."""
    s3 = served.client("s3")
    wire = Wire(served.aws)
    fields = s3.generate_presigned_post("heads", "a form")["fields"]
    content = bytes(range(256)) * 12_000
    body = form(fields).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    send_head(wire, "POST", "/heads", {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(len(body)),
        **({"Expect": "100-continue"} if expect else {})}, sign=False)
    if expect:
        assert wire.answer_head()[0] == 100
    for start in range(0, len(body), 10_000):
        wire.socket.sendall(body[start:start + 10_000])
    assert wire.answer()[0] == 204
    wire.close()
    assert s3.get_object(Bucket="heads", Key="a form")["Body"].read() == content
    s3.delete_object(Bucket="heads", Key="a form")


# JSON services


def dynamodb(wire, lines, wrong_date=False, sign=True, **more):
    headers = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}
    if not sign:
        return send_head(wire, "POST", "/", {**headers, **lines}, sign=False)
    return send_head(wire, "POST", "/", lines, service="dynamodb", headers=headers, **more)


@pytest.mark.parametrize("expect", [True, False])
@pytest.mark.parametrize("length", [(16 << 20) + 1, 1 << 40])
def test_a_dynamodb_body_that_is_announced_too_long_is_refused_at_once(served, wire, length, expect):
    dynamodb(wire, {"Content-Length": str(length), **({"Expect": "100-continue"} if expect else {})})
    status, body = wire.answer()
    assert (status, body) == (413, b"")
    assert files(served.folder, "staging") == []


def test_a_dynamodb_body_without_end_is_refused_when_it_passes_the_limit(served, wire):
    dynamodb(wire, {"Transfer-Encoding": "chunked"})
    pour(wire, 17 << 20, chunked=True)
    assert wire.answer()[0] == 413
    until(lambda: not files(served.folder, "staging"), "nothing of it stays")


@pytest.mark.parametrize("length", [{"Content-Length": str(9 << 20)}, {"Transfer-Encoding": "chunked"}], ids=str)
@pytest.mark.parametrize("how,code", [
    ({"sign": False}, "MissingAuthenticationTokenException")], ids=["anonymous"])
def test_a_nameless_dynamodb_body_is_refused_by_its_head(served, wire, length, how, code):
    dynamodb(wire, length, **how)
    pour(wire, 16 * MIB, "Transfer-Encoding" in length)
    status, body = wire.answer()
    assert status == 400 and code.encode() in body
    assert files(served.folder, "staging") == []


def test_a_key_below_an_underscore_may_be_long_at_its_buckets_host(served):
    """Paths of the emulator's own are so only at the emulator's own host."""
    s3 = served.client("s3")
    for path in ("/_data/large", "/_providers/large"):
        wire = Wire(served.aws)
        size = 66 << 20
        host = f"heads.s3.localhost:{wire.host.rsplit(':', 1)[1]}"
        fields = signed(f"http://{host}", "PUT", path)
        send_head(wire, "PUT", path, {**fields, "Host": host, "Content-Length": str(size)}, sign=False)
        pour(wire, size)
        assert wire.answer()[0] == 200
        wire.close()
        assert s3.head_object(Bucket="heads", Key=path[1:])["ContentLength"] == size
        s3.delete_object(Bucket="heads", Key=path[1:])
