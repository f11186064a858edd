"""ExecuteStatement: statements that are refused."""

import uuid

import pytest

from .conftest import refused
from .partiql import pk, put, rows, run, stored  # noqa: F401

NOT_WELL_FORMED = "Statement wasn't well formed, can't be processed: "


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
