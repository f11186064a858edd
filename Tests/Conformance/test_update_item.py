import pytest

from .conftest import index, refused, unique

INVALID = "ValidationException"
ITEM = {
    "a": {"N": "5"}, "b": {"S": "x"}, "set": {"SS": ["p", "q"]},
    "l": {"L": [{"S": "zero"}, {"S": "one"}, {"S": "two"}]},
    "m": {"M": {"k": {"S": "v"}, "deep": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}, "l": {"L": [{"N": "7"}]}}},
}


def body(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def stored(ddb, table, key):
    return ddb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")


def update(ddb, table, key, expression=None, returns=None, **values):
    """UpdateItem; keyword arguments are the values of the expression."""
    parameters = {}
    if expression is not None:
        parameters["UpdateExpression"] = expression
    if returns:
        parameters["ReturnValues"] = returns
    if values:
        parameters["ExpressionAttributeValues"] = {":" + name: value for name, value in values.items()}
    return ddb.update_item(TableName=table, Key=key, **parameters)


@pytest.fixture
def item(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, **ITEM})
    return key


@pytest.fixture(scope="module")
def indexed(make_table):
    """Keys pk and sk; a global index over g (S) and b (B), a local one over n (N)."""
    return make_table(
        range="sk", types={"n": "N", "b": "B"},
        GlobalSecondaryIndexes=[index("global", "g", "b")],
        LocalSecondaryIndexes=[index("local", "pk", "n")])


# Upserts


def test_an_absent_item_is_created_with_its_key(ddb, table, key):
    update(ddb, table, key, "SET a = :a", a={"S": "x"})
    assert stored(ddb, table, key) == {**key, "a": {"S": "x"}}


def test_without_an_expression_the_key_alone_is_created(ddb, table, key):
    assert body(update(ddb, table, key)) == {}
    assert stored(ddb, table, key) == key


def test_without_an_expression_an_item_stays_as_it_is(ddb, table, item):
    update(ddb, table, item)
    assert stored(ddb, table, item) == {**item, **ITEM}


def test_add_creates_the_item(ddb, table, key):
    update(ddb, table, key, "ADD a :a", a={"N": "3"})
    assert stored(ddb, table, key) == {**key, "a": {"N": "3"}}


@pytest.mark.parametrize("expression, values", [
    ("REMOVE a", {}), ("REMOVE a, b", {}), ("DELETE a :s", {"s": {"SS": ["x"]}}),
    ("REMOVE b DELETE a :s", {"s": {"SS": ["x"]}}), ("REMOVE a.b", {}), ("REMOVE a[0]", {}), ("REMOVE a.b[1].c, d", {})])
def test_an_update_that_only_removes_creates_nothing(ddb, table, key, expression, values):
    assert body(update(ddb, table, key, expression, **values)) == {}
    assert stored(ddb, table, key) is None


@pytest.mark.parametrize("expression", ["SET c.c = :a", "SET c[0] = :a", "ADD c.c :a"])
def test_a_nested_path_of_no_item_cannot_be_set(ddb, table, key, expression):
    with refused(INVALID, "The document path provided in the update expression is invalid for update"):
        update(ddb, table, key, expression, a={"N": "1"})
    assert stored(ddb, table, key) is None


def test_removing_beside_setting_creates_the_item(ddb, table, key):
    update(ddb, table, key, "REMOVE b SET a = :a", a={"S": "x"})
    assert stored(ddb, table, key) == {**key, "a": {"S": "x"}}


def test_other_attributes_stay(ddb, table, item):
    update(ddb, table, item, "SET c = :c", c={"BOOL": False})
    assert stored(ddb, table, item) == {**item, **ITEM, "c": {"BOOL": False}}


# Return values


@pytest.mark.parametrize("mode", ["NONE", "ALL_OLD", "UPDATED_OLD"])
def test_modes_that_return_nothing_for_a_new_item(ddb, table, key, mode):
    assert body(update(ddb, table, key, "SET a = :a", mode, a={"S": "x"})) == {}


def test_all_new_returns_a_new_item(ddb, table, key):
    answer = update(ddb, table, key, "SET a = :a", "ALL_NEW", a={"S": "x"})
    assert body(answer) == {"Attributes": {**key, "a": {"S": "x"}}}


def test_updated_new_returns_what_a_new_item_got_but_not_its_key(ddb, table, key):
    answer = update(ddb, table, key, "SET a = :a", "UPDATED_NEW", a={"S": "x"})
    assert body(answer) == {"Attributes": {"a": {"S": "x"}}}


def test_all_new_without_an_expression_returns_the_key(ddb, table, key):
    assert body(update(ddb, table, key, None, "ALL_NEW")) == {"Attributes": key}


@pytest.mark.parametrize("mode", ["UPDATED_NEW", "UPDATED_OLD"])
def test_updated_modes_without_an_expression_return_nothing(ddb, table, item, mode):
    assert body(update(ddb, table, item, None, mode)) == {}


def test_none_is_the_default(ddb, table, item):
    assert body(update(ddb, table, item, "SET a = :a", a={"N": "6"})) == {}
    assert body(update(ddb, table, item, "SET a = :a", "NONE", a={"N": "7"})) == {}


def test_all_old_returns_the_whole_old_item(ddb, table, item):
    answer = update(ddb, table, item, "SET a = :a", "ALL_OLD", a={"N": "6"})
    assert body(answer) == {"Attributes": {**item, **ITEM}}


def test_all_new_returns_the_whole_new_item(ddb, table, item):
    answer = update(ddb, table, item, "SET a = :a", "ALL_NEW", a={"N": "6"})
    assert body(answer) == {"Attributes": {**item, **ITEM, "a": {"N": "6"}}}


NUMBER, TEXT = {"v": {"N": "9"}}, {"v": {"S": "new"}}


@pytest.mark.parametrize("expression, values, old, new", [
    ("SET a = :v", NUMBER, {"a": {"N": "5"}}, {"a": {"N": "9"}}),
    ("SET c = :v", NUMBER, None, {"c": {"N": "9"}}),
    ("SET a = :v, c = b", NUMBER, {"a": {"N": "5"}}, {"a": {"N": "9"}, "c": {"S": "x"}}),
    ("SET a = :v", {"v": {"N": "5"}}, {"a": {"N": "5"}}, {"a": {"N": "5"}}),
    ("ADD a :v", NUMBER, {"a": {"N": "5"}}, {"a": {"N": "14"}}),
    ("REMOVE a", {}, {"a": {"N": "5"}}, None),
    ("REMOVE c", {}, None, None),
    ("REMOVE a SET b = :v", TEXT, {"a": {"N": "5"}, "b": {"S": "x"}}, {"b": {"S": "new"}}),
    ("SET m.k = :v", TEXT, {"m": {"M": {"k": {"S": "v"}}}}, {"m": {"M": {"k": {"S": "new"}}}}),
    ("SET m.c = :v", TEXT, None, {"m": {"M": {"c": {"S": "new"}}}}),
    ("SET m.deep.x = :v", NUMBER, {"m": {"M": {"deep": {"M": {"x": {"N": "1"}}}}}},
     {"m": {"M": {"deep": {"M": {"x": {"N": "9"}}}}}}),
    ("SET m.deep.x = :v, m.k = :v", NUMBER, {"m": {"M": {"deep": {"M": {"x": {"N": "1"}}}, "k": {"S": "v"}}}},
     {"m": {"M": {"deep": {"M": {"x": {"N": "9"}}}, "k": {"N": "9"}}}}),
    ("REMOVE m.k", {}, {"m": {"M": {"k": {"S": "v"}}}}, None),
    ("SET l[1] = :v", TEXT, {"l": {"L": [{"S": "one"}]}}, {"l": {"L": [{"S": "new"}]}}),
    ("SET l[2] = :v, l[0] = :v", TEXT, {"l": {"L": [{"S": "zero"}, {"S": "two"}]}},
     {"l": {"L": [{"S": "new"}, {"S": "new"}]}}),
    ("SET l[100] = :v", TEXT, None, None),
    ("SET m.l[0] = :v", NUMBER, {"m": {"M": {"l": {"L": [{"N": "7"}]}}}}, {"m": {"M": {"l": {"L": [{"N": "9"}]}}}}),
    ("REMOVE l[1]", {}, {"l": {"L": [{"S": "one"}]}}, {"l": {"L": [{"S": "two"}]}}),
    ("REMOVE l[2]", {}, {"l": {"L": [{"S": "two"}]}}, None),
], ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("mode", ["UPDATED_OLD", "UPDATED_NEW"])
def test_updated_modes_return_the_touched_places(ddb, table, item, expression, values, old, new, mode):
    expected = old if mode == "UPDATED_OLD" else new
    answer = body(update(ddb, table, item, expression, mode, **values))
    assert answer == ({} if expected is None else {"Attributes": expected})


@pytest.mark.parametrize("mode, members", [("UPDATED_OLD", {"p", "q"}), ("UPDATED_NEW", {"p", "q", "r"})])
def test_updated_modes_return_whole_sets(ddb, table, item, mode, members):
    answer = ddb.update_item(
        TableName=table, Key=item, UpdateExpression="ADD #set :v", ReturnValues=mode,
        ExpressionAttributeNames={"#set": "set"}, ExpressionAttributeValues={":v": {"SS": ["r"]}})
    assert set(answer["Attributes"]["set"]["SS"]) == members


# Conditions


def test_a_condition_sees_the_item_before_the_update(ddb, table, item):
    ddb.update_item(
        TableName=table, Key=item, UpdateExpression="SET a = :new", ConditionExpression="a = :old",
        ExpressionAttributeValues={":old": {"N": "5"}, ":new": {"N": "6"}})
    assert stored(ddb, table, item)["a"] == {"N": "6"}


def test_a_failed_condition_changes_nothing(ddb, table, item):
    with refused("ConditionalCheckFailedException", "The conditional request failed"):
        ddb.update_item(
            TableName=table, Key=item, UpdateExpression="SET a = :new", ConditionExpression="a = :new",
            ExpressionAttributeValues={":new": {"N": "6"}})
    assert stored(ddb, table, item) == {**item, **ITEM}


def test_a_failed_condition_creates_nothing(ddb, table, key):
    with refused("ConditionalCheckFailedException"):
        ddb.update_item(TableName=table, Key=key, ConditionExpression="attribute_exists(pk)")
    assert stored(ddb, table, key) is None


def test_a_failed_condition_returns_the_item_when_asked(ddb, table, item):
    with refused("ConditionalCheckFailedException") as refusal:
        ddb.update_item(
            TableName=table, Key=item, UpdateExpression="REMOVE a", ConditionExpression="attribute_exists(c)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert refusal.response["Item"] == {**item, **ITEM}


def test_the_condition_comes_before_faults_of_the_update(ddb, table, item):
    with refused("ConditionalCheckFailedException"):
        ddb.update_item(
            TableName=table, Key=item, UpdateExpression="SET a = c", ConditionExpression="attribute_exists(c)")


# Keys


@pytest.mark.parametrize("expression, values", [
    ("SET pk = :v", {"v": {"S": "x"}}), ("REMOVE pk", {}), ("ADD sk :v", {"v": {"N": "1"}}),
    ("DELETE sk :v", {"v": {"SS": ["x"]}}), ("SET a = :v, sk = :v", {"v": {"S": "x"}})])
def test_key_attributes_cannot_be_updated(ddb, sorted_table, key, expression, values):
    name = "pk" if "pk" in expression else "sk"
    with refused(INVALID) as refusal:
        update(ddb, sorted_table, {**key, "sk": {"S": "a"}}, expression, **values)
    assert refusal.message == (
        f"One or more parameter values were invalid: Cannot update attribute {name}. This attribute is part of the key")


@pytest.mark.parametrize("bad", [
    {}, {"x": {"S": "a"}}, {"pk": {"N": "1"}}, {"pk": {"S": "a"}, "x": {"S": "a"}}, {"pk": {"BOOL": True}}])
def test_a_key_that_does_not_fit_the_schema_is_refused(ddb, table, bad):
    with refused(INVALID) as refusal:
        update(ddb, table, bad, "SET a = :a", a={"S": "x"})
    assert refusal.message == "The provided key element does not match the schema"


def test_an_empty_key_value_is_refused(ddb, table):
    with refused(INVALID, "cannot contain an empty string value. Key: pk"):
        update(ddb, table, {"pk": {"S": ""}}, "SET a = :a", a={"S": "x"})


@pytest.mark.parametrize("expression, name", [
    ("SET a = pk.x", "Key: pk"), ("SET a = pk[0]", "Key: pk"), ("SET g.x = :v", "IndexKey: g"),
    ("REMOVE g[0]", "IndexKey: g"), ("SET a = if_not_exists(n.x, :v)", "IndexKey: n")])
def test_no_path_leads_into_a_key_attribute(ddb, indexed, key, expression, name):
    with refused(INVALID) as refusal:
        update(ddb, indexed, {**key, "sk": {"S": "a"}}, expression, **({"v": {"S": "x"}} if ":v" in expression else {}))
    assert refusal.message == (
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: " + name)


@pytest.mark.parametrize("attribute, value", [
    ("g", {"N": "1"}), ("g", {"NULL": True}), ("b", {"S": "x"}), ("n", {"S": "1"}), ("n", {"L": []})])
def test_an_index_key_keeps_its_type(ddb, indexed, key, attribute, value):
    with refused(INVALID) as refusal:
        update(ddb, indexed, {**key, "sk": {"S": "a"}}, f"SET {attribute} = :v", v=value)
    assert refusal.message == "The update expression attempted to update the secondary index key to unsupported type"


@pytest.mark.parametrize("attribute, value, kind", [("g", {"S": ""}, "string"), ("b", {"B": b""}, "binary")])
def test_an_index_key_cannot_become_empty(ddb, indexed, key, attribute, value, kind):
    with refused(INVALID, "The update expression attempted to update a secondary index key to a value that is not "
                 f"supported. The AttributeValue for a key attribute cannot contain an empty {kind} value."):
        update(ddb, indexed, {**key, "sk": {"S": "a"}}, f"SET {attribute} = :v", v=value)


def test_an_index_key_can_be_set_and_removed(ddb, indexed, key):
    key = {**key, "sk": {"S": "a"}}
    update(ddb, indexed, key, "SET g = :g, n = :n", g={"S": "x"}, n={"N": "1"})
    update(ddb, indexed, key, "REMOVE g, n")
    assert stored(ddb, indexed, key) == key


def test_an_index_key_of_a_wrong_type_changes_nothing(ddb, indexed, key):
    key = {**key, "sk": {"S": "a"}}
    with refused(INVALID):
        update(ddb, indexed, key, "SET a = :g, g = :g", g={"N": "1"})
    assert stored(ddb, indexed, key) is None


# Parameters


@pytest.mark.parametrize("parameter, value", [
    ("ReturnValues", "SOME"), ("ReturnValues", "all_old"), ("ReturnConsumedCapacity", "SOME"),
    ("ReturnItemCollectionMetrics", "SOME"), ("ReturnValuesOnConditionCheckFailure", "ALL_NEW")])
def test_an_unknown_mode_is_refused(ddb, table, key, parameter, value):
    with refused(INVALID, "1 validation error detected: ", "Member must satisfy enum value set: ["):
        ddb.update_item(TableName=table, Key=key, **{parameter: value})


def test_the_first_unknown_mode_is_reported_alone(ddb, table, key):
    with refused(INVALID, "1 validation error detected: ",
                 "Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]") as refusal:
        ddb.update_item(TableName=table, Key=key, ReturnValues="SOME", ReturnConsumedCapacity="SOME")
    assert "apacity" not in refusal.message


def test_an_empty_table_name_is_reported_alone(ddb, key):
    with refused(INVALID) as refusal:
        ddb.update_item(TableName="", Key=key, ReturnValues="SOME")
    assert refusal.message == (
        "1 validation error detected: Value at 'TableName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1")


def test_missing_members_are_listed(ddb):
    with refused(INVALID, "2 validation errors detected: ", "ableName'", "ey' failed to satisfy constraint: Member must"):
        ddb.update_item()


@pytest.mark.parametrize("parameters, text", [
    ({"UpdateExpression": ""}, "Invalid UpdateExpression: The expression can not be empty;"),
    ({"UpdateExpression": "SET a = :a"},
     "Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :a"),
    ({"UpdateExpression": "REMOVE a", "ConditionExpression": ""},
     "Invalid ConditionExpression: The expression can not be empty;"),
    ({"ExpressionAttributeNames": {"#a": "a"}}, "ExpressionAttributeNames can only be specified when using expressions"),
    ({"ExpressionAttributeValues": {":a": {"S": "a"}}},
     "ExpressionAttributeValues can only be specified when using expressions"),
    ({"UpdateExpression": "REMOVE a", "ExpressionAttributeNames": {"#a": "a"}},
     "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"),
    ({"UpdateExpression": "REMOVE a", "AttributeUpdates": {"a": {"Action": "DELETE"}}},
     "Can not use both expression and non-expression parameters in the same request: "
     "Non-expression parameters: {AttributeUpdates} Expression parameters: {UpdateExpression}"),
    ({"UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"SS": []}}},
     "One or more parameter values were invalid: An string set  may not be empty"),
])
def test_faults_of_the_request_alone_are_counted(ddb, table, key, parameters, text):
    with refused(INVALID, text) as refusal:
        ddb.update_item(TableName=table, Key=key, **parameters)
    assert refusal.message.startswith("1 validation error detected: ")


@pytest.mark.parametrize("parameters, code, text", [
    ({"Key": {"a": {"N": "x"}}, "UpdateExpression": "!"}, INVALID, "cannot be converted to a numeric value: x"),
    ({"Key": {"a": {"S": ""}}, "UpdateExpression": "!", "ConditionExpression": "!"}, INVALID, "Invalid UpdateExpr"),
    ({"Key": {"a": {"S": ""}}, "UpdateExpression": "REMOVE a", "ConditionExpression": "!"}, INVALID,
     "Invalid ConditionExpression"),
    ({"Key": {"a": {"S": ""}}, "UpdateExpression": "!", "ExpressionAttributeNames": {"#a": "a"}}, INVALID,
     "Invalid UpdateExpression"),
    ({"Key": {"a": {"S": ""}}, "UpdateExpression": "!", "ExpressionAttributeNames": {"a": "a"}}, INVALID,
     'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'),
    ({"Key": {"a": {"S": ""}}, "UpdateExpression": "REMOVE a"}, "ResourceNotFoundException", "Requested resource not"),
], ids=["values before expressions", "update before condition", "condition before table", "expressions before unused",
        "substitutions before expressions", "table before key"])
def test_order_of_evaluation(endpoint, parameters, code, text):
    found, message = endpoint.raw_error("UpdateItem", {"TableName": unique("none"), **parameters})
    assert found.endswith("#" + code)
    assert text in message


def test_the_key_comes_before_what_is_updated(ddb, table):
    with refused(INVALID, "The provided key element does not match the schema"):
        update(ddb, table, {"x": {"S": "a"}}, "SET pk = :v", v={"S": "x"})


def test_key_updates_come_before_conditions(ddb, table, key):
    with refused(INVALID, "Cannot update attribute pk"):
        ddb.update_item(
            TableName=table, Key=key, UpdateExpression="REMOVE pk", ConditionExpression="attribute_exists(pk)")
