"""BatchExecuteStatement: up to 25 statements, each with an answer of its own."""

import uuid

import pytest

from .conftest import index, refused
from .partiql import pk, put, stored, where  # noqa: F401


def batch(ddb, *statements, **more):
    return ddb.batch_execute_statement(
        Statements=[each if isinstance(each, dict) else {"Statement": each} for each in statements], **more)


def responses(ddb, *statements, **more):
    return batch(ddb, *statements, **more)["Responses"]


def test_reads_are_answered_in_their_order(ddb, put, pk):
    put("1", a={"N": "1"})
    table, _ = put("2", a={"N": "2"})
    found = responses(ddb, *[f'SELECT a FROM "{table}" WHERE {where(pk, sk)}' for sk in "21"])
    assert found == [{"TableName": table, "Item": {"a": {"N": "2"}}}, {"TableName": table, "Item": {"a": {"N": "1"}}}]


def test_a_missing_item_has_no_item(ddb, sorted_table, pk):
    assert responses(ddb, f'SELECT * FROM "{sorted_table}" WHERE {where(pk)}') == [{"TableName": sorted_table}]


def test_reads_of_several_tables(ddb, sorted_table, table, pk):
    found = responses(ddb, f'SELECT * FROM "{sorted_table}" WHERE {where(pk)}', f"SELECT * FROM \"{table}\" WHERE pk = '{pk}'")
    assert [each["TableName"] for each in found] == [sorted_table, table]


def test_writes_of_all_kinds(ddb, put, stored, pk):
    put("1", a={"N": "1"})
    table, _ = put("2")
    found = responses(
        ddb, f'UPDATE "{table}" SET a = 5 WHERE {where(pk, "1")}', f'DELETE FROM "{table}" WHERE {where(pk, "2")}',
        f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '3'}}")
    assert found == [{"TableName": table}] * 3
    assert stored("1")["a"] == {"N": "5"} and stored("2") is None and stored("3")


def test_each_statement_has_its_parameters(ddb, sorted_table, stored, pk):
    statement = f"INSERT INTO \"{sorted_table}\" VALUE {{'pk': ?, 'sk': ?}}"
    responses(ddb, *[{"Statement": statement, "Parameters": [{"S": pk}, {"S": sk}]} for sk in "12"])
    assert stored("1") and stored("2")


def test_returning_brings_the_item(ddb, put, pk):
    table, _ = put(a={"N": "1"})
    found = responses(ddb, f'UPDATE "{table}" SET a = 2 WHERE {where(pk)} RETURNING MODIFIED NEW *')
    assert found == [{"TableName": table, "Item": {"a": {"N": "2"}}}]


def test_delete_returning_brings_the_old_item(ddb, put, pk):
    table, _ = put(a={"N": "1"})
    found = responses(ddb, f'DELETE FROM "{table}" WHERE {where(pk)} RETURNING ALL OLD *')
    assert found[0]["Item"]["a"] == {"N": "1"}


def test_one_failure_leaves_the_others_done(ddb, put, stored, pk):
    table, _ = put("1", a={"N": "1"})
    found = responses(
        ddb, f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '1'}}",
        f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '2'}}")
    assert found[0]["Error"]["Code"] == "DuplicateItem" and "Error" not in found[1]
    assert stored("1")["a"] == {"N": "1"} and stored("2")


def test_a_duplicate_names_its_table(ddb, put, pk):
    table, _ = put()
    assert responses(ddb, f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '1'}}") == [{
        "Error": {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}, "TableName": table}]


@pytest.mark.parametrize("statement", ["UPDATE \"{}\" SET a = 2 WHERE {} AND a = 9", "DELETE FROM \"{}\" WHERE {} AND a = 9"])
def test_a_failed_condition_names_its_table(ddb, put, pk, statement):
    table, _ = put(a={"N": "1"})
    assert responses(ddb, statement.format(table, where(pk))) == [{
        "Error": {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}, "TableName": table}]


def test_a_failed_condition_never_brings_the_item(ddb, put, pk):
    table, _ = put(a={"N": "1"})
    found = responses(ddb, {"Statement": f'DELETE FROM "{table}" WHERE {where(pk)} AND a = 9',
                            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})
    assert "Item" not in found[0] and "Item" not in found[0]["Error"]


def test_update_of_a_missing_item_fails(ddb, sorted_table, pk):
    found = responses(ddb, f'UPDATE "{sorted_table}" SET a = 1 WHERE {where(pk)}')
    assert found[0]["Error"]["Code"] == "ConditionalCheckFailed"


@pytest.mark.parametrize("statement, message", [
    ("SLECT * FROM \"{}\"", "Statement wasn't well formed, can't be processed: Expected data manipulation"),
    ("UPDATE \"{}\" SET a = 1 WHERE pk = 'x'",
     "Where clause does not contain a mandatory equality on all key attributes"),
    ("DELETE FROM \"{}\" WHERE pk = 'x' AND sk = 'y' RETURNING ALL NEW *",
     "Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements."),
    ("SELECT * FROM \"{}\"",
     "Select statements within BatchExecuteStatement must specify the primary key in the where clause."),
    ("SELECT * FROM \"{}\" WHERE pk = 'x'",
     "Select statements within BatchExecuteStatement must specify the primary key in the where clause."),
    ("SELECT * FROM \"{}\" WHERE pk = 'x' AND sk > 'y'",
     "Select statements within BatchExecuteStatement must specify the primary key in the where clause."),
    ("SELECT * FROM \"{}\" WHERE pk = 'x' AND sk = 'y' AND a = 1",
     "Select statements within BatchExecuteStatement must specify the primary key in the where clause."),
    ("SELECT * FROM \"{}\" WHERE pk = 'x' AND sk = 'y' AND pk = 'z'",
     "Select statements within BatchExecuteStatement must specify the primary key in the where clause."),
    ("SELECT * FROM \"{}\" WHERE pk IN ['x', 'y'] AND sk = 'y'",
     "Select statements within BatchExecuteStatement must specify the primary key in the where clause."),
    ("EXISTS(SELECT * FROM \"{}\" WHERE pk = 'x' AND sk = 'y' AND a = 1)",
     "EXISTS can only be used in ExecuteTransaction write requests."),
])
def test_a_statement_that_is_refused_answers_for_itself(ddb, sorted_table, statement, message):
    found = responses(ddb, statement.format(sorted_table))
    assert found == [{"Error": {"Code": "ValidationError", "Message": message}}]


def test_a_read_by_in_with_one_value_is_by_its_key(ddb, put, pk):
    table, _ = put(a={"N": "1"})
    found = responses(ddb, f"SELECT a FROM \"{table}\" WHERE pk IN ['{pk}'] AND sk = '1'")
    assert found == [{"TableName": table, "Item": {"a": {"N": "1"}}}]


def test_too_many_reads_in_one_statement(ddb, sorted_table):
    values = ", ".join(f"'{number}'" for number in range(51))
    found = responses(ddb, f"SELECT * FROM \"{sorted_table}\" WHERE pk IN [{values}] AND sk = '1'")
    assert found[0]["Error"]["Message"] == "Too many decomposed read operations for a given query."


def test_wrong_parameters_answer_for_their_statement(ddb, sorted_table, pk):
    found = responses(
        ddb, {"Statement": f'UPDATE "{sorted_table}" SET a = ? WHERE {where(pk)}', "Parameters": [{"SS": []}]},
        f'DELETE FROM "{sorted_table}" WHERE {where(pk, "2")}')
    assert found[0]["Error"] == {
        "Code": "ValidationError",
        "Message": "One or more parameter values were invalid: An string set  may not be empty"}
    assert "Error" not in found[1]


@pytest.mark.parametrize("statement", [
    "SELECT * FROM \"{}\" WHERE pk = 'x'", "INSERT INTO \"{}\" VALUE {{'pk': 'x'}}",
    "DELETE FROM \"{}\" WHERE pk = 'x'",
])
def test_an_unknown_table_answers_for_its_statement(ddb, statement):
    name = "none-" + uuid.uuid4().hex
    found = responses(ddb, statement.format(name))
    assert found == [{"Error": {"Code": "ResourceNotFound", "Message": "Requested resource not found"}, "TableName": name}]


def test_indexes_are_not_read_in_batches(ddb, make_table):
    table = make_table(GlobalSecondaryIndexes=[index("byg", "g")])
    found = responses(ddb, f"SELECT * FROM \"{table}\".\"byg\" WHERE g = 'x'")
    assert found[0]["Error"]["Message"] == (
        "Select statements within BatchExecuteStatement must specify the primary key in the where clause.")


def test_an_item_too_deep_after_an_update_answers_for_its_statement(ddb, put, stored, pk):
    table, _ = put(m={"M": {}})
    deep = {"S": "x"}
    for _ in range(31):
        deep = {"M": {"a": deep}}
    found = responses(ddb, {"Statement": f'UPDATE "{table}" SET m.deep = ? WHERE {where(pk)}', "Parameters": [deep]})
    assert found == [{"Error": {"Code": "ValidationError", "Message": "Nesting Levels have exceeded supported limits"},
                      "TableName": table}]
    assert stored()["m"] == {"M": {}}


def test_reads_and_writes_do_not_mix(ddb, put, stored, pk):
    table, _ = put()
    with refused("ValidationException", "Read and write requests together in the same batch is not supported."):
        batch(ddb, f'DELETE FROM "{table}" WHERE {where(pk)}', f'SELECT * FROM "{table}" WHERE {where(pk, "2")}')
    assert stored()


@pytest.mark.parametrize("verb", ["SELECT * FROM \"{}\" WHERE {}", "DELETE FROM \"{}\" WHERE {}"])
def test_an_item_is_named_once(ddb, put, stored, pk, verb):
    table, _ = put()
    statement = verb.format(table, where(pk))
    with refused("ValidationException", "Provided list of item keys contains duplicates"):
        batch(ddb, statement, statement)
    assert stored()


def test_an_empty_batch_is_refused(ddb):
    with refused("ValidationException", "Value '[]' at 'statements' failed to satisfy constraint",
                 "Member must have length greater than or equal to 1"):
        batch(ddb)


@pytest.mark.parametrize("count, accepted", [(25, True), (26, False)])
def test_a_batch_has_at_most_25_statements(ddb, table, pk, count, accepted):
    statements = [f"SELECT * FROM \"{table}\" WHERE pk = '{pk}{number}'" for number in range(count)]
    if accepted:
        assert len(responses(ddb, *statements)) == 25
    else:
        with refused("ValidationException", "'statements' failed to satisfy constraint",
                     "Member must have length less than or equal to 25"):
            batch(ddb, *statements)


def test_the_statements_are_required(ddb):
    with refused("ValidationException", "Value null at 'statements' failed to satisfy constraint"):
        ddb.batch_execute_statement()


def test_constraints_name_the_member(ddb, table):
    with refused("ValidationException", "at 'statements.2.member.statement' failed to satisfy constraint"):
        batch(ddb, f"SELECT * FROM \"{table}\" WHERE pk = 'x'", "")


def test_an_empty_list_of_parameters_is_refused(ddb, table):
    with refused("ValidationException", "at 'statements.1.member.parameters' failed to satisfy constraint"):
        batch(ddb, {"Statement": f"SELECT * FROM \"{table}\" WHERE pk = 'x'", "Parameters": []})


def test_reads_cost_by_their_consistency(ddb, table, pk):
    answer = batch(ddb, {"Statement": f"SELECT * FROM \"{table}\" WHERE pk = '{pk}'", "ConsistentRead": True},
                   f"SELECT * FROM \"{table}\" WHERE pk = '{pk}2'", ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 1.5}]


def test_writes_cost_together_for_each_table(ddb, table, sorted_table, pk):
    answer = batch(
        ddb, f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}'}}", f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}2'}}",
        f"INSERT INTO \"{sorted_table}\" VALUE {{'pk': '{pk}', 'sk': '1'}}", ReturnConsumedCapacity="TOTAL")
    found = {each["TableName"]: each["CapacityUnits"] for each in answer["ConsumedCapacity"]}
    assert found == {table: 2.0, sorted_table: 1.0}


def test_a_failure_beside_a_success_costs_too(ddb, put, pk):
    table, _ = put()
    answer = batch(
        ddb, f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '1'}}",
        f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '2'}}", ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 2.0}]


def test_nothing_but_failures_costs_nothing(ddb, put, pk):
    table, _ = put()
    answer = batch(ddb, f"INSERT INTO \"{table}\" VALUE {{'pk': '{pk}', 'sk': '1'}}", ReturnConsumedCapacity="TOTAL")
    assert "ConsumedCapacity" not in answer


def test_capacity_is_told_only_when_asked(ddb, table, pk):
    assert "ConsumedCapacity" not in batch(ddb, f"SELECT * FROM \"{table}\" WHERE pk = '{pk}'")
