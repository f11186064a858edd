"""The AWS CLI, unchanged, with only endpoint and key set."""

import json
import os
import subprocess
import sys
import uuid

import pytest
from running import clean


@pytest.fixture(scope="module")
def aws(emulator):
    command = os.path.join(os.path.dirname(sys.executable), "aws")
    variables = clean({
        "AWS_ENDPOINT_URL": emulator.aws, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"})

    def run(*arguments, ok=True, text=None):
        result = subprocess.run(
            [command, *arguments], capture_output=True, text=True, env=variables, input=text, timeout=180)
        assert (result.returncode == 0) == ok, result.stdout + result.stderr
        return result.stdout if ok else result.stderr

    return run


def test_dynamodb(aws):
    name = f"cli-{uuid.uuid4()}"
    aws("dynamodb", "create-table", "--table-name", name, "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=pk,AttributeType=S",
        "--key-schema", "AttributeName=pk,KeyType=HASH")
    aws("dynamodb", "wait", "table-exists", "--table-name", name)
    aws("dynamodb", "put-item", "--table-name", name, "--item", '{"pk": {"S": "1"}, "n": {"N": "1"}}')
    aws("dynamodb", "update-item", "--table-name", name, "--key", '{"pk": {"S": "1"}}',
        "--update-expression", "ADD n :one", "--expression-attribute-values", '{":one": {"N": "1"}}')
    item = json.loads(aws("dynamodb", "get-item", "--table-name", name, "--key", '{"pk": {"S": "1"}}'))
    assert item["Item"] == {"pk": {"S": "1"}, "n": {"N": "2"}}
    assert json.loads(aws("dynamodb", "scan", "--table-name", name))["Count"] == 1
    assert "ResourceNotFoundException" in aws(
        "dynamodb", "describe-table", "--table-name", "absent", ok=False)
    aws("dynamodb", "delete-table", "--table-name", name)


def test_s3(aws, tmp_path):
    bucket = f"cli-{uuid.uuid4()}"
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.txt").write_text("hello")
    (source / "big.bin").write_bytes(os.urandom(9 << 20))
    aws("s3", "mb", f"s3://{bucket}")
    aws("s3", "sync", str(source), f"s3://{bucket}/dir")
    assert "a.txt" in aws("s3", "ls", f"s3://{bucket}/dir/")
    aws("s3", "cp", f"s3://{bucket}/dir/big.bin", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == (source / "big.bin").read_bytes()
    assert aws("s3", "cp", f"s3://{bucket}/dir/a.txt", "-") == "hello"
    aws("s3", "mv", f"s3://{bucket}/dir/a.txt", f"s3://{bucket}/b.txt")
    url = aws("s3", "presign", f"s3://{bucket}/b.txt").strip()
    got = subprocess.run(["curl", "-sS", "--fail", url], capture_output=True, text=True)
    assert got.stdout == "hello", got.stderr
    assert "404" in aws("s3api", "head-object", "--bucket", bucket, "--key", "absent", ok=False)
    aws("s3", "rb", f"s3://{bucket}", "--force")


def test_lambda(aws, tmp_path):
    answer = tmp_path / "answer.json"
    event = json.dumps({
        "version": "2.0", "routeKey": "GET /api/v1/health", "rawPath": "/api/v1/health", "rawQueryString": "",
        "headers": {}, "isBase64Encoded": False, "requestContext": {
            "accountId": "000000000000", "apiId": "x", "domainName": "x", "domainPrefix": "x",
            "http": {"method": "GET", "path": "/api/v1/health", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                     "userAgent": "test"},
            "requestId": "r", "routeKey": "GET /api/v1/health", "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1583348638390}})
    said = json.loads(aws(
        "lambda", "invoke", "--function-name", "health", "--payload", event, "--log-type", "Tail", str(answer)))
    assert said["StatusCode"] == 200 and "FunctionError" not in said and said["ExecutedVersion"] == "$LATEST"
    assert json.loads(answer.read_text())["statusCode"] == 200
    aws("lambda", "invoke", "--function-name", "health", "--payload", "[]", str(answer))
    assert json.loads(answer.read_text())["errorType"]
    assert "ResourceNotFoundException" in aws(
        "lambda", "invoke", "--function-name", "absent", str(answer), ok=False)
