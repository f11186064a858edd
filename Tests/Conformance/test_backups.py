"""On-demand backups and restores from them."""

import time

import pytest
from running import until

from .conftest import index, refused, unique, wait_active

MISSING = "arn:aws:dynamodb:us-east-1:000000000000:table/none/backup/01489173575360-b308cd7d"


def fill(ddb, table, count, more=None):
    for start in range(0, count, 25):
        ddb.batch_write_item(RequestItems={table: [
            {"PutRequest": {"Item": {"pk": {"S": f"p{number}"}, "n": {"N": str(number)}, **(more or {})}}}
            for number in range(start, min(start + 25, count))]})


def items(ddb, table, **parameters):
    found, start = {}, {}
    while True:
        page = ddb.scan(TableName=table, **start, **parameters)
        for item in page["Items"]:
            found[item["pk"]["S"]] = item
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def backup(ddb, table, name="saved"):
    """Makes a backup and waits for it."""
    details = ddb.create_backup(TableName=table, BackupName=name)["BackupDetails"]

    def is_available():
        described = ddb.describe_backup(BackupArn=details["BackupArn"])["BackupDescription"]
        return described["BackupDetails"]["BackupStatus"] == "AVAILABLE"

    until(is_available, "a backup")
    return details["BackupArn"]


def restore(ddb, arn, **parameters):
    target = unique("restored")
    ddb.restore_table_from_backup(TargetTableName=target, BackupArn=arn, **parameters)
    wait_active(ddb, target)
    return target


def test_a_backup_begins_as_creating(ddb, make_table):
    table = make_table()
    details = ddb.create_backup(TableName=table, BackupName="first-one")["BackupDetails"]
    assert details["BackupName"] == "first-one"
    assert details["BackupStatus"] == "CREATING"
    assert details["BackupType"] == "USER"
    assert f":table/{table}/backup/" in details["BackupArn"]
    assert abs(details["BackupCreationDateTime"].timestamp() - time.time()) < 60


def test_a_description_tells_of_the_table(ddb, make_table):
    table = make_table(range="sk", GlobalSecondaryIndexes=[index("byN", "sk")])
    source = ddb.describe_table(TableName=table)["Table"]
    described = ddb.describe_backup(BackupArn=backup(ddb, table))["BackupDescription"]
    details = described["SourceTableDetails"]
    assert details["TableName"] == table
    assert details["TableId"] == source["TableId"]
    assert details["TableArn"] == source["TableArn"]
    assert details["KeySchema"] == source["KeySchema"]
    assert details["BillingMode"] == "PAY_PER_REQUEST"
    assert details["TableCreationDateTime"] == source["CreationDateTime"]
    [only] = described["SourceTableFeatureDetails"]["GlobalSecondaryIndexes"]
    assert only["IndexName"] == "byN" and only["Projection"] == {"ProjectionType": "ALL"}


def test_counts_and_sizes_are_those_of_the_instant(ddb, make_table):
    table = make_table()
    fill(ddb, table, 60)
    arn = backup(ddb, table)
    fill(ddb, table, 90)
    described = ddb.describe_backup(BackupArn=arn)["BackupDescription"]
    assert described["SourceTableDetails"]["ItemCount"] == 60
    assert described["BackupDetails"]["BackupSizeBytes"] > 0


@pytest.mark.parametrize("count", [0, 1, 25, 1203])
def test_a_restored_table_holds_what_was_backed_up(ddb, make_table, count):
    table = make_table()
    fill(ddb, table, count)
    arn = backup(ddb, table)
    fill(ddb, table, 30, {"later": {"BOOL": True}})
    before = {f"p{number}": str(number) for number in range(count)}
    restored = items(ddb, restore(ddb, arn))
    assert {name: item["n"]["N"] for name, item in restored.items()} == before
    assert not any("later" in item for item in restored.values())


def test_deleted_items_come_back(ddb, make_table):
    table = make_table()
    fill(ddb, table, 10)
    arn = backup(ddb, table)
    for number in range(10):
        ddb.delete_item(TableName=table, Key={"pk": {"S": f"p{number}"}})
    assert len(items(ddb, restore(ddb, arn))) == 10


def test_a_backup_outlives_its_table(ddb, make_table):
    table = make_table()
    fill(ddb, table, 5)
    arn = backup(ddb, table)
    ddb.delete_table(TableName=table)
    assert len(items(ddb, restore(ddb, arn))) == 5


def test_indexes_are_restored_and_filled(ddb, make_table):
    table = make_table(
        range="sk", LocalSecondaryIndexes=[index("local", "pk", "n")], types={"n": "N"},
        GlobalSecondaryIndexes=[index("other", "g", projection="KEYS_ONLY")])
    for number in range(7):
        ddb.put_item(TableName=table, Item={
            "pk": {"S": "p"}, "sk": {"S": str(number)}, "n": {"N": str(-number)},
            **({"g": {"S": "x"}} if number % 2 else {})})
    target = restore(ddb, backup(ddb, table))
    page = ddb.query(
        TableName=target, IndexName="other", KeyConditionExpression="g = :x",
        ExpressionAttributeValues={":x": {"S": "x"}})
    assert {item["sk"]["S"] for item in page["Items"]} == {"1", "3", "5"}
    page = ddb.query(
        TableName=target, IndexName="local", KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "p"}})
    assert [item["n"]["N"] for item in page["Items"]] == ["-6", "-5", "-4", "-3", "-2", "-1", "0"]


def test_indexes_can_be_left_out(ddb, make_table):
    table = make_table(GlobalSecondaryIndexes=[index("one", "a"), index("two", "b")])
    arn = backup(ddb, table)
    described = ddb.describe_table(TableName=restore(
        ddb, arn, GlobalSecondaryIndexOverride=[index("two", "b")]))["Table"]
    assert [each["IndexName"] for each in described["GlobalSecondaryIndexes"]] == ["two"]
    described = ddb.describe_table(TableName=restore(ddb, arn, GlobalSecondaryIndexOverride=[]))["Table"]
    assert "GlobalSecondaryIndexes" not in described
    assert [each["AttributeName"] for each in described["AttributeDefinitions"]] == ["pk"]


def test_the_billing_mode_can_be_overridden(ddb, make_table):
    arn = backup(ddb, make_table())
    target = restore(
        ddb, arn, BillingModeOverride="PROVISIONED",
        ProvisionedThroughputOverride={"ReadCapacityUnits": 3, "WriteCapacityUnits": 4})
    found = ddb.describe_table(TableName=target)["Table"]["ProvisionedThroughput"]
    assert (found["ReadCapacityUnits"], found["WriteCapacityUnits"]) == (3, 4)


def test_the_summary_says_where_it_came_from(ddb, make_table):
    table = make_table()
    arn = backup(ddb, table)
    target = unique("restored")
    made = ddb.restore_table_from_backup(TargetTableName=target, BackupArn=arn)["TableDescription"]
    assert made["TableStatus"] == "CREATING"
    assert made["RestoreSummary"]["RestoreInProgress"] is True
    summary = wait_active(ddb, target)["RestoreSummary"]
    assert summary["SourceBackupArn"] == arn
    assert summary["SourceTableArn"].endswith(f":table/{table}")
    assert summary["RestoreInProgress"] is False
    assert wait_active(ddb, target)["TableId"] != ddb.describe_table(TableName=table)["Table"]["TableId"]


def test_a_restored_table_takes_writes_of_its_own(ddb, make_table):
    table = make_table()
    fill(ddb, table, 3)
    target = restore(ddb, backup(ddb, table))
    fill(ddb, target, 5)
    assert (len(items(ddb, table)), len(items(ddb, target))) == (3, 5)


def test_expiry_is_not_restored(ddb, make_table):
    table = make_table()
    ddb.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    arn = backup(ddb, table)
    features = ddb.describe_backup(BackupArn=arn)["BackupDescription"]["SourceTableFeatureDetails"]
    assert features["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    found = ddb.describe_time_to_live(TableName=restore(ddb, arn))["TimeToLiveDescription"]
    assert found["TimeToLiveStatus"] == "DISABLED"


def test_backups_of_a_table_are_listed(ddb, make_table):
    table, other = make_table(), make_table()
    arns = [backup(ddb, table, f"number-{number}") for number in range(3)]
    backup(ddb, other)
    listed = ddb.list_backups(TableName=table)["BackupSummaries"]
    assert [each["BackupArn"] for each in listed] == arns
    assert {each["TableName"] for each in listed} == {table}
    assert {each["BackupStatus"] for each in listed} == {"AVAILABLE"}
    assert {each["BackupType"] for each in listed} == {"USER"}


def test_the_list_comes_in_pages(ddb, make_table):
    table = make_table()
    arns = [backup(ddb, table, f"number-{number}") for number in range(3)]
    page = ddb.list_backups(TableName=table, Limit=2)
    assert [each["BackupArn"] for each in page["BackupSummaries"]] == arns[:2]
    page = ddb.list_backups(TableName=table, ExclusiveStartBackupArn=page["LastEvaluatedBackupArn"])
    assert [each["BackupArn"] for each in page["BackupSummaries"]] == arns[2:]
    assert "LastEvaluatedBackupArn" not in page


@pytest.mark.parametrize("parameters,count", [
    ({"BackupType": "USER"}, 1), ({"BackupType": "ALL"}, 1), ({"BackupType": "SYSTEM"}, 0),
    ({"TimeRangeLowerBound": 0}, 1), ({"TimeRangeUpperBound": 1}, 0), ({"TimeRangeLowerBound": 9e9}, 0)])
def test_the_list_can_be_narrowed(ddb, make_table, parameters, count):
    table = make_table()
    backup(ddb, table)
    assert len(ddb.list_backups(TableName=table, **parameters)["BackupSummaries"]) == count


def test_a_deleted_backup_is_gone(ddb, make_table):
    arn = backup(ddb, make_table())
    gone = ddb.delete_backup(BackupArn=arn)["BackupDescription"]
    assert gone["BackupDetails"]["BackupStatus"] == "DELETED"
    with refused("BackupNotFoundException", arn):
        ddb.describe_backup(BackupArn=arn)
    with refused("BackupNotFoundException"):
        ddb.delete_backup(BackupArn=arn)


def test_two_backups_may_have_one_name(ddb, make_table):
    table = make_table()
    assert backup(ddb, table, "same") != backup(ddb, table, "same")


def test_an_unknown_table_cannot_be_backed_up(ddb):
    with refused("TableNotFoundException", "Table not found: no-such-table"):
        ddb.create_backup(TableName="no-such-table", BackupName="abc")


@pytest.mark.parametrize("name,text", [
    ("ab", "greater than or equal to 3"), ("a" * 256, "less than or equal to 255"),
    ("no spaces", "regular expression pattern"), (None, "Member must not be null")])
def test_names_of_backups_have_rules(ddb, table, name, text):
    with refused("ValidationException", text):
        ddb.create_backup(TableName=table, **({"BackupName": name} if name is not None else {}))


def test_an_unknown_backup_is_refused(ddb):
    for call in (ddb.describe_backup, ddb.delete_backup):
        with refused("BackupNotFoundException", MISSING):
            call(BackupArn=MISSING)
    with refused("BackupNotFoundException", MISSING):
        ddb.restore_table_from_backup(TargetTableName=unique(), BackupArn=MISSING)


def test_a_short_arn_is_refused(ddb):
    with refused("ValidationException", "greater than or equal to 37"):
        ddb.describe_backup(BackupArn="arn:short")


def test_a_table_is_never_restored_over_another(ddb, make_table):
    table = make_table()
    arn = backup(ddb, table)
    with refused("TableAlreadyExistsException", f"Table already exists: {table}"):
        ddb.restore_table_from_backup(TargetTableName=table, BackupArn=arn)


@pytest.mark.parametrize("parameters,text", [
    ({"Limit": 0}, "greater than or equal to 1"), ({"Limit": 101}, "less than or equal to 100"),
    ({"BackupType": "MINE"}, "enum value set"),
    ({"ExclusiveStartBackupArn": "arn"}, "greater than or equal to 37")])
def test_the_lists_parameters_have_rules(ddb, parameters, text):
    with refused("ValidationException", text):
        ddb.list_backups(**parameters)
