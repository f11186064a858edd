"""ExecuteTransaction: up to 100 statements, all or none."""

import uuid

import pytest

from .conftest import index, refused
from .partiql import pk, put, stored, where  # noqa: F401


def run(ddb, *statements, **more):
    return ddb.execute_transaction(
        TransactStatements=[each if isinstance(each, dict) else {"Statement": each} for each in statements], **more)


def cancelled(codes):
    return refused("TransactionCanceledException",
                   f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]")


# Reads

def test_reads_are_answered_in_their_order(ddb, put, pk):
    put("1", a={"N": "1"})
    table, _ = put("2", a={"N": "2"})
    answer = run(ddb, *[f'SELECT a FROM "{table}" WHERE {where(pk, sk)}' for sk in "213"])
    assert answer["Responses"] == [{"Item": {"a": {"N": "2"}}}, {"Item": {"a": {"N": "1"}}}, {}]


def test_reads_of_several_tables(ddb, put, table, pk):
    sorted_table, _ = put()
    ddb.put_item(TableName=table, Item={"pk": {"S": pk}})
    answer = run(ddb, f'SELECT sk FROM "{sorted_table}" WHERE {where(pk)}', f"SELECT * FROM \"{table}\" WHERE pk = '{pk}'")
    assert answer["Responses"] == [{"Item": {"sk": {"S": "1"}}}, {"Item": {"pk": {"S": pk}}}]


@pytest.mark.parametrize("condition", ["pk IN ['{}'] AND sk IN ['1']", "(sk = '1') AND pk = '{0}' AND pk = '{0}'"])
def test_a_key_may_be_written_in_other_ways(ddb, put, pk, condition):
    table, _ = put(a={"N": "1"})
    answer = run(ddb, f'SELECT a FROM "{table}" WHERE ' + condition.format(pk))
    assert answer["Responses"] == [{"Item": {"a": {"N": "1"}}}]


@pytest.mark.parametrize("condition", [
    "pk = 'x'", "sk = 'x'", "pk = 'x' AND sk > '1'", "pk = 'x' AND sk = '1' AND a = 1",
    "pk = 'x' AND sk = '1' AND pk = 'y'", "pk IN ['y'] AND pk = 'x' AND sk = '1'", "pk IN ['x', 'y'] AND sk = '1'",
])
def test_reads_are_by_the_key_alone(ddb, sorted_table, condition):
    with refused("ValidationException", "Validation failed in TransactStatements[0]: Select statements within "
                 "ExecuteTransaction must specify the primary key in the where clause."):
        run(ddb, f'SELECT * FROM "{sorted_table}" WHERE {condition}')


def test_a_read_without_where_is_refused(ddb, sorted_table):
    with refused("ValidationException", "must specify the primary key in the where clause."):
        run(ddb, f'SELECT * FROM "{sorted_table}"')


def test_reads_of_indexes_are_refused(ddb, make_table):
    table = make_table(GlobalSecondaryIndexes=[index("byg", "g")])
    with refused("ValidationException",
                 "Validation failed in TransactStatements[0]: Reads on indices are not supported within transactions."):
        run(ddb, f"SELECT * FROM \"{table}\".\"byg\" WHERE g = 'x'")


def test_an_item_is_read_once(ddb, put, pk):
    table, _ = put()
    with refused("ValidationException", "Transaction request cannot include multiple operations on one item"):
        run(ddb, f'SELECT * FROM "{table}" WHERE {where(pk)}', f"SELECT sk FROM \"{table}\" WHERE sk = '1' AND pk = '{pk}'")


def test_a_key_of_the_wrong_type_cancels_a_read(ddb, sorted_table, pk):
    with cancelled("None, ValidationError") as refusal:
        run(ddb, f'SELECT * FROM "{sorted_table}" WHERE {where(pk)}', f"SELECT * FROM \"{sorted_table}\" WHERE pk = '{pk}' AND sk = 1")
    reasons = refusal.response["CancellationReasons"]
    assert reasons[0] == {"Code": "None"}
    assert reasons[1]["Message"] == "The provided key element does not match the schema"


# Writes

def test_writes_of_all_kinds_happen_together(ddb, put, stored, pk):
    put("1", a={"N": "1"})
    table, _ = put("2")
    answer = run(
        ddb, f'UPDATE "{table}" SET a = a + 1 WHERE {where(pk, "1")}', f'DELETE FROM "{table}" WHERE {where(pk, "2")}',
        f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '3'}}")
    assert answer["Responses"] == [{}, {}, {}]
    assert stored("1")["a"] == {"N": "2"} and stored("2") is None and stored("3")


def test_each_statement_has_its_parameters(ddb, sorted_table, stored, pk):
    statement = f"INSERT INTO \"{sorted_table}\" VALUE {{'pk': ?, 'sk': ?}}"
    run(ddb, *[{"Statement": statement, "Parameters": [{"S": pk}, {"S": sk}]} for sk in "12"])
    assert stored("1") and stored("2")


def test_a_failed_condition_cancels_everything(ddb, put, stored, pk):
    table, _ = put(a={"N": "1"})
    with cancelled("None, ConditionalCheckFailed") as refusal:
        run(ddb, f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '2'}}",
            f'UPDATE "{table}" SET a = 2 WHERE {where(pk)} AND a = 9')
    assert stored("2") is None and stored("1")["a"] == {"N": "1"}
    assert refusal.response["CancellationReasons"] == [
        {"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}]


def test_an_update_creates_no_item(ddb, sorted_table, stored, pk):
    with cancelled("ConditionalCheckFailed"):
        run(ddb, f'UPDATE "{sorted_table}" SET a = 2 WHERE {where(pk)}')
    assert stored() is None


def test_delete_of_a_missing_item_does_nothing(ddb, sorted_table, pk):
    assert run(ddb, f'DELETE FROM "{sorted_table}" WHERE {where(pk)} AND a = 1')["Responses"] == [{}]


def test_a_duplicate_cancels_by_a_code_of_its_own(ddb, put, stored, pk):
    table, _ = put(a={"N": "1"})
    with cancelled("DuplicateItem, None") as refusal:
        run(ddb, f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '1'}}",
            f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '2'}}")
    assert refusal.response["CancellationReasons"][0]["Message"] == "Duplicate primary key exists in table"
    assert stored("2") is None


def test_a_failed_condition_may_bring_the_item(ddb, put, pk):
    table, _ = put(a={"N": "1"})
    with cancelled("ConditionalCheckFailed") as refusal:
        run(ddb, {"Statement": f'DELETE FROM "{table}" WHERE {where(pk)} AND a = 9',
                  "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})
    assert refusal.response["CancellationReasons"][0]["Item"]["a"] == {"N": "1"}


@pytest.mark.parametrize("statement", [
    "UPDATE \"{0}\" SET a = 1 WHERE pk = '{1}'", "UPDATE \"{0}\" SET a = 1 WHERE pk IN ['{1}'] AND sk = '1'",
    "UPDATE \"{0}\" SET a = 1 WHERE pk = '{1}' AND sk = 1", "DELETE FROM \"{0}\" WHERE sk = '1'",
])
def test_a_write_that_names_no_item_cancels(ddb, sorted_table, pk, statement):
    with cancelled("ValidationError, None") as refusal:
        run(ddb, statement.format(sorted_table, pk), f"DELETE FROM \"{sorted_table}\" WHERE {where(pk, 'other')}")
    assert refusal.response["CancellationReasons"][0]["Message"] == "The provided key element does not match the schema"


def test_an_insert_without_its_key_cancels(ddb, sorted_table):
    with cancelled("ValidationError") as refusal:
        run(ddb, f"INSERT INTO \"{sorted_table}\" VALUE {{'pk': 'x'}}")
    assert refusal.response["CancellationReasons"][0]["Message"] == (
        "One or more parameter values were invalid: Missing the key sk in the item")


def test_an_impossible_update_cancels(ddb, put, pk):
    table, _ = put()
    with cancelled("ValidationError"):
        run(ddb, f'UPDATE "{table}" SET a = none WHERE {where(pk)}')


def test_an_item_is_written_once(ddb, put, stored, pk):
    table, _ = put()
    with refused("ValidationException", "Transaction request cannot include multiple operations on one item"):
        run(ddb, f'DELETE FROM "{table}" WHERE {where(pk)}', f'UPDATE "{table}" SET a = 1 WHERE {where(pk)}')
    assert stored()


@pytest.mark.parametrize("clause", ["ALL OLD", "ALL NEW", "MODIFIED NEW"])
def test_returning_is_refused(ddb, put, pk, clause):
    table, _ = put()
    with refused("ValidationException", "Validation failed in TransactStatements[1]: RETURNING clause is not "
                 "supported in ExecuteTransaction."):
        run(ddb, f'DELETE FROM "{table}" WHERE {where(pk, "2")}', f'UPDATE "{table}" SET a = 1 WHERE {where(pk)} RETURNING {clause} *')


def test_reads_and_writes_do_not_mix(ddb, put, stored, pk):
    table, _ = put()
    with refused("ValidationException",
                 "ExecuteTransaction API does not support both read and write operations in the same request."):
        run(ddb, f'DELETE FROM "{table}" WHERE {where(pk)}', f'SELECT * FROM "{table}" WHERE {where(pk, "2")}')
    assert stored()


def test_unknown_tables_cancel(ddb, sorted_table, pk):
    missing = "none-" + uuid.uuid4().hex
    with cancelled("ResourceNotFound, None") as refusal:
        run(ddb, f"DELETE FROM \"{missing}\" WHERE pk = 'x'", f'DELETE FROM "{sorted_table}" WHERE {where(pk)}')
    assert refusal.response["CancellationReasons"][0] == {
        "Code": "ResourceNotFound", "Message": "Requested resource not found"}


def test_unknown_tables_cancel_reads(ddb, sorted_table, pk):
    missing = "none-" + uuid.uuid4().hex
    with cancelled("None, ResourceNotFound"):
        run(ddb, f'SELECT * FROM "{sorted_table}" WHERE {where(pk)}', f"SELECT * FROM \"{missing}\" WHERE pk = 'x'")


# EXISTS

def test_exists_lets_the_writes_happen_when_it_holds(ddb, put, stored, pk):
    table, _ = put("1", a={"N": "1"})
    run(ddb, f'EXISTS(SELECT * FROM "{table}" WHERE {where(pk)} AND a = 1)',
        f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '2'}}")
    assert stored("2")


def test_exists_cancels_when_it_does_not_hold(ddb, put, stored, pk):
    table, _ = put("1", a={"N": "1"})
    with cancelled("ConditionalCheckFailed, None"):
        run(ddb, f'EXISTS(SELECT * FROM "{table}" WHERE {where(pk)} AND a IS MISSING)',
            f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '2'}}")
    assert stored("2") is None


def test_exists_takes_its_key_from_parentheses(ddb, put, stored, pk):
    table, _ = put("1")
    run(ddb, f'EXISTS(SELECT * FROM "{table}" WHERE ({where(pk)}) AND a IS MISSING)',
        f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '2'}}")
    assert stored("2")


@pytest.mark.parametrize("condition", ["{}", "pk = 'x' AND a = 1", "pk IN ['x'] AND sk = '1' AND a = 1"])
def test_exists_needs_the_key_and_one_more_condition(ddb, sorted_table, pk, condition):
    with refused("ValidationException", "Validation failed in TransactStatements[0]: EXISTS() must contain a single "
                 "item read with additional condition"):
        run(ddb, f'EXISTS(SELECT * FROM "{sorted_table}" WHERE {condition.format(where(pk))})',
            f'DELETE FROM "{sorted_table}" WHERE {where(pk, "2")}')


def test_a_second_value_of_the_key_is_a_condition_of_exists(ddb, put, pk):
    table, _ = put(a={"N": "1"})
    with cancelled("ConditionalCheckFailed, None"):
        run(ddb, f"EXISTS(SELECT * FROM \"{table}\" WHERE {where(pk)} AND pk = 'other' AND a = 1)",
            f'DELETE FROM "{table}" WHERE {where(pk, "2")}')


# Statements and parameters

@pytest.mark.parametrize("statement, text", [
    ("SLECT 1", "Statement wasn't well formed, can't be processed: Expected data manipulation"),
    ("SELECT * FROM t WHERE", "Statement wasn't well formed, can't be processed: "),
    ("SELECT * FROM t WHERE pk = ?", "Number of parameters in request and statement don't match"),
    ("DELETE FROM t WHERE pk = 'x' AND a < true", "operator or function: <, operand type: BOOL"),
    ("INSERT INTO t VALUE {'pk': 'x', 'x': [<<'a', 'a'>>]}", "Input collection [a, a] contains duplicates."),
])
def test_errors_name_the_place_of_their_statement(ddb, table, statement, text):
    with refused("ValidationException", "Validation failed in TransactStatements[1]: ", text):
        run(ddb, f"DELETE FROM \"{table}\" WHERE pk = 'y'", statement)


def test_wrong_parameters_are_found_first(ddb, table):
    with refused("ValidationException", "One or more parameter values were invalid: An string set  may not be empty"):
        run(ddb, "nonsense", {"Statement": f"DELETE FROM \"{table}\" WHERE pk = ?", "Parameters": [{"SS": []}]})


def test_an_empty_transaction_is_refused(ddb):
    with refused("ValidationException", "'transactStatements' failed to satisfy constraint",
                 "Member must have length greater than or equal to 1"):
        run(ddb)


@pytest.mark.parametrize("count, accepted", [(100, True), (101, False)])
def test_a_transaction_has_at_most_100_statements(ddb, table, pk, count, accepted):
    statements = [f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}{number}'}}" for number in range(count)]
    if accepted:
        assert len(run(ddb, *statements)["Responses"]) == 100
    else:
        with refused("ValidationException", "'transactStatements' failed to satisfy constraint",
                     "Member must have length less than or equal to 100"):
            run(ddb, *statements)


def test_a_transaction_has_at_most_four_megabytes(ddb, table, pk):
    with refused("ValidationException"):
        run(ddb, *[{"Statement": f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}{number}', 'x': ?}}",
                    "Parameters": [{"S": "x" * 300_000}]} for number in range(15)])


def test_the_statements_are_required(ddb):
    with refused("ValidationException", "Value null at 'transactStatements' failed to satisfy constraint"):
        ddb.execute_transaction()


def test_constraints_name_the_member(ddb, table):
    with refused("ValidationException", "at 'transactStatements.2.member.statement' failed to satisfy constraint"):
        run(ddb, f"DELETE FROM \"{table}\" WHERE pk = 'x'", "")


def test_an_empty_list_of_parameters_is_refused(ddb, table):
    with refused("ValidationException", "at 'transactStatements.1.member.parameters' failed to satisfy constraint"):
        run(ddb, {"Statement": f"DELETE FROM \"{table}\" WHERE pk = 'x'", "Parameters": []})


# Tokens

def test_a_token_makes_a_transaction_happen_once(ddb, put, stored, pk):
    table, _ = put(n={"N": "0"})
    token = uuid.uuid4().hex
    for _ in range(3):
        run(ddb, f'UPDATE "{table}" SET n = n + 1 WHERE {where(pk)}', ClientRequestToken=token)
    assert stored()["n"] == {"N": "1"}


def test_a_token_stands_for_its_statements(ddb, put, stored, pk):
    table, _ = put(n={"N": "0"})
    token = uuid.uuid4().hex
    run(ddb, f'UPDATE "{table}" SET n = n + 1 WHERE {where(pk)}', ClientRequestToken=token)
    with refused("IdempotentParameterMismatchException"):
        run(ddb, f'UPDATE "{table}" SET n = n + 2 WHERE {where(pk)}', ClientRequestToken=token)
    assert stored()["n"] == {"N": "1"}


def test_a_token_has_at_most_36_characters(ddb, table):
    with refused("ValidationException", "'clientRequestToken' failed to satisfy constraint"):
        run(ddb, f"DELETE FROM \"{table}\" WHERE pk = 'x'", ClientRequestToken="x" * 37)


# Capacity

def test_reads_cost_twice(ddb, table, pk):
    answer = run(ddb, f"SELECT * FROM \"{table}\" WHERE pk = '{pk}'", ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]


def test_writes_cost_twice(ddb, table, pk):
    answer = run(ddb, f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}'}}", f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}2'}}",
                 ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 4.0, "WriteCapacityUnits": 4.0}]


def test_a_repeated_transaction_costs_reads(ddb, table, pk):
    token = uuid.uuid4().hex
    for _ in range(2):
        answer = run(ddb, f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}'}}", ClientRequestToken=token,
                     ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]
    assert answer["Responses"] == [{}]
