import uuid

import pytest

from .conftest import definition, drop_protected, index, refused, unique, wait_active


@pytest.fixture
def name(ddb):
    """A table that the test deletes."""
    name = unique()
    ddb.create_table(**definition(name, range="sk", GlobalSecondaryIndexes=[index("global", "a")]))
    wait_active(ddb, name)
    return name


def gone(ddb, name):
    ddb.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


def test_the_answer_describes_a_table_that_is_deleted(ddb, name):
    known = ddb.describe_table(TableName=name)["Table"]
    answer = ddb.delete_table(TableName=name)["TableDescription"]
    assert answer["TableStatus"] == "DELETING" and answer["TableName"] == name
    assert (answer["TableArn"], answer["TableId"]) == (known["TableArn"], known["TableId"])
    assert answer["DeletionProtectionEnabled"] is False
    assert {"ItemCount", "TableSizeBytes", "ProvisionedThroughput"} <= set(answer)


@pytest.mark.parametrize("operation, more", [
    ("get_item", {"Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}), ("scan", {}),
    ("put_item", {"Item": {"pk": {"S": "a"}, "sk": {"S": "b"}}}),
    ("query", {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}})])
def test_items_are_not_found_afterwards(ddb, name, operation, more):
    ddb.delete_table(TableName=name)
    gone(ddb, name)
    with refused("ResourceNotFoundException", "Requested resource not found"):
        getattr(ddb, operation)(TableName=name, **more)


@pytest.mark.parametrize("operation", ["describe_table", "delete_table"])
def test_the_table_is_not_found_afterwards(ddb, name, operation):
    ddb.delete_table(TableName=name)
    gone(ddb, name)
    with refused("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found"):
        getattr(ddb, operation)(TableName=name)


def test_it_is_no_longer_listed(ddb, name):
    ddb.delete_table(TableName=name)
    gone(ddb, name)
    assert name not in ddb.list_tables(ExclusiveStartTableName=name[:-1])["TableNames"]


def test_a_new_table_of_the_name_is_empty(ddb, name):
    ddb.put_item(TableName=name, Item={"pk": {"S": "a"}, "sk": {"S": "b"}, "a": {"S": "x"}})
    ddb.delete_table(TableName=name)
    gone(ddb, name)
    ddb.create_table(**definition(name, range="sk", GlobalSecondaryIndexes=[index("global", "a")]))
    wait_active(ddb, name)
    assert ddb.scan(TableName=name)["Items"] == [] and ddb.scan(TableName=name, IndexName="global")["Items"] == []
    ddb.delete_table(TableName=name)


def test_a_protected_table_stays(ddb):
    name = unique()
    ddb.create_table(**definition(name, DeletionProtectionEnabled=True))
    wait_active(ddb, name)
    with refused("ValidationException", "Resource cannot be deleted as it is currently protected against deletion. Disable "
                 "deletion protection first."):
        ddb.delete_table(TableName=name)
    assert ddb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE"
    drop_protected(ddb, name)


def test_it_may_be_named_by_its_arn(ddb, name):
    ddb.delete_table(TableName=ddb.describe_table(TableName=name)["Table"]["TableArn"])
    gone(ddb, name)


def test_an_unknown_table_is_not_found(ddb):
    name = "no-such-table-" + uuid.uuid4().hex
    with refused("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found"):
        ddb.delete_table(TableName=name)


@pytest.mark.parametrize("name, text", [
    ("ab", "Member must have length greater than or equal to 3"),
    ("a b c", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
    ("x" * 256, "Member must have length less than or equal to 255")])
def test_names_are_checked_before_they_are_looked_up(ddb, name, text):
    with refused("ValidationException", text):
        ddb.delete_table(TableName=name)
