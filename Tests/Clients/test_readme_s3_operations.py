"""README's table of S3 operations is what the emulator does, and leaves out none that AWS has."""

import datetime
import os
import re
import uuid

import botocore
import botocore.session
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from running import ROOT

REFUSED = "Refused by name"
MODEL = botocore.session.get_session().get_service_model("s3")

# What the model's own minimum cannot say.
BETTER = {
    "CopyObject": {"CopySource": "{Bucket}/k"},
    "UploadPartCopy": {"CopySource": "{Bucket}/k"},
    "WriteGetObjectResponse": {"RequestRoute": "localhost"}}


def rows():
    """Operations by the name of their row."""
    with open(os.path.join(ROOT, "README.md")) as file:
        section = file.read().split("\n## S3\n")[1].split("\nKnown differences")[0]
    table = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| ")]
    return {cells[0].strip(): re.findall(r"`([A-Za-z0-9]+)`", cells[1]) for cells in table}


def smallest(shape):
    """The least that a shape's model allows."""
    match shape.type_name:
        case "structure":
            needed = shape.required_members
            if getattr(shape, "is_tagged_union", False):
                needed = list(shape.members)[:1]
            return {name: smallest(shape.members[name]) for name in needed}
        case "list":
            return [smallest(shape.member)]
        case "map":
            return {}
        case "string":
            return (getattr(shape, "enum", None) or ["x" * shape.metadata.get("min", 1)])[0]
        case "boolean":
            return False
        case "timestamp":
            return datetime.datetime(2030, 1, 1)
        case "blob":
            return b"x"
    return 1


def ask(client, operation, bucket):
    """The error's code and message, or None and the answer's status."""
    given = smallest(MODEL.operation_model(operation).input_shape) | BETTER.get(operation, {})
    given = {name: value.format(Bucket=bucket) if name == "CopySource" else value for name, value in given.items()}
    given |= {name: value for name, value in (("Bucket", bucket), ("Key", "k")) if name in given}
    try:
        answer = getattr(client, botocore.xform_name(operation))(**given)
        return None, answer["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"].get("Message")
    except ParamValidationError as error:
        pytest.fail(f"{operation}: {error}")


def test_each_operation_is_named_once_and_exists():
    named = [name for row in rows().values() for name in row]
    assert len(named) == len(set(named)), "named twice"
    assert set(named) == set(MODEL.operation_names)


def test_the_table_tells_the_truth(emulator):
    client = emulator.client("s3", inject_host_prefix=False)
    refused = set(rows()[REFUSED])
    wrong = []
    for operation in MODEL.operation_names:
        bucket = f"readme-{uuid.uuid4()}"
        client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key="k", Body=b"x" * 10)
        code, said = ask(client, operation, bucket)
        if operation in refused and (code, said) != ("NotImplemented", refusal(operation)):
            wrong.append(f"{operation} is not refused: {code} {said}")
        if operation not in refused and code in ("NotImplemented", "InternalError"):
            wrong.append(f"{operation} is not served: {code} {said}")
    assert not wrong, "\n".join(wrong)


def refusal(operation):
    """What of S3 is missing, in the emulator's words."""
    missing = {"ListDirectoryBuckets": "Directory buckets", "WriteGetObjectResponse": "Object Lambda access points"}
    if operation in missing:
        return f"{missing[operation]} are not supported by this emulator."
    # An operation that AWS has replaced looks the same as its successor.
    succeeded = re.fullmatch("(Get|Put)Bucket(Lifecycle|Notification)", operation)
    return f"{operation}{'Configuration' if succeeded else ''} is not supported by this emulator."
