import uuid

import pytest

from .conftest import index


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


@pytest.fixture(scope="module")
def plain(make_table):
    return make_table()


@pytest.fixture(scope="module")
def indexed(make_table):
    """A local and three global indexes that project everything, something and nothing."""
    return make_table(
        range="sk",
        LocalSecondaryIndexes=[index("local", "pk", "l"), index("local-keys", "pk", "m", "KEYS_ONLY")],
        GlobalSecondaryIndexes=[
            index("all", "a"), index("some", "a", None, "INCLUDE", ["p"]), index("keys", "b", None, "KEYS_ONLY")])


@pytest.fixture
def pair(key):
    return {**key, "sk": s("x")}


def body(size, key, name="body"):
    """An item of exactly this many bytes."""
    rest = sum(len(each) + len(value["S"]) for each, value in key.items()) + len(name)
    return {**key, name: s("x" * (size - rest))}


def total(answer):
    return answer["ConsumedCapacity"]["CapacityUnits"]


# modes


@pytest.mark.parametrize("level", [None, "NONE"])
def test_nothing_is_reported_unless_asked_for(ddb, plain, key, level):
    more = {"ReturnConsumedCapacity": level} if level else {}
    assert "ConsumedCapacity" not in ddb.put_item(TableName=plain, Item=key, **more)
    assert "ConsumedCapacity" not in ddb.get_item(TableName=plain, Key=key, **more)
    assert "ConsumedCapacity" not in ddb.scan(TableName=plain, **more)


def test_total_is_table_and_units(ddb, plain, key):
    answer = ddb.put_item(TableName=plain, Item=key, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == {"TableName": plain, "CapacityUnits": 1.0}


def test_indexes_adds_the_table(ddb, plain, key):
    answer = ddb.put_item(TableName=plain, Item=key, ReturnConsumedCapacity="INDEXES")
    assert answer["ConsumedCapacity"] == {
        "TableName": plain, "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}


def test_units_are_fractions_on_the_wire(endpoint, plain, key):
    _, _, data = endpoint.raw("PutItem", {"TableName": plain, "Item": key, "ReturnConsumedCapacity": "TOTAL"})
    assert b'"CapacityUnits":1.0' in data


# reads of one item


@pytest.mark.parametrize("size, units", [(100, 1), (4096, 1), (4097, 2), (8192, 2), (8193, 3), (400_000, 98)])
@pytest.mark.parametrize("consistent", [True, False])
def test_get_item_counts_4_kilobytes(ddb, plain, key, size, units, consistent):
    ddb.put_item(TableName=plain, Item=body(size, key))
    answer = ddb.get_item(TableName=plain, Key=key, ConsistentRead=consistent, ReturnConsumedCapacity="TOTAL")
    assert total(answer) == (units if consistent else units / 2)


@pytest.mark.parametrize("consistent, units", [(True, 1.0), (False, 0.5)])
def test_a_missing_item_costs_the_least(ddb, plain, key, consistent, units):
    assert total(ddb.get_item(TableName=plain, Key=key, ConsistentRead=consistent, ReturnConsumedCapacity="TOTAL")) == units


def test_a_projection_costs_the_whole_item(ddb, plain, key):
    ddb.put_item(TableName=plain, Item=body(9000, key))
    answer = ddb.get_item(TableName=plain, Key=key, ProjectionExpression="pk", ReturnConsumedCapacity="TOTAL")
    assert total(answer) == 1.5


# writes of one item


@pytest.mark.parametrize("size, units", [(100, 1), (1024, 1), (1025, 2), (2048, 2), (2049, 3), (409_600, 400)])
def test_put_item_counts_kilobytes(ddb, plain, key, size, units):
    assert total(ddb.put_item(TableName=plain, Item=body(size, key), ReturnConsumedCapacity="TOTAL")) == units


def test_replacing_a_larger_item_costs_the_larger(ddb, plain, key):
    ddb.put_item(TableName=plain, Item=body(5000, key))
    assert total(ddb.put_item(TableName=plain, Item=key, ReturnConsumedCapacity="TOTAL")) == 5


@pytest.mark.parametrize("size, units", [(1000, 1), (3000, 3)])
def test_delete_costs_the_item(ddb, plain, key, size, units):
    ddb.put_item(TableName=plain, Item=body(size, key))
    assert total(ddb.delete_item(TableName=plain, Key=key, ReturnConsumedCapacity="TOTAL")) == units


def test_deleting_nothing_costs_one(ddb, plain, key):
    assert total(ddb.delete_item(TableName=plain, Key=key, ReturnConsumedCapacity="TOTAL")) == 1


def test_an_update_costs_the_larger_of_before_and_after(ddb, plain, key):
    ddb.put_item(TableName=plain, Item=body(3000, key))
    answer = ddb.update_item(TableName=plain, Key=key, UpdateExpression="REMOVE body", ReturnConsumedCapacity="TOTAL")
    assert total(answer) == 3


def test_an_update_that_changes_nothing_costs_one(ddb, plain, key):
    ddb.put_item(TableName=plain, Item={**key, "v": n(1)})
    answer = ddb.update_item(TableName=plain, Key=key, UpdateExpression="SET v = :v",
                             ExpressionAttributeValues={":v": n(1)}, ReturnConsumedCapacity="TOTAL")
    assert total(answer) == 1


# Query and Scan


@pytest.fixture(scope="module")
def pages(ddb, make_table):
    name = make_table(range="sk")
    for number in range(10):
        ddb.put_item(TableName=name, Item=body(1000, {"pk": s("p"), "sk": s(str(number))}))
    return name


def query(ddb, name, **more):
    values = more.pop("values", {})
    return ddb.query(TableName=name, KeyConditionExpression="pk = :p", ReturnConsumedCapacity="TOTAL",
                     ExpressionAttributeValues={":p": s("p"), **values}, **more)


@pytest.mark.parametrize("more, units", [
    ({}, 1.5), ({"ConsistentRead": True}, 3.0), ({"Limit": 1}, 0.5), ({"Limit": 4}, 0.5), ({"Limit": 5}, 1.0),
    ({"ProjectionExpression": "pk"}, 1.5), ({"Select": "COUNT"}, 1.5),
    ({"FilterExpression": "body = :b", "values": {":b": s("none")}}, 1.5)])
def test_a_query_rounds_the_sum_of_its_items(ddb, pages, more, units):
    assert total(query(ddb, pages, **more)) == units


@pytest.mark.parametrize("consistent, units", [(True, 1.0), (False, 0.5)])
def test_an_empty_query_costs_the_least(ddb, plain, consistent, units):
    answer = ddb.query(TableName=plain, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": s("none")},
                       ConsistentRead=consistent, ReturnConsumedCapacity="TOTAL")
    assert total(answer) == units


@pytest.mark.parametrize("more, units", [
    ({}, 1.5), ({"ConsistentRead": True}, 3.0), ({"Limit": 1}, 0.5), ({"Select": "COUNT"}, 1.5),
    ({"FilterExpression": "attribute_exists(nothing)"}, 1.5), ({"ProjectionExpression": "sk"}, 1.5)])
def test_a_scan_rounds_the_sum_of_its_items(ddb, pages, more, units):
    assert total(ddb.scan(TableName=pages, ReturnConsumedCapacity="TOTAL", **more)) == units


def test_a_scan_of_nothing_costs_the_least(ddb, make_table):
    assert total(ddb.scan(TableName=make_table(), ReturnConsumedCapacity="TOTAL")) == 0.5


def put_indexed(ddb, indexed, pair, **more):
    return ddb.put_item(TableName=indexed, Item={**pair, **more}, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]


def read_index(ddb, indexed, pair, name, **more):
    hash, value = ("pk", pair["pk"]) if name.startswith("local") else ("a", pair["pk"])
    return ddb.query(TableName=indexed, IndexName=name, KeyConditionExpression="#h = :h", ReturnConsumedCapacity="INDEXES",
                     ExpressionAttributeNames={"#h": hash}, ExpressionAttributeValues={":h": value}, **more)["ConsumedCapacity"]


def test_a_query_of_a_global_index_is_billed_to_the_index(ddb, indexed, pair):
    put_indexed(ddb, indexed, pair, a=pair["pk"])
    assert read_index(ddb, indexed, pair, "all") == {
        "TableName": indexed, "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.0},
        "GlobalSecondaryIndexes": {"all": {"CapacityUnits": 0.5}}}


@pytest.mark.parametrize("consistent, units", [(True, 1.0), (False, 0.5)])
def test_a_query_of_a_local_index_is_billed_to_the_index(ddb, indexed, pair, consistent, units):
    put_indexed(ddb, indexed, pair, l=s("x"))
    assert read_index(ddb, indexed, pair, "local", ConsistentRead=consistent) == {
        "TableName": indexed, "CapacityUnits": units, "Table": {"CapacityUnits": 0.0},
        "LocalSecondaryIndexes": {"local": {"CapacityUnits": units}}}


@pytest.mark.parametrize("items, size, table_units", [(1, 100, 0.5), (3, 100, 1.5), (1, 5000, 1.0)])
def test_fetching_from_the_table_is_billed_item_by_item(ddb, indexed, key, items, size, table_units):
    for number in range(items):
        ddb.put_item(TableName=indexed, Item=body(size, {**key, "sk": s(str(number)), "m": s("x")}))
    answer = read_index(ddb, indexed, key, "local-keys", Select="ALL_ATTRIBUTES")
    assert answer["Table"] == {"CapacityUnits": table_units}
    assert answer["LocalSecondaryIndexes"] == {"local-keys": {"CapacityUnits": 0.5}}
    assert answer["CapacityUnits"] == table_units + 0.5


def test_a_query_of_an_index_counts_what_the_index_holds(ddb, indexed, pair):
    ddb.put_item(TableName=indexed, Item=body(100_000, {**pair, "a": pair["pk"]}))
    assert read_index(ddb, indexed, pair, "some")["CapacityUnits"] == 0.5
    assert read_index(ddb, indexed, pair, "all")["CapacityUnits"] == 12.5


# index writes


def test_an_item_outside_all_indexes_costs_the_table_only(ddb, indexed, pair):
    assert put_indexed(ddb, indexed, pair) == {
        "TableName": indexed, "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}


def test_each_index_that_is_written_costs_one_more(ddb, indexed, pair):
    assert put_indexed(ddb, indexed, pair, a=s("x"), b=s("x"), l=s("x"), m=s("x")) == {
        "TableName": indexed, "CapacityUnits": 6.0, "Table": {"CapacityUnits": 1.0},
        "LocalSecondaryIndexes": {"local": {"CapacityUnits": 1.0}, "local-keys": {"CapacityUnits": 1.0}},
        "GlobalSecondaryIndexes": {
            "all": {"CapacityUnits": 1.0}, "some": {"CapacityUnits": 1.0}, "keys": {"CapacityUnits": 1.0}}}


def test_total_includes_the_indexes(ddb, indexed, pair):
    answer = ddb.put_item(TableName=indexed, Item={**pair, "a": s("x")}, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == {"TableName": indexed, "CapacityUnits": 3.0}


def update(ddb, indexed, pair, expression, **values):
    more = {"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}
    return ddb.update_item(TableName=indexed, Key=pair, UpdateExpression=expression, ReturnConsumedCapacity="INDEXES",
                           **more)["ConsumedCapacity"]


@pytest.mark.parametrize("expression, values, expected", [
    ("SET b = :v", {"v": s("new")}, {"keys": 2.0, "all": 1.0}),  # the key of one index, projected by another
    ("SET p = :v", {"v": s("new")}, {"some": 1.0, "all": 1.0}), ("SET elsewhere = :v", {"v": s("new")}, {"all": 1.0}),
    ("SET a = :v", {"v": s("new")}, {"some": 2.0, "all": 2.0}), ("REMOVE b", {}, {"keys": 1.0, "all": 1.0}),
    ("REMOVE a", {}, {"some": 1.0, "all": 1.0}), ("SET p = :v", {"v": s("old")}, {}), ("REMOVE nothing", {}, {}),
])
def test_an_update_costs_the_indexes_it_changes(ddb, indexed, pair, expression, values, expected):
    put_indexed(ddb, indexed, pair, a=s("x"), b=s("x"), p=s("old"))
    answer = update(ddb, indexed, pair, expression, **values)
    found = {name: each["CapacityUnits"] for name, each in answer.get("GlobalSecondaryIndexes", {}).items()}
    assert found == expected and answer["CapacityUnits"] == 1.0 + sum(expected.values())


def test_an_index_is_billed_by_the_size_of_its_entry(ddb, indexed, pair):
    answer = ddb.put_item(TableName=indexed, Item=body(3000, {**pair, "a": s("x")}), ReturnConsumedCapacity="INDEXES")
    found = answer["ConsumedCapacity"]["GlobalSecondaryIndexes"]
    assert found == {"all": {"CapacityUnits": 3.0}, "some": {"CapacityUnits": 1.0}}


def test_a_delete_costs_the_indexes_too(ddb, indexed, pair):
    put_indexed(ddb, indexed, pair, a=s("x"), l=s("x"))
    answer = ddb.delete_item(TableName=indexed, Key=pair, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert answer["CapacityUnits"] == 4.0 and set(answer["GlobalSecondaryIndexes"]) == {"all", "some"}
    assert answer["LocalSecondaryIndexes"] == {"local": {"CapacityUnits": 1.0}}


# batches


def test_a_batch_of_writes_has_a_list(ddb, plain, indexed, key):
    answer = ddb.batch_write_item(ReturnConsumedCapacity="TOTAL", RequestItems={
        plain: [{"PutRequest": {"Item": body(1500, key)}}, {"DeleteRequest": {"Key": {"pk": s(uuid.uuid4().hex)}}}],
        indexed: [{"PutRequest": {"Item": {**key, "sk": s("x"), "a": s("x")}}}]})
    found = {each["TableName"]: each for each in answer["ConsumedCapacity"]}
    assert found == {plain: {"TableName": plain, "CapacityUnits": 3.0}, indexed: {"TableName": indexed, "CapacityUnits": 3.0}}


def test_a_batch_of_writes_tells_indexes(ddb, indexed, pair):
    answer = ddb.batch_write_item(ReturnConsumedCapacity="INDEXES", RequestItems={
        indexed: [{"PutRequest": {"Item": {**pair, "a": s("x"), "l": s("x")}}}]})
    assert answer["ConsumedCapacity"] == [{
        "TableName": indexed, "CapacityUnits": 4.0, "Table": {"CapacityUnits": 1.0},
        "LocalSecondaryIndexes": {"local": {"CapacityUnits": 1.0}},
        "GlobalSecondaryIndexes": {"all": {"CapacityUnits": 1.0}, "some": {"CapacityUnits": 1.0}}}]


@pytest.mark.parametrize("consistent", [True, False])
def test_a_batch_of_reads_rounds_item_by_item(ddb, plain, consistent):
    keys = [{"pk": s(uuid.uuid4().hex)} for _ in range(3)]
    ddb.put_item(TableName=plain, Item=keys[0])
    ddb.put_item(TableName=plain, Item=body(5000, keys[1]))
    answer = ddb.batch_get_item(ReturnConsumedCapacity="TOTAL", RequestItems={plain: {"Keys": keys, "ConsistentRead": consistent}})
    assert answer["ConsumedCapacity"] == [{"TableName": plain, "CapacityUnits": 4.0 if consistent else 2.0}]


def test_a_batch_of_reads_has_one_entry_for_each_table(ddb, plain, indexed, key, pair):
    answer = ddb.batch_get_item(ReturnConsumedCapacity="INDEXES", RequestItems={
        plain: {"Keys": [key]}, indexed: {"Keys": [pair], "ConsistentRead": True}})
    found = {each["TableName"]: each for each in answer["ConsumedCapacity"]}
    assert found[plain] == {"TableName": plain, "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.5}}
    assert found[indexed] == {"TableName": indexed, "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}


# transactions


def put(table, item):
    return {"Put": {"TableName": table, "Item": item}}


def units(value, kind):
    return {"CapacityUnits": value, f"{kind}CapacityUnits": value}


def transact(ddb, *actions, level="TOTAL", **more):
    return ddb.transact_write_items(TransactItems=list(actions), ReturnConsumedCapacity=level, **more).get("ConsumedCapacity")


def test_transactional_writes_cost_double(ddb, plain):
    keys = [{"pk": s(uuid.uuid4().hex)} for _ in range(2)]
    assert transact(ddb, *[put(plain, key) for key in keys]) == [{"TableName": plain, **units(4.0, "Write")}]


@pytest.mark.parametrize("size, expected", [(1024, 2.0), (1025, 4.0), (10_000, 20.0)])
def test_transactional_writes_count_kilobytes(ddb, plain, key, size, expected):
    assert transact(ddb, put(plain, body(size, key))) == [{"TableName": plain, **units(expected, "Write")}]


@pytest.mark.parametrize("action", [
    lambda t, k: {"Delete": {"TableName": t, "Key": k}},
    lambda t, k: {"ConditionCheck": {"TableName": t, "Key": k, "ConditionExpression": "attribute_not_exists(pk)"}},
    lambda t, k: {"Update": {"TableName": t, "Key": k, "UpdateExpression": "REMOVE a"}}])
def test_every_action_costs_two_at_least(ddb, plain, key, action):
    assert transact(ddb, action(plain, key)) == [{"TableName": plain, **units(2.0, "Write")}]


def test_transactional_writes_double_the_indexes(ddb, indexed, pair):
    answer = transact(ddb, put(indexed, {**pair, "a": s("x")}), level="INDEXES")
    assert answer == [{
        "TableName": indexed, **units(6.0, "Write"), "Table": units(2.0, "Write"),
        "GlobalSecondaryIndexes": {"all": units(2.0, "Write"), "some": units(2.0, "Write")}}]


def test_transactional_writes_list_each_table(ddb, plain, indexed, key, pair):
    answer = transact(ddb, put(plain, key), put(indexed, pair))
    assert {each["TableName"]: each["CapacityUnits"] for each in answer} == {plain: 2.0, indexed: 2.0}


@pytest.mark.parametrize("level", ["NONE", None])
def test_transactions_report_nothing_unless_asked_for(ddb, plain, key, level):
    more = {"ReturnConsumedCapacity": level} if level else {}
    assert "ConsumedCapacity" not in ddb.transact_write_items(TransactItems=[put(plain, key)], **more)


def test_a_repetition_costs_reads(ddb, plain, key):
    token = uuid.uuid4().hex
    transact(ddb, put(plain, key), ClientRequestToken=token)
    assert transact(ddb, put(plain, key), ClientRequestToken=token) == [{"TableName": plain, **units(2.0, "Read")}]


def test_a_cancelled_transaction_reports_none(ddb, plain, key):
    with pytest.raises(ddb.exceptions.TransactionCanceledException) as caught:
        transact(ddb, {"ConditionCheck": {"TableName": plain, "Key": key, "ConditionExpression": "attribute_exists(pk)"}})
    assert "ConsumedCapacity" not in caught.value.response


@pytest.mark.parametrize("size, expected", [(100, 2.0), (4096, 2.0), (4097, 4.0), (9000, 6.0)])
def test_transactional_reads_cost_double(ddb, plain, key, size, expected):
    ddb.put_item(TableName=plain, Item=body(size, key))
    answer = ddb.transact_get_items(TransactItems=[{"Get": {"TableName": plain, "Key": key}}], ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [{"TableName": plain, **units(expected, "Read")}]


def test_a_transactional_read_of_nothing_costs_two(ddb, plain, key):
    answer = ddb.transact_get_items(TransactItems=[{"Get": {"TableName": plain, "Key": key}}], ReturnConsumedCapacity="INDEXES")
    assert answer["ConsumedCapacity"] == [{"TableName": plain, **units(2.0, "Read"), "Table": units(2.0, "Read")}]
