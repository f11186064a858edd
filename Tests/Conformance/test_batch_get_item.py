import uuid

import pytest

from .conftest import refused


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


@pytest.fixture(scope="module")
def numbers(ddb, make_table):
    name = make_table(types={"pk": "N"})
    for number in range(10):
        ddb.put_item(TableName=name, Item={"pk": n(number), "v": s(f"v{number}"), "w": {"M": {"x": n(1), "y": n(2)}}})
    return name


@pytest.fixture(scope="module")
def pairs(ddb, make_table):
    name = make_table(range="sk")
    ddb.put_item(TableName=name, Item={"pk": s("a"), "sk": s("b"), "v": n(1)})
    return name


def get(ddb, table, keys, **more):
    outer = {key: more.pop(key) for key in list(more) if key == "ReturnConsumedCapacity"}
    return ddb.batch_get_item(RequestItems={table: {"Keys": keys, **more}}, **outer)


def missing():
    return "no-such-table-" + uuid.uuid4().hex


def test_it_returns_the_items(ddb, numbers):
    answer = get(ddb, numbers, [{"pk": n(1)}, {"pk": n(2)}])
    assert sorted(item["v"]["S"] for item in answer["Responses"][numbers]) == ["v1", "v2"]


def test_unprocessed_keys_are_always_there(ddb, numbers):
    assert get(ddb, numbers, [{"pk": n(1)}])["UnprocessedKeys"] == {}


def test_missing_items_are_left_out(ddb, numbers):
    answer = get(ddb, numbers, [{"pk": n(1)}, {"pk": n(99)}])
    assert [item["pk"] for item in answer["Responses"][numbers]] == [n(1)]


def test_a_table_without_hits_has_an_empty_list(ddb, numbers):
    assert get(ddb, numbers, [{"pk": n(99)}])["Responses"] == {numbers: []}


def test_several_tables_at_once(ddb, numbers, pairs):
    answer = ddb.batch_get_item(RequestItems={
        numbers: {"Keys": [{"pk": n(1)}]}, pairs: {"Keys": [{"pk": s("a"), "sk": s("b")}]}})
    assert {name: len(items) for name, items in answer["Responses"].items()} == {numbers: 1, pairs: 1}


def test_a_hundred_keys(ddb, numbers):
    answer = get(ddb, numbers, [{"pk": n(number)} for number in range(100)])
    assert len(answer["Responses"][numbers]) == 10


@pytest.mark.parametrize("consistent", [True, False])
def test_consistency_is_per_table(ddb, numbers, consistent):
    assert len(get(ddb, numbers, [{"pk": n(1)}], ConsistentRead=consistent)["Responses"][numbers]) == 1


def test_a_projection_is_per_table(ddb, numbers, pairs):
    answer = ddb.batch_get_item(RequestItems={
        numbers: {"Keys": [{"pk": n(1)}], "ProjectionExpression": "w.#x", "ExpressionAttributeNames": {"#x": "x"}},
        pairs: {"Keys": [{"pk": s("a"), "sk": s("b")}]}})
    assert answer["Responses"][numbers] == [{"w": {"M": {"x": n(1)}}}]
    assert answer["Responses"][pairs] == [{"pk": s("a"), "sk": s("b"), "v": n(1)}]


def test_a_projection_of_nothing_leaves_an_empty_item(ddb, numbers):
    answer = get(ddb, numbers, [{"pk": n(1)}], ProjectionExpression="nothing")
    assert answer["Responses"][numbers] == [{}]


# duplicates


@pytest.mark.parametrize("keys", [
    [{"pk": n(1)}, {"pk": n(1)}], [{"pk": n(1)}, {"pk": n(2)}, {"pk": n(1)}], [{"pk": n(99)}, {"pk": n(99)}]])
def test_duplicate_keys_are_refused(ddb, numbers, keys):
    with refused("ValidationException", "Provided list of item keys contains duplicates"):
        get(ddb, numbers, keys)


def test_the_order_of_key_attributes_does_not_hide_a_duplicate(ddb, pairs):
    with refused("ValidationException", "Provided list of item keys contains duplicates"):
        get(ddb, pairs, [{"pk": s("a"), "sk": s("b")}, {"sk": s("b"), "pk": s("a")}])


@pytest.mark.parametrize("other", ["1.0", "1e0", "01", "0.1e1"])
def test_numbers_are_compared_as_they_are_written(ddb, numbers, other):
    answer = get(ddb, numbers, [{"pk": n(1)}, {"pk": {"N": other}}])
    assert [item["pk"] for item in answer["Responses"][numbers]] == [n(1)]


def test_duplicates_are_found_before_the_table_is_looked_up(ddb):
    with refused("ValidationException", "Provided list of item keys contains duplicates"):
        get(ddb, missing(), [{"pk": n(1)}, {"pk": n(1)}])


# limits


def test_more_than_a_hundred_keys_of_one_table_are_refused(ddb, numbers):
    with refused("ValidationException", f"1 validation error detected: Value at 'RequestItems.{numbers}.member.Keys' "
                 "failed to satisfy constraint: Member must have length less than or equal to 100"):
        get(ddb, numbers, [{"pk": n(number)} for number in range(101)])


def test_more_than_a_hundred_keys_of_all_tables_are_refused(ddb, numbers, pairs):
    with refused("ValidationException", "Too many items requested for the BatchGetItem call"):
        ddb.batch_get_item(RequestItems={
            numbers: {"Keys": [{"pk": n(number)} for number in range(60)]},
            pairs: {"Keys": [{"pk": s(str(number)), "sk": s("x")} for number in range(60)]}})


def test_an_empty_list_of_keys_is_refused(ddb, numbers):
    with refused("ValidationException", "Member must have length greater than or equal to 1"):
        get(ddb, numbers, [])


def test_no_list_of_keys_is_refused(ddb, numbers):
    with refused("ValidationException", f"Value null at 'requestItems.{numbers}.member.keys' failed to satisfy "
                 "constraint: Member must not be null"):
        ddb.batch_get_item(RequestItems={numbers: {}})


def test_an_empty_request_is_refused(ddb):
    with refused("ValidationException"):
        ddb.batch_get_item(RequestItems={})


def test_no_request_is_refused(endpoint):
    kind, message = endpoint.raw_error("BatchGetItem", {})
    assert kind.endswith("#ValidationException") and "'requestItems' failed to satisfy constraint: Member must not be null" in message


@pytest.fixture(scope="module")
def heavy(ddb, make_table):
    """Sixty items of 300 KB each: 17.6 MB."""
    name = make_table(types={"pk": "N"})
    for number in range(60):
        ddb.put_item(TableName=name, Item={"pk": n(number), "body": s("x" * 300 * 1024)})
    return name


def test_sixteen_megabytes_end_the_answer(ddb, heavy):
    keys = [{"pk": n(number)} for number in range(60)]
    answer = get(ddb, heavy, keys, ProjectionExpression="pk", ConsistentRead=True)
    found, left = answer["Responses"][heavy], answer["UnprocessedKeys"][heavy]["Keys"]
    assert 50 <= len(found) <= 54
    assert sorted(int(each["pk"]["N"]) for each in found + left) == list(range(60))


def test_unprocessed_keys_can_be_sent_as_they_are(ddb, heavy):
    first = get(ddb, heavy, [{"pk": n(number)} for number in range(60)], ProjectionExpression="pk, #b",
                ExpressionAttributeNames={"#b": "other"}, ConsistentRead=True)
    rest = first["UnprocessedKeys"]
    assert rest[heavy]["ProjectionExpression"] == "pk, #b" and rest[heavy]["ConsistentRead"] is True
    second = ddb.batch_get_item(RequestItems=rest)
    assert len(first["Responses"][heavy]) + len(second["Responses"][heavy]) == 60
    assert second["UnprocessedKeys"] == {} and all(set(item) == {"pk"} for item in second["Responses"][heavy])


# keys and tables


@pytest.mark.parametrize("key", [
    {"pk": s("1")}, {"wrong": n(1)}, {"pk": n(1), "sk": n(1)}, {}, {"pk": {"BOOL": True}}, {"pk": {"NULL": True}}])
def test_keys_that_do_not_fit_are_refused(ddb, numbers, key):
    with refused("ValidationException", "The provided key element does not match the schema"):
        get(ddb, numbers, [{"pk": n(1)}, key])


@pytest.mark.parametrize("value, text", [
    ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    ({"S": "a", "N": "1"}, "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
     "supported datatypes"),
    ({"N": "abc"}, "The parameter cannot be converted to a numeric value: abc"),
])
def test_bad_values_are_refused(ddb, numbers, value, text):
    with refused("ValidationException", text):
        get(ddb, numbers, [{"pk": value}])


@pytest.mark.parametrize("key, empty", [({"pk": s(""), "sk": s("x")}, "pk"), ({"pk": s("x"), "sk": s("")}, "sk")])
def test_an_empty_key_is_refused(ddb, pairs, key, empty):
    with refused("ValidationException", "One or more parameter values are not valid. The AttributeValue for a key "
                 f"attribute cannot contain an empty string value. Key: {empty}"):
        get(ddb, pairs, [key])


@pytest.mark.parametrize("key, text", [
    ({"pk": s("x" * 2049), "sk": s("x")}, "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    ({"pk": s("x"), "sk": s("x" * 1025)}, "Aggregated size of all range keys has exceeded the size limit of 1024 bytes")])
def test_key_sizes_are_checked(ddb, pairs, key, text):
    with refused("ValidationException", text):
        get(ddb, pairs, [key])


def test_an_unknown_table_is_not_found(ddb):
    with refused("ResourceNotFoundException", "Requested resource not found"):
        get(ddb, missing(), [{"pk": n(1)}])


def test_one_unknown_table_fails_all(ddb, numbers):
    with refused("ResourceNotFoundException"):
        ddb.batch_get_item(RequestItems={numbers: {"Keys": [{"pk": n(1)}]}, missing(): {"Keys": [{"pk": n(1)}]}})


@pytest.mark.parametrize("name", ["ab", "no such table!", "x" * 256])
def test_names_of_tables_are_checked_before_they_are_looked_up(ddb, name):
    with refused("ValidationException", "Map keys must satisfy constraint", "[a-zA-Z0-9_.-]+"):
        get(ddb, name, [{"pk": n(1)}])


@pytest.mark.parametrize("more, text", [
    ({"ProjectionExpression": ""}, "Invalid ProjectionExpression: The expression can not be empty;"),
    ({"ProjectionExpression": "a,,b"}, "Invalid ProjectionExpression: Syntax error"),
    ({"ProjectionExpression": "name"}, "reserved keyword: name"),
    ({"ProjectionExpression": "#a"}, "not defined; attribute name: #a"),
    ({"ExpressionAttributeNames": {"#a": "b"}}, "ExpressionAttributeNames can only be specified when using expressions"),
    ({"ProjectionExpression": "a", "ExpressionAttributeNames": {"#a": "b"}}, "unused in expressions: keys: {#a}"),
    ({"ReturnConsumedCapacity": "SOME"}, "at 'returnConsumedCapacity'"),
])
def test_a_bad_parameter_wins_over_an_unknown_table(ddb, more, text):
    with refused("ValidationException", text):
        get(ddb, missing(), [{"pk": n(1)}], **more)


def test_an_arn_names_the_table_in_the_answer_too(ddb, numbers):
    arn = ddb.describe_table(TableName=numbers)["Table"]["TableArn"]
    assert get(ddb, arn, [{"pk": n(1)}])["Responses"][arn][0]["v"] == s("v1")


@pytest.mark.parametrize("body, text", [
    ({"RequestItems": []}, "Unrecognized collection type java.util.Map<java.lang.String, "
     "com.amazonaws.dynamodb.v20120810.KeysAndAttributes>"),
    ({"RequestItems": "x"}, "Unexpected field type"), ({"RequestItems": {"abc": "x"}}, "Unexpected value type in payload"),
    ({"RequestItems": {"abc": {"Keys": {}}}}, "Start of structure or map found where not expected"),
    ({"RequestItems": {"abc": {"Keys": [{"pk": {"S": 5}}]}}}, "NUMBER_VALUE cannot be converted to String"),
])
def test_wrong_json_types(endpoint, body, text):
    kind, message = endpoint.raw_error("BatchGetItem", body)
    assert kind == "com.amazon.coral.service#SerializationException" and text in message
