"""Settings that CreateTable takes beside keys and indexes, and what DescribeTable shows of them."""

import uuid

import pytest

from .conftest import definition, index, refused, unique

PROVISIONED = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}
INVALID = "One or more parameter values were invalid: "


def describe(ddb, name):
    return ddb.describe_table(TableName=name)["Table"]


def gsi(**more):
    return {"GlobalSecondaryIndexes": [{**index("byG", "g"), **more}]}


@pytest.mark.parametrize("parameters, text", [
    ({"OnDemandThroughput": {"MaxReadRequestUnits": 0}},
     "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range"),
    ({"OnDemandThroughput": {"MaxWriteRequestUnits": -2}},
     "Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside of valid range"),
    ({**PROVISIONED, "OnDemandThroughput": {"MaxReadRequestUnits": 5}},
     "MaxReadRequestUnits for OnDemandThroughput cannot be specified when"),
    ({"WarmThroughput": {"ReadUnitsPerSecond": 1, "WriteUnitsPerSecond": 1}},
     "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than initial throughput for OnDemand."),
    ({"WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 1}},
     "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than initial throughput for OnDemand."),
    ({**PROVISIONED, "WarmThroughput": {"ReadUnitsPerSecond": 4}},
     "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than ReadCapacityUnits of "
     "ProvisionedThroughput"),
    (gsi(OnDemandThroughput={"MaxReadRequestUnits": 0}),
     "Requested MaxReadRequestUnits for OnDemandThroughput for index : byG is outside of valid range"),
    (gsi(WarmThroughput={"ReadUnitsPerSecond": 5}),
     "Requested ReadUnitsPerSecond for WarmThroughput for index byG is lower than initial throughput for OnDemand"),
    ({"SSESpecification": {"Enabled": True, "SSEType": "AES256"}}, "SSEType AES256 is not supported"),
    ({"SSESpecification": {"Enabled": False, "SSEType": "KMS"}}, "SSEType can not be specified if Enabled is false"),
    ({"SSESpecification": {"Enabled": True, "KMSMasterKeyId": "alias/x"}},
     "SSEType KMS is required if KMSMasterKeyId is specified"),
])
def test_settings_that_are_refused(ddb, parameters, text):
    with refused("ValidationException", INVALID + text):
        ddb.create_table(**definition(unique("bad"), **parameters))


@pytest.mark.parametrize("parameters", [
    {"OnDemandThroughput": {}}, {"WarmThroughput": {}}, {"SSESpecification": {}}, {"Tags": []},
    {"SSESpecification": {"Enabled": False}}, gsi(OnDemandThroughput={}), gsi(WarmThroughput={})])
def test_empty_settings_count_as_absent(ddb, make_table, parameters):
    described = describe(ddb, make_table(**parameters))
    assert "OnDemandThroughput" not in described
    assert "SSEDescription" not in described
    assert described["WarmThroughput"]["ReadUnitsPerSecond"] == 12000


def test_settings_are_described(ddb, make_table):
    described = describe(ddb, make_table(
        OnDemandThroughput={"MaxReadRequestUnits": 100}, TableClass="STANDARD_INFREQUENT_ACCESS",
        SSESpecification={"Enabled": True}, **gsi(OnDemandThroughput={"MaxWriteRequestUnits": 7})))
    assert described["OnDemandThroughput"] == {"MaxReadRequestUnits": 100}
    assert described["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert described["SSEDescription"]["Status"] == "ENABLED"
    assert described["SSEDescription"]["SSEType"] == "KMS"
    assert described["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == {"MaxWriteRequestUnits": 7}
    assert described["DeletionProtectionEnabled"] is False


def test_a_kms_key_type_alone_turns_encryption_on(ddb, make_table):
    assert describe(ddb, make_table(SSESpecification={"SSEType": "KMS"}))["SSEDescription"]["SSEType"] == "KMS"


def test_the_answer_leaves_out_what_is_not_ready(ddb, make_table):
    name = unique("fresh")
    answer = ddb.create_table(**definition(name, **gsi()))["TableDescription"]
    assert answer["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    assert "WarmThroughput" not in answer
    assert "Backfilling" not in answer["GlobalSecondaryIndexes"][0]
    ddb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    ddb.delete_table(TableName=name)


def test_members_that_do_not_apply_are_absent(ddb, make_table):
    described = describe(ddb, make_table(**PROVISIONED))
    for member in ["BillingModeSummary", "StreamSpecification", "LatestStreamArn", "LatestStreamLabel", "SSEDescription",
                   "TableClassSummary", "OnDemandThroughput", "Replicas", "RestoreSummary", "ArchivalSummary",
                   "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "GlobalTableVersion"]:
        assert member not in described, member


def test_a_table_keeps_its_id(ddb, make_table):
    name = make_table()
    first = describe(ddb, name)["TableId"]
    assert uuid.UUID(first)
    ddb.update_table(TableName=name, DeletionProtectionEnabled=False)
    assert describe(ddb, name)["TableId"] == first


def test_throughput_of_a_new_table_has_no_history(ddb, make_table):
    assert describe(ddb, make_table(**PROVISIONED))["ProvisionedThroughput"] == {
        "NumberOfDecreasesToday": 0, "ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
