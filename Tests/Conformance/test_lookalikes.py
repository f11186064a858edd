"""Texts of other bytes are other data, however alike they look: é is one code point or two."""

import json

import pytest

from .conftest import index, refused, wait_active

ONE, TWO = "\u00e9", "e\u0301"


def test_attributes(ddb, table):
    item = {"pk": {"S": "attributes"}, ONE: {"N": "1"}, TWO: {"N": "2"}}
    ddb.put_item(TableName=table, Item=item)
    assert ddb.get_item(TableName=table, Key={"pk": {"S": "attributes"}})["Item"] == item


def test_members_of_sets_and_maps(ddb, table, key):
    item = {**key, "set": {"SS": [ONE, TWO]}, "map": {"M": {ONE: {"N": "1"}, TWO: {"N": "2"}}}}
    ddb.put_item(TableName=table, Item=item)
    found = ddb.get_item(TableName=table, Key=key)["Item"]
    assert set(found["set"]["SS"]) == {ONE, TWO}
    assert found["map"] == item["map"]


def test_keys(ddb, make_table):
    table = make_table(GlobalSecondaryIndexes=[index("other", "g")])
    for name in (ONE, TWO):
        ddb.put_item(TableName=table, Item={"pk": {"S": name}, "g": {"S": name}})
    for name in (ONE, TWO):
        assert ddb.get_item(TableName=table, Key={"pk": {"S": name}})["Item"]["g"] == {"S": name}
        page = ddb.query(
            TableName=table, IndexName="other", KeyConditionExpression="g = :g",
            ExpressionAttributeValues={":g": {"S": name}})
        assert [item["pk"]["S"] for item in page["Items"]] == [name]


def test_a_batch_of_keys_has_no_duplicate(ddb, table):
    for name in (ONE, TWO):
        ddb.put_item(TableName=table, Item={"pk": {"S": name}})
    keys = [{"pk": {"S": name}} for name in (ONE, TWO)]
    answer = ddb.batch_get_item(RequestItems={table: {"Keys": keys}})
    assert len(answer["Responses"][table]) == 2


def test_metrics_of_two_collections(ddb, make_table):
    table = make_table(range="sk", LocalSecondaryIndexes=[index("local", "pk", "u")])
    answer = ddb.batch_write_item(ReturnItemCollectionMetrics="SIZE", RequestItems={table: [
        {"PutRequest": {"Item": {"pk": {"S": name}, "sk": {"S": "s"}}}} for name in (ONE, TWO)]})
    assert len(answer["ItemCollectionMetrics"][table]) == 2


def test_projections(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, ONE: {"N": "1"}, TWO: {"N": "2"}})
    names = {"#one": ONE, "#two": TWO}
    for wanted in ("#one", "#two"):
        found = ddb.get_item(
            TableName=table, Key=key, ProjectionExpression=wanted,
            ExpressionAttributeNames={wanted: names[wanted]})["Item"]
        assert set(found) == {names[wanted]}


def test_statements(ddb, table):
    ddb.execute_statement(Statement=f"INSERT INTO \"{table}\" VALUE {{'pk':'statements','{ONE}':1,'{TWO}':2}}")
    found = ddb.execute_statement(Statement=f'SELECT "{TWO}" FROM "{table}" WHERE pk = \'statements\'')["Items"]
    assert found == [{TWO: {"N": "2"}}]


def test_a_set_grows_under_its_own_name_only(ddb, table):
    with refused("ValidationException"):
        ddb.execute_statement(
            Statement=f"UPDATE \"{table}\" SET \"{ONE}\" = set_add(\"{TWO}\", <<'a'>>) WHERE pk = 'x'")


def test_tokens_of_transactions(ddb, table):
    def put(name):
        ddb.transact_write_items(ClientRequestToken="lookalike-" + table, TransactItems=[
            {"Put": {"TableName": table, "Item": {"pk": {"S": "token"}, "v": {"S": name}}}}])

    put(ONE)
    with refused("IdempotentParameterMismatchException"):
        put(TWO)


def test_the_grammar_is_ascii(ddb, table, key):
    """The Kelvin sign looks like a K, also after an expression with a K has been used."""
    parameters = {"TableName": table, "Key": key, "ExpressionAttributeValues": {":v": {"N": "1"}}}
    ddb.update_item(UpdateExpression="SET K9 = :v", **parameters)
    with refused("ValidationException", "Syntax error"):
        ddb.update_item(UpdateExpression="SET \u212a9 = :v", **parameters)


def test_policies(ddb, make_table):
    arn = ddb.describe_table(TableName=make_table())["Table"]["TableArn"]

    def policy(name):
        return json.dumps({"Version": "2012-10-17", "Statement": [{
            "Sid": name, "Effect": "Allow", "Principal": "*", "Action": "dynamodb:*", "Resource": arn}]},
            ensure_ascii=False)

    for name in (ONE, TWO):
        ddb.put_resource_policy(ResourceArn=arn, Policy=policy(name))
        assert ddb.get_resource_policy(ResourceArn=arn)["Policy"] == policy(name)


@pytest.mark.parametrize("forward", [True, False])
def test_a_start_key_leads_nowhere_else(ddb, make_table, forward):
    """An index has no entry with an empty key, so nothing can start there."""
    table = make_table(GlobalSecondaryIndexes=[index("one", "q"), index("two", "g", "r")])
    for number in range(3):
        for group in "ab":
            ddb.put_item(TableName=table, Item={
                "pk": {"S": f"{group}{number}"}, "g": {"S": group}, "r": {"S": f"r{number}"}, "q": {"S": "q"}})
    with refused("ValidationException", "The provided starting key is invalid"):
        ddb.query(
            TableName=table, IndexName="two", KeyConditionExpression="g = :g", ScanIndexForward=forward,
            ExpressionAttributeValues={":g": {"S": "a"}},
            ExclusiveStartKey={"pk": {"S": "a0"}, "g": {"S": "a"}, "r": {"S": ""}})


def test_a_token_ends_with_its_index(ddb, make_table):

    table = make_table()
    for number in range(5):
        ddb.put_item(TableName=table, Item={"pk": {"S": f"p{number}"}, "g": {"S": "a"}, "h": {"S": "b"}})

    def create(attribute):
        ddb.update_table(
            TableName=table, AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"}],
            GlobalSecondaryIndexUpdates=[{"Create": index("again", attribute)}])
        wait_active(ddb, table)

    create("g")
    statement = f'SELECT * FROM "{table}"."again"'
    token = ddb.execute_statement(Statement=statement, Limit=2)["NextToken"]
    ddb.update_table(TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "again"}}])
    wait_active(ddb, table)
    create("h")
    with refused("ValidationException", "NextToken"):
        ddb.execute_statement(Statement=statement, NextToken=token)


def test_an_answer_shows_each_setting_at_its_index(ddb, make_table):
    table = make_table(GlobalSecondaryIndexes=[index("aaa", "a"), index("bbb", "b"), index("ccc", "c")])
    shown = ddb.update_table(TableName=table, GlobalSecondaryIndexUpdates=[
        {"Delete": {"IndexName": "aaa"}},
        {"Update": {"IndexName": "bbb", "OnDemandThroughput": {"MaxReadRequestUnits": 7}}}])["TableDescription"]
    limits = {each["IndexName"]: each.get("OnDemandThroughput") for each in shown["GlobalSecondaryIndexes"]}
    assert limits["bbb"] == {"MaxReadRequestUnits": 7}
    assert limits.get("aaa") is None
