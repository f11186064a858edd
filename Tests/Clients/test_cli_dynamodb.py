"""`aws dynamodb` and `aws dynamodbstreams`, as the command line's guide shows them."""

import base64
import json
import os
import subprocess
import sys
import time
import uuid

import pytest
from running import clean, until


@pytest.fixture(scope="module")
def aws(dynamodb_url):
    command = os.path.join(os.path.dirname(sys.executable), "aws")
    variables = clean({
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url, "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": dynamodb_url,
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_PAGER": "", "AWS_RETRY_MODE": "standard", "AWS_CONFIG_FILE": os.devnull})

    def run(*arguments, service="dynamodb", code=0):
        result = subprocess.run(
            [command, service, *map(str, arguments)], capture_output=True, text=True, env=variables, timeout=180)
        assert result.returncode == code, result.stdout + result.stderr
        if code:
            return result.stderr
        return json.loads(result.stdout) if result.stdout.strip().startswith(("{", "[")) else result.stdout

    return run


@pytest.fixture(scope="module")
def music(aws):
    """The table of the guide, by its shorthand syntax."""
    name = f"Music-{uuid.uuid4()}"
    made = aws(
        "create-table", "--table-name", name, "--attribute-definitions",
        "AttributeName=Artist,AttributeType=S", "AttributeName=SongTitle,AttributeType=S",
        "AttributeName=Year,AttributeType=N", "--key-schema",
        "AttributeName=Artist,KeyType=HASH", "AttributeName=SongTitle,KeyType=RANGE",
        "--provisioned-throughput", "ReadCapacityUnits=5,WriteCapacityUnits=5", "--table-class", "STANDARD",
        "--local-secondary-indexes", "IndexName=by-year,KeySchema=[{AttributeName=Artist,KeyType=HASH},"
        "{AttributeName=Year,KeyType=RANGE}],Projection={ProjectionType=INCLUDE,NonKeyAttributes=[Album]}",
        "--tags", "Key=Owner,Value=blueTeam", "Key=Stage,Value=")
    assert made["TableDescription"]["TableName"] == name
    aws("wait", "table-exists", "--table-name", name)
    yield name
    aws("delete-table", "--table-name", name)
    aws("wait", "table-not-exists", "--table-name", name)


@pytest.fixture
def artist():
    """A partition that no other test uses."""
    return uuid.uuid4().hex


@pytest.fixture
def songs(aws, music, artist, tmp_path):
    """Twenty-five songs of one artist, by a file."""
    file = tmp_path / "items.json"
    file.write_text(json.dumps({music: [
        {"PutRequest": {"Item": {
            "Artist": {"S": artist}, "SongTitle": {"S": f"Song {number:02}"}, "Year": {"N": str(1990 - number)},
            "Album": {"S": f"Album {number % 3}"}, "Awards": {"L": [{"N": str(number)}]}}}}
        for number in range(25)]}))
    answer = aws("batch-write-item", "--request-items", f"file://{file}")
    assert answer["UnprocessedItems"] == {}
    return artist


def key(artist, title):
    return json.dumps({"Artist": {"S": artist}, "SongTitle": {"S": title}})


def test_the_table_is_described_and_listed(aws, music):
    table = aws("describe-table", "--table-name", music)["Table"]
    assert table["TableArn"].endswith(f"table/{music}") and table["TableStatus"] == "ACTIVE"
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert abs(float(table["CreationDateTime"]) - time.time()) < 600
    assert music in aws("list-tables", "--page-size", "1")["TableNames"]
    tags = aws("list-tags-of-resource", "--resource-arn", table["TableArn"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"Owner": "blueTeam", "Stage": ""}


def test_items_are_put_got_updated_and_deleted(aws, music, artist):
    aws("put-item", "--table-name", music, "--item", json.dumps({
        "Artist": {"S": artist}, "SongTitle": {"S": "Happy Day"}, "Awards": {"N": "10"},
        "Cover": {"B": base64.b64encode(bytes(range(256))).decode()}}),
        "--condition-expression", "attribute_not_exists(Artist)")
    new = aws(
        "update-item", "--table-name", music, "--key", key(artist, "Happy Day"), "--update-expression",
        "SET #Y = :y, Awards = Awards + :n", "--expression-attribute-names", '{"#Y": "Year"}',
        "--expression-attribute-values", '{":y": {"N": "2015"}, ":n": {"N": "0.10"}}',
        "--return-values", "ALL_NEW", "--return-consumed-capacity", "INDEXES")
    assert new["Attributes"]["Awards"] == {"N": "10.1"} and new["Attributes"]["Year"] == {"N": "2015"}
    assert new["ConsumedCapacity"]["LocalSecondaryIndexes"]["by-year"]["CapacityUnits"] == 1.0
    text = aws(
        "get-item", "--consistent-read", "--table-name", music, "--key", key(artist, "Happy Day"),
        "--query", "Item.Cover.B", "--output", "text")
    assert base64.b64decode(base64.b64decode(text)) == bytes(range(256)), "this version encodes what it is given"
    old = aws(
        "delete-item", "--table-name", music, "--key", key(artist, "Happy Day"), "--return-values", "ALL_OLD")
    assert old["Attributes"]["Awards"] == {"N": "10.1"}
    assert aws("get-item", "--table-name", music, "--key", key(artist, "Happy Day")) == ""


def test_capacity_and_collections_are_told(aws, music, artist):
    items = [{"PutRequest": {"Item": {**json.loads(key(artist, str(year))), "Year": {"N": str(year)}}}}
             for year in (1999, 2000, 2001)]
    answer = aws(
        "batch-write-item", "--request-items", json.dumps({music: items}), "--return-consumed-capacity", "TOTAL",
        "--return-item-collection-metrics", "SIZE")
    assert answer["ConsumedCapacity"] == [{"TableName": music, "CapacityUnits": 6.0}]
    metrics = answer["ItemCollectionMetrics"][music]
    assert {"Artist": {"S": artist}} in [each["ItemCollectionKey"] for each in metrics]


def test_a_failed_condition_is_told(aws, music, songs):
    said = aws(
        "put-item", "--table-name", music, "--item", key(songs, "Song 01"), "--condition-expression",
        "attribute_not_exists(Artist)", code=255)
    assert "(ConditionalCheckFailedException) when calling the PutItem operation" in said
    assert "The conditional request failed" in said


def test_query_pages_by_itself(aws, music, songs):
    query = (
        "query", "--table-name", music, "--key-condition-expression", "Artist = :a",
        "--expression-attribute-values", json.dumps({":a": {"S": songs}}))
    answer = aws(*query, "--page-size", "4")
    assert [item["SongTitle"]["S"] for item in answer["Items"]] == [f"Song {number:02}" for number in range(25)]
    first = aws(*query, "--max-items", "10")
    second = aws(*query, "--max-items", "100", "--starting-token", first["NextToken"])
    assert len(first["Items"]) == 10 and first["Items"] + second["Items"] == answer["Items"]
    years = aws(*query, "--index-name", "by-year", "--no-scan-index-forward", "--limit", "2", "--no-paginate")
    assert [item["Year"]["N"] for item in years["Items"]] == ["1990", "1989"]
    assert years["LastEvaluatedKey"]["SongTitle"] == {"S": "Song 01"} and "Awards" not in years["Items"][0]


def test_scan_filters_and_counts(aws, music, songs):
    scan = (
        "scan", "--table-name", music, "--filter-expression", "Artist = :a AND Album = :b",
        "--expression-attribute-values", json.dumps({":a": {"S": songs}, ":b": {"S": "Album 1"}}))
    assert aws(*scan, "--select", "COUNT")["Count"] == 8
    parts = [aws(*scan, "--total-segments", 2, "--segment", part)["Count"] for part in (0, 1)]
    assert sum(parts) == 8


def test_batch_and_transact_gets(aws, music, songs):
    keys = [json.loads(key(songs, f"Song {number:02}")) for number in (3, 1)]
    found = aws("batch-get-item", "--request-items", json.dumps({
        music: {"Keys": keys, "ProjectionExpression": "SongTitle"}}))
    assert {item["SongTitle"]["S"] for item in found["Responses"][music]} == {"Song 01", "Song 03"}
    found = aws("transact-get-items", "--transact-items", json.dumps([
        {"Get": {"TableName": music, "Key": each}} for each in keys]))
    assert [each["Item"]["SongTitle"]["S"] for each in found["Responses"]] == ["Song 03", "Song 01"]


def test_a_transaction_is_cancelled_with_its_reasons(aws, music, songs):
    said = aws("transact-write-items", "--transact-items", json.dumps([
        {"Delete": {"TableName": music, "Key": json.loads(key(songs, "Song 01"))}},
        {"ConditionCheck": {
            "TableName": music, "Key": json.loads(key(songs, "Song 02")),
            "ConditionExpression": "attribute_not_exists(Artist)"}}]), code=255)
    assert "(TransactionCanceledException)" in said and "[None, ConditionalCheckFailed]" in said
    assert aws("get-item", "--table-name", music, "--key", key(songs, "Song 01"))["Item"]


def test_partiql(aws, music, songs):
    table = f'"{music}"'
    found = aws(
        "execute-statement", "--statement",
        f"SELECT SongTitle FROM {table} WHERE Artist='{songs}' AND SongTitle='Song 07'")
    assert found["Items"] == [{"SongTitle": {"S": "Song 07"}}]
    aws("execute-statement", "--statement",
        f"INSERT INTO {table} VALUE {{'Artist': '{songs}', 'SongTitle': 'New', 'AwardDetail': {{'n': [1]}}}}")
    aws("execute-statement", "--statement",
        f"UPDATE {table} SET AwardsWon=? SET AwardDetail.n[0]=2 WHERE Artist=? AND SongTitle='New'",
        "--parameters", json.dumps([{"N": "1"}, {"S": songs}]))
    batch = aws("batch-execute-statement", "--statements", json.dumps([
        {"Statement": f"SELECT AwardsWon, AwardDetail FROM {table} WHERE Artist=? AND SongTitle='New'",
         "Parameters": [{"S": songs}]},
        {"Statement": f"SELECT * FROM {table} WHERE Artist='{songs}' AND SongTitle='Absent'"}]))
    assert batch["Responses"][0]["Item"] == {"AwardsWon": {"N": "1"}, "AwardDetail": {"M": {"n": {"L": [{"N": "2"}]}}}}
    assert "Item" not in batch["Responses"][1]
    aws("execute-transaction", "--transact-statements", json.dumps([
        {"Statement": f"DELETE FROM {table} WHERE Artist='{songs}' AND SongTitle='New'"},
        {"Statement": f"EXISTS(SELECT * FROM {table} WHERE Artist='{songs}' AND SongTitle='Song 07' "
         "AND Album='Album 1')"}]))
    left = aws("execute-statement", "--statement", f"SELECT * FROM {table} WHERE Artist='{songs}'", "--limit", 9)
    assert len(left["Items"]) == 9 and left["NextToken"]


def test_backups_and_recovery(aws, music, songs):
    backup = aws("create-backup", "--table-name", music, "--backup-name", "MusicBackup")["BackupDetails"]
    assert backup["BackupStatus"] in ("CREATING", "AVAILABLE") and backup["BackupType"] == "USER"
    listed = aws("list-backups", "--table-name", music)["BackupSummaries"]
    assert [each["BackupName"] for each in listed] == ["MusicBackup"]
    restored = music + "-restored"

    def is_available():
        described = aws("describe-backup", "--backup-arn", backup["BackupArn"])["BackupDescription"]
        return described["BackupDetails"]["BackupStatus"] == "AVAILABLE"

    until(is_available, "a backup")
    aws("restore-table-from-backup", "--target-table-name", restored, "--backup-arn", backup["BackupArn"])
    aws("wait", "table-exists", "--table-name", restored)
    assert aws("get-item", "--table-name", restored, "--key", key(songs, "Song 05"))["Item"]["Year"] == {"N": "1985"}
    aws("delete-table", "--table-name", restored)
    aws("delete-backup", "--backup-arn", backup["BackupArn"])
    assert aws("list-backups", "--table-name", music)["BackupSummaries"] == []
    recovery = aws(
        "update-continuous-backups", "--table-name", music, "--point-in-time-recovery-specification",
        "PointInTimeRecoveryEnabled=true")["ContinuousBackupsDescription"]
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_the_table_is_changed(aws, music):
    changed = aws(
        "update-table", "--table-name", music, "--billing-mode", "PAY_PER_REQUEST")["TableDescription"]
    assert changed["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    aws("wait", "table-exists", "--table-name", music)
    changed = aws("update-table", "--table-name", music, "--deletion-protection-enabled")["TableDescription"]
    assert changed["DeletionProtectionEnabled"] is True
    aws("wait", "table-exists", "--table-name", music)
    assert "deletion protection" in aws("delete-table", "--table-name", music, code=255).lower()
    aws("update-table", "--table-name", music, "--no-deletion-protection-enabled")
    aws("update-time-to-live", "--table-name", music, "--time-to-live-specification",
        "Enabled=true,AttributeName=expires")
    status = aws("describe-time-to-live", "--table-name", music)["TimeToLiveDescription"]
    assert status["AttributeName"] == "expires"


def test_limits_and_endpoints(aws):
    limits = aws("describe-limits")
    assert limits["TableMaxReadCapacityUnits"] == 40000 and limits["AccountMaxWriteCapacityUnits"] == 80000
    assert aws("describe-endpoints")["Endpoints"][0]["CachePeriodInMinutes"] == 1440


def test_a_skeleton_is_a_valid_request(aws, music, artist, tmp_path):
    skeleton = aws("put-item", "--generate-cli-skeleton")
    assert "TableName" in skeleton
    file = tmp_path / "input.json"
    file.write_text(json.dumps({"TableName": music, "Item": json.loads(key(artist, "skeleton"))}))
    aws("put-item", "--cli-input-json", f"file://{file}")
    assert aws("get-item", "--table-name", music, "--key", key(artist, "skeleton"))["Item"]


def test_a_stream_is_read(aws, music, artist):
    changed = aws("update-table", "--table-name", music, "--stream-specification",
                  "StreamEnabled=true,StreamViewType=NEW_IMAGE")["TableDescription"]
    aws("wait", "table-exists", "--table-name", music)
    aws("put-item", "--table-name", music, "--item", key(artist, "streamed"))
    listed = aws("list-streams", "--table-name", music, service="dynamodbstreams")["Streams"]
    arn = listed[0]["StreamArn"]
    assert arn == changed["LatestStreamArn"] and listed[0]["TableName"] == music
    described = aws("describe-stream", "--stream-arn", arn, service="dynamodbstreams")["StreamDescription"]
    assert described["StreamViewType"] == "NEW_IMAGE"
    found = []
    for shard in described["Shards"]:
        iterator = aws(
            "get-shard-iterator", "--stream-arn", arn, "--shard-id", shard["ShardId"], "--shard-iterator-type",
            "TRIM_HORIZON", service="dynamodbstreams")["ShardIterator"]
        found += aws("get-records", "--shard-iterator", iterator, service="dynamodbstreams")["Records"]
    assert [record["dynamodb"]["NewImage"] for record in found] == [json.loads(key(artist, "streamed"))]
