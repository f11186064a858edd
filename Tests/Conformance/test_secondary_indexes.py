import uuid

import pytest

from .conftest import index, refused

INVALID = "One or more parameter values were invalid: "


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


@pytest.fixture(scope="module")
def shop(ddb, make_table):
    """Orders by customer and number, with two local and three global indexes."""
    name = make_table(
        hash="customer", range="id", types={"id": "N", "price": "N", "day": "S"},
        LocalSecondaryIndexes=[
            index("by-price", "customer", "price"), index("by-day", "customer", "day", "KEYS_ONLY"),
            index("some", "customer", "price", "INCLUDE", ["city"])],
        GlobalSecondaryIndexes=[
            index("city-price", "city", "price"), index("city-keys", "city", None, "KEYS_ONLY"),
            index("city-some", "city", "day", "INCLUDE", ["note"])])
    for number, (city, price, day) in enumerate([
            ("Rome", 5, "d3"), ("Rome", 10, "d1"), ("Rome", 7, "d2"), ("Oslo", 1, "d5"), (None, 3, "d4"), ("Rome", None, None)]):
        item = {"customer": s("ann"), "id": n(number), "note": s(f"n{number}"), "more": s("m")}
        for attribute, value in [("city", city), ("day", day)]:
            if value:
                item[attribute] = s(value)
        if price:
            item["price"] = n(price)
        ddb.put_item(TableName=name, Item=item)
    return name


def query(ddb, table, name, condition, **more):
    values = {":c": s("ann"), ":r": s("Rome")}
    values = {key: value for key, value in values.items() if key in condition} | more.pop("values", {})
    return ddb.query(
        TableName=table, IndexName=name, KeyConditionExpression=condition, ExpressionAttributeValues=values, **more)


def ids(answer):
    return [int(item["id"]["N"]) for item in answer["Items"]]


# what an index holds


def test_a_local_index_orders_a_partition_by_another_attribute(ddb, shop):
    assert ids(query(ddb, shop, "by-price", "customer = :c")) == [3, 4, 0, 2, 1]


def test_a_global_index_has_partitions_of_its_own(ddb, shop):
    assert ids(query(ddb, shop, "city-price", "city = :r")) == [0, 2, 1]


def test_an_item_without_the_partition_key_is_not_in_a_global_index(ddb, shop):
    assert 4 not in ids(ddb.scan(TableName=shop, IndexName="city-price"))


def test_an_item_without_the_sort_key_is_not_in_the_index(ddb, shop):
    assert 5 not in ids(ddb.scan(TableName=shop, IndexName="by-price"))
    assert 5 not in ids(ddb.scan(TableName=shop, IndexName="city-price"))


def test_an_index_without_sort_key_asks_for_the_partition_key_only(ddb, shop):
    assert sorted(ids(query(ddb, shop, "city-keys", "city = :r"))) == [0, 1, 2, 5]


@pytest.mark.parametrize("name, count", [
    ("by-price", 5), ("by-day", 5), ("some", 5), ("city-price", 4), ("city-keys", 5), ("city-some", 4)])
def test_a_scan_of_an_index_returns_its_entries(ddb, shop, name, count):
    answer = ddb.scan(TableName=shop, IndexName=name)
    assert answer["Count"] == answer["ScannedCount"] == count


def test_backwards_reads_an_index_backwards(ddb, shop):
    assert ids(query(ddb, shop, "by-price", "customer = :c", ScanIndexForward=False)) == [1, 2, 0, 4, 3]


@pytest.mark.parametrize("condition, values, found", [
    ("price > :v", {":v": n(5)}, [2, 1]), ("price BETWEEN :v AND :w", {":v": n(5), ":w": n(7)}, [0, 2]),
    ("price = :v", {":v": n(10)}, [1]), ("price < :v", {":v": n(0)}, [])])
def test_conditions_on_the_sort_key_of_an_index(ddb, shop, condition, values, found):
    assert ids(query(ddb, shop, "city-price", "city = :r AND " + condition, values=values)) == found


# projections


@pytest.mark.parametrize("name, names", [
    ("by-price", {"customer", "id", "price", "city", "day", "note", "more"}), ("by-day", {"customer", "id", "day"}),
    ("some", {"customer", "id", "price", "city"}), ("city-keys", {"customer", "id", "city"}),
    ("city-price", {"customer", "id", "price", "city", "day", "note", "more"}),
    ("city-some", {"customer", "id", "city", "day", "note"})])
def test_an_index_returns_what_it_projects(ddb, shop, name, names):
    items = ddb.scan(TableName=shop, IndexName=name)["Items"]
    assert set().union(*items) == names


@pytest.mark.parametrize("name", ["by-day", "some", "city-keys", "city-some"])
def test_select_all_projected_attributes_is_the_default(ddb, shop, name):
    assert (ddb.scan(TableName=shop, IndexName=name, Select="ALL_PROJECTED_ATTRIBUTES")["Items"]
            == ddb.scan(TableName=shop, IndexName=name)["Items"])


@pytest.mark.parametrize("operation", ["query", "scan"])
def test_a_local_index_fetches_all_attributes_from_the_table(ddb, shop, operation):
    answer = (
        query(ddb, shop, "by-day", "customer = :c", Select="ALL_ATTRIBUTES") if operation == "query"
        else ddb.scan(TableName=shop, IndexName="by-day", Select="ALL_ATTRIBUTES"))
    assert all({"note", "more"} <= set(item) for item in answer["Items"])


def test_a_local_index_fetches_what_a_projection_names(ddb, shop):
    answer = query(ddb, shop, "by-day", "customer = :c", ProjectionExpression="id, note")
    assert answer["Items"][0] == {"id": n(1), "note": s("n1")}


@pytest.mark.parametrize("name", ["city-keys", "city-some"])
@pytest.mark.parametrize("operation", ["query", "scan"])
def test_a_global_index_does_not_fetch(ddb, shop, name, operation):
    with refused("ValidationException", INVALID + f"Select type ALL_ATTRIBUTES is not supported for global secondary "
                 f"index {name} because its projection type is not ALL"):
        if operation == "query":
            query(ddb, shop, name, "city = :r", Select="ALL_ATTRIBUTES")
        else:
            ddb.scan(TableName=shop, IndexName=name, Select="ALL_ATTRIBUTES")


def test_a_global_index_of_everything_gives_all_attributes(ddb, shop):
    assert query(ddb, shop, "city-price", "city = :r", Select="ALL_ATTRIBUTES")["Count"] == 3


def test_a_global_index_refuses_to_project_what_it_lacks(ddb, shop):
    with refused("ValidationException", INVALID, "does not project", "more"):
        query(ddb, shop, "city-some", "city = :r", ProjectionExpression="note, more")


@pytest.mark.parametrize("name, condition", [
    ("city-keys", "city = :r"), ("city-some", "city = :r"), ("by-day", "customer = :c"), ("some", "customer = :c")])
def test_a_query_does_not_filter_by_what_the_index_lacks(ddb, shop, name, condition):
    with refused("ValidationException",
                 INVALID + f"Secondary index {name} does not project one or more filter attributes: [more]"):
        query(ddb, shop, name, condition, FilterExpression="attribute_exists(more)")


@pytest.mark.parametrize("name, count", [("city-keys", 0), ("by-day", 0), ("city-price", 4)])
def test_to_the_filter_of_a_scan_what_the_index_lacks_is_absent(ddb, shop, name, count):
    answer = ddb.scan(TableName=shop, IndexName=name, FilterExpression="attribute_exists(more)")
    assert answer["Count"] == count and answer["ScannedCount"] >= 4


@pytest.mark.parametrize("name, condition", [("city-some", "city = :r"), ("some", "customer = :c")])
def test_a_filter_by_what_the_index_includes(ddb, shop, name, condition):
    attribute = "note" if name == "city-some" else "city"
    answer = query(ddb, shop, name, condition, FilterExpression=f"attribute_exists({attribute})")
    assert answer["Count"] > 0


def test_count_of_an_index(ddb, shop):
    answer = query(ddb, shop, "city-price", "city = :r", Select="COUNT")
    assert answer["Count"] == 3 and "Items" not in answer


# consistency


@pytest.mark.parametrize("operation", ["query", "scan"])
def test_a_global_index_is_not_read_consistently(ddb, shop, operation):
    with refused("ValidationException", "Consistent reads are not supported on global secondary indexes"):
        if operation == "query":
            query(ddb, shop, "city-price", "city = :r", ConsistentRead=True)
        else:
            ddb.scan(TableName=shop, IndexName="city-price", ConsistentRead=True)


@pytest.mark.parametrize("name", ["by-price", "by-day"])
def test_a_local_index_is_read_consistently(ddb, shop, name):
    assert query(ddb, shop, name, "customer = :c", ConsistentRead=True)["Count"] == 5


# pages


def test_the_last_key_of_a_local_index_has_its_sort_key(ddb, shop):
    answer = query(ddb, shop, "by-price", "customer = :c", Limit=2)
    assert answer["LastEvaluatedKey"] == {"customer": s("ann"), "id": n(4), "price": n(3)}


def test_the_last_key_of_a_global_index_has_both_keys(ddb, shop):
    answer = query(ddb, shop, "city-price", "city = :r", Limit=1)
    assert answer["LastEvaluatedKey"] == {"customer": s("ann"), "id": n(0), "price": n(5), "city": s("Rome")}


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("forward", [True, False])
def test_pages_of_an_index_add_up(ddb, shop, limit, forward):
    found, start = [], {}
    while True:
        page = query(ddb, shop, "city-price", "city = :r", Limit=limit, ScanIndexForward=forward, **start)
        found += ids(page)
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert found == ([0, 2, 1] if forward else [1, 2, 0])


def test_equal_index_keys_page_without_loss(ddb, make_table):
    name = make_table(GlobalSecondaryIndexes=[index("group", "g", "r")])
    for number in range(20):
        ddb.put_item(TableName=name, Item={"pk": s(f"k{number}"), "g": s("x"), "r": s("same")})
    found, start = [], {}
    while True:
        page = ddb.query(
            TableName=name, IndexName="group", KeyConditionExpression="g = :g", Limit=3,
            ExpressionAttributeValues={":g": s("x")}, **start)
        found += [item["pk"]["S"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert sorted(found) == sorted(f"k{number}" for number in range(20))


@pytest.mark.parametrize("start", [
    {"customer": s("ann"), "id": n(0)}, {"customer": s("ann"), "id": n(0), "price": n(5)},
    {"customer": s("ann"), "id": n(0), "city": s("Rome"), "wrong": n(5)},
    {"customer": s("ann"), "id": n(0), "city": s("Rome"), "price": n(5), "more": s("x")}])
@pytest.mark.parametrize("operation", ["query", "scan"])
def test_a_start_key_must_have_the_keys_of_table_and_index(ddb, shop, start, operation):
    with refused("ValidationException", "The provided starting key is invalid"):
        if operation == "query":
            query(ddb, shop, "city-price", "city = :r", ExclusiveStartKey=start)
        else:
            ddb.scan(TableName=shop, IndexName="city-price", ExclusiveStartKey=start)


@pytest.mark.parametrize("wrong", [{"price": s("5")}, {"city": n(1)}, {"id": s("0")}, {"customer": n(1)}])
def test_a_start_key_of_wrong_types_is_refused(ddb, shop, wrong):
    start = {"customer": s("ann"), "id": n(0), "city": s("Rome"), "price": n(5), **wrong}
    with refused("ValidationException", "The provided key element does not match the schema"):
        query(ddb, shop, "city-price", "city = :r", ExclusiveStartKey=start)


def test_a_start_key_of_another_index_partition_is_refused(ddb, shop):
    start = {"customer": s("ann"), "id": n(0), "city": s("Oslo"), "price": n(5)}
    with refused("ValidationException",
                 "The provided starting key is outside query boundaries based on provided conditions"):
        query(ddb, shop, "city-price", "city = :r", ExclusiveStartKey=start)


# key conditions of indexes


@pytest.mark.parametrize("condition, key", [("customer = :c", "city"), ("price = :c", "city")])
def test_the_partition_key_of_the_index_is_missed(ddb, shop, condition, key):
    with refused("ValidationException", f"Query condition missed key schema element: {key}"):
        query(ddb, shop, "city-price", condition)


def test_a_filter_on_a_key_of_the_index_is_refused(ddb, shop):
    with refused("ValidationException", "Filter Expression can only contain non-primary key attributes: Primary key "
                 "attribute: price"):
        query(ddb, shop, "city-price", "city = :r", FilterExpression="price > :v", values={":v": n(1)})


def test_a_filter_on_a_key_of_the_table_is_allowed_in_a_global_index(ddb, shop):
    assert ids(query(ddb, shop, "city-price", "city = :r", FilterExpression="id > :v", values={":v": n(0)})) == [2, 1]


# writes keep indexes


@pytest.fixture
def counted(ddb, shop):
    """Entries of `city-price` in a city of its own."""
    city = uuid.uuid4().hex
    def count():
        return ddb.query(TableName=shop, IndexName="city-price", KeyConditionExpression="city = :x",
                         ExpressionAttributeValues={":x": s(city)})["Items"]
    return city, count


def order(number=1, **more):
    return {"customer": s("bob"), "id": n(number), **more}


def test_an_item_leaves_the_index_with_its_key(ddb, shop, counted):
    city, entries = counted
    ddb.put_item(TableName=shop, Item=order(city=s(city), price=n(1)))
    assert len(entries()) == 1
    ddb.update_item(TableName=shop, Key=order(), UpdateExpression="REMOVE price")
    assert entries() == []


def test_an_update_moves_the_entry(ddb, shop, counted):
    city, entries = counted
    ddb.put_item(TableName=shop, Item=order(city=s(city), price=n(1)))
    ddb.update_item(TableName=shop, Key=order(), UpdateExpression="SET price = :v", ExpressionAttributeValues={":v": n(2)})
    assert [item["price"] for item in entries()] == [n(2)]


def test_an_update_of_another_attribute_shows_in_the_index(ddb, shop, counted):
    city, entries = counted
    ddb.put_item(TableName=shop, Item=order(city=s(city), price=n(1)))
    ddb.update_item(TableName=shop, Key=order(), UpdateExpression="SET note = :v", ExpressionAttributeValues={":v": s("new")})
    assert entries()[0]["note"] == s("new")


def test_a_delete_removes_the_entry(ddb, shop, counted):
    city, entries = counted
    ddb.put_item(TableName=shop, Item=order(city=s(city), price=n(1)))
    ddb.delete_item(TableName=shop, Key=order())
    assert entries() == []


def test_a_batch_and_a_transaction_keep_indexes(ddb, shop, counted):
    city, entries = counted
    ddb.batch_write_item(RequestItems={shop: [{"PutRequest": {"Item": order(2, city=s(city), price=n(1))}}]})
    ddb.transact_write_items(TransactItems=[{"Put": {"TableName": shop, "Item": order(3, city=s(city), price=n(2))}}])
    assert ids({"Items": entries()}) == [2, 3]


@pytest.mark.parametrize("attribute, value, expected, actual, name", [
    ("price", s("5"), "N", "S", "by-price"), ("city", n(5), "S", "N", "city-price"),
    ("day", {"BOOL": True}, "S", "BOOL", "by-day"), ("city", {"NULL": True}, "S", "NULL", "city-price"),
    ("price", {"NS": ["1"]}, "N", "NS", "by-price"), ("price", {"L": []}, "N", "L", "by-price"),
    ("city", {"M": {}}, "S", "M", "city-price"),
])
def test_a_key_attribute_of_an_index_has_its_type(ddb, shop, attribute, value, expected, actual, name):
    with refused("ValidationException", INVALID + f"Type mismatch for Index Key {attribute} Expected: {expected} "
                 f"Actual: {actual} IndexName: "):
        ddb.put_item(TableName=shop, Item=order(**{attribute: value}))


def test_an_empty_key_of_an_index_is_refused(ddb, shop):
    with refused("ValidationException", "One or more parameter values are not valid. A value specified for a secondary "
                 "index key is not supported. The AttributeValue for a key attribute cannot contain an empty string "
                 "value. IndexName: ", "IndexKey: city"):
        ddb.put_item(TableName=shop, Item=order(city=s("")))


def test_an_update_to_a_wrong_type_is_refused(ddb, shop):
    ddb.put_item(TableName=shop, Item=order(price=n(1)))
    with refused("ValidationException",
                 "The update expression attempted to update the secondary index key to unsupported type"):
        ddb.update_item(TableName=shop, Key=order(), UpdateExpression="SET price = :v",
                        ExpressionAttributeValues={":v": s("x")})


@pytest.mark.parametrize("attribute, value, text", [
    ("city", "x" * 2049, "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    ("day", "x" * 1025, "Aggregated size of all range keys has exceeded the size limit of 1024 bytes")])
def test_keys_of_indexes_have_the_size_limits_of_keys(ddb, shop, attribute, value, text):
    with refused("ValidationException", text):
        ddb.put_item(TableName=shop, Item=order(**{attribute: s(value)}))


@pytest.mark.parametrize("path", ["price.a", "city[0]", "price[1].a"])
def test_no_path_leads_into_a_key_of_an_index(ddb, shop, path):
    with refused("ValidationException", "Key attributes must be scalars; list random access '[]' and map lookup '.' are "
                 f"not allowed: IndexKey: {path.split('.')[0].split('[')[0]}"):
        ddb.scan(TableName=shop, FilterExpression=f"attribute_exists({path})")


def test_two_items_may_have_one_index_key(ddb, shop, counted):
    city, entries = counted
    for number in (7, 8):
        ddb.put_item(TableName=shop, Item=order(number, city=s(city), price=n(1)))
    assert sorted(ids({"Items": entries()})) == [7, 8]
