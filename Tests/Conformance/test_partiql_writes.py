"""ExecuteStatement: INSERT, UPDATE and DELETE."""

import pytest

from .conftest import refused
from .partiql import pk, put, rows, run, stored  # noqa: F401

# INSERT

def test_insert_stores_values_of_all_types(ddb, sorted_table, pk, stored):
    answer = run(ddb, f"""INSERT INTO "{sorted_table}" VALUE {{'pk': '{pk}', 'sk': '1', 's': 'it''s', 'n': -1.50,
        'e': 1e3, 't': TRUE, 'f': false, 'z': NULL, 'l': [1, 'a', []], 'm': {{'k': {{'i': 1}}}},
        'ss': <<'a', 'b'>>, 'ns': <<1, 34, 4.5>>, 'empty': {{}}}}""")
    assert answer["Items"] == []
    item = stored()
    assert sorted(item.pop("ss")["SS"]) == ["a", "b"]
    assert sorted(item.pop("ns")["NS"]) == ["1", "34", "4.5"]
    assert item == {
        "pk": {"S": pk}, "sk": {"S": "1"}, "s": {"S": "it's"}, "n": {"N": "-1.5"}, "e": {"N": "1000"},
        "t": {"BOOL": True}, "f": {"BOOL": False}, "z": {"NULL": True},
        "l": {"L": [{"N": "1"}, {"S": "a"}, {"L": []}]}, "m": {"M": {"k": {"M": {"i": {"N": "1"}}}}},
        "empty": {"M": {}}}


def test_insert_with_parameters(ddb, sorted_table, pk, stored):
    run(ddb, f"INSERT INTO \"{sorted_table}\" VALUE {{'pk': ?, 'sk': ?, 'b': ?}}", {"S": pk}, {"S": "1"},
        {"B": b"\x00\xff"})
    assert stored()["b"] == {"B": b"\x00\xff"}


def test_insert_keeps_numbers_of_38_digits(ddb, sorted_table, pk, stored):
    digits = "12345678901234567890123456789012345678"
    run(ddb, f"INSERT INTO \"{sorted_table}\" VALUE {{'pk': '{pk}', 'sk': '1', 'n': {digits}}}")
    assert stored()["n"] == {"N": digits}


def test_insert_of_a_key_that_exists_is_refused(ddb, put, pk, stored):
    table, _ = put(a={"S": "old"})
    with refused("DuplicateItemException", "Duplicate primary key exists in table"):
        run(ddb, f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '1', 'a': 'new'}}")
    assert stored()["a"] == {"S": "old"}


@pytest.mark.parametrize("value, text", [
    ("{'pk': 'x'}", "Missing the key sk in the item"),
    ("{'pk': 1, 'sk': '1'}", "Type mismatch for key pk expected: S actual: N"),
    ("{'pk': '', 'sk': '1'}", "cannot contain an empty string value. Key: pk"),
    ("{'pk': 'x', 'sk': '1', 'big': 123456789012345678901234567890123456789}",
     "Attempting to store more than 38 significant digits in a Number"),
])
def test_insert_checks_the_item(ddb, sorted_table, value, text):
    with refused("ValidationException", text):
        run(ddb, f'INSERT INTO "{sorted_table}" VALUE {value}')


def test_insert_refuses_items_over_400_kilobytes(ddb, table):
    with refused("ValidationException", "Item size has exceeded the maximum allowed size"):
        run(ddb, f"INSERT INTO \"{table}\" VALUE {{'pk': 'big', 'x': ?}}", {"S": "x" * 409_600})


# UPDATE

@pytest.mark.parametrize("changes, name, expected", [
    ("SET a = 2", "a", {"N": "2"}), ("SET fresh = 'x'", "fresh", {"S": "x"}), ("SET a = a + 1", "a", {"N": "2"}),
    ("SET a = a - 1", "a", {"N": "0"}), ("SET a=a-1", "a", {"N": "0"}), ("SET a = 10 - a", "a", {"N": "9"}),
    ("SET a = a - - 2", "a", {"N": "3"}), ("SET c = a", "c", {"N": "1"}),
    ("SET m.x = 'new'", "m", {"M": {"x": {"S": "new"}}}), ("SET m.y = 1", "m", {"M": {"x": {"S": "old"}, "y": {"N": "1"}}}),
    ("SET l[0] = 'z'", "l", {"L": [{"S": "z"}, {"S": "b"}]}),
    ("SET l[9] = 'z'", "l", {"L": [{"S": "a"}, {"S": "b"}, {"S": "z"}]}),
    ("SET l = list_append(l, ['c'])", "l", {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}]}),
    ("SET l = LIST_APPEND(['c'], l)", "l", {"L": [{"S": "c"}, {"S": "a"}, {"S": "b"}]}),
    ("SET ss = set_add(ss, <<'q'>>)", "ss", {"SS": ["p", "q"]}), ("SET ss = SET_DELETE(ss, <<'p'>>)", "ss", None),
    ("SET ns = set_add(ns, <<2, 3>>)", "ns", {"NS": ["1", "2", "3"]}),
    ("SET fresh = set_add(fresh, <<'q'>>)", "fresh", {"SS": ["q"]}),
    ("REMOVE a", "a", None), ("REMOVE l[0]", "l", {"L": [{"S": "b"}]}), ("REMOVE m.x", "m", {"M": {}}),
    ("REMOVE none", "none", None), ("SET a = 5 REMOVE l", "a", {"N": "5"}), ("SET a = 5, c = 6", "c", {"N": "6"}),
    ("SET a = 5 SET c = 6", "a", {"N": "5"}), ("SET a = null", "a", {"NULL": True}),
])
def test_update_changes_attributes(ddb, put, stored, changes, name, expected):
    table, where = put(a={"N": "1"}, m={"M": {"x": {"S": "old"}}}, l={"L": [{"S": "a"}, {"S": "b"}]},
                       ss={"SS": ["p"]}, ns={"NS": ["1"]})
    assert run(ddb, f'UPDATE "{table}" {changes} WHERE {where}')["Items"] == []
    value = stored().get(name)
    if value and ("SS" in value or "NS" in value):
        value = {kind: sorted(members) for kind, members in value.items()}
    assert value == expected


def test_update_creates_no_item(ddb, sorted_table, pk, stored):
    with refused("ConditionalCheckFailedException", "The conditional request failed"):
        run(ddb, f"UPDATE \"{sorted_table}\" SET a = 1 WHERE pk = '{pk}' AND sk = '1'")
    assert stored() is None


def test_further_conditions_of_an_update_must_hold(ddb, put, stored):
    table, where = put(a={"N": "1"})
    with refused("ConditionalCheckFailedException", "The conditional request failed"):
        run(ddb, f'UPDATE "{table}" SET a = 5 WHERE {where} AND a > 1')
    run(ddb, f'UPDATE "{table}" SET a = 5 WHERE {where} AND a = 1')
    assert stored()["a"] == {"N": "5"}


def test_keys_inside_parentheses_count(ddb, put, stored):
    table, where = put(a={"N": "1"})
    run(ddb, f'UPDATE "{table}" SET a = 5 WHERE ({where}) AND a = 1')
    assert stored()["a"] == {"N": "5"}


@pytest.mark.parametrize("where", ["", "WHERE pk = 'x'", "WHERE sk = 'x'", "WHERE pk = 'x' AND sk > 'x'",
                                   "WHERE pk IN ['x'] AND sk = 'x'", "WHERE pk = 'x' OR sk = 'x'"])
@pytest.mark.parametrize("verb", ["UPDATE \"{}\" SET a = 1 {}", "DELETE FROM \"{}\" {}"])
def test_writes_need_the_whole_key(ddb, sorted_table, verb, where):
    with refused("ValidationException", "Where clause does not contain a mandatory equality on all key attributes"):
        run(ddb, verb.format(sorted_table, where))


@pytest.mark.parametrize("verb", ["UPDATE \"{}\" SET a = 1", "DELETE FROM \"{}\""])
def test_writes_take_one_value_for_a_key(ddb, sorted_table, verb):
    with refused("ValidationException",
                 "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported"):
        run(ddb, verb.format(sorted_table) + " WHERE pk = 'x' AND sk = '1' AND pk = 'y'")


@pytest.mark.parametrize("changes, text", [
    ("SET pk = 'y'", "Cannot update attribute pk. This attribute is part of the key"),
    ("REMOVE sk", "Cannot update attribute sk. This attribute is part of the key"),
    ("SET a = none", "The provided expression refers to an attribute that does not exist in the item"),
    ("SET x.y = 1", "The document path provided in the update expression is invalid for update"),
    ("SET a = 'x' + 1", "Incorrect operand type for operator or function; operator or function: +, operand type: S"),
    ("SET a = a - null", "operator or function: -, operand type: NULL"),
    ("SET a = s + 1", "An operand in the update expression has an incorrect data type"),
    ("SET a = 1 SET a = 2", "Two document paths overlap with each other"),
    ("SET s = set_add(s, 'x')", "The second argument to SET_ADD must be a value with type SET at"),
    ("SET s = set_delete(a, <<'x'>>)", "The first argument to SET_DELETE must equal the assignment value at"),
])
def test_updates_that_are_refused(ddb, put, changes, text):
    table, where = put(a={"N": "1"}, s={"S": "text"})
    with refused("ValidationException", text):
        run(ddb, f'UPDATE "{table}" {changes} WHERE {where}')


# DELETE

def test_delete_removes_the_item(ddb, put, stored):
    table, where = put()
    assert run(ddb, f'DELETE FROM "{table}" WHERE {where}')["Items"] == []
    assert stored() is None


@pytest.mark.parametrize("condition", ["", " AND a = 1"])
def test_delete_of_a_missing_item_does_nothing(ddb, sorted_table, pk, condition):
    assert run(ddb, f"DELETE FROM \"{sorted_table}\" WHERE pk = '{pk}' AND sk = '1'{condition}")["Items"] == []


def test_further_conditions_of_a_delete_must_hold(ddb, put, stored):
    table, where = put(a={"N": "1"})
    with refused("ConditionalCheckFailedException", "The conditional request failed"):
        run(ddb, f'DELETE FROM "{table}" WHERE {where} AND a = 2')
    assert stored() is not None


def test_a_failed_condition_may_bring_the_item(ddb, put):
    table, where = put(a={"N": "1"})
    with refused("ConditionalCheckFailedException") as refusal:
        run(ddb, f'DELETE FROM "{table}" WHERE {where} AND a = 2', ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert refusal.response["Item"]["a"] == {"N": "1"}


def test_a_failed_condition_brings_no_item_unasked(ddb, put):
    table, where = put(a={"N": "1"})
    with refused("ConditionalCheckFailedException") as refusal:
        run(ddb, f'DELETE FROM "{table}" WHERE {where} AND a = 2')
    assert "Item" not in refusal.response


# RETURNING

@pytest.mark.parametrize("clause, expected", [
    ("ALL OLD", {"a": {"N": "1"}, "b": {"S": "kept"}}), ("ALL NEW", {"a": {"N": "2"}, "b": {"S": "kept"}}),
    ("MODIFIED OLD", {"a": {"N": "1"}}), ("MODIFIED NEW", {"a": {"N": "2"}}), ("all new", {"a": {"N": "2"}, "b": {"S": "kept"}}),
])
def test_update_returns_what_is_asked_for(ddb, put, pk, clause, expected):
    table, where = put(a={"N": "1"}, b={"S": "kept"})
    found = rows(ddb, f'UPDATE "{table}" SET a = 2 WHERE {where} RETURNING {clause} *')
    key = {} if clause.startswith("MODIFIED") else {"pk": {"S": pk}, "sk": {"S": "1"}}
    assert found == [{**key, **expected}]


def test_modified_returns_only_the_changed_part_of_a_map(ddb, put):
    table, where = put(m={"M": {"x": {"N": "1"}, "y": {"N": "2"}}})
    found = rows(ddb, f'UPDATE "{table}" SET m.x = 5 WHERE {where} RETURNING MODIFIED NEW *')
    assert found == [{"m": {"M": {"x": {"N": "5"}}}}]


@pytest.mark.parametrize("changes, clause", [("REMOVE a", "MODIFIED NEW"), ("SET fresh = 1", "MODIFIED OLD")])
def test_modified_returns_no_row_when_nothing_is_left(ddb, put, changes, clause):
    table, where = put(a={"N": "1"})
    assert rows(ddb, f'UPDATE "{table}" {changes} WHERE {where} RETURNING {clause} *') == []


def test_delete_returns_the_old_item(ddb, put, pk):
    table, where = put(a={"N": "1"})
    statement = f'DELETE FROM "{table}" WHERE {where} RETURNING ALL OLD *'
    assert rows(ddb, statement) == [{"pk": {"S": pk}, "sk": {"S": "1"}, "a": {"N": "1"}}]
    assert rows(ddb, statement) == []


@pytest.mark.parametrize("clause", ["ALL NEW", "MODIFIED OLD", "MODIFIED NEW"])
def test_delete_returns_nothing_else(ddb, put, stored, clause):
    table, where = put()
    with refused("ValidationException", f"Invalid returning clause: RETURNING {clause} *. "
                 "Only RETURNING ALL OLD * is allowed in DELETE statements."):
        run(ddb, f'DELETE FROM "{table}" WHERE {where} RETURNING {clause} *')
    assert stored() is not None


def test_exists_is_for_transactions_only(ddb, put):
    table, where = put()
    with refused("ValidationException", "EXISTS can only be used in ExecuteTransaction write requests."):
        run(ddb, f'EXISTS(SELECT * FROM "{table}" WHERE {where} AND a IS MISSING)')
