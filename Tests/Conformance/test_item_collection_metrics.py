import pytest

from .conftest import index, refused


def s(value):
    return {"S": value}


@pytest.fixture(scope="module")
def local(make_table):
    return make_table(range="sk", LocalSecondaryIndexes=[index("local", "pk", "l")])


@pytest.fixture(scope="module")
def globally(make_table):
    return make_table(range="sk", GlobalSecondaryIndexes=[index("global", "a")])


@pytest.fixture
def pair(key):
    return {**key, "sk": s("x")}


OPERATIONS = {
    "put_item": lambda ddb, table, pair, **more: ddb.put_item(TableName=table, Item=pair, **more),
    "update_item": lambda ddb, table, pair, **more: ddb.update_item(TableName=table, Key=pair, **more),
    "delete_item": lambda ddb, table, pair, **more: ddb.delete_item(TableName=table, Key=pair, **more),
    "batch_write_item": lambda ddb, table, pair, **more: ddb.batch_write_item(
        RequestItems={table: [{"PutRequest": {"Item": pair}}]}, **more),
    "transact_write_items": lambda ddb, table, pair, **more: ddb.transact_write_items(
        TransactItems=[{"Put": {"TableName": table, "Item": pair}}], **more),
}
single = pytest.mark.parametrize("operation", ["put_item", "update_item", "delete_item"])
several = pytest.mark.parametrize("operation", ["batch_write_item", "transact_write_items"])
every = pytest.mark.parametrize("operation", list(OPERATIONS))


def entry(pair):
    return {"ItemCollectionKey": {"pk": pair["pk"]}, "SizeEstimateRangeGB": [0.0, 1.0]}


@single
def test_a_write_tells_its_collection(ddb, local, pair, operation):
    answer = OPERATIONS[operation](ddb, local, pair, ReturnItemCollectionMetrics="SIZE")
    assert answer["ItemCollectionMetrics"] == entry(pair)


@several
def test_several_writes_tell_a_list_for_each_table(ddb, local, pair, operation):
    answer = OPERATIONS[operation](ddb, local, pair, ReturnItemCollectionMetrics="SIZE")
    assert answer["ItemCollectionMetrics"] == {local: [entry(pair)]}


@every
@pytest.mark.parametrize("wish", [None, "NONE"])
def test_nothing_is_told_unless_asked_for(ddb, local, pair, operation, wish):
    more = {"ReturnItemCollectionMetrics": wish} if wish else {}
    assert "ItemCollectionMetrics" not in OPERATIONS[operation](ddb, local, pair, **more)


@every
def test_only_tables_with_a_local_index_have_collections(ddb, globally, pair, operation):
    answer = OPERATIONS[operation](ddb, globally, pair, ReturnItemCollectionMetrics="SIZE")
    assert "ItemCollectionMetrics" not in answer


@every
def test_an_unknown_wish_is_refused(ddb, local, pair, operation):
    with refused("ValidationException", "SOME", "eturnItemCollectionMetrics", "enum value set"):
        OPERATIONS[operation](ddb, local, pair, ReturnItemCollectionMetrics="SOME")


def test_a_check_tells_nothing(ddb, local, pair):
    answer = ddb.transact_write_items(ReturnItemCollectionMetrics="SIZE", TransactItems=[{"ConditionCheck": {
        "TableName": local, "Key": pair, "ConditionExpression": "attribute_not_exists(pk)"}}])
    assert "ItemCollectionMetrics" not in answer


def test_each_collection_of_a_batch_is_told(ddb, local, pair):
    second = {"pk": s(pair["pk"]["S"] + "2"), "sk": s("x")}
    answer = ddb.batch_write_item(ReturnItemCollectionMetrics="SIZE", RequestItems={
        local: [{"PutRequest": {"Item": pair}}, {"PutRequest": {"Item": second}}]})
    found = [each["ItemCollectionKey"]["pk"]["S"] for each in answer["ItemCollectionMetrics"][local]]
    assert sorted(found) == sorted([pair["pk"]["S"], second["pk"]["S"]])


def test_the_estimate_is_fractions_on_the_wire(endpoint, local, pair):
    _, _, data = endpoint.raw("PutItem", {"TableName": local, "Item": pair, "ReturnItemCollectionMetrics": "SIZE"})
    assert b'"SizeEstimateRangeGB":[0.0,1.0]' in data
