"""UpdateTimeToLive and DescribeTimeToLive."""

import pytest

from .conftest import refused, unique


def spec(enabled=True, name="expires"):
    return {"Enabled": enabled, "AttributeName": name}


@pytest.fixture
def own(make_table):
    return make_table()


def test_it_is_off_at_first(ddb, table):
    assert ddb.describe_time_to_live(TableName=table)["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}


def test_it_is_turned_on(ddb, own):
    answer = ddb.update_time_to_live(TableName=own, TimeToLiveSpecification=spec())
    assert answer["TimeToLiveSpecification"] == spec()
    described = ddb.describe_time_to_live(TableName=own)["TimeToLiveDescription"]
    assert described["TimeToLiveStatus"] in ("ENABLING", "ENABLED")
    assert described["AttributeName"] == "expires"


def test_it_is_on_already(ddb, own):
    ddb.update_time_to_live(TableName=own, TimeToLiveSpecification=spec())
    with refused("ValidationException"):
        # AWS may answer with its limit of changes an hour instead.
        ddb.update_time_to_live(TableName=own, TimeToLiveSpecification=spec())


def test_it_is_off_already(ddb, table):
    with refused("ValidationException", "TimeToLive is already disabled"):
        ddb.update_time_to_live(TableName=table, TimeToLiveSpecification=spec(False))


@pytest.mark.parametrize("specification, text", [
    ({}, "Value null at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must not be null"),
    ({}, "Value null at 'timeToLiveSpecification.enabled' failed to satisfy constraint: Member must not be null"),
    ({"Enabled": True}, "1 validation error detected: Value null at 'timeToLiveSpecification.attributeName'"),
    ({"AttributeName": "a"}, "1 validation error detected: Value null at 'timeToLiveSpecification.enabled'"),
    (spec(name=""), "Value '' at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must "
                    "have length greater than or equal to 1"),
    (spec(name="a" * 256), "at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must "
                           "have length less than or equal to 255"),
    (None, "Value null at 'timeToLiveSpecification' failed to satisfy constraint: Member must not be null"),
])
def test_the_specification_is_checked(ddb, table, specification, text):
    parameters = {} if specification is None else {"TimeToLiveSpecification": specification}
    with refused("ValidationException", text):
        ddb.update_time_to_live(TableName=table, **parameters)


def test_types_are_checked_first(endpoint, table):
    code, message = endpoint.raw_error(
        "UpdateTimeToLive", {"TableName": table, "TimeToLiveSpecification": {"Enabled": "maybe"}})
    assert code == "com.amazon.coral.service#SerializationException"


def test_the_name_may_have_255_characters(ddb, own):
    name = "a" * 255
    ddb.update_time_to_live(TableName=own, TimeToLiveSpecification=spec(name=name))
    assert ddb.describe_time_to_live(TableName=own)["TimeToLiveDescription"]["AttributeName"] == name


@pytest.mark.parametrize("operation, more", [
    ("DescribeTimeToLive", {}), ("UpdateTimeToLive", {"TimeToLiveSpecification": spec()})])
def test_an_unknown_table_is_not_found(endpoint, operation, more):
    name = unique("none")
    code, message = endpoint.raw_error(operation, {"TableName": name, **more})
    assert code == "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"
    assert message == f"Requested resource not found: Table: {name} not found"


@pytest.mark.parametrize("operation", ["DescribeTimeToLive", "UpdateTimeToLive"])
def test_a_table_must_be_named(endpoint, operation):
    code, message = endpoint.raw_error(operation, {})
    assert code == "com.amazon.coral.validate#ValidationException"
    assert "Value null at 'tableName' failed to satisfy constraint: Member must not be null" in message


def test_items_that_do_not_expire_stay(ddb, own):
    ddb.update_time_to_live(TableName=own, TimeToLiveSpecification=spec())
    values = {"text": {"S": "1000000000"}, "later": {"N": "9999999999"}, "old": {"N": "5"}, "list": {"L": [{"N": "1"}]}}
    for key, value in values.items():
        ddb.put_item(TableName=own, Item={"pk": {"S": key}, "expires": value})
    assert ddb.scan(TableName=own, ConsistentRead=True)["Count"] == len(values)
