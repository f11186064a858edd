"""boto3 against the emulator's DynamoDB: what works works, what fails fails with AWS's own words."""

import decimal
import threading
import uuid

import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def table(dynamodb):
    """A table with string keys, one index with a numeric sort key and a local index."""
    name = f"t-{uuid.uuid4()}"
    created = dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "kind", "AttributeType": "S"}, {"AttributeName": "score", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "byScore", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
                {"AttributeName": "kind", "KeyType": "HASH"}, {"AttributeName": "score", "KeyType": "RANGE"}]}],
        LocalSecondaryIndexes=[{
            "IndexName": "localScore", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "score", "KeyType": "RANGE"}]}])
    assert created["TableDescription"]["TableStatus"] in ("CREATING", "ACTIVE")
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    yield name
    assert dynamodb.delete_table(TableName=name)["TableDescription"]["TableStatus"] == "DELETING"
    dynamodb.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 10})


def key(pk, sk="a"):
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def fresh():
    return f"p-{uuid.uuid4()}"


def failing(call, code, *parts):
    """The call must fail with this code, and its message must contain the parts."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    for part in parts:
        assert part in error.get("Message", ""), error
    return caught.value.response


def test_every_type_comes_back_as_it_went(dynamodb, table):
    item = {
        **key(fresh()), "s": {"S": "Grüße 你好 🎧"}, "n": {"N": "123456789012345678901234567890.12345678"},
        "b": {"B": bytes(range(256))}, "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "-2.5"]},
        "bs": {"BS": [b"\x00", b"\xff"]}, "m": {"M": {"x": {"L": [{"NULL": True}, {"BOOL": False}]}}},
        "empty": {"S": ""}, "list": {"L": []}}
    assert "Attributes" not in dynamodb.put_item(TableName=table, Item=item)
    got = dynamodb.get_item(TableName=table, Key=key(item["pk"]["S"]), ConsistentRead=True)["Item"]
    for name in ("ss", "ns", "bs"):
        kind = name.upper()
        assert sorted(got[name].pop(kind)) == sorted(item[name].pop(kind))
    assert got == item


def test_put_returns_the_old_item(dynamodb, table):
    pk = fresh()
    dynamodb.put_item(TableName=table, Item={**key(pk), "v": {"N": "1"}})
    old = dynamodb.put_item(TableName=table, Item={**key(pk), "v": {"N": "2"}}, ReturnValues="ALL_OLD")
    assert old["Attributes"] == {**key(pk), "v": {"N": "1"}}


def test_absent_item_is_no_item(dynamodb, table):
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key(fresh()))


def test_condition_failure_returns_the_item(dynamodb, table):
    pk = fresh()
    item = {**key(pk), "v": {"N": "1"}}
    dynamodb.put_item(TableName=table, Item=item)
    response = failing(
        lambda: dynamodb.put_item(
            TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD"),
        "ConditionalCheckFailedException", "The conditional request failed")
    assert response["Item"] == item


@pytest.mark.parametrize("expression,names,values,expected", [
    ("SET #n = :v", {"#n": "name"}, {":v": {"S": "x"}}, {"name": {"S": "x"}}),
    ("SET n = n + :d", None, {":d": {"N": "0.1"}}, {"n": {"N": "1.1"}}),
    ("SET n = n - :d", None, {":d": {"N": "2"}}, {"n": {"N": "-1"}}),
    ("ADD n :d", None, {":d": {"N": "5"}}, {"n": {"N": "6"}}),
    ("ADD fresh :d", None, {":d": {"N": "5"}}, {"fresh": {"N": "5"}}),
    ("SET c = if_not_exists(c, :v)", None, {":v": {"N": "9"}}, {"c": {"N": "9"}}),
    ("SET l = list_append(l, :v)", None, {":v": {"L": [{"S": "z"}]}}, {"l": {"L": [{"S": "a"}, {"S": "z"}]}}),
    ("SET m.deep = :v", None, {":v": {"S": "d"}}, {"m": {"M": {"deep": {"S": "d"}}}}),
    ("SET l[5] = :v", None, {":v": {"S": "tail"}}, None),
    ("DELETE s :v", None, {":v": {"SS": ["x"]}}, {"s": {"SS": ["y"]}}),
    ("SET a = :v REMOVE n", None, {":v": {"S": "1"}}, {"a": {"S": "1"}}),
])
def test_update_expressions(dynamodb, table, expression, names, values, expected):
    pk = fresh()
    dynamodb.put_item(TableName=table, Item={
        **key(pk), "n": {"N": "1"}, "l": {"L": [{"S": "a"}]}, "m": {"M": {}}, "s": {"SS": ["x", "y"]}})
    more = {"ExpressionAttributeNames": names} if names else {}
    answer = dynamodb.update_item(
        TableName=table, Key=key(pk), UpdateExpression=expression, ExpressionAttributeValues=values,
        ReturnValues="UPDATED_NEW", **more)
    assert answer.get("Attributes") == expected


@pytest.mark.parametrize("filter_expression,count", [
    ("v > :two", 3), ("v BETWEEN :two AND :four", 3), ("v IN (:two, :four)", 2), ("NOT v = :two", 4),
    ("attribute_exists(even)", 2), ("attribute_not_exists(even)", 3), ("begins_with(word, :w)", 5),
    ("contains(word, :w) AND v < :two", 1), ("size(word) >= :two", 5), ("v <> :two OR v = :two", 5),
    ("attribute_type(word, :s)", 5), ("(v = :two) OR (v = :four AND attribute_exists(even))", 2),
])
def test_filters(dynamodb, table, filter_expression, count):
    pk = fresh()
    for number in range(1, 6):
        item = {**key(pk, f"{number}"), "v": {"N": str(number)}, "word": {"S": f"word{number}"}}
        if number % 2 == 0:
            item["even"] = {"BOOL": True}
        dynamodb.put_item(TableName=table, Item=item)
    values = {":two": {"N": "2"}, ":four": {"N": "4"}, ":w": {"S": "word"}, ":s": {"S": "S"}, ":p": {"S": pk}}
    used = {name: value for name, value in values.items() if name in filter_expression or name == ":p"}
    answer = dynamodb.query(
        TableName=table, KeyConditionExpression="pk = :p", FilterExpression=filter_expression,
        ExpressionAttributeValues=used)
    assert (answer["Count"], answer["ScannedCount"]) == (count, 5)


def test_query_pages_and_order(dynamodb, table):
    pk = fresh()
    for number in range(25):
        dynamodb.put_item(TableName=table, Item=key(pk, f"{number:02}"))
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": pk}},
        ScanIndexForward=False, PaginationConfig={"PageSize": 10})
    keys = [item["sk"]["S"] for page in pages for item in page["Items"]]
    assert keys == [f"{number:02}" for number in reversed(range(25))]


def test_limit_equal_to_count_still_returns_a_last_key(dynamodb, table):
    pk = fresh()
    for number in range(3):
        dynamodb.put_item(TableName=table, Item=key(pk, str(number)))
    query = dict(TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": pk}})
    page = dynamodb.query(Limit=3, **query)
    assert page["LastEvaluatedKey"] == key(pk, "2")
    last = dynamodb.query(ExclusiveStartKey=page["LastEvaluatedKey"], **query)
    assert last["Items"] == [] and "LastEvaluatedKey" not in last


def test_index_sorts_numbers_numerically(dynamodb, table):
    kind = fresh()
    for score in ("10", "9", "-1", "100", "1E2", "0.5"):
        dynamodb.put_item(TableName=table, Item={
            **key(fresh()), "kind": {"S": kind}, "score": {"N": score}})
    dynamodb.put_item(TableName=table, Item={**key(fresh()), "kind": {"S": kind}})
    answer = dynamodb.query(
        TableName=table, IndexName="byScore", KeyConditionExpression="kind = :k AND score >= :s",
        ExpressionAttributeValues={":k": {"S": kind}, ":s": {"N": "0"}})
    assert [item["score"]["N"] for item in answer["Items"]] == ["0.5", "9", "10", "100", "100"]


def test_local_index_projects_keys_only(dynamodb, table):
    pk = fresh()
    dynamodb.put_item(TableName=table, Item={**key(pk), "score": {"N": "1"}, "other": {"S": "x"}})
    answer = dynamodb.query(
        TableName=table, IndexName="localScore", KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": pk}})
    assert answer["Items"] == [{**key(pk), "score": {"N": "1"}}]


def test_scan_in_segments_sees_everything_once(dynamodb, table):
    prefix = fresh()
    for number in range(40):
        dynamodb.put_item(TableName=table, Item=key(f"{prefix}{number}"))
    seen = []
    for segment in range(4):
        for page in dynamodb.get_paginator("scan").paginate(
                TableName=table, Segment=segment, TotalSegments=4,
                FilterExpression="begins_with(pk, :p)", ExpressionAttributeValues={":p": {"S": prefix}}):
            seen += [item["pk"]["S"] for item in page["Items"]]
    assert sorted(seen) == sorted(f"{prefix}{number}" for number in range(40))


def test_batches(dynamodb, table):
    pk = fresh()
    puts = [{"PutRequest": {"Item": {**key(pk, f"{n}"), "v": {"N": str(n)}}}} for n in range(25)]
    assert dynamodb.batch_write_item(RequestItems={table: puts})["UnprocessedItems"] == {}
    got = dynamodb.batch_get_item(RequestItems={table: {"Keys": [key(pk, f"{n}") for n in range(30)]}})
    assert len(got["Responses"][table]) == 25 and got["UnprocessedKeys"] == {}
    dynamodb.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": key(pk, "0")}}]})
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key(pk, "0"))


def test_transaction_is_all_or_nothing(dynamodb, table):
    pk = fresh()
    dynamodb.put_item(TableName=table, Item={**key(pk, "taken"), "v": {"N": "1"}})
    response = failing(
        lambda: dynamodb.transact_write_items(TransactItems=[
            {"Put": {"TableName": table, "Item": key(pk, "new")}},
            {"Put": {
                "TableName": table, "Item": key(pk, "taken"),
                "ConditionExpression": "attribute_not_exists(pk)"}}]),
        "TransactionCanceledException", "[None, ConditionalCheckFailed]")
    assert [reason["Code"] for reason in response["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key(pk, "new"))


def test_transaction_token_makes_a_repeat_harmless(dynamodb, table):
    pk = fresh()
    items = [{"Update": {
        "TableName": table, "Key": key(pk), "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}}}}]
    for _ in range(2):
        dynamodb.transact_write_items(TransactItems=items, ClientRequestToken="token-" + pk[:20])
    assert dynamodb.get_item(TableName=table, Key=key(pk))["Item"]["n"] == {"N": "1"}
    items[0]["Update"]["Key"] = key(pk, "b")
    failing(
        lambda: dynamodb.transact_write_items(TransactItems=items, ClientRequestToken="token-" + pk[:20]),
        "IdempotentParameterMismatchException")


def test_transact_get_keeps_the_order(dynamodb, table):
    pk = fresh()
    dynamodb.put_item(TableName=table, Item=key(pk, "b"))
    answer = dynamodb.transact_get_items(TransactItems=[
        {"Get": {"TableName": table, "Key": key(pk, sk)}} for sk in ("a", "b")])
    assert answer["Responses"] == [{}, {"Item": key(pk, "b")}]


def test_consumed_capacity(dynamodb, table):
    pk = fresh()
    put = dynamodb.put_item(
        TableName=table, Item={**key(pk), "v": {"S": "x" * 3000}}, ReturnConsumedCapacity="TOTAL")
    assert put["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": 3.0}
    get = dynamodb.get_item(TableName=table, Key=key(pk), ReturnConsumedCapacity="TOTAL")
    assert get["ConsumedCapacity"]["CapacityUnits"] == 0.5


def test_concurrent_increments_add_up(emulator, table):
    pk, threads = fresh(), []

    def work():
        client = emulator.client("dynamodb")
        for _ in range(25):
            client.update_item(
                TableName=table, Key=key(pk), UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}})

    for _ in range(8):
        threads.append(threading.Thread(target=work))
        threads[-1].start()
    for thread in threads:
        thread.join()
    item = emulator.client("dynamodb").get_item(TableName=table, Key=key(pk), ConsistentRead=True)["Item"]
    assert item["n"] == {"N": "200"}


def test_resource_interface(emulator, table):
    resource = boto3.resource(
        "dynamodb", endpoint_url=emulator.aws, region_name="us-east-1", aws_access_key_id="test",
        aws_secret_access_key="test")
    pk = fresh()
    handle = resource.Table(table)
    with handle.batch_writer() as batch:
        for number in range(30):
            batch.put_item(Item={"pk": pk, "sk": str(number), "v": decimal.Decimal("1.5")})
    condition = boto3.dynamodb.conditions.Key("pk").eq(pk)
    assert handle.query(KeyConditionExpression=condition)["Count"] == 30


def test_time_to_live(dynamodb):
    assert dynamodb.describe_time_to_live(TableName="mumble")["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


def test_tables_are_listed_and_described(dynamodb, table):
    pages = dynamodb.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 1})
    names = [name for page in pages for name in page["TableNames"]]
    assert {"mumble", table} <= set(names) and names == sorted(names)
    description = dynamodb.describe_table(TableName=table)["Table"]
    assert description["TableStatus"] == "ACTIVE"
    assert description["TableArn"].endswith(f":table/{table}")
    assert [index["IndexName"] for index in description["GlobalSecondaryIndexes"]] == ["byScore"]


HUGE = "x" * 410_000
ERRORS = [
    ("get_item", dict(TableName="absent", Key=key("a")), "ResourceNotFoundException", "Requested resource not found"),
    ("get_item", dict(Key={"pk": {"S": "a"}}), "ValidationException", "The provided key element does not match"),
    ("get_item", dict(Key={**key("a"), "x": {"S": "b"}}), "ValidationException", "does not match the schema"),
    ("get_item", dict(Key={"pk": {"N": "1"}, "sk": {"S": "a"}}), "ValidationException", "does not match the schema"),
    ("put_item", dict(Item={"pk": {"S": "a"}}), "ValidationException", "Missing the key sk in the item"),
    ("put_item", dict(Item={"pk": {"S": ""}, "sk": {"S": "a"}}), "ValidationException", "empty string value"),
    ("put_item", dict(Item={"pk": {"N": "1"}, "sk": {"S": "a"}}), "ValidationException",
     "Type mismatch for key pk expected: S actual: N"),
    ("put_item", dict(Item={**key("a"), "v": {"S": HUGE}}), "ValidationException",
     "Item size has exceeded the maximum allowed size"),
    ("put_item", dict(Item={**key("a"), "v": {"SS": []}}), "ValidationException", "may not be empty"),
    ("put_item", dict(Item={**key("a"), "v": {"N": "abc"}}), "ValidationException",
     "cannot be converted to a numeric value"),
    ("put_item", dict(Item={**key("a"), "v": {"N": "1" * 39}}), "ValidationException", "38 significant digits"),
    ("put_item", dict(Item={**key("a"), "v": {"N": "1E126"}}), "ValidationException", "Number overflow"),
    ("put_item", dict(Item={**key("a"), "score": {"S": "x"}}), "ValidationException", "Type mismatch for Index Key"),
    ("put_item", dict(Item=key("a"), ReturnValues="ALL_NEW"), "ValidationException",
     "ReturnValues can only be ALL_OLD or NONE"),
    ("put_item", dict(Item=key("a"), ConditionExpression="status = :v", ExpressionAttributeValues={":v": {"S": "x"}}),
     "ValidationException", "reserved keyword: status"),
    ("put_item", dict(Item=key("a"), ConditionExpression="v = :v"), "ValidationException", "attribute value: :v"),
    ("put_item", dict(Item=key("a"), ConditionExpression="#v = #v", ExpressionAttributeNames={"#x": "v"}),
     "ValidationException", "#v"),
    ("put_item", dict(Item=key("a"), ConditionExpression="v ="), "ValidationException", "Syntax error"),
    ("put_item", dict(Item=key("a"), ConditionExpression="v = :v", ExpressionAttributeValues={
        ":v": {"S": "x"}, ":unused": {"S": "y"}}), "ValidationException", "unused in expressions"),
    ("update_item", dict(Key=key("a"), UpdateExpression="SET pk = :v", ExpressionAttributeValues={":v": {"S": "x"}}),
     "ValidationException", "Cannot update attribute pk"),
    ("update_item", dict(Key=key("a"), UpdateExpression="SET n = absent + :v", ExpressionAttributeValues={
        ":v": {"N": "1"}}), "ValidationException", "does not exist in the item"),
    ("update_item", dict(Key=key("a"), UpdateExpression="SET a = :v, a = :v", ExpressionAttributeValues={
        ":v": {"N": "1"}}), "ValidationException", "Two document paths overlap"),
    ("query", dict(KeyConditionExpression="sk = :v", ExpressionAttributeValues={":v": {"S": "x"}}),
     "ValidationException", "Query condition missed key schema element: pk"),
    ("query", dict(IndexName="absent", KeyConditionExpression="pk = :v", ExpressionAttributeValues={
        ":v": {"S": "x"}}), "ValidationException", "does not have the specified index: absent"),
    ("query", dict(IndexName="byScore", ConsistentRead=True, KeyConditionExpression="kind = :v",
                   ExpressionAttributeValues={":v": {"S": "x"}}), "ValidationException",
     "Consistent reads are not supported on global secondary indexes"),
    ("scan", dict(Segment=5, TotalSegments=5), "ValidationException", "zero-based and must be less than"),
    ("delete_item", dict(Key=key("a"), ConditionExpression="attribute_exists(pk)"),
     "ConditionalCheckFailedException", "The conditional request failed"),
    ("create_table", dict(
        BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}]), "ResourceInUseException",
     "Table already exists"),
    ("delete_table", dict(TableName="absent"), "ResourceNotFoundException", "Table: absent not found"),
]


@pytest.mark.parametrize("operation,arguments,code,message", ERRORS, ids=[str(n) for n in range(len(ERRORS))])
def test_errors_are_awss(dynamodb, table, operation, arguments, code, message):
    arguments = {"TableName": table, **arguments}
    failing(lambda: getattr(dynamodb, operation)(**arguments), code, message)


def test_duplicate_keys_in_a_batch(dynamodb, table):
    request = {"PutRequest": {"Item": key("a")}}
    failing(
        lambda: dynamodb.batch_write_item(RequestItems={table: [request, request]}), "ValidationException",
        "Provided list of item keys contains duplicates")


@pytest.mark.parametrize("access,secret,code", [
    ("nobody", "test", "UnrecognizedClientException"), ("test", "wrong", "InvalidSignatureException")])
def test_wrong_credentials(emulator, access, secret, code):
    failing(lambda: emulator.client("dynamodb", access, secret).list_tables(), code)
