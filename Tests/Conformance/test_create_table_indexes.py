import pytest

from .conftest import definition, index, refused, unique
from .test_create_table import INVALID, create, keys, with_index  # noqa: F401


@pytest.mark.parametrize("kind", ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"])
def test_an_empty_list_is_refused(ddb, kind):
    with refused("ValidationException", INVALID + f"List of {kind} is empty"):
        ddb.create_table(**with_index(kind, [], names=("pk", "sk")))


def projection(kind=None, names=None):
    shape = {"ProjectionType": kind} if kind else {}
    return {**shape, **({"NonKeyAttributes": names} if names else {})}


@pytest.mark.parametrize("kind, hash", [("GlobalSecondaryIndexes", "a"), ("LocalSecondaryIndexes", "pk")])
@pytest.mark.parametrize("shape, text", [
    (projection(), "Unknown ProjectionType: null"), (projection(names=["x"]), "Unknown ProjectionType: null"),
    (projection("ALL", ["x"]), "ProjectionType is ALL, but NonKeyAttributes is specified"),
    (projection("KEYS_ONLY", ["x"]), "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified"),
    (projection("INCLUDE"), "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"),
    (projection("INCLUDE", ["x", "x"]), "Duplicate element in NonKeyAttributes: x"),
])
def test_projections_fit_their_type(ddb, kind, hash, shape, text):
    entry = {**index("index", hash, "a" if hash == "pk" else None), "Projection": shape}
    with refused("ValidationException", INVALID + text):
        ddb.create_table(**with_index(kind, [entry]))


@pytest.mark.parametrize("entry, names, text", [
    (index("local", "pk"), ["pk", "sk"], INVALID + "Index KeySchema does not have a range key for index: local"),
    (index("local", "a", "sk"), ["pk", "sk", "a"], INVALID + "Index KeySchema does not have the same leading hash key as table "
     "KeySchema for index: local. index hash key: a, table hash key: pk"),
    (index("local", "pk", "pk"), ["pk", "sk"], "Both the Hash Key and the Range Key element in the KeySchema have the same name"),
    (index("local", "pk", "none"), ["pk", "sk"], INVALID + "Some index key attributes are not defined in AttributeDefinitions. "
     "Keys: "),
])
def test_local_indexes_share_the_partition_key(ddb, entry, names, text):
    with refused("ValidationException", text):
        ddb.create_table(**with_index("LocalSecondaryIndexes", [entry], names=names))


def test_local_indexes_need_a_table_with_a_sort_key(ddb):
    with refused("ValidationException", INVALID + "Table KeySchema does not have a range key, which is required when "
                 "specifying a LocalSecondaryIndex"):
        ddb.create_table(**with_index("LocalSecondaryIndexes", [index("local", "pk", "a")], keys=("pk",), names=("pk", "a")))


@pytest.mark.parametrize("schema, text", [
    (keys("a", "RANGE"), "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
    (keys("a") + keys("a", "RANGE"), "Both the Hash Key and the Range Key element in the KeySchema have the same name"),
    (keys("none"), INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [none], "
     "AttributeDefinitions: ["),
])
def test_keys_of_global_indexes(ddb, schema, text):
    names = ("pk", "sk", "a") if schema[0]["AttributeName"] == "a" else ("pk", "sk")
    with refused("ValidationException", text):
        ddb.create_table(**with_index("GlobalSecondaryIndexes", [{**index("index", "a"), "KeySchema": schema}], names=names))


@pytest.mark.parametrize("more", [
    {"GlobalSecondaryIndexes": [index("twice", "a"), index("twice", "a", "sk")]},
    {"LocalSecondaryIndexes": [index("twice", "pk", "a"), index("twice", "pk", "sk")]},
    {"LocalSecondaryIndexes": [index("twice", "pk", "a")], "GlobalSecondaryIndexes": [index("twice", "a")]}])
def test_names_of_indexes_are_one_namespace(ddb, more):
    with refused("ValidationException", INVALID + "Duplicate index name: twice"):
        ddb.create_table(**definition(unique(), range="sk", **more))


def test_more_than_twenty_global_indexes_are_refused(ddb):
    with refused("ValidationException", INVALID + "GlobalSecondaryIndex count exceeds the per-table limit of 20"):
        ddb.create_table(**definition(
            unique(), GlobalSecondaryIndexes=[index(f"g{number:02}", f"a{number}") for number in range(21)]))


def test_more_than_five_local_indexes_are_refused(ddb):
    with refused("ValidationException", INVALID + "Number of LocalSecondaryIndexes exceeds per-table limit of 5"):
        ddb.create_table(**definition(
            unique(), range="sk", LocalSecondaryIndexes=[index(f"l{number:02}", "pk", f"a{number}") for number in range(6)]))


def including(count, number):
    return index(f"g{number:02}", f"a{number}", None, "INCLUDE", [f"x{number}-{each}" for each in range(count)])


def test_all_indexes_project_a_hundred_attributes_at_most(ddb, create):
    create(**definition(unique(), GlobalSecondaryIndexes=[including(20, number) for number in range(5)]))
    with refused("ValidationException"):
        ddb.create_table(**definition(
            unique(), GlobalSecondaryIndexes=[including(20, number) for number in range(5)] + [including(1, 5)]))
