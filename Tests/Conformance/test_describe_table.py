import re
import uuid

import pytest

from .conftest import definition, index, refused, unique, wait_active


@pytest.fixture(scope="module")
def described(ddb, make_table):
    name = make_table(
        range="sk", types={"sk": "N"}, GlobalSecondaryIndexes=[index("global", "a", "sk", "INCLUDE", ["x"])],
        LocalSecondaryIndexes=[index("local", "pk", "a")])
    return ddb.describe_table(TableName=name)["Table"]


@pytest.fixture(scope="module")
def provisioned(ddb):
    name = unique()
    throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 4}
    parameters = definition(name, GlobalSecondaryIndexes=[
        {**index("global", "a"), "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}}])
    ddb.create_table(**{**parameters, "BillingMode": "PROVISIONED", "ProvisionedThroughput": throughput})
    yield wait_active(ddb, name)
    ddb.delete_table(TableName=name)


MEMBERS = {
    "AttributeDefinitions", "TableName", "KeySchema", "TableStatus", "CreationDateTime", "ProvisionedThroughput",
    "TableSizeBytes", "ItemCount", "TableArn", "TableId", "BillingModeSummary", "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes", "DeletionProtectionEnabled", "WarmThroughput"}


@pytest.mark.parametrize("member", sorted(MEMBERS))
def test_members_that_are_there(described, member):
    assert member in described


@pytest.mark.parametrize("member", [
    "StreamSpecification", "LatestStreamLabel", "LatestStreamArn", "SSEDescription", "TableClassSummary", "RestoreSummary",
    "Replicas", "GlobalTableVersion", "ArchivalSummary", "OnDemandThroughput"])
def test_members_that_are_absent_from_a_plain_table(described, member):
    assert member not in described


def test_a_table_is_active(described):
    assert described["TableStatus"] == "ACTIVE"


def test_the_id_is_a_uuid_that_stays(ddb, described):
    assert uuid.UUID(described["TableId"])
    assert ddb.describe_table(TableName=described["TableName"])["Table"]["TableId"] == described["TableId"]


def test_a_table_created_anew_has_another_id(ddb, make_table):
    name = unique()
    ids = []
    for _ in range(2):
        ddb.create_table(**definition(name))
        ids.append(wait_active(ddb, name)["TableId"])
        ddb.delete_table(TableName=name)
        ddb.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    assert ids[0] != ids[1]


def test_keys_and_definitions(described):
    assert described["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    found = {each["AttributeName"]: each["AttributeType"] for each in described["AttributeDefinitions"]}
    assert found == {"pk": "S", "sk": "N", "a": "S"}


def test_billing_on_demand(described):
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"]
    assert described["ProvisionedThroughput"] == {
        "NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}


def test_a_table_that_never_was_on_demand_has_no_billing_mode(provisioned):
    assert "BillingModeSummary" not in provisioned
    found = provisioned["ProvisionedThroughput"]
    assert (found["ReadCapacityUnits"], found["WriteCapacityUnits"], found["NumberOfDecreasesToday"]) == (5, 4, 0)


def test_warm_throughput_on_demand(described):
    assert described["WarmThroughput"] == {
        "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}
    assert described["GlobalSecondaryIndexes"][0]["WarmThroughput"] == {
        "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}


def test_warm_throughput_is_what_is_provisioned(provisioned):
    assert provisioned["WarmThroughput"] == {"ReadUnitsPerSecond": 5, "WriteUnitsPerSecond": 4, "Status": "ACTIVE"}
    assert provisioned["GlobalSecondaryIndexes"][0]["WarmThroughput"] == {
        "ReadUnitsPerSecond": 3, "WriteUnitsPerSecond": 2, "Status": "ACTIVE"}


def test_a_global_index(described):
    [found] = described["GlobalSecondaryIndexes"]
    assert (found["IndexName"], found["IndexStatus"]) == ("global", "ACTIVE")
    assert found["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]}
    assert found["KeySchema"] == [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    assert found["IndexArn"] == described["TableArn"] + "/index/global"
    assert "Backfilling" not in found
    assert found["ProvisionedThroughput"] == {
        "NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}


def test_a_local_index(described):
    [found] = described["LocalSecondaryIndexes"]
    assert set(found) == {"IndexName", "KeySchema", "Projection", "IndexSizeBytes", "ItemCount", "IndexArn"}
    assert found["Projection"] == {"ProjectionType": "ALL"}


def test_an_empty_table_is_empty(described):
    assert (described["ItemCount"], described["TableSizeBytes"]) == (0, 0)
    assert described["GlobalSecondaryIndexes"][0]["ItemCount"] == 0


def test_the_arn_names_region_account_and_table(described):
    assert re.fullmatch(rf"arn:aws:dynamodb:[a-z0-9-]+:\d{{12}}:table/{described['TableName']}", described["TableArn"])


def test_a_table_may_be_described_by_its_arn(ddb, described):
    assert ddb.describe_table(TableName=described["TableArn"])["Table"]["TableId"] == described["TableId"]


def test_times_are_epoch_seconds_on_the_wire(endpoint, described):
    status, _, data = endpoint.raw("DescribeTable", {"TableName": described["TableName"]})
    assert status == 200 and re.search(rb'"CreationDateTime":1\.?[0-9]*', data)


# errors


def test_an_unknown_table_is_not_found_by_name(ddb):
    name = "no-such-table-" + uuid.uuid4().hex
    with refused("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found"):
        ddb.describe_table(TableName=name)


@pytest.mark.parametrize("name, text", [
    ("ab", "Member must have length greater than or equal to 3"),
    ("a b c", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
    ("x" * 256, "Member must have length less than or equal to 255")])
def test_names_are_checked_before_they_are_looked_up(ddb, name, text):
    with refused("ValidationException", text):
        ddb.describe_table(TableName=name)


def test_a_name_is_required(endpoint):
    kind, message = endpoint.raw_error("DescribeTable", {})
    assert kind == "com.amazon.coral.validate#ValidationException" and "ableName" in message


def test_a_name_is_a_string(endpoint):
    kind, message = endpoint.raw_error("DescribeTable", {"TableName": 1})
    assert kind == "com.amazon.coral.service#SerializationException"
    assert message == "NUMBER_VALUE cannot be converted to String"
