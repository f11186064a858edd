"""What conditions mean: each is asked of one item, by an UpdateItem that has nothing else to do."""

import re

import pytest

from .conftest import refused

ITEM = {
    "n": {"N": "5"}, "n2": {"N": "5.0"}, "neg": {"N": "-10"}, "big": {"N": "12345678901234567890123456789012345678"},
    "s": {"S": "hello"}, "e": {"S": ""}, "uni": {"S": "é𝄞"}, "bin": {"B": b"\x00\x7f\xff"}, "be": {"B": b""},
    "t": {"BOOL": True}, "f": {"BOOL": False}, "z": {"NULL": True},
    "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]}, "bs": {"BS": [b"a", b"b"]},
    "l": {"L": [{"S": "a"}, {"N": "1"}, {"L": [{"S": "in"}]}, {"SS": ["x", "y"]}]},
    "m": {"M": {"k": {"S": "v"}, "nest": {"M": {"n": {"N": "7"}}}}}, "el": {"L": []}, "em": {"M": {}},
    "up": {"S": "Z"}, "low": {"S": "a"}, "h": {"S": "he"}, "dot.ted": {"S": "x"},
}
VALUES = {
    ":n": {"N": "5"}, ":n50": {"N": "5.00"}, ":n4": {"N": "4"}, ":n6": {"N": "6"}, ":n10": {"N": "10"},
    ":neg2": {"N": "-2"}, ":zero": {"N": "0"}, ":one": {"N": "1"}, ":two": {"N": "2"}, ":three": {"N": "3"},
    ":big1": {"N": "12345678901234567890123456789012345679"}, ":s": {"S": "hello"}, ":s5": {"S": "5"},
    ":he": {"S": "he"}, ":ell": {"S": "ell"}, ":lo": {"S": "lo"}, ":e": {"S": ""}, ":Hello": {"S": "Hello"},
    ":a": {"S": "a"}, ":zz": {"S": "zz"}, ":t": {"BOOL": True}, ":f": {"BOOL": False}, ":z": {"NULL": True},
    ":bin": {"B": b"\x00\x7f\xff"}, ":b7f": {"B": b"\x7f"}, ":b0": {"B": b"\x00"}, ":bff": {"B": b"\xff"},
    ":ba": {"SS": ["b", "a"]}, ":nsr": {"NS": ["2.0", "1.0"]}, ":l": {"L": [{"S": "in"}]}, ":el": {"L": []},
    ":m": {"M": {"nest": {"M": {"n": {"N": "7.0"}}}, "k": {"S": "v"}}}, ":xy": {"SS": ["y", "x"]},
    ":S": {"S": "S"}, ":N": {"S": "N"}, ":SS": {"S": "SS"}, ":NULL": {"S": "NULL"}, ":BOOL": {"S": "BOOL"},
    ":L": {"S": "L"}, ":M": {"S": "M"}, ":B": {"S": "B"}, ":NS": {"S": "NS"}, ":BS": {"S": "BS"},
}
NAMES = {"#d": "dot.ted", "#n": "n", "#k": "k"}

HOLD = [
    # Comparison by value and type
    "n = :n", "n = :n50", "n = n2", "s = :s", "bin = :bin", "t = :t", "z = :z", "ss = :ba", "ns = :nsr", "m = :m",
    "el = :el", "l[2] = :l", "l[3] = :xy", "e = :e", "e <> :s", "n <> :s5", "s <> :n", "n <> :n4", "t <> :f", "ss <> :s",
    "n < :n6", "n <= :n", "n > :n4", "n >= :n50", "n < :n10", "neg < :neg2", "neg < :n", "big < :big1", "big <> :big1",
    ":n = n", ":n4 < n", ":n = :n50", "s < :zz", "up < low", "s >= :s", "e < :a", "bin < :b7f", "bin < :bff",
    "bin > :b0", "m.k < :zz", "l[1] = :one", "m.nest.n > :n", "#d <> :s", "m.#k <> s AND #n = n2",
    # Missing attributes
    "gone <> :n", "gone <> s", "gone <> nowhere", "m.gone <> :n", "l[9] <> :n", "NOT gone = :n", "NOT gone < :n",
    # BETWEEN and IN
    "n BETWEEN :n4 AND :n6", "n BETWEEN :n AND :n", "s BETWEEN :he AND :zz", ":n BETWEEN n AND n2",
    "neg BETWEEN neg AND :neg2", "NOT n BETWEEN :n6 AND :n10", "bin BETWEEN :b0 AND :bff",
    "n IN (:n)", "n IN (:s5, :n50)", "n IN (s, n2)", "NOT n IN (:n4, :n6)", "ss IN (:ba)", ":n IN (neg, n)", "t IN (:f, :t)",
    # Functions
    "attribute_exists(n)", "attribute_exists(m.nest.n)", "attribute_exists(l[3])", "attribute_exists(z)",
    "attribute_exists(#d)", "attribute_not_exists(gone)", "attribute_not_exists(m.gone)",
    "attribute_not_exists(l[4])", "attribute_not_exists(s.x)", "attribute_not_exists(s[0])",
    "attribute_type(s, :S)", "attribute_type(n, :N)", "attribute_type(ss, :SS)", "attribute_type(z, :NULL)",
    "attribute_type(t, :BOOL)", "attribute_type(l, :L)", "attribute_type(m, :M)", "attribute_type(bin, :B)",
    "attribute_type(ns, :NS)", "attribute_type(bs, :BS)", "attribute_type(l[1], :N)", "NOT attribute_type(gone, :S)",
    "begins_with(s, :he)", "begins_with(s, :s)", "begins_with(s, :e)", "begins_with(s, h)", "begins_with(bin, :b0)",
    "begins_with(:s, h)", "NOT begins_with(s, :Hello)",
    "contains(s, :ell)", "contains(s, :lo)", "contains(s, :e)", "contains(s, h)", "contains(ss, :a)",
    "contains(ns, :one)", "contains(l, :a)", "contains(l, :one)", "contains(l, :l)", "contains(l, :xy)",
    "contains(bin, :b7f)", "contains(ss, low)", "contains(:s, h)",
    "size(s) = :n", "size(e) = :zero", "size(bin) = :three", "size(ss) = :two", "size(l) > :three", "size(m) = :two",
    "size(el) = :zero", "size(em) = :zero", "size(be) = :zero", "size(ns) = size(bs)", "size(m.k) = :one",
    "size(l[3]) = :two", "size(s) BETWEEN :n4 AND :n6", "size(s) IN (:one, :n)", "size(:s) = n", "size(uni) = :three",
    # Logic
    "n = :n AND s = :s", "n = :n4 OR s = :s", "NOT n = :n4", "NOT (n = :n4 OR s = :a)", "not n = :n4 and t = :t",
    "NOT NOT n = :n", "n = :n OR n = :n4 AND s = :a", "NOT n = :n4 AND s = :s", "(n = :n4 OR s = :s) AND t = :t",
    "n = :n AnD s = :s", "n between :n4 aNd :n6", "n in (:n)", "(n = :n)", "(n) = (:n)", "n IN ((:n), :n4)",
    "n BETWEEN (:n4) AND (:n6)", "n BETWEEN :n4 AND :n6 AND s = :s", "attribute_exists(n)AND(s=:s)", "n=:n",
]

FAIL = [
    "n = :s5", "n = :n4", "n <> :n50", "s = :Hello", "t = :f", "t = :one", "z = :f", "e = :z", "ss = :xy", "el = :l",
    "m = :l", "n < :n", "n > :n10", "neg > :neg2", "n < :s", "n > :s5", "s < :n", "big = :big1", "s < :Hello",
    "bin < :b0", "up > low",
    "gone = :n", "gone = nowhere", "gone < :n", "gone > :n", "gone <= :n", "gone >= :n", "gone BETWEEN :n4 AND :n6",
    "n BETWEEN gone AND :n6", "n BETWEEN :n4 AND gone", "gone IN (:n)", "n IN (gone)", "NOT gone <> :n",
    "l[9] = :n", "m.gone = :n", "s.x = :s", "l.x = :s", "m[0] = :s",
    "n BETWEEN :n6 AND :n10", "s BETWEEN :n4 AND :n6", "n BETWEEN n2 AND neg", "n IN (:s5, :n4)", "z IN (:f)",
    "attribute_exists(gone)", "attribute_exists(m.gone)", "attribute_exists(l[4])", "attribute_exists(s.x)",
    "attribute_not_exists(n)", "attribute_not_exists(z)", "attribute_not_exists(e)",
    "attribute_type(s, :N)", "attribute_type(gone, :S)", "attribute_type(ss, :S)", "attribute_type(f, :NULL)",
    "begins_with(s, :ell)", "begins_with(s, :Hello)", "begins_with(n, :s5)", "begins_with(gone, :he)",
    "begins_with(h, s)", "begins_with(ss, :a)", "begins_with(s, n)", "begins_with(bin, :he)",
    "contains(s, :Hello)", "contains(s, :n)", "contains(n, :s5)", "contains(ss, :ell)", "contains(ss, :one)",
    "contains(ns, :s5)", "contains(l, :two)", "contains(gone, :a)", "contains(s, gone)", "contains(m, :a)",
    "contains(h, s)", "contains(bin, :he)",
    "size(n) = :one", "size(t) = :one", "size(z) = :one", "size(gone) = :zero", "size(gone) < :n", "size(s) = :n4",
    "size(s) = :s5", "size(n) < :n",
    "n = :n AND s = :a", "n = :n4 OR s = :a", "NOT n = :n", "NOT (n = :n AND s = :s)", "NOT NOT n = :n4",
    "n = :n4 AND s = :a OR t = :f", "NOT n = :n OR n = :n4",
]


@pytest.fixture(scope="module")
def target(ddb, table):
    key = {"pk": {"S": "target"}}
    ddb.put_item(TableName=table, Item={**key, **ITEM})
    return key


def holds(ddb, table, key, condition):
    """Whether an update without any action passes the condition."""
    def used(every):
        return {name: value for name, value in every.items() if re.search(re.escape(name) + r"\b", condition)}

    parameters = {}
    if used(VALUES):
        parameters["ExpressionAttributeValues"] = used(VALUES)
    if used(NAMES):
        parameters["ExpressionAttributeNames"] = used(NAMES)
    try:
        ddb.update_item(TableName=table, Key=key, ConditionExpression=condition, **parameters)
        return True
    except ddb.exceptions.ConditionalCheckFailedException:
        return False


@pytest.mark.parametrize("condition", HOLD)
def test_holds(ddb, table, target, condition):
    assert holds(ddb, table, target, condition)


@pytest.mark.parametrize("condition", FAIL)
def test_does_not_hold(ddb, table, target, condition):
    assert not holds(ddb, table, target, condition)


@pytest.mark.parametrize("condition, expected", [
    ("attribute_exists(pk)", False), ("attribute_not_exists(pk)", True), ("pk <> :s", True), ("pk = :s", False),
    ("NOT attribute_exists(pk)", True), ("size(pk) = :zero", False), ("n IN (:n)", False)])
def test_an_absent_item_is_an_empty_one(ddb, table, key, condition, expected):
    assert holds(ddb, table, key, condition) is expected


def test_the_key_may_be_asked_for(ddb, table, target):
    ddb.update_item(
        TableName=table, Key=target, ConditionExpression="pk = :pk AND begins_with(pk, :t) AND size(pk) = :six",
        ExpressionAttributeValues={":pk": {"S": "target"}, ":t": {"S": "tar"}, ":six": {"N": "6"}})


def test_no_path_leads_into_the_key(ddb, table, target):
    with refused("ValidationException") as refusal:
        ddb.update_item(TableName=table, Key=target, ConditionExpression="attribute_exists(pk.x)")
    assert refusal.message == (
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk")


def test_a_reserved_word_is_fine_behind_a_name(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "status": {"S": "new"}})
    ddb.update_item(
        TableName=table, Key=key, ConditionExpression="#status = :new",
        ExpressionAttributeNames={"#status": "status"}, ExpressionAttributeValues={":new": {"S": "new"}})


def test_a_name_with_dots_is_one_attribute(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "a.b": {"S": "flat"}, "a": {"M": {"b": {"S": "nested"}}}})
    ddb.update_item(
        TableName=table, Key=key, ConditionExpression="#ab = :flat AND a.b = :nested",
        ExpressionAttributeNames={"#ab": "a.b"},
        ExpressionAttributeValues={":flat": {"S": "flat"}, ":nested": {"S": "nested"}})


def test_strings_are_ordered_by_their_utf8_bytes(ddb, table, key):
    """U+FFFF comes before U+10000 in UTF-8, and after it in UTF-16."""
    ddb.put_item(TableName=table, Item={**key, "a": {"S": "\uffee"}, "b": {"S": "\U00010000"}})
    ddb.update_item(TableName=table, Key=key, ConditionExpression="a < b")


def test_strings_are_equal_only_byte_for_byte(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "a": {"S": "\u00e9"}, "b": {"S": "e\u0301"}})
    ddb.update_item(TableName=table, Key=key, ConditionExpression="a <> b")


def test_one_value_may_be_used_many_times(ddb, table, target):
    ddb.update_item(
        TableName=table, Key=target, ConditionExpression="n = :v OR s = :v OR contains(ss, :v)",
        ExpressionAttributeValues={":v": {"N": "5"}})
