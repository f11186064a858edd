"""GlobalSecondaryIndexUpdates: what may be created, changed and deleted."""

import pytest

from .conftest import index, refused, unique, wait_active
from .test_update_table import create, describe, string, units


def names(described):
    return [each["IndexName"] for each in described.get("GlobalSecondaryIndexes", [])]


def attributes(described):
    return {each["AttributeName"]: each["AttributeType"] for each in described["AttributeDefinitions"]}


@pytest.fixture(scope="module")
def indexed(make_table):
    """byG (g), and a local index."""
    return make_table(
        range="sk", GlobalSecondaryIndexes=[index("byG", "g")],
        LocalSecondaryIndexes=[index("local", "pk", "l", "KEYS_ONLY")])


def test_a_new_index_is_creating_while_the_table_is_updating(ddb, make_table):
    name = make_table()
    answer = ddb.update_table(
        TableName=name, AttributeDefinitions=string("g"), GlobalSecondaryIndexUpdates=[create("byG")],
    )["TableDescription"]
    assert answer["TableStatus"] == "UPDATING"
    made = answer["GlobalSecondaryIndexes"][0]
    assert made["IndexStatus"] == "CREATING"
    assert "Backfilling" in made
    described = wait_active(ddb, name, 1200)["GlobalSecondaryIndexes"][0]
    assert described["IndexStatus"] == "ACTIVE"
    assert "Backfilling" not in described
    assert described["IndexArn"].endswith(f"table/{name}/index/byG")
    assert described["Projection"] == {"ProjectionType": "ALL"}


def test_definitions_are_merged_and_pruned(ddb, make_table):
    name = make_table()
    ddb.update_table(TableName=name, AttributeDefinitions=string("g", "unused"),
                     GlobalSecondaryIndexUpdates=[create("byG")])
    assert attributes(wait_active(ddb, name, 1200)) == {"pk": "S", "g": "S"}
    answer = ddb.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "byG"}}])
    assert answer["TableDescription"]["TableStatus"] == "UPDATING"
    assert answer["TableDescription"]["GlobalSecondaryIndexes"][0]["IndexStatus"] == "DELETING"
    described = wait_active(ddb, name)
    assert attributes(described) == {"pk": "S"}
    assert "GlobalSecondaryIndexes" not in described


def test_definitions_are_listed_by_name(ddb, make_table):
    name = make_table(hash="zz", range="mm", GlobalSecondaryIndexes=[index("one", "aa")])
    assert [each["AttributeName"] for each in describe(ddb, name)["AttributeDefinitions"]] == ["aa", "mm", "zz"]


def test_a_deleted_index_cannot_be_queried(ddb, make_table):
    name = make_table(GlobalSecondaryIndexes=[index("byG", "g")])
    ddb.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "byG"}}])
    wait_active(ddb, name)
    with refused("ValidationException", "The table does not have the specified index: byG"):
        ddb.query(TableName=name, IndexName="byG", KeyConditionExpression="g = :g",
                  ExpressionAttributeValues={":g": {"S": "x"}})


def test_a_name_can_be_used_again(ddb, make_table):
    name = make_table(GlobalSecondaryIndexes=[index("again", "g")])
    ddb.put_item(TableName=name, Item={"pk": {"S": "1"}, "g": {"S": "x"}, "h": {"S": "y"}})
    ddb.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "again"}}])
    wait_active(ddb, name)
    ddb.update_table(TableName=name, AttributeDefinitions=string("h"),
                     GlobalSecondaryIndexUpdates=[create("again", "h")])
    wait_active(ddb, name, 1200)
    found = ddb.query(TableName=name, IndexName="again", KeyConditionExpression="h = :h",
                      ExpressionAttributeValues={":h": {"S": "y"}})
    assert found["Count"] == 1


@pytest.mark.parametrize("updates, code, text", [
    ([{}], "ValidationException",
     "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
     "GlobalSecondaryIndexUpdate.Delete must not be null"),
    ([{"Delete": {"IndexName": "byG"}, "Update": {"IndexName": "byG"}}], "ValidationException",
     "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object"),
    ([{"Delete": {"IndexName": "byG"}}, create("byG")], "ValidationException",
     "Only one global secondary index update per index is allowed simultaneously. Index: byG"),
    ([create("one"), create("two")], "LimitExceededException",
     "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"),
    ([create("one"), {"Delete": {"IndexName": "byG"}}], "LimitExceededException",
     "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"),
    ([create("byG")], "ValidationException", "Attempting to create an index which already exists"),
    ([create("local")], "ValidationException", "Attempting to create an index which already exists"),
    ([{"Delete": {"IndexName": "local"}}], "ValidationException",
     "Cannot delete an index that is not a GlobalSecondaryIndex: local"),
    ([{"Update": {"IndexName": "local", "OnDemandThroughput": {"MaxReadRequestUnits": 5}}}], "ValidationException",
     "Cannot update an index that is not a GlobalSecondaryIndex: local"),
    ([create("more", "missing")], "ValidationException",
     "Some index key attributes are not defined in AttributeDefinitions. Keys: [missing]"),
    ([create("more", ProvisionedThroughput=units(1, 1))], "ValidationException",
     "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: more when BillingMode is "
     "PAY_PER_REQUEST"),
    ([{"Update": {"IndexName": "byG", "ProvisionedThroughput": units(1, 1)}}], "ValidationException",
     "The only Updates for index: byG when TableThroughputMode is PAY_PER_REQUEST can be to OnDemandThroughput, "
     "WarmThroughput"),
    ([{"Update": {"IndexName": "byG"}}], "ValidationException", "The only Updates for index: byG"),
    ([{"Update": {"IndexName": "byG", "WarmThroughput": {}}}], "ValidationException",
     "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified for index: byG"),
    ([{"Update": {"IndexName": "byG", "WarmThroughput": {"ReadUnitsPerSecond": 1}}}], "ValidationException",
     "Requested ReadUnitsPerSecond for WarmThroughput for index byG is lower than current WarmThroughput"),
    ([{"Update": {"IndexName": "byG", "OnDemandThroughput": {"MaxWriteRequestUnits": 0}}}], "ValidationException",
     "Requested MaxWriteRequestUnits for OnDemandThroughput for index : byG is outside of valid range"),
    ([create("more", projection="INCLUDE")], "ValidationException",
     "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"),
    ([create("more", include=["a"])], "ValidationException",
     "ProjectionType is ALL, but NonKeyAttributes is specified"),
    ([create("more", projection="INCLUDE", include=["a", "a"])], "ValidationException",
     "Duplicate element in NonKeyAttributes: a"),
    ([create("more", projection=None)], "ValidationException", "Unknown ProjectionType: null"),
])
def test_updates_that_are_refused(ddb, indexed, updates, code, text):
    with refused(code, text):
        ddb.update_table(TableName=indexed, AttributeDefinitions=string("g"), GlobalSecondaryIndexUpdates=updates)
    assert names(describe(ddb, indexed)) == ["byG"]


@pytest.mark.parametrize("update", [
    {"Delete": {"IndexName": "none"}},
    {"Update": {"IndexName": "none", "OnDemandThroughput": {"MaxReadRequestUnits": 5}}}])
def test_an_unknown_index_is_not_found(ddb, indexed, update):
    with refused("ResourceNotFoundException", f"Requested resource not found: Index none for table {indexed}"):
        ddb.update_table(TableName=indexed, GlobalSecondaryIndexUpdates=[update])


def test_a_new_index_needs_definitions(ddb, indexed):
    with refused("ValidationException", "AttributeDefinitions is not specified for index: more"):
        ddb.update_table(TableName=indexed, GlobalSecondaryIndexUpdates=[create("more")])


REDEFINED = ("One or more parameter values were invalid: Attributes cannot be redefined. Please check that your "
             "attribute has the same type as previously defined. Existing schema: ")


@pytest.mark.parametrize("attribute, existing", [("g", "g:S:HASH"), ("pk", "pk:S:HASH"), ("l", "l:S:RANGE")])
def test_an_attribute_of_a_new_index_cannot_have_another_type(ddb, indexed, attribute, existing):
    with refused("ValidationException", REDEFINED, f"SchemaElement: key{{{existing}}}",
                 f" New schema: Schema:[SchemaElement: key{{{attribute}:N:HASH}}]"):
        ddb.update_table(
            TableName=indexed, AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "N"}],
            GlobalSecondaryIndexUpdates=[create("more", attribute)])
    assert names(describe(ddb, indexed)) == ["byG"]


def test_both_schemas_of_a_redefined_attribute_are_told(ddb, indexed):
    with refused("ValidationException", REDEFINED + "Schema:[SchemaElement: key{g:S:HASH}] "
                                                    "New schema: Schema:[SchemaElement: key{g:B:HASH}]"):
        ddb.update_table(
            TableName=indexed, AttributeDefinitions=[{"AttributeName": "g", "AttributeType": "B"}],
            GlobalSecondaryIndexUpdates=[create("more", "g")])


def test_a_redefinition_that_no_new_index_uses_is_passed_over(ddb, make_table):
    name = make_table(GlobalSecondaryIndexes=[index("byG", "g")])
    ddb.update_table(
        TableName=name, GlobalSecondaryIndexUpdates=[create("byH", "h")], AttributeDefinitions=[
            *string("h"), {"AttributeName": "g", "AttributeType": "N"}])
    assert attributes(wait_active(ddb, name, 1200)) == {"pk": "S", "g": "S", "h": "S"}


def test_an_index_of_a_provisioned_table_needs_throughput(ddb, make_table):
    name = make_table(BillingMode="PROVISIONED", ProvisionedThroughput=units(1, 1))
    with refused("ValidationException",
                 "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: byG"):
        ddb.update_table(TableName=name, AttributeDefinitions=string("g"),
                         GlobalSecondaryIndexUpdates=[create("byG")])
    ddb.update_table(TableName=name, AttributeDefinitions=string("g"), GlobalSecondaryIndexUpdates=[
        create("byG", ProvisionedThroughput=units(3, 4))])
    described = wait_active(ddb, name, 1200)["GlobalSecondaryIndexes"][0]
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    assert described["WarmThroughput"]["WriteUnitsPerSecond"] == 4


def test_the_twenty_first_index_is_over_the_limit(ddb, make_table):
    name = make_table(GlobalSecondaryIndexes=[index(f"by{number}", "g") for number in range(20)])
    with refused("LimitExceededException", "Subscriber limit exceeded: Number of global secondary indexes exceeds "
                                           "per-table limit of 20"):
        ddb.update_table(TableName=name, AttributeDefinitions=string("g"),
                         GlobalSecondaryIndexUpdates=[create("more")])


def test_a_key_of_several_attributes(ddb, make_table):
    name = make_table()
    key = [{"AttributeName": each, "KeyType": "HASH"} for each in "ab"] + [
        {"AttributeName": each, "KeyType": "RANGE"} for each in "cd"]
    ddb.put_item(TableName=name, Item={"pk": {"S": "1"}, **{each: {"S": each} for each in "abcd"}})
    ddb.put_item(TableName=name, Item={"pk": {"S": "2"}, **{each: {"S": each} for each in "abc"}})
    ddb.update_table(TableName=name, AttributeDefinitions=string(*"abcd"), GlobalSecondaryIndexUpdates=[
        {"Create": {"IndexName": "wide", "KeySchema": key, "Projection": {"ProjectionType": "KEYS_ONLY"}}}])
    assert wait_active(ddb, name, 1200)["GlobalSecondaryIndexes"][0]["KeySchema"] == key
    found = ddb.query(TableName=name, IndexName="wide", KeyConditionExpression="a = :a AND b = :b",
                      ExpressionAttributeValues={":a": {"S": "a"}, ":b": {"S": "b"}})["Items"]
    assert [item["pk"]["S"] for item in found] == ["1"]


def test_on_demand_limits_of_an_index(ddb, make_table):
    name = make_table(GlobalSecondaryIndexes=[index("byG", "g")])
    answer = ddb.update_table(TableName=name, GlobalSecondaryIndexUpdates=[
        {"Update": {"IndexName": "byG", "OnDemandThroughput": {"MaxReadRequestUnits": 7}}}])["TableDescription"]
    assert answer["TableStatus"] == "ACTIVE"
    assert answer["GlobalSecondaryIndexes"][0]["IndexStatus"] == "UPDATING"
    described = wait_active(ddb, name)
    assert described["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == {"MaxReadRequestUnits": 7}
    assert "OnDemandThroughput" not in described


def test_names_in_a_projection_are_listed_in_order(ddb, make_table):
    name = make_table(GlobalSecondaryIndexes=[index("byG", "g", projection="INCLUDE", include=["z", "a"])])
    assert describe(ddb, name)["GlobalSecondaryIndexes"][0]["Projection"] == {
        "ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "z"]}


def test_a_table_is_named_by_its_arn_too(ddb, make_table):
    name = make_table()
    arn = describe(ddb, name)["TableArn"]
    assert ddb.update_table(TableName=arn, DeletionProtectionEnabled=False)["TableDescription"]["TableName"] == name
