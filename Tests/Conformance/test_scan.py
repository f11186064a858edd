import uuid

import pytest

from .conftest import refused


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


@pytest.fixture(scope="module")
def people(ddb, make_table):
    """Four partitions of five items each, with the parity of their sort key in `v`."""
    name = make_table(range="sk", types={"sk": "N"})
    for letter in "abcd":
        for number in range(5):
            ddb.put_item(TableName=name, Item={
                "pk": s(letter), "sk": n(number), "v": n(number % 2), "word": s(letter * (number + 1)),
                "doc": {"M": {"deep": n(number)}}})
    return name


def ids(items):
    return sorted((item["pk"]["S"], int(item["sk"]["N"])) for item in items)


EVERYTHING = [(letter, number) for letter in "abcd" for number in range(5)]


def pages(ddb, table, **more):
    """All pages of a scan."""
    result, start = [], {}
    while True:
        page = ddb.scan(TableName=table, **more, **start)
        result.append(page)
        if "LastEvaluatedKey" not in page:
            return result
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


# the answer


def test_it_returns_everything(ddb, people):
    answer = ddb.scan(TableName=people)
    assert ids(answer["Items"]) == EVERYTHING
    assert (answer["Count"], answer["ScannedCount"]) == (20, 20)


def test_an_empty_table_answers_an_empty_list(ddb, table):
    answer = ddb.scan(TableName=table)
    assert answer["Items"] == [] and answer["Count"] == 0 and answer["ScannedCount"] == 0


@pytest.mark.parametrize("absent", ["ConsumedCapacity", "LastEvaluatedKey"])
def test_members_that_were_not_asked_for_are_absent(ddb, people, absent):
    assert absent not in ddb.scan(TableName=people)


def test_the_items_of_a_partition_are_together_in_order_of_the_sort_key(ddb, people):
    found = [(item["pk"]["S"], int(item["sk"]["N"])) for item in ddb.scan(TableName=people)["Items"]]
    letters = [letter for letter, _ in found]
    assert len([1 for a, b in zip(letters, letters[1:]) if a != b]) == 3
    for letter in "abcd":
        assert [number for each, number in found if each == letter] == list(range(5))


def test_the_order_of_partitions_is_not_that_of_their_keys(ddb, make_table):
    name = make_table()
    for number in range(40):
        ddb.put_item(TableName=name, Item={"pk": s(f"{number:02}")})
    found = [item["pk"]["S"] for item in ddb.scan(TableName=name)["Items"]]
    assert found != sorted(found) and sorted(found) == [f"{number:02}" for number in range(40)]


def test_the_order_is_stable(ddb, people):
    assert ddb.scan(TableName=people)["Items"] == ddb.scan(TableName=people)["Items"]


def test_a_consistent_scan_is_allowed(ddb, people):
    assert ddb.scan(TableName=people, ConsistentRead=True)["Count"] == 20


def test_the_table_may_be_named_by_its_arn(ddb, people):
    arn = ddb.describe_table(TableName=people)["Table"]["TableArn"]
    assert ddb.scan(TableName=arn)["Count"] == 20


# pages


@pytest.mark.parametrize("limit", [1, 3, 7, 19])
def test_pages_of_any_size_add_up(ddb, people, limit):
    answers = pages(ddb, people, Limit=limit)
    assert ids(item for page in answers for item in page["Items"]) == EVERYTHING
    assert all(page["Count"] == limit for page in answers[:-1])


def test_a_limit_equal_to_the_number_of_items_still_gives_a_key(ddb, people):
    answer = ddb.scan(TableName=people, Limit=20)
    assert set(answer["LastEvaluatedKey"]) == {"pk", "sk"}
    after = ddb.scan(TableName=people, ExclusiveStartKey=answer["LastEvaluatedKey"])
    assert after["Items"] == [] and "LastEvaluatedKey" not in after


def test_the_last_key_is_that_of_the_last_item(ddb, people):
    answer = ddb.scan(TableName=people, Limit=7)
    last = answer["Items"][-1]
    assert answer["LastEvaluatedKey"] == {"pk": last["pk"], "sk": last["sk"]}


def test_a_limit_beyond_the_items_gives_no_key(ddb, people):
    assert "LastEvaluatedKey" not in ddb.scan(TableName=people, Limit=21)


def test_the_start_key_need_not_exist(ddb, people):
    start = {"pk": s("a"), "sk": {"N": "-1"}}
    found = ddb.scan(TableName=people, ExclusiveStartKey=start, Limit=5)["Items"]
    assert ids(found) == [("a", number) for number in range(5)]


def test_a_limit_counts_items_before_the_filter(ddb, people):
    answer = ddb.scan(
        TableName=people, Limit=5, FilterExpression="v = :none", ExpressionAttributeValues={":none": n(7)})
    assert (answer["Count"], answer["ScannedCount"]) == (0, 5)
    assert answer["Items"] == [] and "LastEvaluatedKey" in answer


def test_a_page_ends_at_a_megabyte(ddb, make_table):
    name = make_table()
    for number in range(5):
        ddb.put_item(TableName=name, Item={"pk": s(str(number)), "words": s("x" * 300_000)})
    answers = pages(ddb, name)
    assert answers[0]["Count"] in (3, 4)
    assert sum(page["Count"] for page in answers) == 5


def test_the_megabyte_is_of_data_before_filter_and_projection(ddb, make_table):
    name = make_table()
    for number in range(5):
        ddb.put_item(TableName=name, Item={"pk": s(str(number)), "words": s("x" * 300_000)})
    answer = ddb.scan(
        TableName=name, ProjectionExpression="pk", FilterExpression="words = :w",
        ExpressionAttributeValues={":w": s("none")})
    assert answer["Count"] == 0 and answer["ScannedCount"] in (3, 4) and "LastEvaluatedKey" in answer


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(ddb, people, limit):
    with refused("ValidationException", "Member must have value greater than or equal to 1"):
        ddb.scan(TableName=people, Limit=limit)


# ExclusiveStartKey


@pytest.mark.parametrize("start", [
    {"pk": s("a")}, {"pk": s("a"), "sk": n(1), "more": s("x")}, {"pk": s("a"), "wrong": n(1)}, {},
    {"pk": s("a"), "sk": s("1")}, {"pk": n(1), "sk": n(1)}])
def test_a_start_key_that_does_not_fit_is_refused(ddb, people, start):
    with refused("ValidationException",
                 "The provided starting key is invalid: The provided key element does not match the schema"):
        ddb.scan(TableName=people, ExclusiveStartKey=start)


@pytest.mark.parametrize("value, text", [
    ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    ({"S": "a", "N": "1"}, "Supplied AttributeValue has more than one datatypes set"),
    ({"N": ""}, "The parameter cannot be converted to a numeric value"),
])
def test_a_start_key_with_a_bad_value_is_refused(ddb, people, value, text):
    with refused("ValidationException", "The provided starting key is invalid: ", text):
        ddb.scan(TableName=people, ExclusiveStartKey={"pk": s("a"), "sk": value})


# FilterExpression


@pytest.mark.parametrize("expression, values, expected", [
    ("v = :a", {":a": n(1)}, 8), ("NOT v = :a", {":a": n(1)}, 12), ("v <> :a", {":a": n(1)}, 12),
    ("pk = :a", {":a": s("b")}, 5), ("pk = :a AND sk > :b", {":a": s("b"), ":b": n(2)}, 2),
    ("pk IN (:a, :b)", {":a": s("b"), ":b": s("c")}, 10), ("sk BETWEEN :a AND :b", {":a": n(1), ":b": n(2)}, 8),
    ("begins_with(word, :a)", {":a": s("cc")}, 4), ("contains(word, :a)", {":a": s("ddd")}, 3),
    ("size(word) = :a", {":a": n(5)}, 4), ("attribute_type(v, :a)", {":a": s("N")}, 20),
    ("attribute_exists(doc.deep)", {}, 20), ("attribute_not_exists(doc.deep)", {}, 0),
    ("doc.deep = sk", {}, 20), ("nothere = :a", {":a": n(1)}, 0), ("nothere <> :a", {":a": n(1)}, 20),
    ("v = :a OR (pk = :b AND sk = :c)", {":a": n(1), ":b": s("a"), ":c": n(0)}, 9),
])
def test_a_filter_drops_items(ddb, people, expression, values, expected):
    more = {"ExpressionAttributeValues": values} if values else {}
    answer = ddb.scan(TableName=people, FilterExpression=expression, **more)
    assert (answer["Count"], len(answer["Items"]), answer["ScannedCount"]) == (expected, expected, 20)


@pytest.mark.parametrize("expression, text", [
    ("", "Invalid FilterExpression: The expression can not be empty;"),
    ("pk.a = :a", "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk"),
    ("attribute_exists(sk[0])", "Key attributes must be scalars; list random access '[]' and map lookup '.' are not "
     "allowed: Key: sk"),
    ("v = v", "Invalid FilterExpression: The first operand must be distinct from the remaining operands for this "
     "operator or function; operator: =, first operand: [v]"),
    ("size(v)", "Invalid FilterExpression: The function is not allowed to be used this way in an expression; "
     "function: size"),
])
def test_a_broken_filter_is_refused(ddb, people, expression, text):
    more = {"ExpressionAttributeValues": {":a": s("x")}} if ":a" in expression else {}
    with refused("ValidationException", text):
        ddb.scan(TableName=people, FilterExpression=expression, **more)


# ProjectionExpression and Select


@pytest.mark.parametrize("expression, names", [("pk, sk", {"pk", "sk"}), ("doc.deep", {"doc"}), ("nothing", set())])
def test_a_projection_keeps_its_attributes(ddb, people, expression, names):
    items = ddb.scan(TableName=people, ProjectionExpression=expression)["Items"]
    assert len(items) == 20 and all(set(item) == names for item in items)


@pytest.mark.parametrize("expression, text", [
    ("", "Invalid ProjectionExpression: The expression can not be empty;"),
    ("pk,", 'Invalid ProjectionExpression: Syntax error; token: "<EOF>"'),
    ("name", "Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: name"),
    ("v, v", "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of "
     "these paths; path one: [v], path two: [v]"),
    ("doc, doc.deep", "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or "
     "rewrite one of these paths; path one: [doc], path two: [doc, deep]"),
    ("doc.a, doc[0]", "Invalid ProjectionExpression: Two document paths conflict with each other; must remove or "
     "rewrite one of these paths; path one: [doc, a], path two: [doc, [0]]"),
    ("pk.a", "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk"),
])
def test_a_broken_projection_is_refused(ddb, people, expression, text):
    with refused("ValidationException", text):
        ddb.scan(TableName=people, ProjectionExpression=expression)


def test_select_count_returns_no_items(ddb, people):
    answer = ddb.scan(TableName=people, Select="COUNT")
    assert "Items" not in answer and (answer["Count"], answer["ScannedCount"]) == (20, 20)


@pytest.mark.parametrize("more, text", [
    ({"Select": "SPECIFIC_ATTRIBUTES"}, "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
     "SPECIFIC_ATTRIBUTES"),
    ({"Select": "ALL_ATTRIBUTES", "ProjectionExpression": "pk"}, "Cannot specify the ProjectionExpression when choosing "
     "to get ALL_ATTRIBUTES"),
    ({"Select": "COUNT", "ProjectionExpression": "pk"}, "Cannot specify the ProjectionExpression when choosing to get "
     "only the Count"),
    ({"Select": "ALL_PROJECTED_ATTRIBUTES"}, "ALL_PROJECTED_ATTRIBUTES can be used only when"),
    ({"Select": "all"}, "Value 'all' at 'select' failed to satisfy constraint: Member must satisfy enum value set"),
])
def test_selects_that_do_not_fit_are_refused(ddb, people, more, text):
    with refused("ValidationException", text):
        ddb.scan(TableName=people, **more)


# what is checked first


def test_an_unknown_table_is_not_found(ddb):
    with refused("ResourceNotFoundException", "Requested resource not found"):
        ddb.scan(TableName="no-such-table-" + uuid.uuid4().hex)


def test_an_unknown_index_is_refused(ddb, people):
    with refused("ValidationException", "The table does not have the specified index: no-index"):
        ddb.scan(TableName=people, IndexName="no-index")


@pytest.mark.parametrize("more, text", [
    ({"Select": "SOME"}, "at 'select'"), ({"Limit": 0}, "greater than or equal to 1"),
    ({"Segment": 0}, "The TotalSegments parameter is required"), ({"FilterExpression": "v ="}, "Syntax error"),
    ({"ProjectionExpression": "a,,b"}, "Syntax error"), ({"IndexName": "x"}, "at 'indexName'"),
    ({"ExclusiveStartKey": {"pk": {}}}, "The provided starting key is invalid"),
    ({"ExpressionAttributeValues": {":a": s("x")}}, "ExpressionAttributeValues can only be specified when using "
     "expressions"),
    ({"ExpressionAttributeNames": {"#a": "x"}}, "ExpressionAttributeNames can only be specified when using expressions"),
])
def test_a_bad_parameter_wins_over_an_unknown_table(ddb, more, text):
    with refused("ValidationException", text):
        ddb.scan(TableName="no-such-table-" + uuid.uuid4().hex, **more)


def test_an_unknown_table_wins_over_an_unknown_index(ddb):
    with refused("ResourceNotFoundException"):
        ddb.scan(TableName="no-such-table-" + uuid.uuid4().hex, IndexName="no-index")


def test_model_constraints_are_collected(ddb, people):
    with refused("ValidationException", "3 validation errors detected: ", "at 'select'", "at 'limit'",
                 "at 'totalSegments'"):
        ddb.scan(TableName=people, Select="SOME", Limit=0, TotalSegments=0, Segment=0)


def test_the_start_key_is_checked_before_the_segments(ddb, people):
    with refused("ValidationException", "The provided starting key is invalid"):
        ddb.scan(TableName=people, ExclusiveStartKey={"pk": {}}, Segment=1)
