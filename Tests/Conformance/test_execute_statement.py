"""ExecuteStatement: the PartiQL language and what one statement does."""

import uuid

import pytest
from conftest import index, refused

NOT_WELL_FORMED = "Statement wasn't well formed, can't be processed: "


def run(ddb, statement, *parameters, **more):
    if parameters:
        more["Parameters"] = list(parameters)
    return ddb.execute_statement(Statement=statement, **more)


def rows(ddb, statement, *parameters, **more):
    return run(ddb, statement, *parameters, **more)["Items"]


def sorted_values(items, name="sk"):
    return sorted(item[name]["S"] for item in items)


@pytest.fixture
def pk():
    return uuid.uuid4().hex


@pytest.fixture
def put(ddb, sorted_table, pk):
    """put(sk, **attributes) -> (table, where clause of the whole key)."""
    def make(sk="1", **attributes):
        ddb.put_item(TableName=sorted_table, Item={"pk": {"S": pk}, "sk": {"S": sk}, **attributes})
        return sorted_table, f"pk = '{pk}' AND sk = '{sk}'"
    return make


@pytest.fixture
def stored(ddb, sorted_table, pk):
    """stored(sk) -> the item under this test's partition key."""
    def get(sk="1"):
        return ddb.get_item(
            TableName=sorted_table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True).get("Item")
    return get


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


ATTRIBUTES = {
    "n": {"N": "5"}, "s": {"S": "text"}, "b": {"BOOL": True}, "z": {"NULL": True},
    "l": {"L": [{"S": "a"}, {"N": "1"}]}, "m": {"M": {"x": {"N": "7"}, "y": {"L": [{"S": "deep"}]}}},
    "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]}, "bytes": {"B": b"\x01\x02"},
}


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


# Statements that are refused

@pytest.mark.parametrize("statement, detail", [
    ("SLECT * FROM t", "Expected data manipulation"),
    ("CREATE TABLE t", "Expected data manipulation"),
    ("UPDATE my-table SET a = 1 WHERE pk = 'x'", "Expected data manipulation"),
    ("UPDATE \"t\" WHERE pk = 'x'", "Expected data manipulation"),
    ("INSERT INTO urls (key, b) VALUES (?, ?)", "Unexpected keyword"),
    ("SELECT payload.size FROM t", "Invalid path dot component"),
    ("SELECT * FROM t WHERE pk = 'x' garbage", "Unexpected token after expression"),
    ("SELECT * FROM t WHERE pk = 'x'; SELECT * FROM t", "Unexpected token after expression"),
    ("SELECT a b FROM t", "Expected FROM after SELECT list"),
    ("SELECT * t", "Expected FROM after SELECT list"),
    ("SELECT * FROM t WHERE pk =", "Missing right-hand side expression of infix operator"),
    ("SELECT * FROM t WHERE", ""), ("SELECT * FROM", ""), ("SELECT FROM t", "Unexpected keyword"),
    ("SELECT * FROM t WHERE (pk = 'x'", "Expected RIGHT_PAREN"), ("SELECT * FROM t WHERE pk = 'x", ""),
    ("SELECT * FROM \"t", ""), ("SELECT * FROM t /* open", ""), ("DELETE \"t\"", "Expected FROM after DELETE"),
    ("SELECT * FROM t WHERE a IS red", "Expected type name"),
])
def test_malformed_statements(ddb, statement, detail):
    with refused("ValidationException", NOT_WELL_FORMED + detail):
        run(ddb, statement)


@pytest.mark.parametrize("length, accepted", [(8192, True), (8193, False)])
def test_a_statement_has_at_most_8192_characters(ddb, table, length, accepted):
    statement = f"SELECT * FROM \"{table}\" WHERE pk = '"
    statement += "x" * (length - len(statement) - 1) + "'"
    if accepted:
        with refused("ValidationException", "Size of hashkey has exceeded the maximum size limit"):
            run(ddb, statement)
    else:
        with refused("ValidationException", "'statement' failed to satisfy constraint",
                     "Member must have length less than or equal to 8192"):
            run(ddb, statement)


def test_an_empty_statement_is_refused(ddb):
    with refused("ValidationException", "Value '' at 'statement' failed to satisfy constraint",
                 "Member must have length greater than or equal to 1"):
        run(ddb, "")


def test_the_statement_is_required(ddb):
    with refused("ValidationException", "Value null at 'statement' failed to satisfy constraint"):
        ddb.execute_statement()


def test_counting_is_refused(ddb, table):
    with refused("ValidationException", "Unexpected path component at 1:8:5"):
        run(ddb, f'SELECT COUNT(*) FROM "{table}"')


def test_limit_is_no_clause(ddb, table):
    with refused("ValidationException", "Unsupported clause: LIMIT"):
        run(ddb, f'SELECT * FROM "{table}" LIMIT 5')


@pytest.mark.parametrize("number, position", [("-1", "1:11:1"), ("2147483648", "1:10:10")])
def test_list_indexes_have_a_range(ddb, table, number, position):
    with refused("ValidationException",
                 f"List index is not within the allowable range; index: [{number}] at {position}"):
        run(ddb, f"SELECT l[{number}] FROM \"{table}\" WHERE pk = 'x'")


@pytest.mark.parametrize("source, text", [
    ('"a"."b"."c"', "A path may contain at most 2 components in the FROM clause"),
    ('""', "Path component cannot be an empty string"), ('"a".""', "Path component cannot be an empty string"),
])
def test_sources_that_are_refused(ddb, source, text):
    with refused("ValidationException", text):
        run(ddb, f"SELECT * FROM {source}")


@pytest.mark.parametrize("statement", [
    "SELECT * FROM \"{}\" WHERE pk = 'a'", "INSERT INTO \"{}\" VALUE {{'pk': 'a'}}",
    "UPDATE \"{}\" SET a = 1 WHERE pk = 'a'", "DELETE FROM \"{}\" WHERE pk = 'a'",
])
def test_an_unknown_table_is_not_found(ddb, statement):
    with refused("ResourceNotFoundException", "Requested resource not found"):
        run(ddb, statement.format("no-such-table-" + uuid.uuid4().hex))


@pytest.mark.parametrize("condition, text", [
    ("a > true", "Incorrect operand type for operator or function; operator or function: >, operand type: BOOL"),
    ("a < [1]", "operator or function: <, operand type: L"),
    ("a BETWEEN null AND 1", "operator or function: BETWEEN, operand type: NULL"),
    ("attribute_type(a, 1)", "operator or function: attribute_type, operand type: N"),
    ("attribute_type(a, 'X')", "Invalid attribute type name found; type: X"),
    ("begins_with(a, 1)", "operator or function: begins_with, operand type: N"),
    ("attribute_exists(a) > false", "operator or function: >, operand type: BOOL"),
    ("a > -b", "Unsupported operator in Condition Expression. Operator: -"),
    ("a > -?", "Number of parameters in request"),
    ("a = <<>>", "Empty bags are not supported"),
    ("a = <<1, 'a'>>", "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"),
    ("a = <<'a', 'a'>>", "Input collection [a, a] contains duplicates."),
    ("a = <<2, 2.0>>", "Input collection [2, 2.0] contains duplicates! under root"),
])
def test_conditions_that_are_refused(ddb, table, condition, text):
    with refused("ValidationException", text):
        run(ddb, f"SELECT * FROM \"{table}\" WHERE pk = 'a' AND {condition}")


def test_in_takes_a_hundred_operands(ddb, table):
    def statement(count):
        listed = ", ".join(f"'{number}'" for number in range(count))
        return f"SELECT * FROM \"{table}\" WHERE pk = 'none' AND a IN [{listed}]"
    assert rows(ddb, statement(100)) == []
    with refused("ValidationException",
                 "The IN operator is provided with too many operands; number of operands: 101"):
        run(ddb, statement(101))


@pytest.mark.parametrize("literal, path", [
    ("{'a':" * 32 + "1" + "}" * 32, "root" + ".a" * 32), ("[" * 32 + "1" + "]" * 32, "root" + "[0]" * 32),
])
def test_literals_have_at_most_31_levels(ddb, put, literal, path):
    table, where = put()
    with refused("ValidationException", f"Nesting Levels have exceeded supported limits under {path}"):
        run(ddb, f'UPDATE "{table}" SET d = {literal} WHERE {where}')


def test_literals_of_31_levels_are_stored(ddb, sorted_table, pk, stored):
    run(ddb, f"INSERT INTO \"{sorted_table}\" VALUE {{'pk': '{pk}', 'sk': '1', 'd': "
             + "{'a':" * 31 + "1" + "}" * 31 + "}")
    assert "a" in stored()["d"]["M"]["a"]["M"]


@pytest.mark.parametrize("text", ["(" * 3000 + "a = 1" + ")" * 3000, "NOT " * 1500 + "a = 1", "a = " + "- " * 3000 + "1",
                                  "a = " + "[" * 3000 + "]" * 3000])
def test_deep_nesting_is_refused_and_the_server_lives(ddb, table, text):
    with refused("ValidationException"):
        run(ddb, f'SELECT * FROM "{table}" WHERE {text}')
    assert rows(ddb, f"SELECT * FROM \"{table}\" WHERE pk = 'none'") == []


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

def pages(ddb, statement, **more):
    found, token = [], {}
    while True:
        answer = run(ddb, statement, **more, **token)
        found.append(answer["Items"])
        if "NextToken" not in answer:
            return found
        token = {"NextToken": answer["NextToken"]}


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


# Indexes

@pytest.fixture(scope="module")
def indexed(ddb, make_table):
    """glo: global, INCLUDE x; all: global, ALL; loc: local, KEYS_ONLY."""
    table = make_table(
        range="sk", GlobalSecondaryIndexes=[
            index("glo", "gk", "gs", "INCLUDE", ["x"]), index("all", "gk")],
        LocalSecondaryIndexes=[index("loc", "pk", "ls", "KEYS_ONLY")])
    for number in range(3):
        ddb.put_item(TableName=table, Item={
            "pk": {"S": "p"}, "sk": {"S": str(number)}, "gk": {"S": "G"}, "gs": {"S": str(9 - number)},
            "ls": {"S": str(5 - number)}, "x": {"S": f"x{number}"}, "y": {"S": f"y{number}"}})
    ddb.put_item(TableName=table, Item={"pk": {"S": "p"}, "sk": {"S": "sparse"}})
    return table


def test_an_index_is_read_in_its_own_order(ddb, indexed):
    found = rows(ddb, f"SELECT sk FROM \"{indexed}\".\"glo\" WHERE gk = 'G'")
    assert [item["sk"]["S"] for item in found] == ["2", "1", "0"]


def test_an_index_holds_only_items_with_its_key(ddb, indexed):
    assert sorted_values(rows(ddb, f'SELECT sk FROM "{indexed}"."all"')) == ["0", "1", "2"]


def test_all_columns_of_an_index_are_those_it_holds(ddb, indexed):
    found = rows(ddb, f"SELECT * FROM \"{indexed}\".\"glo\" WHERE gk = 'G' AND gs = '9'")
    assert set(found[0]) == {"pk", "sk", "gk", "gs", "x"}


def test_a_global_index_answers_only_with_what_it_holds(ddb, indexed):
    with refused("ValidationException", "Global secondary index glo does not project [y]"):
        run(ddb, f"SELECT x, y FROM \"{indexed}\".\"glo\" WHERE gk = 'G'")


def test_a_local_index_fetches_other_columns_from_the_table(ddb, indexed):
    found = rows(ddb, f"SELECT y FROM \"{indexed}\".\"loc\" WHERE pk = 'p' AND ls = '5'")
    assert found == [{"y": {"S": "y0"}}]


@pytest.mark.parametrize("name, condition", [("glo", "gk = 'G' AND y = 'y1'"), ("loc", "pk = 'p' AND y = 'y1'")])
def test_a_keyed_read_of_an_index_may_not_filter_by_what_it_does_not_hold(ddb, indexed, name, condition):
    with refused("ValidationException",
                 f"Secondary index {name} does not project one or more filter attributes: [y]"):
        run(ddb, f'SELECT sk FROM "{indexed}"."{name}" WHERE {condition}')


@pytest.mark.parametrize("name", ["glo", "loc"])
def test_a_scan_of_an_index_finds_nothing_by_what_it_does_not_hold(ddb, indexed, name):
    assert rows(ddb, f"SELECT sk FROM \"{indexed}\".\"{name}\" WHERE y = 'y1'") == []


def test_order_by_the_sort_key_of_an_index(ddb, indexed):
    found = rows(ddb, f"SELECT sk FROM \"{indexed}\".\"glo\" WHERE gk = 'G' ORDER BY gs DESC")
    assert [item["sk"]["S"] for item in found] == ["0", "1", "2"]


def test_pages_of_an_index(ddb, indexed):
    found = pages(ddb, f"SELECT sk FROM \"{indexed}\".\"glo\" WHERE gk = 'G'", Limit=1)
    assert [item["sk"]["S"] for page in found for item in page] == ["2", "1", "0"]


def test_an_unknown_index_is_refused(ddb, indexed):
    with refused("ValidationException", "The table does not have the specified index") as refusal:
        run(ddb, f'SELECT * FROM "{indexed}"."none"')
    assert "none" not in refusal.message


def test_global_indexes_have_no_consistent_reads(ddb, indexed):
    with refused("ValidationException", "Strongly consistent read is not supported on Global Secondary Indexes"):
        run(ddb, f'SELECT * FROM "{indexed}"."glo"', ConsistentRead=True)


def test_local_indexes_have_consistent_reads(ddb, indexed):
    assert len(rows(ddb, f"SELECT sk FROM \"{indexed}\".\"loc\" WHERE pk = 'p'", ConsistentRead=True)) == 3


@pytest.mark.parametrize("statement", [
    "UPDATE \"{}\".\"glo\" SET x = 1 WHERE pk = 'p' AND sk = '0'",
    "DELETE FROM \"{}\".\"glo\" WHERE pk = 'p' AND sk = '0'",
])
def test_indexes_are_not_written_to(ddb, indexed, statement):
    with refused("ValidationException", "This operation is not supported on an index"):
        run(ddb, statement.format(indexed))


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


# Capacity

@pytest.mark.parametrize("consistent, units", [(False, 0.5), (True, 1.0)])
def test_a_read_costs_by_its_consistency(ddb, put, consistent, units):
    table, where = put()
    answer = run(ddb, f'SELECT * FROM "{table}" WHERE {where}', ConsistentRead=consistent,
                 ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": units}


def test_a_read_costs_for_all_items_before_the_filter(ddb, put, pk):
    for number in range(3):
        table, _ = put(str(number), x={"S": "x" * 4000})
    answer = run(ddb, f"SELECT sk FROM \"{table}\" WHERE pk = '{pk}' AND y = 1", ReturnConsumedCapacity="TOTAL")
    assert answer["Items"] == [] and answer["ConsumedCapacity"]["CapacityUnits"] == 1.5


def test_a_write_costs_the_larger_of_both_items(ddb, put):
    table, where = put(x={"S": "x" * 3000})
    answer = run(ddb, f"UPDATE \"{table}\" SET x = 'short' WHERE {where}", ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": 3.0}


def test_capacity_of_an_index_read_is_the_indexes(ddb, indexed):
    answer = run(ddb, f"SELECT sk FROM \"{indexed}\".\"glo\" WHERE gk = 'G'", ReturnConsumedCapacity="INDEXES")
    assert answer["ConsumedCapacity"]["Table"]["CapacityUnits"] == 0.0
    assert answer["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"glo": {"CapacityUnits": 0.5}}


def test_capacity_of_a_write_names_each_index(ddb, indexed):
    answer = run(ddb, f"INSERT INTO \"{indexed}\" VALUE {{'pk': ?, 'sk': 'c', 'gk': 'capacity'}}",
                 {"S": uuid.uuid4().hex}, ReturnConsumedCapacity="INDEXES")
    assert answer["ConsumedCapacity"]["CapacityUnits"] == 2.0
    assert answer["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"all": {"CapacityUnits": 1.0}}


def test_capacity_is_told_only_when_asked(ddb, table):
    assert "ConsumedCapacity" not in run(ddb, f"SELECT * FROM \"{table}\" WHERE pk = 'x'")


def test_capacity_has_three_levels(ddb, table):
    with refused("ValidationException", "Value 'SOME' at 'returnConsumedCapacity' failed to satisfy constraint"):
        run(ddb, f"SELECT * FROM \"{table}\" WHERE pk = 'x'", ReturnConsumedCapacity="SOME")
