"""ExecuteStatement: several reads in one statement, their order, and pages."""

import pytest

from .conftest import refused
from .partiql import pages, pk, put, rows, run, sorted_values  # noqa: F401

# Several reads

def test_several_partitions_by_in(ddb, make_table):
    table = make_table()
    for key in "abc":
        ddb.put_item(TableName=table, Item={"pk": {"S": key}})
    assert sorted_values(rows(ddb, f"SELECT * FROM \"{table}\" WHERE pk IN ['a', 'c', 'x']"), "pk") == ["a", "c"]


def test_several_partitions_by_or(ddb, make_table):
    table = make_table()
    for key in "abc":
        ddb.put_item(TableName=table, Item={"pk": {"S": key}})
    assert sorted_values(rows(ddb, f"SELECT * FROM \"{table}\" WHERE pk = 'a' OR pk = 'b'"), "pk") == ["a", "b"]


def test_a_key_or_another_attribute_is_a_scan(ddb, make_table):
    table = make_table()
    for key in "abc":
        ddb.put_item(TableName=table, Item={"pk": {"S": key}, "v": {"S": key}})
    assert sorted_values(rows(ddb, f"SELECT * FROM \"{table}\" WHERE pk = 'a' OR v = 'b'"), "pk") == ["a", "b"]


@pytest.mark.parametrize("where", [
    "pk IN ['x', 'x']", "pk = 'x' OR pk = 'x'", "pk = 'x' AND (sk > '0' OR sk < '5')",
    "pk = 'x' AND (sk = '1' OR flag = 'two')", "(pk = 'x' AND a = 'one') OR (pk = 'x' AND a = 'two')",
])
def test_reads_may_not_overlap(ddb, sorted_table, where):
    with refused("ValidationException",
                 "Overlapping conditions with range keys are not supported in where clause"):
        run(ddb, f'SELECT * FROM "{sorted_table}" WHERE {where}')


@pytest.mark.parametrize("where, name", [
    ("pk = 1", "pk"), ("pk = 1 OR pk = 'x'", "pk"), ("pk = 'x' AND sk IN ['1', 2]", "sk"),
    ("pk = 'x' AND sk > 1", "sk"),
])
def test_values_of_keys_have_their_types(ddb, sorted_table, where, name):
    with refused("ValidationException",
                 f"Key attribute's data type should match its data type in table's schema: Key {name}"):
        run(ddb, f'SELECT * FROM "{sorted_table}" WHERE {where}')


def test_a_range_of_partition_keys_of_another_type_matches_nothing(ddb, sorted_table):
    assert rows(ddb, f'SELECT * FROM "{sorted_table}" WHERE pk > 1') == []


def test_a_statement_has_at_most_50_reads(ddb, sorted_table):
    def values(count):
        return ", ".join(f"'{number}'" for number in range(count))
    assert rows(ddb, f"SELECT * FROM \"{sorted_table}\" WHERE pk IN [{values(50)}] AND sk = 'none'") == []
    for where in [f"pk IN [{values(51)}]", f"pk = 'x' AND sk IN [{values(51)}]",
                  f"pk IN [{values(26)}] AND sk IN ['1', '2']"]:
        with refused("ValidationException", "Too many decomposed read operations for a given query."):
            run(ddb, f'SELECT * FROM "{sorted_table}" WHERE {where}')


# ORDER BY

@pytest.mark.parametrize("order, expected", [
    ("sk", ["1", "2", "3"]), ("sk ASC", ["1", "2", "3"]), ("sk DESC", ["3", "2", "1"]),
    ("pk, sk DESC", ["3", "2", "1"]), ("pk DESC, sk", ["1", "2", "3"]),
])
def test_order_by_the_sort_key(ddb, put, pk, order, expected):
    for sk in "213":
        table, _ = put(sk)
    found = rows(ddb, f"SELECT * FROM \"{table}\" WHERE pk = '{pk}' ORDER BY {order}")
    assert [item["sk"]["S"] for item in found] == expected


@pytest.mark.parametrize("order, expected", [("pk", ["a", "b", "c"]), ("pk DESC", ["c", "b", "a"])])
def test_order_by_the_partition_key(ddb, make_table, order, expected):
    table = make_table()
    for key in "cab":
        ddb.put_item(TableName=table, Item={"pk": {"S": key}})
    found = rows(ddb, f"SELECT * FROM \"{table}\" WHERE pk IN ['c', 'a', 'b'] ORDER BY {order}")
    assert [item["pk"]["S"] for item in found] == expected


@pytest.mark.parametrize("rest, text", [
    ("ORDER BY pk", "Must have WHERE clause in the statement when using ORDER BY clause."),
    ("WHERE pk = 'x' ORDER BY a", "Attribute a in ORDER BY clause must be part of the primary key"),
    ("WHERE sk = 'x' ORDER BY sk",
     "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."),
    ("WHERE pk IN ['x', 'y'] ORDER BY sk",
     "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause."),
])
def test_order_by_has_conditions(ddb, sorted_table, rest, text):
    with refused("ValidationException", text):
        run(ddb, f'SELECT * FROM "{sorted_table}" {rest}')


# Pages

@pytest.mark.parametrize("order", ["", " ORDER BY sk DESC"])
def test_pages_of_a_query_are_its_items_once_each(ddb, put, pk, order):
    for number in range(7):
        table, _ = put(str(number))
    found = pages(ddb, f"SELECT sk FROM \"{table}\" WHERE pk = '{pk}'{order}", Limit=3)
    numbers = [item["sk"]["S"] for page in found for item in page]
    assert numbers == sorted(numbers, reverse=bool(order)) and len(numbers) == 7
    assert max(len(page) for page in found) == 3


def test_pages_of_a_scan_are_its_items_once_each(ddb, make_table):
    table = make_table()
    for number in range(7):
        ddb.put_item(TableName=table, Item={"pk": {"S": str(number)}})
    found = pages(ddb, f'SELECT * FROM "{table}"', Limit=2)
    assert sorted(item["pk"]["S"] for page in found for item in page) == [str(number) for number in range(7)]


def test_pages_go_on_from_one_read_to_the_next(ddb, make_table):
    table = make_table(range="sk")
    for key in "ab":
        for number in range(3):
            ddb.put_item(TableName=table, Item={"pk": {"S": key}, "sk": {"S": str(number)}})
    found = pages(ddb, f"SELECT * FROM \"{table}\" WHERE pk IN ['a', 'b'] ORDER BY pk, sk", Limit=2)
    assert [item["pk"]["S"] + item["sk"]["S"] for page in found for item in page] == [
        "a0", "a1", "a2", "b0", "b1", "b2"]


def test_limit_counts_items_before_the_filter(ddb, put, pk):
    for number in range(4):
        table, _ = put(str(number), v={"N": str(number)})
    answer = run(ddb, f"SELECT sk FROM \"{table}\" WHERE pk = '{pk}' AND v = 3", Limit=2)
    assert answer["Items"] == [] and answer["NextToken"]


def test_a_page_that_stops_names_the_key_it_stopped_at(ddb, put, pk):
    for number in range(3):
        table, _ = put(str(number))
    answer = run(ddb, f"SELECT * FROM \"{table}\" WHERE pk = '{pk}'", Limit=2)
    assert answer["LastEvaluatedKey"] == {"pk": {"S": pk}, "sk": {"S": "1"}}


def test_limit_is_at_least_one(ddb, table):
    with refused("ValidationException", "Value '0' at 'limit' failed to satisfy constraint",
                 "Member must have value greater than or equal to 1"):
        run(ddb, f'SELECT * FROM "{table}"', Limit=0)


def test_a_token_belongs_to_its_statement(ddb, put, pk):
    for number in range(3):
        table, _ = put(str(number))
    statement = f'SELECT * FROM "{table}" WHERE pk = ?'
    token = run(ddb, statement, {"S": pk}, Limit=1)["NextToken"]
    with refused("ValidationException", "NextToken does not match request"):
        run(ddb, statement + " AND sk > '0'", {"S": pk}, NextToken=token)
    with refused("ValidationException", "NextToken does not match request"):
        run(ddb, statement, {"S": "other"}, NextToken=token)


def test_a_token_that_was_altered_is_refused(ddb, put, pk):
    for number in range(3):
        table, _ = put(str(number))
    statement = f"SELECT * FROM \"{table}\" WHERE pk = '{pk}'"
    token = run(ddb, statement, Limit=1)["NextToken"]
    middle = len(token) // 2
    altered = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1:]
    with refused("ValidationException", "NextToken"):
        run(ddb, statement, NextToken=altered)


def test_nonsense_is_no_token(ddb, table):
    with refused("ValidationException", "NextToken"):
        run(ddb, f'SELECT * FROM "{table}"', NextToken="nonsense!")
