"""AttributeUpdates of UpdateItem."""


import pytest
from running import until

from .conftest import index, refused
from .values import L, N, S

INVALID = "ValidationException"
PREFIX = "One or more parameter values were invalid: "
MISMATCH = "Type mismatch for attribute to update"


def unordered(value):
    (type, content), = value.items()
    return {type: sorted(content)} if type in ("SS", "NS", "BS") else value


@pytest.fixture
def update(ddb, table, key):
    def update(updates, **more):
        return ddb.update_item(TableName=table, Key=key, AttributeUpdates=updates, **more)
    return update


@pytest.fixture
def stored(ddb, table, key):
    """What is stored under the test's key, without the key; None when there is no item."""
    def stored():
        item = ddb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        return item and {name: unordered(value) for name, value in item.items() if name != "pk"}
    return stored


@pytest.fixture
def before(ddb, table, key):
    def before(**attributes):
        ddb.put_item(TableName=table, Item={**key, **attributes})
    return before


VALUES = [S("x"), S(""), N(5), {"B": b"x"}, {"BOOL": False}, {"NULL": True}, L(S("x"), N(1)), L(), {"M": {"k": S("v")}},
          {"M": {}}, {"SS": ["a", "b"]}, {"NS": ["1", "2"]}, {"BS": [b"a", b"b"]}]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_put_sets_any_type(update, stored, value):
    update({"a": {"Action": "PUT", "Value": value}})
    assert stored() == {"a": value}


def test_put_is_the_default(update, stored):
    update({"a": {"Value": S("x")}})
    assert stored() == {"a": S("x")}


def test_put_replaces_a_value_of_another_type(update, stored, before):
    before(a={"SS": ["x"]}, other=N(1))
    update({"a": {"Value": N(2)}})
    assert stored() == {"a": N(2), "other": N(1)}


def test_delete_removes_an_attribute(update, stored, before):
    before(a=S("x"), b=S("y"))
    update({"a": {"Action": "DELETE"}})
    assert stored() == {"b": S("y")}


def test_delete_of_an_absent_attribute_is_no_error(update, stored, before):
    before(a=S("x"))
    update({"b": {"Action": "DELETE"}})
    assert stored() == {"a": S("x")}


@pytest.mark.parametrize("old, value, new", [
    ({"SS": ["a", "b", "c"]}, {"SS": ["a", "c"]}, {"SS": ["b"]}),
    ({"NS": ["1", "2", "3"]}, {"NS": ["2.0"]}, {"NS": ["1", "3"]}),
    ({"BS": [b"a", b"b"]}, {"BS": [b"a"]}, {"BS": [b"b"]}),
    ({"NS": ["1", "2"]}, {"NS": ["3"]}, {"NS": ["1", "2"]}),
    ({"SS": ["a", "b"]}, {"SS": ["b", "z"]}, {"SS": ["a"]}),
])
def test_delete_with_a_value_takes_members_out_of_a_set(update, stored, before, old, value, new):
    before(a=old)
    update({"a": {"Action": "DELETE", "Value": value}})
    assert stored() == {"a": new}


def test_a_set_without_members_goes_away(update, stored, before):
    before(a={"NS": ["1", "2"]}, b=S("x"))
    update({"a": {"Action": "DELETE", "Value": {"NS": ["2", "1"]}}})
    assert stored() == {"b": S("x")}


def test_delete_with_a_value_of_an_absent_attribute_is_no_error(update, stored, before):
    before(b=S("x"))
    update({"a": {"Action": "DELETE", "Value": {"SS": ["x"]}}})
    assert stored() == {"b": S("x")}


@pytest.mark.parametrize("old, value", [
    ({"NS": ["1"]}, {"SS": ["1"]}), ({"SS": ["a"]}, {"BS": [b"a"]}), (S("a"), {"SS": ["a"]}), (N(1), {"NS": ["1"]}),
    (L(S("a")), {"SS": ["a"]})])
def test_delete_of_members_of_another_type_is_refused(update, stored, before, old, value):
    before(a=old)
    with refused(INVALID, MISMATCH):
        update({"a": {"Action": "DELETE", "Value": value}})
    assert stored() == {"a": old}


@pytest.mark.parametrize("old, value, new", [
    (N(7), N(2), N(9)), (N(7), N("-3.5"), N("3.5")), (N("0.1"), N("0.2"), N("0.3")),
    (N("9007199254740993"), N(2), N("9007199254740995")),
    ({"SS": ["a"]}, {"SS": ["b", "a"]}, {"SS": ["a", "b"]}), ({"NS": ["1"]}, {"NS": ["1.0", "2"]}, {"NS": ["1", "2"]}),
    ({"BS": [b"a"]}, {"BS": [b"b"]}, {"BS": [b"a", b"b"]}),
    (L(N(1), N(2)), L(N(2), S("x")), L(N(1), N(2), N(2), S("x"))), (L(N(1)), L(), L(N(1))),
])
def test_add_adds_to_what_is_there(update, stored, before, old, value, new):
    before(a=old)
    update({"a": {"Action": "ADD", "Value": value}})
    assert stored() == {"a": new}


ADDABLE = [N(3), {"SS": ["a", "b"]}, {"NS": ["1"]}, {"BS": [b"a"]}, L(N(1), S("x"))]


@pytest.mark.parametrize("value", ADDABLE, ids=str)
def test_add_makes_an_absent_attribute(update, stored, before, value):
    before(b=S("x"))
    update({"a": {"Action": "ADD", "Value": value}})
    assert stored() == {"a": value, "b": S("x")}


@pytest.mark.parametrize("value", ADDABLE, ids=str)
def test_add_makes_an_absent_item(update, stored, value):
    update({"a": {"Action": "ADD", "Value": value}})
    assert stored() == {"a": value}


@pytest.mark.parametrize("old, value", [
    (S("7"), N(1)), ({"NS": ["1"]}, N(1)), ({"NS": ["1"]}, {"SS": ["1"]}), (N(1), {"NS": ["1"]}),
    (L(N(1)), {"NS": ["1"]}), ({"NS": ["1"]}, L(N(1))), ({"M": {}}, N(1))])
def test_add_to_another_type_is_refused(update, stored, before, old, value):
    before(a=old)
    with refused(INVALID, MISMATCH):
        update({"a": {"Action": "ADD", "Value": value}})
    assert stored() == {"a": old}


@pytest.mark.parametrize("value", [S("x"), {"B": b"x"}, {"BOOL": True}, {"NULL": True}, {"M": {}}], ids=str)
def test_add_takes_no_other_type(update, value):
    with refused(INVALID, PREFIX + "ADD action is not supported for the type " + next(iter(value))):
        update({"a": {"Action": "ADD", "Value": value}})


@pytest.mark.parametrize(
    "value", [S("x"), N(1), {"B": b"x"}, {"BOOL": True}, {"NULL": True}, {"M": {}}, L()], ids=str)
def test_delete_takes_only_sets(update, value):
    with refused(INVALID, PREFIX + "DELETE action with value is not supported for the type " + next(iter(value))):
        update({"a": {"Action": "DELETE", "Value": value}})


@pytest.mark.parametrize("entry", [{}, {"Action": "PUT"}, {"Action": "ADD"}], ids=str)
def test_only_delete_goes_without_a_value(update, entry):
    with refused(INVALID, PREFIX + "Only DELETE action is allowed when no attribute value is specified"):
        update({"a": entry})


@pytest.mark.parametrize("action", ["put", "REMOVE", ""])
def test_an_unknown_action_is_refused(update, action):
    with refused(INVALID, "Member must satisfy enum value set"):
        update({"a": {"Action": action, "Value": S("x")}})


@pytest.mark.parametrize("value, text", [
    ({}, "Supplied AttributeValue is empty"), ({"N": "x"}, "The parameter cannot be converted to a numeric value: x"),
    ({"NS": []}, "An number set  may not be empty"), ({"SS": ["a", "a"]}, "contains duplicates"),
    ({"S": "a", "N": "1"}, "Supplied AttributeValue has more than one datatypes set")])
def test_a_wrong_value_is_refused(update, value, text):
    with refused(INVALID, text):
        update({"a": {"Value": value}})


@pytest.mark.parametrize("entry", [{"Value": S("x")}, {"Action": "DELETE"}, {"Action": "ADD", "Value": N(1)}], ids=str)
def test_the_partition_key_cannot_change(update, entry):
    with refused(INVALID, PREFIX + "Cannot update attribute pk. This attribute is part of the key"):
        update({"pk": entry})


def test_the_sort_key_cannot_change(ddb, sorted_table, key):
    with refused(INVALID, PREFIX + "Cannot update attribute sk. This attribute is part of the key"):
        ddb.update_item(TableName=sorted_table, Key={**key, "sk": S("a")}, AttributeUpdates={"sk": {"Value": S("b")}})


def test_no_updates_make_an_item_of_its_key(update, stored):
    update({})
    assert stored() == {}


def test_no_updates_leave_an_item_alone(update, stored, before):
    before(a=S("x"))
    update({})
    assert stored() == {"a": S("x")}


@pytest.mark.parametrize("entry", [{"Action": "DELETE"}, {"Action": "DELETE", "Value": {"SS": ["x"]}}], ids=str)
def test_only_deleting_makes_no_item(update, stored, entry):
    update({"a": entry})
    assert stored() is None


def test_one_put_among_deletes_makes_an_item(update, stored):
    update({"a": {"Action": "DELETE"}, "b": {"Value": N(1)}})
    assert stored() == {"b": N(1)}


def test_deleting_all_attributes_leaves_the_key(update, stored, before):
    before(a=S("x"))
    update({"a": {"Action": "DELETE"}})
    assert stored() == {}


def test_several_attributes_change_at_once(update, stored, before):
    before(a=N(1), b={"SS": ["x"]}, c=S("old"), d=S("stays"))
    update({"a": {"Action": "ADD", "Value": N(1)}, "b": {"Action": "ADD", "Value": {"SS": ["y"]}},
            "c": {"Action": "DELETE"}, "e": {"Value": S("new")}})
    assert stored() == {"a": N(2), "b": {"SS": ["x", "y"]}, "d": S("stays"), "e": S("new")}


def test_one_update_that_fails_undoes_the_others(update, stored, before):
    before(a=N(1), b=S("x"))
    with refused(INVALID, MISMATCH):
        update({"a": {"Action": "ADD", "Value": N(1)}, "b": {"Action": "ADD", "Value": N(1)}})
    assert stored() == {"a": N(1), "b": S("x")}


@pytest.mark.parametrize("name", ["a.b", "a[0]", "#a", ":a", "name", "with space", "\u00fc"])
def test_names_are_literal(update, stored, before, name):
    before(a={"M": {"b": S("inner")}})
    update({name: {"Value": S("x")}})
    assert stored() == {"a": {"M": {"b": S("inner")}}, name: S("x")}


def test_an_empty_name_is_refused(update, stored):
    with refused(INVALID):
        update({"": {"Value": S("x")}})
    assert stored() is None


@pytest.mark.parametrize("mode, attributes", [
    ("NONE", None),
    ("ALL_OLD", {"a": N(1), "b": S("x"), "c": S("y")}),
    ("ALL_NEW", {"a": N(3), "c": S("y"), "d": S("z")}),
    ("UPDATED_OLD", {"a": N(1), "b": S("x")}),
    ("UPDATED_NEW", {"a": N(3), "d": S("z")}),
])
def test_return_values(update, before, key, mode, attributes):
    before(a=N(1), b=S("x"), c=S("y"))
    answer = update({"a": {"Action": "ADD", "Value": N(2)}, "b": {"Action": "DELETE"}, "d": {"Value": S("z")}},
                    ReturnValues=mode)
    if mode.startswith("ALL"):
        attributes = {**key, **attributes}
    assert answer.get("Attributes") == attributes


def test_updated_values_of_a_literal_name(update):
    answer = update({"a.b": {"Value": S("x")}}, ReturnValues="UPDATED_NEW")
    assert answer["Attributes"] == {"a.b": S("x")}


def test_updated_old_of_a_new_item_is_absent(update):
    assert "Attributes" not in update({"a": {"Value": S("x")}}, ReturnValues="UPDATED_OLD")


def test_updated_new_of_a_removal_is_absent(update, before):
    before(a=S("x"))
    assert "Attributes" not in update({"a": {"Action": "DELETE"}}, ReturnValues="UPDATED_NEW")


def test_an_update_expression_does_not_go_with_attribute_updates(ddb, table, key):
    with refused(INVALID, "Can not use both expression and non-expression parameters in the same request: "
                 "Non-expression parameters: {AttributeUpdates} Expression parameters: {UpdateExpression}"):
        ddb.update_item(TableName=table, Key=key, AttributeUpdates={"a": {"Value": S("x")}}, UpdateExpression="REMOVE a")


def test_a_condition_expression_does_not_go_with_attribute_updates(update):
    with refused(INVALID, "Non-expression parameters: {AttributeUpdates} Expression parameters: {ConditionExpression}"):
        update({"a": {"Value": S("x")}}, ConditionExpression="attribute_exists(pk)")


def test_a_failed_expectation_changes_nothing(update, stored, before):
    before(a=N(1))
    with refused("ConditionalCheckFailedException"):
        update({"a": {"Action": "ADD", "Value": N(1)}}, Expected={"a": {"Value": N(2)}})
    assert stored() == {"a": N(1)}


def test_an_expectation_comes_before_the_types_of_the_update(update, before):
    before(a=S("x"))
    with refused("ConditionalCheckFailedException"):
        update({"a": {"Action": "ADD", "Value": N(1)}}, Expected={"a": {"Exists": False}})


def test_updates_are_checked_before_expectations(update):
    with refused(INVALID, "Only DELETE action is allowed when no attribute value is specified"):
        update({"a": {}}, Expected={"a": {}})


def test_updates_are_checked_before_the_table_is_looked_up(ddb, key):
    with refused(INVALID, "Only DELETE action is allowed when no attribute value is specified"):
        ddb.update_item(TableName="no-such-table-anywhere", Key=key, AttributeUpdates={"a": {}})


@pytest.fixture(scope="module")
def indexed(make_table):
    return make_table(types={"num": "N"}, GlobalSecondaryIndexes=[index("by-num", "num"), index("by-text", "text")])


def test_an_index_key_of_a_wrong_type_is_refused(ddb, indexed, key):
    with refused(INVALID, PREFIX + "Type mismatch for Index Key num Expected: N Actual: S IndexName: by-num"):
        ddb.update_item(TableName=indexed, Key=key, AttributeUpdates={"num": {"Value": S("x")}})


def test_an_empty_index_key_is_refused(ddb, indexed, key):
    with refused(INVALID, "empty string value"):
        ddb.update_item(TableName=indexed, Key=key, AttributeUpdates={"text": {"Value": S("")}})


def test_an_index_follows(ddb, indexed, key):
    ddb.update_item(TableName=indexed, Key=key, AttributeUpdates={"num": {"Action": "ADD", "Value": N(123)}})
    ddb.update_item(TableName=indexed, Key=key, AttributeUpdates={"num": {"Action": "ADD", "Value": N(1)}})
    # An index may lag behind.
    found = until(
        lambda: ddb.scan(TableName=indexed, IndexName="by-num", ScanFilter={
            "num": {"ComparisonOperator": "EQ", "AttributeValueList": [N(124)]}})["Items"], "the item in the index")
    assert found == [{"num": N(124), **key}]


def test_the_size_limit_holds(update):
    with refused(INVALID, "Item size to update has exceeded the maximum allowed size"):
        update({"a": {"Value": S("x" * 409_600)}})


@pytest.mark.parametrize("updates", [[], "a", {"a": []}, {"a": "x"}, {"a": {"Action": 1}}, {"a": {"Value": "x"}}], ids=str)
def test_wrong_json_types_are_refused(endpoint, table, updates):
    code, _ = endpoint.raw_error("UpdateItem", {
        "TableName": table, "Key": {"pk": {"S": "a"}}, "AttributeUpdates": updates})
    assert code.endswith("#SerializationException")
