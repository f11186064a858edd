"""Limits of items and expressions, on both sides of each boundary."""

import pytest

from .conftest import refused

INVALID = "ValidationException"
ITEM_LIMIT = 409_600
TOO_LARGE = "Item size has exceeded the maximum allowed size"
UPDATE_TOO_LARGE = "Item size to update has exceeded the maximum allowed size"
NESTING = ("Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond "
           "supported limit")


def size(key):
    return sum(len(name) + len(value["S"]) for name, value in key.items())


# What values cost. The rest of the item is filled up with a string: one byte more must not fit.


@pytest.mark.parametrize("value, cost", [
    ({"S": ""}, 0), ({"S": "abc"}, 3), ({"S": "é"}, 2), ({"S": "€"}, 3), ({"S": "𝄞"}, 4), ({"S": "e\u0301"}, 3),
    ({"B": b""}, 0), ({"B": b"abc"}, 3), ({"B": b"\x00\xff"}, 2),
    ({"BOOL": True}, 1), ({"BOOL": False}, 1), ({"NULL": True}, 1),
    ({"L": []}, 3), ({"L": [{"NULL": True}]}, 5), ({"L": [{"S": "ab"}, {"S": "c"}]}, 8), ({"L": [{"L": []}]}, 7),
    ({"M": {}}, 3), ({"M": {"a": {"NULL": True}}}, 6), ({"M": {"ab": {"S": "cd"}}}, 8), ({"M": {"é": {"M": {}}}}, 9),
    ({"SS": ["a"]}, 1), ({"SS": ["ab", "cde"]}, 5), ({"SS": [""]}, 0), ({"BS": [b"ab", b"c"]}, 3),
    ({"N": "0"}, 1), ({"N": "1"}, 2), ({"N": "-1"}, 3), ({"N": "12"}, 2), ({"N": "123"}, 3), ({"N": "1234"}, 3),
    ({"N": "123456"}, 4), ({"N": "-123456"}, 5), ({"N": "100"}, 2), ({"N": "1E125"}, 2), ({"N": "1E-130"}, 2),
    ({"N": "3.14159"}, 5), ({"N": "0.5"}, 2), ({"N": "0.001"}, 2), ({"N": "-0.5"}, 3), ({"N": "1.5"}, 3),
    ({"N": "9" * 38}, 20), ({"N": "-" + "9" * 38}, 21), ({"N": "1.0"}, 2), ({"N": "007"}, 2),
    ({"NS": ["1", "12", "123"]}, 7), ({"NS": ["0"]}, 1),
], ids=lambda value: str(value)[:50])
def test_cost_of_a_value(ddb, table, key, value, cost):
    item = {**key, "v": value, "f": {"S": ""}}
    room = ITEM_LIMIT - size(key) - len("v") - len("f") - cost
    item["f"] = {"S": "x" * room}
    ddb.put_item(TableName=table, Item=item)
    item["f"] = {"S": "x" * (room + 1)}
    with refused(INVALID, TOO_LARGE):
        ddb.put_item(TableName=table, Item=item)


@pytest.mark.parametrize("name", ["a", "abc", "é", "€€", "x" * 255, "x" * 65_535])
def test_names_of_attributes_count(ddb, table, key, name):
    room = ITEM_LIMIT - size(key) - len(name.encode())
    ddb.put_item(TableName=table, Item={**key, name: {"S": "x" * room}})
    with refused(INVALID, TOO_LARGE):
        ddb.put_item(TableName=table, Item={**key, name: {"S": "x" * (room + 1)}})


def test_the_key_counts(ddb, table):
    key = {"pk": {"S": "k" * 2048}}
    room = ITEM_LIMIT - size(key) - 1
    ddb.put_item(TableName=table, Item={**key, "f": {"S": "x" * room}})
    with refused(INVALID, TOO_LARGE):
        ddb.put_item(TableName=table, Item={**key, "f": {"S": "x" * (room + 1)}})


def test_an_item_of_the_full_size_can_be_read_and_deleted(ddb, table, key):
    text = "x" * (ITEM_LIMIT - size(key) - 1)
    ddb.put_item(TableName=table, Item={**key, "f": {"S": text}})
    assert ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["f"] == {"S": text}
    assert ddb.delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD")["Attributes"]["f"] == {"S": text}


# Updates


def test_an_update_may_fill_an_item_up(ddb, table, key):
    """The key takes more than the 22 bytes by which AWS's own measure of an update is larger."""
    room = ITEM_LIMIT - size(key) - 1
    set_f = {"TableName": table, "Key": key, "UpdateExpression": "SET f = :f"}
    ddb.update_item(**set_f, ExpressionAttributeValues={":f": {"S": "x" * room}})
    with refused(INVALID) as refusal:
        ddb.update_item(**set_f, ExpressionAttributeValues={":f": {"S": "x" * (room + 1)}})
    assert refusal.message == UPDATE_TOO_LARGE


def test_what_is_in_the_item_counts_for_an_update(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "f": {"S": "x" * (ITEM_LIMIT - size(key) - 1)}})
    with refused(INVALID, UPDATE_TOO_LARGE):
        ddb.update_item(
            TableName=table, Key=key, UpdateExpression="SET b = :b", ExpressionAttributeValues={":b": {"BOOL": True}})
    ddb.update_item(
        TableName=table, Key=key, UpdateExpression="SET b = :b REMOVE f", ExpressionAttributeValues={":b": {"BOOL": True}})


@pytest.mark.parametrize("expression, spare", [
    ("SET f = :f", 22), ("SET f = :f, g = :g", 41), ("SET f = :f REMOVE h", 24), ("SET f = :f REMOVE h, i", 26),
    ("SET f = :f ADD n :n", 41), ("SET f = :f DELETE s :s", 24)])
def test_a_lone_update_is_measured_by_what_it_writes(ddb, small_key, expression, spare):
    """3 bytes, 19 for each SET and ADD, 2 for each REMOVE and DELETE, and the attributes written."""
    table, key = small_key
    values = {":g": {"S": "g"}, ":n": {"N": "1"}, ":s": {"SS": ["a"]}}
    written = {":g": 2, ":n": 3}
    extra = sum(cost for name, cost in written.items() if name in expression)
    room = ITEM_LIMIT - spare - len("f") - extra

    def update(length):
        ddb.delete_item(TableName=table, Key=key)
        ddb.update_item(
            TableName=table, Key=key, UpdateExpression=expression, ExpressionAttributeValues={
                ":f": {"S": "x" * length}, **{name: value for name, value in values.items() if name in expression}})

    update(room)
    with refused(INVALID) as refusal:
        update(room + 1)
    assert refusal.message == UPDATE_TOO_LARGE


@pytest.fixture(scope="module")
def small_key(make_table):
    """A table, and a key of three bytes in it."""
    return make_table(), {"pk": {"S": "a"}}


def test_a_put_is_not_measured_that_way(ddb, small_key):
    table, key = small_key
    ddb.put_item(TableName=table, Item={**key, "f": {"S": "x" * (ITEM_LIMIT - 4)}})


# Keys


@pytest.mark.parametrize("attribute, limit, text", [
    ("pk", 2048, "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    ("sk", 1024, "Aggregated size of all range keys has exceeded the size limit of 1024 bytes")])
@pytest.mark.parametrize("character", ["x", "é"])
@pytest.mark.parametrize("operation", ["put", "update", "delete"])
def test_key_sizes(ddb, sorted_table, operation, attribute, limit, text, character):
    def write(length):
        key = {"pk": {"S": "a"}, "sk": {"S": "a"}, attribute: {"S": character * (length // len(character.encode()))}}
        if operation == "put":
            ddb.put_item(TableName=sorted_table, Item=key)
        else:
            {"update": ddb.update_item, "delete": ddb.delete_item}[operation](TableName=sorted_table, Key=key)

    write(limit)
    with refused(INVALID) as refusal:
        write(limit + 2)
    assert refusal.message == "One or more parameter values were invalid: " + text


# Nesting


def nested(levels, kind):
    value = {"S": "x"}
    for _ in range(levels):
        value = {"M": {"a": value}} if kind == "M" else {"L": [value]}
    return value


@pytest.mark.parametrize("kind", ["M", "L"])
def test_31_levels_are_stored(ddb, table, key, kind):
    ddb.put_item(TableName=table, Item={**key, "v": nested(31, kind)})
    assert ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["v"] == nested(31, kind)


@pytest.mark.parametrize("kind", ["M", "L"])
@pytest.mark.parametrize("levels", [32, 33, 40])
def test_32_levels_are_refused(ddb, table, key, kind, levels):
    with refused(INVALID, NESTING):
        ddb.put_item(TableName=table, Item={**key, "v": nested(levels, kind)})


@pytest.mark.parametrize("expression", ["SET v = :v", "REMOVE a"])
def test_values_of_expressions_are_limited_alike(ddb, table, key, expression):
    parameters = {"TableName": table, "Key": key, "UpdateExpression": expression}
    if expression == "REMOVE a":
        parameters["ConditionExpression"] = "attribute_not_exists(a) OR a = :v"
    ddb.update_item(**parameters, ExpressionAttributeValues={":v": nested(31, "L")})
    with refused(INVALID, NESTING):
        ddb.update_item(**parameters, ExpressionAttributeValues={":v": nested(32, "L")})


# Attribute names

NAME_TOO_LONG = "Attribute name is too large, must be less than 65536 bytes"


@pytest.mark.parametrize("item", [{"x" * 65_536: {"S": "a"}}, {"a": {"M": {"x" * 65_536: {"S": "a"}}}},
                                  {"é" * 32_768: {"S": "a"}}], ids=["attribute", "in a map", "bytes count"])
def test_a_name_of_65536_bytes_is_refused(ddb, table, key, item):
    with refused(INVALID, NAME_TOO_LONG):
        ddb.put_item(TableName=table, Item={**key, **item})


def test_a_name_of_65536_bytes_is_refused_in_expressions(ddb, table, key):
    with refused(INVALID, NAME_TOO_LONG):
        ddb.update_item(
            TableName=table, Key=key, UpdateExpression="SET #n = :v", ExpressionAttributeNames={"#n": "x" * 65_536},
            ExpressionAttributeValues={":v": {"S": "a"}})


LEGACY = {
    "AttributesToGet": ("get_item", lambda name: [name]),
    "AttributeUpdates": ("update_item", lambda name: {name: {"Action": "PUT", "Value": {"S": "a"}}}),
    "Expected": ("update_item", lambda name: {name: {"Exists": False}}),
    "ScanFilter": ("scan", lambda name: {name: {"ComparisonOperator": "NULL"}}),
    "QueryFilter": ("query", lambda name: {name: {"ComparisonOperator": "NULL"}})}


def legacy(ddb, table, key, parameter, name):
    operation, value = LEGACY[parameter]
    more = {"scan": {"Limit": 1}, "query": {
        "KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [key["pk"]]}}}}
    return getattr(ddb, operation)(TableName=table, **more.get(operation, {"Key": key}), **{parameter: value(name)})


@pytest.mark.parametrize("parameter", LEGACY)
def test_a_name_of_65536_bytes_is_refused_in_legacy_parameters(ddb, table, key, parameter):
    with refused(INVALID, NAME_TOO_LONG):
        legacy(ddb, table, key, parameter, "x" * 65_536)


@pytest.mark.parametrize("parameter", LEGACY)
def test_a_name_of_65535_bytes_works_in_legacy_parameters(ddb, table, key, parameter):
    legacy(ddb, table, key, parameter, "x" * 65_535)


def test_a_name_of_65535_bytes_works_everywhere(ddb, table, key):
    name = "n" * 65_535
    ddb.update_item(
        TableName=table, Key=key, UpdateExpression="SET #n = :v", ExpressionAttributeNames={"#n": name},
        ExpressionAttributeValues={":v": {"S": "a"}})
    assert ddb.get_item(
        TableName=table, Key=key, ProjectionExpression="#n", ExpressionAttributeNames={"#n": name},
        ConsistentRead=True)["Item"] == {name: {"S": "a"}}


# Expressions


def padded(expression, length):
    return expression + " " * (length - len(expression))


@pytest.mark.parametrize("operation, parameter, expression", [
    ("put_item", "ConditionExpression", "attribute_not_exists(a)"), ("update_item", "UpdateExpression", "REMOVE a"),
    ("update_item", "ConditionExpression", "attribute_not_exists(a)"),
    ("delete_item", "ConditionExpression", "attribute_not_exists(a)"), ("get_item", "ProjectionExpression", "a"),
    ("scan", "FilterExpression", "attribute_not_exists(a)"), ("scan", "ProjectionExpression", "a")])
def test_an_expression_has_4096_bytes(ddb, table, key, operation, parameter, expression):
    subject = {"put_item": {"Item": key}, "scan": {}}.get(operation, {"Key": key})
    call = getattr(ddb, operation)
    call(TableName=table, **subject, **{parameter: padded(expression, 4096)})
    with refused(INVALID, f"Invalid {parameter}: Expression size has exceeded the maximum allowed size"):
        call(TableName=table, **subject, **{parameter: padded(expression, 4097)})


def test_bytes_of_an_expression_count_rather_than_characters(ddb, table, key):
    with refused(INVALID, "Expression size has exceeded the maximum allowed size"):
        ddb.get_item(TableName=table, Key=key, ProjectionExpression="é" * 2049)


def test_length_comes_before_syntax(ddb, table, key):
    with refused(INVALID, "Expression size has exceeded the maximum allowed size"):
        ddb.get_item(TableName=table, Key=key, ProjectionExpression="!" * 4097)


TOO_MANY = "The expression contains too many operators; operator count: "


@pytest.mark.parametrize("operation, ok, bad, count", [
    ("put_item", " OR ".join(["a<>:v"] * 150), " OR ".join(["a<>:v"] * 151), 301),
    ("put_item", "NOT " * 299 + "a=:v", "NOT " * 300 + "a=:v", 301),
    ("put_item", " AND ".join(["attribute_not_exists(a)"] * 100), None, 0),
], ids=["OR and comparisons", "NOT", "functions"])
def test_an_expression_has_300_operators(ddb, table, key, operation, ok, bad, count):
    values = {"ExpressionAttributeValues": {":v": {"S": "x"}}} if ":v" in ok else {}
    ddb.put_item(TableName=table, Item=key, ConditionExpression=ok, **values)
    if bad:
        with refused(INVALID, f"Invalid ConditionExpression: {TOO_MANY}{count}"):
            ddb.put_item(TableName=table, Item=key, ConditionExpression=bad, **values)


def test_an_update_has_300_operators(ddb, table, key):
    def update(actions):
        ddb.update_item(
            TableName=table, Key=key, UpdateExpression="SET " + ",".join(f"a{number}=:v" for number in range(actions)),
            ExpressionAttributeValues={":v": {"NULL": True}})

    update(300)
    with refused(INVALID, f"Invalid UpdateExpression: {TOO_MANY}301"):
        update(301)


def test_in_has_100_operands(ddb, table, key):
    def put(operands):
        ddb.put_item(
            TableName=table, Item=key, ConditionExpression=f"NOT a IN ({','.join([':v'] * operands)})",
            ExpressionAttributeValues={":v": {"S": "x"}})

    put(99)
    put(100)
    with refused(INVALID, "The IN operator is provided with too many operands; number of operands: "):
        put(101)


@pytest.mark.parametrize("condition", ["a < " + "f(" * 1000 + "b" + ")" * 1000, " OR ".join(["f(a)"] * 200)],
                         ids=["nested", "in a row"])
def test_an_unknown_function_comes_before_the_number_of_operators(ddb, table, key, condition):
    with refused(INVALID, "Invalid ConditionExpression: Invalid function name; function: f"):
        ddb.put_item(TableName=table, Item=key, ConditionExpression=condition)


PATHS = {
    "names": "a" + ".b" * 31, "indexes": "a" + "[0]" * 31, "both": "a" + ".b[1]" * 15 + ".c",
    "references": "#a" + ".#b" * 31}


def with_path(ddb, table, key, parameter, path):
    names = {"ExpressionAttributeNames": {"#a": "a", "#b": "b"}} if "#" in path else {}
    if parameter == "ProjectionExpression":
        return ddb.get_item(TableName=table, Key=key, ProjectionExpression=path, **names)
    if parameter == "UpdateExpression":
        return ddb.update_item(TableName=table, Key=key, UpdateExpression=f"REMOVE {path}", **names)
    if parameter == "ConditionExpression":
        condition = f"attribute_not_exists({path})"
        return ddb.put_item(TableName=table, Item=key, ConditionExpression=condition, **names)
    return ddb.query(
        TableName=table, KeyConditionExpression="pk = :p", FilterExpression=f"{path} = :p",
        ExpressionAttributeValues={":p": key["pk"]}, **names)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "parameter", ["ProjectionExpression", "UpdateExpression", "ConditionExpression", "FilterExpression"])
def test_a_path_has_32_elements(ddb, table, key, parameter, path):
    with_path(ddb, table, key, parameter, PATHS[path])
    for more, count in [(".c", 33), ("[7].c", 34)]:
        with refused(INVALID, f"Invalid {parameter}: The document path has too many nesting levels; "
                              f"nesting levels: {count}"):
            with_path(ddb, table, key, parameter, PATHS[path] + more)


@pytest.mark.parametrize("parameter, mark", [("ExpressionAttributeNames", "#"), ("ExpressionAttributeValues", ":")])
def test_a_token_has_255_bytes(ddb, table, key, parameter, mark):
    def put(length):
        token = mark + "x" * (length - 1)
        condition = f"attribute_not_exists({token})" if mark == "#" else f"a <> {token}"
        content = "a" if mark == "#" else {"S": "a"}
        ddb.put_item(TableName=table, Item=key, ConditionExpression=condition, **{parameter: {token: content}})

    put(255)
    with refused(INVALID, f"{parameter} contains invalid key: "):
        put(256)


def test_substitutions_have_2_megabytes_together(ddb, table, key):
    def put(bytes_each):
        values = {f":v{number}": {"S": "x" * bytes_each} for number in range(8)}
        ddb.put_item(
            TableName=table, Item=key, ConditionExpression=" AND ".join(f"a <> {name}" for name in values),
            ExpressionAttributeValues=values)

    put(262_000)
    with refused(INVALID):
        put(263_000)
