"""UpdateTable: billing, throughput, protection, class, encryption, and what one request may bring together."""

import pytest

from .conftest import definition, index, unique, refused, wait_active

PROVISIONED = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 2}}


def units(read, write):
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def create(name, hash="g", range=None, projection="ALL", include=None, **more):
    """One Create entry of GlobalSecondaryIndexUpdates."""
    return {"Create": {**index(name, hash, range, projection, include), **more}}


def string(*names):
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def describe(ddb, name):
    return ddb.describe_table(TableName=name)["Table"]


@pytest.fixture(scope="module")
def provisioned(make_table):
    return make_table(**PROVISIONED)


@pytest.fixture
def own(make_table):
    """A table on demand that no other test changes."""
    return make_table()


# What is asked for at all

REQUIRED = "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates"


@pytest.mark.parametrize("parameters", [
    {}, {"AttributeDefinitions": string("pk")}, {"GlobalSecondaryIndexUpdates": []},
    {"GlobalSecondaryIndexUpdates": [], "AttributeDefinitions": string("pk")}])
def test_nothing_to_change_is_refused(ddb, table, parameters):
    with refused("ValidationException", REQUIRED, "is required"):
        ddb.update_table(TableName=table, **parameters)


def test_nothing_to_change_is_refused_before_the_table_is_looked_up(ddb):
    with refused("ValidationException", REQUIRED):
        ddb.update_table(TableName=unique("none"))


def test_an_unknown_table_is_not_found(ddb):
    name = unique("none")
    with refused("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found"):
        ddb.update_table(TableName=name, BillingMode="PAY_PER_REQUEST")


def test_an_empty_list_of_index_updates_beside_a_change_is_refused(ddb, table):
    with refused("ValidationException", "List of GlobalSecondaryIndexUpdates is empty"):
        ddb.update_table(TableName=table, GlobalSecondaryIndexUpdates=[], DeletionProtectionEnabled=True)
    assert describe(ddb, table)["DeletionProtectionEnabled"] is False


@pytest.mark.parametrize("parameters, text", [
    ({"BillingMode": "FREE"},
     "Value 'FREE' at 'billingMode' failed to satisfy constraint: Member must satisfy enum value set"),
    ({"ProvisionedThroughput": units(0, 1)},
     "Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have value "
     "greater than or equal to 1"),
    ({"ProvisionedThroughput": {"ReadCapacityUnits": 1}},
     "Value null at 'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: Member must not be null"),
    ({"GlobalSecondaryIndexUpdates": [{"Delete": {}}]},
     "Value null at 'globalSecondaryIndexUpdates.1.member.delete.indexName' failed to satisfy constraint: Member "
     "must not be null"),
    ({"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "i;", "ProvisionedThroughput": units(1, 1)}}]},
     "at 'globalSecondaryIndexUpdates.1.member.update.indexName' failed to satisfy constraint: Member must satisfy "
     "regular expression pattern: [a-zA-Z0-9_.-]+"),
    ({"GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "abc"}}]},
     "Value null at 'globalSecondaryIndexUpdates.1.member.create.keySchema' failed to satisfy constraint: Member "
     "must not be null"),
    ({"AttributeDefinitions": [{}], "DeletionProtectionEnabled": False},
     "Value null at 'attributeDefinitions.1.member.attributeName' failed to satisfy constraint: Member must not be "
     "null"),
    ({"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "BOOL"}], "DeletionProtectionEnabled": False},
     "Value 'BOOL' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must "
     "satisfy enum value set: [B, N, S]"),
])
def test_the_service_model_is_checked(ddb, table, parameters, text):
    with refused("ValidationException", text):
        ddb.update_table(TableName=table, **parameters)


# One kind of change at a time

SSE = {"SSESpecification": {"Enabled": True}}
CLASS = {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
PROTECTION = {"DeletionProtectionEnabled": True}
WARM = {"WarmThroughput": {"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 5000}}
LIMITS = {"OnDemandThroughput": {"MaxReadRequestUnits": 100}}
MODE = {"BillingMode": "PAY_PER_REQUEST"}
STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}
THROUGHPUT = {"ProvisionedThroughput": units(3, 3)}
CREATE = {"AttributeDefinitions": string("g"), "GlobalSecondaryIndexUpdates": [create("byG")]}


@pytest.mark.parametrize("parameters, text", [
    ({**SSE, **PROTECTION}, "Server-Side Encryption modification must be the only operation in the request"),
    ({**SSE, **CLASS}, "Server-Side Encryption modification must be the only operation in the request"),
    ({**SSE, **MODE}, "Server-Side Encryption modification must be the only operation in the request"),
    ({**SSE, **CREATE}, "Server-Side Encryption modification must be the only operation in the request"),
    ({**CLASS, **PROTECTION}, "TableClass modification must be the only operation in the request"),
    ({**CLASS, **WARM}, "TableClass modification must be the only operation in the request"),
    ({**CLASS, **CREATE}, "TableClass modification must be the only operation in the request"),
    ({**PROTECTION, **WARM}, "DeletionProtection modification must be the only operation in the request"),
    ({**PROTECTION, **STREAM}, "DeletionProtection modification must be the only operation in the request"),
    ({**PROTECTION, **CREATE}, "DeletionProtection modification must be the only operation in the request"),
    ({**WARM, **MODE}, "WarmThroughput must be the only operation in the request"),
    ({**WARM, **CREATE}, "Create global secondary index cannot be specified when updating WarmThroughput"),
    ({**LIMITS, **STREAM}, "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request"),
    ({**STREAM, **THROUGHPUT}, "You cannot modify stream status while updating table IOPS"),
    ({**CREATE, **THROUGHPUT}, "You cannot create or delete index while updating table IOPS"),
    ({**CREATE, **STREAM}, "You cannot create or delete index while changing stream status"),
])
def test_changes_that_cannot_come_together(ddb, provisioned, table, parameters, text):
    name = provisioned if "ProvisionedThroughput" in parameters else table
    with refused("ValidationException", "One or more parameter values were invalid: " + text):
        ddb.update_table(TableName=name, **parameters)


# Billing

def test_a_table_that_was_never_on_demand_has_no_billing_summary(ddb, provisioned):
    assert "BillingModeSummary" not in describe(ddb, provisioned)


def test_a_table_on_demand_says_since_when(ddb, own):
    described = describe(ddb, own)
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert "LastUpdateToPayPerRequestDateTime" in described["BillingModeSummary"]
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 0


def test_a_table_becomes_provisioned_and_on_demand_again(ddb, make_table):
    name = make_table()
    answer = ddb.update_table(TableName=name, **PROVISIONED)["TableDescription"]
    assert answer["TableStatus"] == "UPDATING"
    assert answer["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    described = wait_active(ddb, name, 600)
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 2
    assert described["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert "LastUpdateToPayPerRequestDateTime" in described["BillingModeSummary"]
    answer = ddb.update_table(TableName=name, BillingMode="PAY_PER_REQUEST")["TableDescription"]
    assert answer["TableStatus"] == "UPDATING"
    assert answer["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    described = wait_active(ddb, name, 600)
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 0


def test_provisioned_needs_throughput(ddb, table):
    with refused("ValidationException", "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"):
        ddb.update_table(TableName=table, BillingMode="PROVISIONED")


@pytest.mark.parametrize("parameters", [{}, {"BillingMode": "PAY_PER_REQUEST"}])
def test_a_table_on_demand_takes_no_throughput(ddb, table, parameters):
    with refused("ValidationException", "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                                        "BillingMode is PAY_PER_REQUEST"):
        ddb.update_table(TableName=table, ProvisionedThroughput=units(1, 1), **parameters)


def test_the_same_billing_mode_again_is_accepted(ddb, table):
    answer = ddb.update_table(TableName=table, BillingMode="PAY_PER_REQUEST")["TableDescription"]
    assert answer["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    wait_active(ddb, table)


def test_becoming_provisioned_needs_throughput_for_each_index(ddb, make_table):
    name = make_table(GlobalSecondaryIndexes=[index("byG", "g")])
    with refused("ValidationException", "ProvisionedThroughput must be specified for index: byG"):
        ddb.update_table(TableName=name, **PROVISIONED)
    ddb.update_table(TableName=name, **PROVISIONED, GlobalSecondaryIndexUpdates=[
        {"Update": {"IndexName": "byG", "ProvisionedThroughput": units(4, 5)}}])
    described = wait_active(ddb, name, 600)
    assert described["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 4
    assert described["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 5


# Provisioned throughput

def test_throughput_goes_up_and_down(ddb, make_table):
    name = make_table(**PROVISIONED)
    answer = ddb.update_table(TableName=name, ProvisionedThroughput=units(5, 4))["TableDescription"]
    assert answer["TableStatus"] == "UPDATING"
    assert answer["ProvisionedThroughput"]["ReadCapacityUnits"] == 2  # still
    described = wait_active(ddb, name)["ProvisionedThroughput"]
    assert (described["ReadCapacityUnits"], described["WriteCapacityUnits"]) == (5, 4)
    assert "LastIncreaseDateTime" in described and described["NumberOfDecreasesToday"] == 0
    ddb.update_table(TableName=name, ProvisionedThroughput=units(1, 1))
    described = wait_active(ddb, name)
    assert described["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1
    assert "LastDecreaseDateTime" in described["ProvisionedThroughput"]
    # What it has been prepared for never goes down.
    assert described["WarmThroughput"]["ReadUnitsPerSecond"] == 5


def test_the_same_throughput_is_refused(ddb, provisioned):
    with refused("ValidationException", "The provisioned throughput for the table will not change. The requested "
                                        "value equals the current value. Current ReadCapacityUnits provisioned for "
                                        "the table: 2. Requested ReadCapacityUnits: 2."):
        ddb.update_table(TableName=provisioned, ProvisionedThroughput=units(2, 2))


def test_the_same_throughput_with_the_same_mode_is_refused(ddb, provisioned):
    with refused("ValidationException", "The provisioned throughput for the table will not change."):
        ddb.update_table(TableName=provisioned, **PROVISIONED)


def test_throughput_beyond_all_bounds_is_refused(ddb, provisioned):
    with refused("ValidationException", "Given value 1000000000001 for ReadCapacityUnits is out of bounds"):
        ddb.update_table(TableName=provisioned, ProvisionedThroughput=units(1000000000001, 1))


def test_an_index_has_throughput_of_its_own(ddb, make_table):
    name = make_table(**PROVISIONED, GlobalSecondaryIndexes=[
        {**index("byG", "g"), "ProvisionedThroughput": units(2, 2)}])
    update = {"Update": {"IndexName": "byG", "ProvisionedThroughput": units(2, 3)}}
    answer = ddb.update_table(TableName=name, GlobalSecondaryIndexUpdates=[update])["TableDescription"]
    assert answer["GlobalSecondaryIndexes"][0]["IndexStatus"] == "UPDATING"
    described = wait_active(ddb, name)["GlobalSecondaryIndexes"][0]
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 3
    assert describe(ddb, name)["ProvisionedThroughput"]["WriteCapacityUnits"] == 2
    with refused("ValidationException", "The provisioned throughput for the index byG will not change.",
                 "Current ReadCapacityUnits provisioned for index byG: 2. Requested ReadCapacityUnits: 2."):
        ddb.update_table(TableName=name, GlobalSecondaryIndexUpdates=[update])


# Deletion protection

def test_a_protected_table_cannot_be_deleted(ddb, make_table):
    name = make_table()
    answer = ddb.update_table(TableName=name, DeletionProtectionEnabled=True)["TableDescription"]
    assert answer["DeletionProtectionEnabled"] is True
    with refused("ValidationException", "Resource cannot be deleted as it is currently protected against deletion. "
                                        "Disable deletion protection first."):
        ddb.delete_table(TableName=name)
    assert describe(ddb, name)["TableStatus"] == "ACTIVE"


def test_protection_can_be_taken_away(ddb, make_table):
    name = make_table(DeletionProtectionEnabled=True)
    assert describe(ddb, name)["DeletionProtectionEnabled"] is True
    ddb.update_table(TableName=name, DeletionProtectionEnabled=False)
    wait_active(ddb, name)
    assert describe(ddb, name)["DeletionProtectionEnabled"] is False
    ddb.delete_table(TableName=name)


def test_protection_that_is_there_already_is_accepted(ddb, make_table):
    name = make_table()
    assert ddb.update_table(TableName=name, DeletionProtectionEnabled=False)["TableDescription"]["TableName"] == name


# Table class

def test_the_table_class_changes(ddb, make_table):
    name = make_table()
    assert "TableClassSummary" not in describe(ddb, name)
    ddb.update_table(TableName=name, TableClass="STANDARD_INFREQUENT_ACCESS")
    assert wait_active(ddb, name)["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"


def test_the_class_that_a_table_has_from_the_start_leaves_no_summary(ddb, make_table):
    name = make_table()
    ddb.update_table(TableName=name, TableClass="STANDARD")
    assert "TableClassSummary" not in wait_active(ddb, name)


def test_an_unknown_table_class_is_refused(ddb, table):
    with refused("ValidationException", "Invalid table-class parameter provided."):
        ddb.update_table(TableName=table, TableClass="GLACIER")


# Encryption

def test_encryption_with_the_services_key(ddb, make_table):
    name = make_table()
    assert "SSEDescription" not in describe(ddb, name)
    answer = ddb.update_table(TableName=name, SSESpecification={"Enabled": True})["TableDescription"]
    assert answer["TableStatus"] == "ACTIVE"
    assert answer["SSEDescription"]["Status"] == "UPDATING"
    described = describe(ddb, name)["SSEDescription"]
    assert described["SSEType"] == "KMS"
    assert described["KMSMasterKeyArn"].startswith("arn:aws:kms:")


@pytest.mark.parametrize("specification", [{"Enabled": False}, {}])
def test_encryption_that_is_off_already_is_refused(ddb, table, specification):
    with refused("ValidationException", "Table is already encrypted by default"):
        ddb.update_table(TableName=table, SSESpecification=specification)


@pytest.mark.parametrize("specification, text", [
    ({"Enabled": False, "SSEType": "KMS"}, "SSEType can not be specified if Enabled is false"),
    ({"Enabled": True, "SSEType": "AES256"}, "SSEType AES256 is not supported"),
    ({"Enabled": True, "KMSMasterKeyId": "alias/x"}, "SSEType KMS is required if KMSMasterKeyId is specified"),
    ({"Enabled": False, "KMSMasterKeyId": "alias/x"}, "KMSMasterKeyId can not be specified if Enabled is false"),
    ({"Enabled": True, "SSEType": "ROT13"}, "Member must satisfy enum value set"),
    ({"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": ""}, "'sSESpecification.kMSMasterKeyId'"),
])
def test_encryption_that_makes_no_sense_is_refused(ddb, table, specification, text):
    with refused("ValidationException", text):
        ddb.update_table(TableName=table, SSESpecification=specification)


# Limits on demand, and warm throughput

def test_on_demand_limits_are_set_and_cleared_one_by_one(ddb, make_table):
    name = make_table()
    assert "OnDemandThroughput" not in describe(ddb, name)
    answer = ddb.update_table(TableName=name, OnDemandThroughput={
        "MaxReadRequestUnits": 50, "MaxWriteRequestUnits": 40})["TableDescription"]
    assert answer["TableStatus"] == "ACTIVE"
    assert answer["OnDemandThroughput"] == {"MaxReadRequestUnits": 50, "MaxWriteRequestUnits": 40}
    ddb.update_table(TableName=name, OnDemandThroughput={"MaxReadRequestUnits": 60})
    assert describe(ddb, name)["OnDemandThroughput"] == {"MaxReadRequestUnits": 60, "MaxWriteRequestUnits": 40}


@pytest.mark.parametrize("value", [0, -2])
def test_on_demand_limits_out_of_range_are_refused(ddb, table, value):
    with refused("ValidationException", "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside "
                                        "of valid range"):
        ddb.update_table(TableName=table, OnDemandThroughput={"MaxReadRequestUnits": value})


def test_a_provisioned_table_has_no_on_demand_limits(ddb, provisioned):
    with refused("ValidationException", "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the "
                                        "table BillingMode is PROVISIONED"):
        ddb.update_table(TableName=provisioned, OnDemandThroughput={"MaxReadRequestUnits": 5})


def test_warm_throughput_of_a_table_on_demand(ddb, own):
    warm = describe(ddb, own)["WarmThroughput"]
    assert warm == {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}


def test_warm_throughput_of_a_provisioned_table_is_what_is_provisioned(ddb, make_table):
    warm = describe(ddb, make_table(**PROVISIONED))["WarmThroughput"]
    assert (warm["ReadUnitsPerSecond"], warm["WriteUnitsPerSecond"]) == (2, 2)


def test_warm_throughput_never_goes_down(ddb, table):
    with refused("ValidationException", "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than "
                                        "current WarmThroughput, decreasing WarmThroughput is not supported"):
        ddb.update_table(TableName=table, WarmThroughput={"ReadUnitsPerSecond": 100, "WriteUnitsPerSecond": 100})


def test_warm_throughput_goes_up_while_the_table_stays_active(ddb, make_table):
    answer = ddb.update_table(TableName=make_table(), **WARM)["TableDescription"]
    assert answer["TableStatus"] == "ACTIVE"
    assert answer["WarmThroughput"] == {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "UPDATING"}
