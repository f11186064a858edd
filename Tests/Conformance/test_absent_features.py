"""Questions about features that were never used: AWS's answers for an account that has none of it."""

import pytest

from .conftest import index, refused

EXPORT = "arn:aws:dynamodb:us-east-1:000000000000:table/none/export/01489173575360-b308cd7d"
IMPORT = "arn:aws:dynamodb:us-east-1:000000000000:table/none/import/01489173575360-b308cd7d"


@pytest.mark.parametrize("operation,member", [
    ("list_global_tables", "GlobalTables"), ("list_exports", "ExportSummaries"),
    ("list_imports", "ImportSummaryList"), ("list_contributor_insights", "ContributorInsightsSummaries")])
def test_there_are_none(ddb, operation, member):
    assert isinstance(getattr(ddb, operation)()[member], list)


@pytest.mark.parametrize("operation,parameters,code", [
    ("describe_global_table", {"GlobalTableName": "no-such-table"}, "GlobalTableNotFoundException"),
    ("describe_global_table_settings", {"GlobalTableName": "no-such-table"}, "GlobalTableNotFoundException"),
    ("describe_export", {"ExportArn": EXPORT}, "ExportNotFoundException"),
    ("describe_import", {"ImportArn": IMPORT}, "ImportNotFoundException"),
    ("describe_kinesis_streaming_destination", {"TableName": "no-such-table"}, "ResourceNotFoundException"),
    ("describe_contributor_insights", {"TableName": "no-such-table"}, "ResourceNotFoundException")])
def test_there_is_no_such_thing(ddb, operation, parameters, code):
    with refused(code):
        getattr(ddb, operation)(**parameters)


@pytest.mark.parametrize("operation,parameters,text", [
    ("list_global_tables", {"Limit": 0}, "greater than or equal to 1"),
    ("list_exports", {"MaxResults": 26}, "less than or equal to 25"),
    ("list_imports", {"PageSize": 0}, "greater than or equal to 1"),
    ("list_contributor_insights", {"MaxResults": 101}, "less than or equal to 100"),
    ("describe_export", {"ExportArn": "short"}, "greater than or equal to 37"),
    ("describe_import", {}, "Member must not be null"),
    ("describe_global_table", {"GlobalTableName": "a b c"}, "regular expression pattern")])
def test_parameters_have_rules(ddb, operation, parameters, text):
    with refused("ValidationException", text):
        getattr(ddb, operation)(**parameters)


def test_a_table_streams_to_no_kinesis(ddb, table):
    found = ddb.describe_kinesis_streaming_destination(TableName=table)
    assert (found["TableName"], found["KinesisDataStreamDestinations"]) == (table, [])


def test_nobody_looks_for_contributors(ddb, make_table):
    table = make_table(GlobalSecondaryIndexes=[index("other", "g")])
    assert ddb.describe_contributor_insights(TableName=table)["ContributorInsightsStatus"] == "DISABLED"
    found = ddb.describe_contributor_insights(TableName=table, IndexName="other")
    assert (found["IndexName"], found["ContributorInsightsStatus"]) == ("other", "DISABLED")
