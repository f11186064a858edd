"""ExecuteStatement: reads of indexes, and what statements cost."""

import uuid

import pytest

from .conftest import index, refused
from .partiql import pages, pk, put, rows, run, sorted_values  # noqa: F401

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
