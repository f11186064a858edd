"""What update expressions do to items, and what they refuse while doing it. Refusals of the expression itself are
in test_expression_errors.py."""

import re

import pytest

from .conftest import refused

ITEM = {
    "a": {"N": "5"}, "b": {"N": "2"}, "s": {"S": "x"}, "t": {"BOOL": True},
    "l": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}, {"N": "3"}]},
    "m": {"M": {"k": {"S": "v"}, "n": {"N": "1"}, "deep": {"M": {"l": {"L": [{"N": "9"}]}}}}},
    "ss": {"SS": ["a", "b", "c"]}, "ns": {"NS": ["1", "2"]}, "bs": {"BS": [b"\x00", b"\x01"]},
    "ll": {"L": [{"M": {"x": {"L": [{"S": "in"}]}}}]},
}
VALUES = {
    ":n": {"N": "5"}, ":m": {"N": "1"}, ":s": {"S": "text"}, ":u": {"S": "more"}, ":t": {"BOOL": False},
    ":z": {"NULL": True}, ":l": {"L": [{"S": "p"}, {"S": "q"}]}, ":e": {"L": []}, ":o": {"M": {"x": {"N": "1"}}},
    ":ss": {"SS": ["b", "d"]}, ":abc": {"SS": ["a", "b", "c"]}, ":ns": {"NS": ["2.0", "3"]}, ":bs": {"BS": [b"\x01"]},
    ":b": {"B": b"x"}, ":f": {"N": "0.1"}, ":neg": {"N": "-5"},
}
NAMES = {"#n": "name", "#dot": "a.b", "#sp": " ", "#a": "a"}


def comparable(value):
    """Attribute values with sets that equal one another in any order."""
    kind, content = next(iter(value.items()))
    if kind in ("SS", "NS", "BS"):
        return kind, frozenset(content)
    if kind == "M":
        return kind, {name: comparable(inner) for name, inner in content.items()}
    if kind == "L":
        return kind, [comparable(inner) for inner in content]
    return kind, content


def used(every, expression):
    """The substitutions that an expression names."""
    return {name: value for name, value in every.items() if re.search(re.escape(name) + r"\b", expression)}


def update(ddb, table, key, expression):
    values, names = used(VALUES, expression), used(NAMES, expression)
    parameters = {}
    if values:
        parameters["ExpressionAttributeValues"] = values
    if names:
        parameters["ExpressionAttributeNames"] = names
    return ddb.update_item(TableName=table, Key=key, UpdateExpression=expression, **parameters)


@pytest.fixture
def item(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, **ITEM})
    return key


def numbers(*texts):
    return {"L": [{"N": each} for each in texts]}


# Expression, and the attributes that are other than before; None means gone.
EFFECTS = [
    # SET
    ("SET c = :s", {"c": {"S": "text"}}),
    ("SET a = :s", {"a": {"S": "text"}}),
    ("SET c = :o", {"c": {"M": {"x": {"N": "1"}}}}),
    ("SET c = :z, d = :t", {"c": {"NULL": True}, "d": {"BOOL": False}}),
    ("SET c = :ss", {"c": {"SS": ["b", "d"]}}),
    ("SET c = a", {"c": {"N": "5"}}),
    ("SET c = m", {"c": ITEM["m"]}),
    ("SET c = m.k", {"c": {"S": "v"}}),
    ("SET c = l[2]", {"c": {"N": "2"}}),
    ("SET c = ll[0].x[0]", {"c": {"S": "in"}}),
    ("set c = :s", {"c": {"S": "text"}}),
    ("SET\tc\n=\r:s", {"c": {"S": "text"}}),
    ("SET c=:s,d=:n", {"c": {"S": "text"}, "d": {"N": "5"}}),
    ("SET #n = :s", {"name": {"S": "text"}}),
    ("SET #dot = :s", {"a.b": {"S": "text"}}),
    ("SET #sp = :s", {" ": {"S": "text"}}),
    ("SET m.#dot = :m", {"m": {"M": {**ITEM["m"]["M"], "a.b": {"N": "1"}}}}),
    # SET reads the old item
    ("SET a = :s, c = a", {"a": {"S": "text"}, "c": {"N": "5"}}),
    ("SET c = a, a = :s", {"a": {"S": "text"}, "c": {"N": "5"}}),
    ("SET a = b, b = a", {"a": {"N": "2"}, "b": {"N": "5"}}),
    ("REMOVE a SET c = a", {"a": None, "c": {"N": "5"}}),
    ("SET c = a REMOVE a", {"a": None, "c": {"N": "5"}}),
    ("SET a = a + :m, c = a + :m", {"a": {"N": "6"}, "c": {"N": "6"}}),
    ("ADD a :m SET c = a", {"a": {"N": "6"}, "c": {"N": "5"}}),
    # Arithmetic
    ("SET a = a + :n", {"a": {"N": "10"}}),
    ("SET a = a - :n", {"a": {"N": "0"}}),
    ("SET a = :m - a", {"a": {"N": "-4"}}),
    ("SET a = a + b", {"a": {"N": "7"}}),
    ("SET a = :n + :m", {"a": {"N": "6"}}),
    ("SET a = a+:f", {"a": {"N": "5.1"}}),
    ("SET a = a - :neg", {"a": {"N": "10"}}),
    ("SET a = (a + b)", {"a": {"N": "7"}}),
    ("SET c = m.n + l[3]", {"c": {"N": "4"}}),
    ("SET m.n = m.n + :m", {"m": {"M": {**ITEM["m"]["M"], "n": {"N": "2"}}}}),
    # if_not_exists
    ("SET c = if_not_exists(c, :s)", {"c": {"S": "text"}}),
    ("SET c = if_not_exists(a, :s)", {"c": {"N": "5"}}),
    ("SET a = if_not_exists(a, :s)", {}),
    ("SET c = if_not_exists(c, a)", {"c": {"N": "5"}}),
    ("SET c = if_not_exists(m.gone, m.k)", {"c": {"S": "v"}}),
    ("SET c = if_not_exists(c, :n) + :m", {"c": {"N": "6"}}),
    ("SET a = if_not_exists(a, :s) + :m", {"a": {"N": "6"}}),
    ("SET c = :m - if_not_exists(c, :n)", {"c": {"N": "-4"}}),
    ("SET c = if_not_exists(c, if_not_exists(d, :s))", {"c": {"S": "text"}}),
    # list_append
    ("SET c = list_append(:l, :e)", {"c": VALUES[":l"]}),
    ("SET l = list_append(l, :l)", {"l": {"L": ITEM["l"]["L"] + VALUES[":l"]["L"]}}),
    ("SET l = list_append(:l, l)", {"l": {"L": VALUES[":l"]["L"] + ITEM["l"]["L"]}}),
    ("SET l = list_append(l, l)", {"l": {"L": ITEM["l"]["L"] * 2}}),
    ("SET c = list_append(if_not_exists(c, :e), :l)", {"c": VALUES[":l"]}),
    ("SET ll[0].x = list_append(ll[0].x, :l)",
     {"ll": {"L": [{"M": {"x": {"L": [{"S": "in"}, {"S": "p"}, {"S": "q"}]}}}]}}),
    # Lists
    ("SET l[1] = :n", {"l": numbers("0", "5", "2", "3")}),
    ("SET l[4] = :n", {"l": numbers("0", "1", "2", "3", "5")}),
    ("SET l[99] = :n", {"l": numbers("0", "1", "2", "3", "5")}),
    ("SET l[2000000000] = :n", {"l": numbers("0", "1", "2", "3", "5")}),
    ("SET l[50] = :n, l[40] = :m", {"l": numbers("0", "1", "2", "3", "1", "5")}),
    ("SET l[0] = l[3], l[3] = l[0]", {"l": numbers("3", "1", "2", "0")}),
    ("REMOVE l[0]", {"l": numbers("1", "2", "3")}),
    ("REMOVE l[1], l[2]", {"l": numbers("0", "3")}),
    ("REMOVE l[2], l[0]", {"l": numbers("1", "3")}),
    ("REMOVE l[0], l[1], l[2], l[3]", {"l": numbers()}),
    ("REMOVE l[4]", {}),
    ("REMOVE l[4294967294]", {}),
    ("SET l[0] = :n REMOVE l[1]", {"l": numbers("5", "2", "3")}),
    ("REMOVE ll[0].x[0]", {"ll": {"L": [{"M": {"x": {"L": []}}}]}}),
    # REMOVE
    ("REMOVE a", {"a": None}),
    ("REMOVE a, b, m", {"a": None, "b": None, "m": None}),
    ("REMOVE gone", {}),
    ("REMOVE m.k", {"m": {"M": {name: value for name, value in ITEM["m"]["M"].items() if name != "k"}}}),
    ("REMOVE m.gone", {}),
    ("REMOVE m.k, m.n, m.deep", {"m": {"M": {}}}),
    ("REMOVE #a", {"a": None}),
    # ADD
    ("ADD a :n", {"a": {"N": "10"}}),
    ("ADD a :neg", {"a": {"N": "0"}}),
    ("ADD c :n", {"c": {"N": "5"}}),
    ("ADD c :ss", {"c": {"SS": ["b", "d"]}}),
    ("ADD ss :ss", {"ss": {"SS": ["a", "b", "c", "d"]}}),
    ("ADD ns :ns", {"ns": {"NS": ["1", "2", "3"]}}),
    ("ADD bs :bs", {}),
    ("ADD m.n :n", {"m": {"M": {**ITEM["m"]["M"], "n": {"N": "6"}}}}),
    ("ADD m.c :n", {"m": {"M": {**ITEM["m"]["M"], "c": {"N": "5"}}}}),
    ("ADD l[1] :n", {"l": numbers("0", "6", "2", "3")}),
    ("ADD a :n, b :m", {"a": {"N": "10"}, "b": {"N": "3"}}),
    # DELETE
    ("DELETE ss :ss", {"ss": {"SS": ["a", "c"]}}),
    ("DELETE ss :abc", {"ss": None}),
    ("DELETE ns :ns", {"ns": {"NS": ["1"]}}),
    ("DELETE bs :bs", {"bs": {"BS": [b"\x00"]}}),
    ("DELETE gone :ss", {}),
    # Sections
    ("SET c = :s REMOVE a ADD b :m DELETE ss :ss", {"c": {"S": "text"}, "a": None, "b": {"N": "3"},
                                                    "ss": {"SS": ["a", "c"]}}),
    ("delete ss :ss add b :m remove a set c = :s", {"c": {"S": "text"}, "a": None, "b": {"N": "3"},
                                                    "ss": {"SS": ["a", "c"]}}),
]


@pytest.mark.parametrize("expression, changes", EFFECTS, ids=[each[0] for each in EFFECTS])
def test_effect(ddb, table, item, expression, changes):
    update(ddb, table, item, expression)
    expected = {name: value for name, value in {**item, **ITEM, **changes}.items() if value is not None}
    found = ddb.get_item(TableName=table, Key=item, ConsistentRead=True)["Item"]
    assert comparable({"M": found}) == comparable({"M": expected})


MISSING = "The provided expression refers to an attribute that does not exist in the item"
PATH = "The document path provided in the update expression is invalid for update"
OPERAND = "An operand in the update expression has an incorrect data type"

RUN_TIME_FAULTS = [
    ("SET c = gone", MISSING),
    ("SET c = gone + :n", MISSING),
    ("SET c = :n - gone", MISSING),
    ("SET c = m.gone", MISSING),
    ("SET c = l[4]", MISSING),
    ("SET c = s.x", MISSING),
    ("SET c = list_append(gone, :l)", MISSING),
    ("SET c = if_not_exists(gone, nowhere)", MISSING),
    ("SET gone.x = :n", PATH),
    ("SET m.gone.x = :n", PATH),
    ("SET gone[0] = :n", PATH),
    ("SET s.x = :n", PATH),
    ("SET s[0] = :n", PATH),
    ("SET m[0] = :n", PATH),
    ("SET l.x = :n", PATH),
    ("SET l[9].x = :n", PATH),
    ("SET ss[0] = :s", PATH),
    ("REMOVE gone.x", PATH),
    ("REMOVE s.x", PATH),
    ("REMOVE m[0]", PATH),
    ("ADD gone.x :n", PATH),
    ("SET c = s + :n", OPERAND),
    ("SET c = a - t", OPERAND),
    ("SET c = ss + :n", OPERAND),
    ("SET c = list_append(a, :l)", OPERAND),
    ("SET c = list_append(:l, m)", OPERAND),
    ("SET c = list_append(ss, :l)", OPERAND),
    ("SET c = if_not_exists(s, :n) + :n", OPERAND),
    ("ADD s :n", OPERAND),
    ("ADD l :n", OPERAND),
    ("ADD a :ss", OPERAND),
    ("ADD ss :n", OPERAND),
    ("ADD ss :ns", OPERAND),
    ("ADD ns :bs", OPERAND),
    ("DELETE a :ss", OPERAND),
    ("DELETE ss :ns", OPERAND),
    ("DELETE l :ss", OPERAND),
]


@pytest.mark.parametrize("expression, text", RUN_TIME_FAULTS, ids=[each[0] for each in RUN_TIME_FAULTS])
def test_run_time_fault(ddb, table, item, expression, text):
    with refused("ValidationException") as refusal:
        update(ddb, table, item, expression)
    assert refusal.message == text


def test_a_run_time_fault_changes_nothing(ddb, table, item):
    with refused("ValidationException"):
        update(ddb, table, item, "SET a = :m, c = gone")
    assert ddb.get_item(TableName=table, Key=item, ConsistentRead=True)["Item"]["a"] == {"N": "5"}


def test_values_of_an_absent_item_do_not_exist(ddb, table, key):
    with refused("ValidationException", MISSING):
        update(ddb, table, key, "SET c = a + :n")


def test_a_counter_starts_with_if_not_exists(ddb, table, key):
    for _ in range(3):
        update(ddb, table, key, "SET a = if_not_exists(a, :n) + :m")
    assert ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["a"] == {"N": "8"}


def test_the_key_can_be_read(ddb, table, key):
    update(ddb, table, key, "SET c = pk")
    assert ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["c"] == key["pk"]


def test_an_element_removed_leaves_no_gap(ddb, table, item):
    update(ddb, table, item, "REMOVE l[0]")
    update(ddb, table, item, "SET l[0] = :n")
    assert ddb.get_item(TableName=table, Key=item, ConsistentRead=True)["Item"]["l"] == numbers("5", "2", "3")


def test_nesting_cannot_be_built_up_by_updates(ddb, table, key):
    def tower(levels):
        value = {"S": "x"}
        for _ in range(levels):
            value = {"M": {"d": value}}
        return value

    ddb.put_item(TableName=table, Item={**key, "d": tower(30)})
    place = ".".join(["d"] * 31)
    ddb.update_item(
        TableName=table, Key=key, UpdateExpression=f"SET {place} = :v", ExpressionAttributeValues={":v": tower(1)})
    with refused("ValidationException", "Nesting Levels have exceeded supported limits"):
        ddb.update_item(
            TableName=table, Key=key, UpdateExpression=f"SET {place} = :v", ExpressionAttributeValues={":v": tower(2)})
