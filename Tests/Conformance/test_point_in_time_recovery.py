"""Continuous backups: a table as it was at a time."""

import datetime
import time

import pytest

from .conftest import index, refused, unique, wait_active
from .test_backups import fill, items


def enable(ddb, table, **more):
    return ddb.update_continuous_backups(
        TableName=table,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, **more}
    )["ContinuousBackupsDescription"]


def described(ddb, table):
    return ddb.describe_continuous_backups(TableName=table)[
        "ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]


def restore(ddb, table, when=None, **more):
    target = unique("restored")
    how = {"RestoreDateTime": when} if when else {"UseLatestRestorableTime": True}
    ddb.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=target, **how, **more)
    wait_active(ddb, target)
    return target


def now():
    """A whole second (requests carry no fractions) after everything so far and before all that follows."""
    second = int(time.time()) + 1
    while time.time() <= second + 0.01:
        time.sleep(0.005)
    return datetime.datetime.fromtimestamp(second, datetime.timezone.utc)


def test_it_is_off_at_first(ddb, make_table):
    table = make_table()
    answer = ddb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert answer["ContinuousBackupsStatus"] == "ENABLED"
    assert answer["PointInTimeRecoveryDescription"] == {"PointInTimeRecoveryStatus": "DISABLED"}


def test_it_can_be_turned_on(ddb, make_table):
    table = make_table()
    answer = enable(ddb, table)["PointInTimeRecoveryDescription"]
    assert answer["PointInTimeRecoveryStatus"] == "ENABLED"
    assert answer["RecoveryPeriodInDays"] == 35
    found = described(ddb, table)
    assert found["EarliestRestorableDateTime"] <= found["LatestRestorableDateTime"]


def test_it_can_be_turned_off(ddb, make_table):
    table = make_table()
    enable(ddb, table)
    ddb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False})
    assert described(ddb, table) == {"PointInTimeRecoveryStatus": "DISABLED"}


@pytest.mark.parametrize("days", [1, 7, 35])
def test_the_period_can_be_chosen(ddb, make_table, days):
    table = make_table()
    enable(ddb, table, RecoveryPeriodInDays=days)
    assert described(ddb, table)["RecoveryPeriodInDays"] == days


@pytest.mark.parametrize("days,text", [(0, "greater than or equal to 1"), (36, "less than or equal to 35")])
def test_the_period_has_bounds(ddb, table, days, text):
    with refused("ValidationException", text):
        enable(ddb, table, RecoveryPeriodInDays=days)


def test_every_kind_of_change_is_taken_back(ddb, make_table, endpoint):
    if endpoint.is_aws:
        pytest.skip("AWS can recover only what is five minutes old")
    table = make_table()
    fill(ddb, table, 30)
    enable(ddb, table)
    ddb.put_item(TableName=table, Item={"pk": {"S": "p1"}, "state": {"S": "kept"}})
    moment = now()
    expected = items(ddb, table)
    ddb.put_item(TableName=table, Item={"pk": {"S": "p1"}, "state": {"S": "changed"}})
    ddb.put_item(TableName=table, Item={"pk": {"S": "new"}})
    ddb.delete_item(TableName=table, Key={"pk": {"S": "p2"}})
    ddb.update_item(
        TableName=table, Key={"pk": {"S": "p3"}}, UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}})
    ddb.transact_write_items(TransactItems=[
        {"Delete": {"TableName": table, "Key": {"pk": {"S": "p4"}}}},
        {"Put": {"TableName": table, "Item": {"pk": {"S": "p5"}}}}])
    ddb.delete_item(TableName=table, Key={"pk": {"S": "p1"}})
    assert items(ddb, restore(ddb, table, moment)) == expected


def test_each_instant_can_be_recovered(ddb, make_table, endpoint):
    if endpoint.is_aws:
        pytest.skip("AWS can recover only what is five minutes old")
    table = make_table()
    enable(ddb, table)
    states = []
    for number in range(4):
        ddb.put_item(TableName=table, Item={"pk": {"S": "only"}, "n": {"N": str(number)}})
        states.append((now(), str(number)))
    for moment, value in states:
        assert items(ddb, restore(ddb, table, moment))["only"]["n"]["N"] == value


def test_the_latest_time_is_the_present(ddb, make_table, endpoint):
    if endpoint.is_aws:
        pytest.skip("AWS's latest restorable time is minutes old")
    table = make_table(GlobalSecondaryIndexes=[index("byN", "n")], types={"n": "N"})
    enable(ddb, table)
    fill(ddb, table, 1100)
    target = restore(ddb, table)
    assert items(ddb, target) == items(ddb, table)
    page = ddb.query(
        TableName=target, IndexName="byN", KeyConditionExpression="n = :n",
        ExpressionAttributeValues={":n": {"N": "777"}})
    assert [item["pk"]["S"] for item in page["Items"]] == ["p777"]


def test_the_summary_tells_time_and_table(ddb, make_table, endpoint):
    if endpoint.is_aws:
        pytest.skip("AWS can recover only what is five minutes old")
    table = make_table()
    enable(ddb, table)
    moment = now()
    found = ddb.describe_table(TableName=restore(ddb, table, moment))["Table"]["RestoreSummary"]
    assert found["SourceTableArn"].endswith(f":table/{table}")
    assert "SourceBackupArn" not in found
    assert abs((found["RestoreDateTime"] - moment).total_seconds()) < 1


def test_without_it_nothing_can_be_recovered(ddb, make_table):
    table = make_table()
    with refused("PointInTimeRecoveryUnavailableException", "Point in time recovery is not enabled"):
        ddb.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=unique(), UseLatestRestorableTime=True)


@pytest.mark.parametrize("shift", [-3600, 3600])
def test_times_outside_the_window_are_refused(ddb, make_table, shift):
    table = make_table()
    enable(ddb, table)
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift)
    with refused("InvalidRestoreTimeException"):
        ddb.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=unique(), RestoreDateTime=when)


def test_an_unknown_table_is_refused(ddb):
    for call in (
            lambda: ddb.describe_continuous_backups(TableName="no-such-table"),
            lambda: enable(ddb, "no-such-table"),
            lambda: ddb.restore_table_to_point_in_time(
                SourceTableName="no-such-table", TargetTableName=unique(), UseLatestRestorableTime=True)):
        with refused("TableNotFoundException", "Table not found: no-such-table"):
            call()


def test_the_target_must_be_new(ddb, make_table):
    table = make_table()
    enable(ddb, table)
    with refused("TableAlreadyExistsException"):
        ddb.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=table, UseLatestRestorableTime=True)


def test_the_specification_is_required(ddb, table):
    with refused("ValidationException", "Member must not be null"):
        ddb.update_continuous_backups(TableName=table)
