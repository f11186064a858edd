"""boto3 as its guide shows it: tables as resources, conditions as objects, paginators and waiters."""

import uuid
from decimal import Decimal, Inexact, Rounded

import pytest
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError


@pytest.fixture(scope="module")
def resource(aws_session, dynamodb_url):
    return aws_session.resource("dynamodb", endpoint_url=dynamodb_url)


@pytest.fixture(scope="module")
def client(resource):
    return resource.meta.client


@pytest.fixture(scope="module")
def table(resource):
    table = resource.create_table(
        TableName=f"users-{uuid.uuid4()}", BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "username", "KeyType": "HASH"}, {"AttributeName": "last_name", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in (("username", "S"), ("last_name", "S"), ("city", "S"), ("age", "N"))],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-age", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
                {"AttributeName": "city", "KeyType": "HASH"}, {"AttributeName": "age", "KeyType": "RANGE"}]}])
    table.wait_until_exists()
    yield table
    table.delete()
    table.wait_until_not_exists()


@pytest.fixture
def user():
    """A partition that no other test uses."""
    return uuid.uuid4().hex


@pytest.fixture
def people(table, user):
    """Twenty people of one city, ages 0 to 19, whose city is the partition's name too."""
    with table.batch_writer() as batch:
        for age in range(20):
            batch.put_item(Item={
                "username": user, "last_name": f"n{age:02}", "city": user, "age": age, "even": age % 2 == 0,
                "tags": {"t", f"tag{age}"}, "address": {"street": f"{age} Main", "numbers": [age, age + 1]},
                **({"nick": "x" * age} if age > 9 else {})})
    return user


def ages(answer):
    return [int(item["age"]) for item in answer["Items"]]


def test_attributes_of_a_table_are_loaded(table):
    table.reload()
    assert table.table_status == "ACTIVE" and table.table_arn.endswith(f"table/{table.name}")
    assert table.creation_date_time.tzinfo and table.billing_mode_summary["BillingMode"] == "PAY_PER_REQUEST"
    assert table.key_schema[1] == {"AttributeName": "last_name", "KeyType": "RANGE"}
    assert isinstance(table.item_count, int)


def test_tables_are_a_collection(resource, table):
    assert table.name in [each.name for each in resource.tables.all()]
    assert len(list(resource.tables.limit(1))) == 1


@pytest.mark.parametrize("condition,expected", [
    (Key("last_name").eq("n05"), [5]),
    (Key("last_name").lt("n03"), [0, 1, 2]),
    (Key("last_name").lte("n03"), [0, 1, 2, 3]),
    (Key("last_name").gt("n17"), [18, 19]),
    (Key("last_name").gte("n17"), [17, 18, 19]),
    (Key("last_name").between("n04", "n06"), [4, 5, 6]),
    (Key("last_name").begins_with("n1"), list(range(10, 20)))])
def test_key_conditions(table, people, condition, expected):
    assert ages(table.query(KeyConditionExpression=Key("username").eq(people) & condition)) == expected


@pytest.mark.parametrize("condition,expected", [
    (Attr("age").eq(3), [3]),
    (Attr("age").ne(3) & Attr("age").lt(5), [0, 1, 2, 4]),
    (Attr("age").lte(1) | Attr("age").gt(18), [0, 1, 19]),
    (~Attr("age").gte(2), [0, 1]),
    (Attr("age").between(3, 5), [3, 4, 5]),
    (Attr("age").is_in([1, 7, 99]), [1, 7]),
    (Attr("even").eq(True) & Attr("age").lt(6), [0, 2, 4]),
    (Attr("nick").exists() & Attr("nick").size().gt(17), [18, 19]),
    (Attr("nick").not_exists() & Attr("age").gt(7), [8, 9]),
    (Attr("tags").contains("tag12"), [12]),
    (Attr("address.street").begins_with("1 "), [1]),
    (Attr("address.numbers[1]").eq(7), [6]),
    (Attr("address.numbers").contains(4), [3, 4]),
    (Attr("age").attribute_type("N") & Attr("age").lt(1), [0]),
    (Attr("address").size().lt(2), [])])
def test_filters(table, people, condition, expected):
    query = {"KeyConditionExpression": Key("username").eq(people), "FilterExpression": condition}
    assert ages(table.query(**query)) == expected


def test_an_index_is_queried_backwards(table, people):
    answer = table.query(
        IndexName="by-age", KeyConditionExpression=Key("city").eq(people) & Key("age").between(5, 9),
        ScanIndexForward=False)
    assert ages(answer) == [9, 8, 7, 6, 5]


def test_projection_with_names(table, people):
    answer = table.query(
        KeyConditionExpression=Key("username").eq(people) & Key("last_name").eq("n07"),
        ProjectionExpression="#a, address.numbers[0]", ExpressionAttributeNames={"#a": "age"})
    assert answer["Items"] == [{"age": 7, "address": {"numbers": [7]}}]


def test_a_conditional_update_returns_what_is_new(table, people):
    key = {"username": people, "last_name": "n03"}
    answer = table.update_item(
        Key=key, UpdateExpression="SET age = age + :n REMOVE even", ConditionExpression=Attr("age").eq(3),
        ExpressionAttributeValues={":n": Decimal("0.5")}, ReturnValues="UPDATED_NEW")
    assert answer["Attributes"] == {"age": Decimal("3.5")}
    with pytest.raises(table.meta.client.exceptions.ConditionalCheckFailedException) as caught:
        table.update_item(
            Key=key, UpdateExpression="SET age = :n", ConditionExpression=Attr("age").eq(3),
            ExpressionAttributeValues={":n": 0}, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.response["Item"]["age"] == {"N": "3.5"}


def test_batch_writer_sends_the_last_of_each_key(table, user):
    with table.batch_writer(overwrite_by_pkeys=["username", "last_name"]) as batch:
        for number in range(100):
            batch.put_item(Item={"username": user, "last_name": f"{number % 40}", "n": number})
        batch.delete_item(Key={"username": user, "last_name": "0"})
    items = table.query(KeyConditionExpression=Key("username").eq(user))["Items"]
    assert len(items) == 39 and sum(int(item["n"]) for item in items) == sum(range(60, 100)) - 80


def test_python_types_come_back(table, user):
    item = {
        "username": user, "last_name": "types", "none": None, "yes": True, "texts": {"a", "é"},
        "numbers": {Decimal(1), Decimal("2.5")}, "binaries": {Binary(b"\x00"), Binary(b"\xff\xfe")},
        "binary": Binary(bytes(range(256))), "list": [1, "two", [None, {"x": False}]], "map": {"e": "", "é": {}},
        "empty": ["", b"", [], {}]}
    table.put_item(Item=item)
    assert table.get_item(Key={"username": user, "last_name": "types"}, ConsistentRead=True)["Item"] == {
        **item, "empty": ["", Binary(b""), [], {}]}


@pytest.mark.parametrize("text", [
    "0", "-0.5", "1E-130", "-1E-130", "99999999999999999999999999999999999999", "3.14159265358979323846",
    "12345678901234567890123456789012345678", "0.12345678901234567890123456789012345678", "1E+37"])
def test_decimals_are_exact(table, user, text):
    table.put_item(Item={"username": user, "last_name": "n", "n": Decimal(text), "set": {Decimal(text)}})
    item = table.get_item(Key={"username": user, "last_name": "n"})["Item"]
    assert item["n"] == Decimal(text) and item["set"] == {Decimal(text)}


def test_large_numbers_come_as_all_their_digits(client, table, user):
    """No exponent, which boto3's resources cannot read (https://github.com/boto/boto3/issues/2500)."""
    key = {"username": user, "last_name": "n"}
    table.put_item(Item={**key, "n": Decimal("1E+125")})
    with pytest.raises(Rounded):
        table.get_item(Key=key)


def test_boto3_itself_refuses_what_would_be_rounded(table, user):
    with pytest.raises((Inexact, Rounded)):
        table.put_item(Item={"username": user, "last_name": "n", "n": Decimal("1" * 39)})


def test_pages_of_more_than_a_megabyte(client, table, user):
    with table.batch_writer() as batch:
        for number in range(45):
            batch.put_item(Item={"username": user, "last_name": f"{number:03}", "data": Binary(bytes(100_000))})
    query = {"TableName": table.name, "KeyConditionExpression": Key("username").eq(user)}
    pages = list(client.get_paginator("query").paginate(**query))
    found = [item["last_name"] for page in pages for item in page["Items"]]
    assert found == [f"{number:03}" for number in range(45)]
    # 100,016 or so bytes an item: the page ends with the item that reaches 1,048,576 bytes.
    assert [page["Count"] for page in pages] == [11, 11, 11, 11, 1]
    few = client.get_paginator("query").paginate(**query, PaginationConfig={"PageSize": 4, "MaxItems": 10})
    result = few.build_full_result()
    assert len(result["Items"]) == 10
    rest = client.get_paginator("query").paginate(
        **query, PaginationConfig={"StartingToken": result["NextToken"]}).build_full_result()
    assert [item["last_name"] for item in result["Items"] + rest["Items"]] == found
    scanned = client.get_paginator("scan").paginate(
        TableName=table.name, FilterExpression=Attr("username").eq(user), ProjectionExpression="last_name")
    assert sorted(item["last_name"] for item in scanned.search("Items")) == found


def test_batch_get_hands_back_what_is_beyond_16_megabytes(resource, table, user):
    names = [f"{number:02}" for number in range(50)]
    with table.batch_writer() as batch:
        for name in names:
            batch.put_item(Item={"username": user, "last_name": name, "data": Binary(bytes(390_000))})
    asked = {table.name: {"Keys": [{"username": user, "last_name": name} for name in names]}}
    found, rounds = [], 0
    while asked:
        answer = resource.batch_get_item(RequestItems=asked)
        found += [item["last_name"] for item in answer["Responses"][table.name]]
        asked, rounds = answer["UnprocessedKeys"], rounds + 1
    assert sorted(found) == names and rounds == 2


def test_transactions_through_the_resources_client(client, table, people):
    token = uuid.uuid4().hex
    actions = [
        {"Update": {
            "TableName": table.name, "Key": {"username": people, "last_name": "n01"},
            "UpdateExpression": "ADD age :n", "ExpressionAttributeValues": {":n": 100}}},
        {"Delete": {"TableName": table.name, "Key": {"username": people, "last_name": "n02"}}}]
    for _ in range(2):
        client.transact_write_items(TransactItems=actions, ClientRequestToken=token)
    answer = client.transact_get_items(TransactItems=[
        {"Get": {"TableName": table.name, "Key": {"username": people, "last_name": name}}}
        for name in ("n01", "n02")])
    assert [each.get("Item", {}).get("age") for each in answer["Responses"]] == [101, None]
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        client.transact_write_items(TransactItems=actions[:1], ClientRequestToken=token)
    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        client.transact_write_items(TransactItems=[actions[0], {"ConditionCheck": {
            "TableName": table.name, "Key": {"username": people, "last_name": "n04"},
            "ConditionExpression": "attribute_not_exists(username)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}])
    reasons = caught.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"]["last_name"] in ("n04", {"S": "n04"})


def test_waiters(client, table):
    client.get_waiter("table_exists").wait(TableName=table.name)
    client.get_waiter("table_not_exists").wait(TableName="absent-" + uuid.uuid4().hex)
    with pytest.raises(WaiterError):
        client.get_waiter("table_exists").wait(
            TableName="absent-" + uuid.uuid4().hex, WaiterConfig={"Delay": 0, "MaxAttempts": 2})


def test_tags_are_paged(client, table):
    tags = [{"Key": f"k{number:02}", "Value": str(number)} for number in range(25)]
    client.tag_resource(ResourceArn=table.table_arn, Tags=tags)
    listed = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=table.table_arn)
    found = listed.build_full_result()["Tags"]
    assert sorted(found, key=lambda tag: tag["Key"]) == tags
    client.untag_resource(ResourceArn=table.table_arn, TagKeys=[tag["Key"] for tag in tags])
    assert client.list_tags_of_resource(ResourceArn=table.table_arn)["Tags"] == []


def test_partiql_through_the_resources_client(client, table, people):
    answer = client.execute_statement(
        Statement=f'SELECT age FROM "{table.name}" WHERE username = ? AND last_name = ?',
        Parameters=[people, "n08"])
    assert answer["Items"] == [{"age": 8}]


@pytest.mark.parametrize("operation,code", [
    ("get_item", "ResourceNotFoundException"), ("put_item", "ResourceNotFoundException")])
def test_errors_carry_what_programs_look_at(resource, operation, code):
    absent = resource.Table("absent-" + uuid.uuid4().hex)
    argument = {"Item": {"username": "a"}} if operation == "put_item" else {"Key": {"username": "a"}}
    with pytest.raises(ClientError) as caught:
        getattr(absent, operation)(**argument)
    response = caught.value.response
    assert response["Error"]["Code"] == code and response["Error"]["Message"].startswith("Requested resource")
    metadata = response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 400 and len(metadata["RequestId"]) == 52
    assert metadata["HTTPHeaders"]["x-amzn-requestid"] == metadata["RequestId"]
    assert isinstance(caught.value, absent.meta.client.exceptions.ResourceNotFoundException)


def test_the_user_agent_and_its_extras_change_nothing(aws_session, dynamodb_url, table):
    client = aws_session.client("dynamodb", endpoint_url=dynamodb_url, config=Config(
        user_agent_appid="my-app", user_agent_extra="lib/1.0 é".encode("ascii", "ignore").decode()))
    assert client.describe_table(TableName=table.name)["Table"]["TableName"] == table.name
