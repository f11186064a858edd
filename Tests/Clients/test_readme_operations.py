"""README's table of DynamoDB operations is what the emulator does, and leaves out none that AWS has."""

import os
import re

import botocore.session
import pytest
from botocore.exceptions import ClientError
from running import ROOT

SERVICES = {"dynamodb": "dynamodb", "dynamodbstreams": "dynamodbstreams"}

# botocore looks into these even without validation.
EMPTY = {
    "BatchGetItem": {"RequestItems": {}}, "BatchWriteItem": {"RequestItems": {}},
    "TransactGetItems": {"TransactItems": []}, "TransactWriteItems": {"TransactItems": []},
    "ImportTable": {"TableCreationParameters": {}}}


def rows():
    """Operations by the name of their row."""
    with open(os.path.join(ROOT, "README.md")) as file:
        section = file.read().split("\n## DynamoDB\n")[1].split("\nKnown differences")[0]
    table = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| ")]
    return {cells[0].strip(): re.findall(r"`([A-Za-z]+)`", cells[1]) for cells in table}


def operations(service):
    return botocore.session.get_session().get_service_model(service).operation_names


@pytest.mark.parametrize("service", SERVICES)
def test_no_operation_of_aws_is_left_out(service):
    named = {name for row in rows().values() for name in row}
    assert set(operations(service)) <= named


def test_each_operation_is_named_once_and_exists():
    named = [name for row in rows().values() for name in row]
    assert len(named) == len(set(named))
    assert set(named) == set(operations("dynamodb")) | set(operations("dynamodbstreams"))


@pytest.mark.parametrize("service", SERVICES)
def test_the_table_tells_the_truth(service, emulator):
    client = emulator.client(service, parameter_validation=False)
    refused = set(rows()["Refused by name"])
    for operation in operations(service):
        method = botocore.xform_name(operation)
        try:
            getattr(client, method)(**EMPTY.get(operation, {}))
            code = None
        except ClientError as error:
            code = error.response["Error"]["Code"]
        assert code not in ("UnknownOperationException", "InternalServerError"), operation
        assert (code == "UnsupportedOperationException") == (operation in refused), (operation, code)
