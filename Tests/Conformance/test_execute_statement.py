"""ExecuteStatement: what a SELECT finds and shows, and parameters."""

import uuid

import pytest

from .conftest import refused
from .partiql import ATTRIBUTES, pk, put, rows, run, sorted_values, stored  # noqa: F401

# SELECT: what is read

def test_select_by_the_whole_key_returns_the_item(ddb, put, pk):
    table, where = put(a={"N": "1"})
    assert rows(ddb, f'SELECT * FROM "{table}" WHERE {where}') == [
        {"pk": {"S": pk}, "sk": {"S": "1"}, "a": {"N": "1"}}]


def test_select_of_a_missing_key_returns_no_rows(ddb, sorted_table, pk):
    answer = run(ddb, f"SELECT * FROM \"{sorted_table}\" WHERE pk = '{pk}' AND sk = '1'")
    assert answer["Items"] == [] and "NextToken" not in answer


def test_select_by_the_partition_key_returns_all_its_items_in_order(ddb, put, pk):
    for sk in "312":
        table, _ = put(sk)
    found = rows(ddb, f"SELECT * FROM \"{table}\" WHERE pk = '{pk}'")
    assert [item["sk"]["S"] for item in found] == ["1", "2", "3"]


def test_select_without_where_reads_the_whole_table(ddb, make_table):
    table = make_table()
    for key in "abc":
        ddb.put_item(TableName=table, Item={"pk": {"S": key}})
    assert sorted_values(rows(ddb, f'SELECT * FROM "{table}"'), "pk") == ["a", "b", "c"]


def test_select_by_another_attribute_reads_the_whole_table(ddb, make_table):
    table = make_table()
    for key in "abc":
        ddb.put_item(TableName=table, Item={"pk": {"S": key}, "v": {"S": key * 2}})
    assert sorted_values(rows(ddb, f"SELECT pk FROM \"{table}\" WHERE v > 'aa'"), "pk") == ["b", "c"]


@pytest.mark.parametrize("quoted", [True, False])
def test_names_of_tables_may_be_plain_or_quoted(ddb, make_table, quoted):
    name = "T" + uuid.uuid4().hex
    make_table(name=name)
    assert rows(ddb, f'SELECT * FROM "{name}"' if quoted else f"SELECT * FROM {name}") == []


@pytest.mark.parametrize("condition, expected", [
    ("sk = '2'", ["2"]), ("sk < '2'", ["1"]), ("sk <= '2'", ["1", "2"]), ("sk > '2'", ["3"]),
    ("sk >= '2'", ["2", "3"]), ("sk BETWEEN '1' AND '2'", ["1", "2"]), ("begins_with(sk, '3')", ["3"]),
    ("sk <> '2'", ["1", "3"]), ("sk != '2'", ["1", "3"]), ("NOT sk = '2'", ["1", "3"]), ("'2' = sk", ["2"]),
    ("'2' < sk", ["3"]), ("sk IN ['1', '3']", ["1", "3"]), ("sk IN ('1', '3')", ["1", "3"]),
    ("sk NOT IN ['1', '3']", ["2"]), ("(sk = '1' OR sk = '2')", ["1", "2"]),
    ("sk > '1' AND sk < '3'", ["2"]), ("sk > '0' AND sk <> '1'", ["2", "3"]), ("sk = '1' AND sk > '0'", ["1"]),
    ("(sk < '1' OR sk > '1' OR sk = '1')", ["1", "2", "3"]), ("attribute_exists(pk)", ["1", "2", "3"]),
    ("sk > '3' AND sk < '1'", []),
])
def test_conditions_on_the_sort_key(ddb, put, pk, condition, expected):
    for sk in "123":
        table, _ = put(sk)
    found = rows(ddb, f"SELECT sk FROM \"{table}\" WHERE pk = '{pk}' AND {condition}")
    assert sorted_values(found) == expected


@pytest.mark.parametrize("condition", [
    "n = 5", "n = 5.0", "n = 5e0", "n = 0.5e1", "n > -5", "n > - 5", "n = - - 5", "n BETWEEN 5 AND 6",
    "n IN [4, 5]", "n <> 4", "s = 'text'", "s < 'u'", "begins_with(s, 'te')", "contains(s, 'ex')",
    "CONTAINS(s, 'ex')", "b = true", "b = TRUE", "b <> false", "z = null", "z IS NULL", "n IS NOT NULL",
    "none IS MISSING", "NOT none IS NOT MISSING", "n IS NOT MISSING", "none IS NOT NULL", "z IS NOT MISSING",
    "l[0] = 'a'", "m.x = 7", "m.y[0] = 'deep'", "\"m\".\"x\" = 7", "m['x'] = 7", "l = ['a', 1]",
    "m.y = ['deep']", "ss = <<'b', 'a'>>", "ns = <<2, 1>>", "contains(ss, 'a')", "contains(ns, 2)",
    "contains(l, 'a')", "size(s) = 4", "size(l) >= 2", "size(ss) < 3", "attribute_type(n, 'N')",
    "attribute_type(z, 'NULL')", "attribute_exists(m.x)", "attribute_not_exists(m.none)",
    "n = 5 AND s = 'text'", "(n = 4 OR s = 'text')", "NOT (n = 4 OR s = 'no')", "NOT none = 1", "(((n = 5)))",
    "(n = 4 OR n = 5 AND s = 'text')", "m = {'x': 7, 'y': ['deep']}",
    "attribute_exists(none) = false", "true = attribute_exists(n)", "(n = 4 OR n = 6) = false",
])
def test_conditions_that_hold(ddb, put, condition):
    table, where = put(**ATTRIBUTES)
    assert len(rows(ddb, f'SELECT sk FROM "{table}" WHERE {where} AND {condition}')) == 1


@pytest.mark.parametrize("condition", [
    "n = '5'", "n = 6", "s = 5", "s > 5", "b = 'true'", "n IS NULL", "z IS MISSING", "n IS MISSING", "none = 1",
    "none IN [1]", "none < 1", "l[5] = 'a'", "n.x = 1", "s[0] = 't'", "contains(n, 5)", "size(n) = 1",
    "begins_with(n, '5')", "attribute_type(n, 'S')", "NOT n = 5", "n = 5 AND s = 'no'", "ss = <<'a'>>",
    "m = {'x': 7}", "attribute_exists(n) = 1", "N = 5",
])
def test_conditions_that_do_not_hold(ddb, put, condition):
    table, where = put(**ATTRIBUTES)
    assert rows(ddb, f'SELECT sk FROM "{table}" WHERE {where} AND {condition}') == []


def test_two_quotes_stand_for_one(ddb, put):
    table, where = put(s={"S": "it's"})
    assert len(rows(ddb, f"SELECT sk FROM \"{table}\" WHERE {where} AND s = 'it''s'")) == 1


def test_names_in_quotes_may_be_reserved_words_or_anything(ddb, put):
    table, where = put(**{"select": {"S": "x"}, "a b": {"S": "y"}})
    found = rows(ddb, f"SELECT \"select\", \"a b\" FROM \"{table}\" WHERE {where} AND \"a b\" = 'y'")
    assert found == [{"select": {"S": "x"}, "a b": {"S": "y"}}]


def test_keywords_may_be_in_any_case(ddb, put, pk):
    table, where = put()
    assert len(rows(ddb, f'sElEcT * FrOm "{table}" wHeRe {where.lower()} oRdEr By sk dEsC')) == 1


def test_comments_and_a_final_semicolon_are_skipped(ddb, put):
    table, where = put(note={"S": "a--b /*c*/"})
    statement = f"SELECT/**/* FROM \"{table}\" -- the table\nWHERE {where} /* more */ AND note = 'a--b /*c*/'; -- end"
    assert len(rows(ddb, statement)) == 1


# SELECT: columns

@pytest.mark.parametrize("columns, expected", [
    ("n", {"n": {"N": "5"}}), ("n, s", {"n": {"N": "5"}, "s": {"S": "text"}}), ("m.x", {"x": {"N": "7"}}),
    ("m.y[0]", {"y[0]": {"S": "deep"}}), ("l[0]", {"l[0]": {"S": "a"}}), ("l[-0]", {"l[0]": {"S": "a"}}),
    ("\"n\"", {"n": {"N": "5"}}), ("none", {}), ("n, none", {"n": {"N": "5"}}), ("l[9]", {}),
])
def test_columns_are_named_by_the_last_part_of_their_path(ddb, put, columns, expected):
    table, where = put(**ATTRIBUTES)
    assert rows(ddb, f'SELECT {columns} FROM "{table}" WHERE {where}') == [expected]


def test_columns_do_not_limit_what_where_may_name(ddb, put):
    table, where = put(**ATTRIBUTES)
    assert rows(ddb, f'SELECT s FROM "{table}" WHERE {where} AND n = 5') == [{"s": {"S": "text"}}]


# Parameters

@pytest.mark.parametrize("name, value", list(ATTRIBUTES.items()))
def test_parameters_of_every_type(ddb, put, name, value):
    table, where = put(**ATTRIBUTES)
    assert len(rows(ddb, f'SELECT sk FROM "{table}" WHERE {where} AND {name} = ?', value)) == 1


def test_parameters_are_taken_in_the_order_of_the_text(ddb, put, stored, pk):
    table, _ = put(a={"S": "old"})
    run(ddb, f'UPDATE "{table}" SET a = ? SET b = ? WHERE pk = ? AND sk = ?', {"S": "first"}, {"S": "second"},
        {"S": pk}, {"S": "1"})
    assert (stored()["a"], stored()["b"]) == ({"S": "first"}, {"S": "second"})


def test_parameters_in_lists_of_in(ddb, put, pk):
    table, where = put(n={"N": "1"})
    assert len(rows(ddb, f'SELECT sk FROM "{table}" WHERE {where} AND n IN [?, 2]', {"N": "1"})) == 1


def test_a_question_mark_in_a_text_is_no_parameter(ddb, put):
    table, where = put(s={"S": "?"})
    assert len(rows(ddb, f"SELECT sk FROM \"{table}\" WHERE {where} AND s = '?'")) == 1


@pytest.mark.parametrize("given", [[], [{"S": "a"}, {"S": "b"}]])
def test_as_many_parameters_as_question_marks(ddb, table, given):
    with refused("ValidationException", "Number of parameters in request and statement don't match"):
        run(ddb, f'SELECT * FROM "{table}" WHERE pk = ?', *given)


def test_an_empty_list_of_parameters_is_refused(ddb, table):
    with refused("ValidationException", "'parameters' failed to satisfy constraint",
                 "Member must have length greater than or equal to 1"):
        ddb.execute_statement(Statement=f'SELECT * FROM "{table}"', Parameters=[])


@pytest.mark.parametrize("value, text", [
    ({"SS": []}, "An string set  may not be empty"), ({"NULL": False}, "must have the value of true"),
    ({"N": "x"}, "cannot be converted to a numeric value: x"),
])
def test_wrong_parameters_are_found_before_the_statement_is_read(ddb, table, value, text):
    with refused("ValidationException", text):
        run(ddb, "UPDATE SET WHERE", value)


def test_a_parameter_may_not_stand_inside_a_literal(ddb, put):
    table, where = put()
    prefix = f'UPDATE "{table}" SET x = '
    position = len(prefix) + 2
    with refused("ValidationException", f"Unsupported data type: Parameter under key root[0] at 1:{position}:1"):
        run(ddb, f"{prefix}[?] WHERE {where}", {"S": "v"})
