import re
import time
import uuid

import pytest

from .conftest import definition, drop_protected, index, refused, unique, wait_active

INVALID = "One or more parameter values were invalid: "
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@pytest.fixture
def create(ddb):
    """create(...) -> TableDescription; the table is dropped after the test."""
    made = []

    def make(**parameters):
        answer = ddb.create_table(**parameters)
        made.append(parameters["TableName"])
        return answer["TableDescription"]

    yield make
    for name in made:
        wait_active(ddb, name)
        ddb.delete_table(TableName=name)


def elements(*keys):
    """elements("a", "b") is a KeySchema of a partition and a sort key."""
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ["HASH", "RANGE"])]


def attributes(*names):
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def table(**changes):
    """Parameters that would pass, with changes; None removes one."""
    parameters = {
        "TableName": unique(), "BillingMode": "PAY_PER_REQUEST", "KeySchema": elements("pk"),
        "AttributeDefinitions": attributes("pk"), **changes}
    return {key: value for key, value in parameters.items() if value is not None}


def with_index(kind, entry, keys=("pk", "sk"), names=("pk", "sk", "a"), **more):
    return table(**{"KeySchema": elements(*keys), "AttributeDefinitions": attributes(*names), kind: entry, **more})


# the answer


def test_the_answer_describes_a_table_in_creation(ddb, create):
    parameters = definition(unique(), range="sk", types={"sk": "N"})
    before = time.time()
    answer = create(**parameters)
    assert answer["TableStatus"] == "CREATING"
    assert answer["KeySchema"] == parameters["KeySchema"]
    assert answer["AttributeDefinitions"] == parameters["AttributeDefinitions"]
    assert abs(answer["CreationDateTime"].timestamp() - before) < 60
    assert (answer["ItemCount"], answer["TableSizeBytes"]) == (0, 0)
    assert re.fullmatch(UUID, answer["TableId"])
    assert re.fullmatch(rf"arn:aws:dynamodb:[a-z0-9-]+:\d{{12}}:table/{parameters['TableName']}", answer["TableArn"])
    assert answer["DeletionProtectionEnabled"] is False


def test_a_table_on_demand_has_no_throughput(create):
    answer = create(**table())
    assert answer["ProvisionedThroughput"] == {
        "NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    assert answer["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("mode", ["PROVISIONED", None])
def test_a_provisioned_table_has_its_throughput(create, mode):
    answer = create(**table(BillingMode=mode, ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}))
    assert answer["ProvisionedThroughput"] == {
        "NumberOfDecreasesToday": 0, "ReadCapacityUnits": 3, "WriteCapacityUnits": 2}
    assert "BillingModeSummary" not in answer


@pytest.mark.parametrize("kind", ["S", "N", "B"])
def test_keys_have_one_of_three_types(ddb, create, kind):
    parameters = table(AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": kind}])
    assert create(**parameters)["AttributeDefinitions"] == parameters["AttributeDefinitions"]


def test_indexes_are_described(create):
    answer = create(**definition(
        unique(), range="sk", GlobalSecondaryIndexes=[index("global", "a", "b", "INCLUDE", ["x", "y"])],
        LocalSecondaryIndexes=[index("local", "pk", "c", "KEYS_ONLY")]))
    [glob], [local] = answer["GlobalSecondaryIndexes"], answer["LocalSecondaryIndexes"]
    assert (glob["IndexName"], glob["IndexStatus"], glob["KeySchema"]) == ("global", "CREATING", elements("a", "b"))
    assert glob["Projection"]["ProjectionType"] == "INCLUDE"
    assert sorted(glob["Projection"]["NonKeyAttributes"]) == ["x", "y"]
    assert glob["IndexArn"] == answer["TableArn"] + "/index/global"
    assert (glob["ItemCount"], glob["IndexSizeBytes"]) == (0, 0)
    assert "IndexStatus" not in local and "ProvisionedThroughput" not in local
    assert local["Projection"] == {"ProjectionType": "KEYS_ONLY"} and local["KeySchema"] == elements("pk", "c")


def test_a_global_index_has_a_throughput_of_its_own(create):
    throughput = {"ReadCapacityUnits": 2, "WriteCapacityUnits": 1}
    answer = create(**with_index(
        "GlobalSecondaryIndexes", [{**index("global", "a"), "ProvisionedThroughput": throughput}], BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}))
    found = answer["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]
    assert {key: found[key] for key in throughput} == throughput


def test_deletion_protection_is_kept(ddb):
    parameters = table(DeletionProtectionEnabled=True)
    answer = ddb.create_table(**parameters)["TableDescription"]
    assert answer["DeletionProtectionEnabled"] is True
    assert wait_active(ddb, parameters["TableName"])["DeletionProtectionEnabled"] is True
    drop_protected(ddb, parameters["TableName"])


@pytest.mark.parametrize("name", ["STANDARD", "STANDARD_INFREQUENT_ACCESS"])
def test_the_table_class_is_kept(create, name):
    assert create(**table(TableClass=name))["TableClassSummary"] == {"TableClass": name}


@pytest.mark.parametrize("name", [uuid.uuid4().hex[:3], (unique() + "-" + "x" * 255)[:255]])
def test_names_have_3_to_255_characters(create, name):
    assert create(**table(TableName=name))["TableName"] == name


def test_names_may_have_dots_dashes_and_underscores(create):
    name = unique() + "._-Z9"
    assert create(**table(TableName=name))["TableArn"].endswith("table/" + name)


def test_twenty_global_and_five_local_indexes(create):
    answer = create(**definition(
        unique(), range="sk", GlobalSecondaryIndexes=[index(f"g{number:02}", f"a{number}") for number in range(20)],
        LocalSecondaryIndexes=[index(f"local{number}", "pk", f"b{number}") for number in range(5)]))
    assert len(answer["GlobalSecondaryIndexes"]) == 20 and len(answer["LocalSecondaryIndexes"]) == 5


@pytest.mark.parametrize("kind, entry", [
    ("LocalSecondaryIndexes", index("same", "pk", "sk")), ("GlobalSecondaryIndexes", index("same", "pk", "sk")),
    ("GlobalSecondaryIndexes", index("same", "pk", "sk", "INCLUDE", ["pk", "sk"]))])
def test_an_index_may_repeat_the_key_of_the_table(create, kind, entry):
    assert create(**with_index(kind, [entry], names=("pk", "sk")))[kind][0]["IndexName"] == "same"


# names that exist


def test_an_existing_name_is_in_use(ddb, create):
    parameters = table()
    create(**parameters)
    wait_active(ddb, parameters["TableName"])
    with refused("ResourceInUseException", f"Table already exists: {parameters['TableName']}"):
        ddb.create_table(**parameters)


def test_bad_parameters_win_over_an_existing_name(ddb, create):
    parameters = table()
    create(**parameters)
    with refused("ValidationException", "The first KeySchemaElement is not a HASH key type"):
        ddb.create_table(**{**parameters, "KeySchema": [{"AttributeName": "pk", "KeyType": "RANGE"}]})


def test_names_are_case_sensitive(ddb, create):
    name = unique()
    create(**table(TableName=name))
    wait_active(ddb, name)
    assert create(**table(TableName=name.upper()))["TableName"] == name.upper()


# the service model


def keys(name="pk", kind="HASH"):
    return [{"AttributeName": name, "KeyType": kind}]


@pytest.mark.parametrize("changes, text", [
    ({"TableName": "ab"}, "Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or "
     "equal to 3"),
    ({"TableName": "x" * 256}, "at 'tableName' failed to satisfy constraint: Member must have length less than or equal to 255"),
    ({"TableName": "a b c"}, "Value 'a b c' at 'tableName' failed to satisfy constraint: Member must satisfy regular "
     "expression pattern: [a-zA-Z0-9_.-]+"),
    ({"BillingMode": "FREE"}, "Value 'FREE' at 'billingMode' failed to satisfy constraint: Member must satisfy enum value "
     "set: [PROVISIONED, PAY_PER_REQUEST]"),
    ({"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "BOOL"}]}, "Value 'BOOL' at "
     "'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]"),
    ({"AttributeDefinitions": [{"AttributeName": "pk"}]}, "Value null at 'attributeDefinitions.1.member.attributeType' failed "
     "to satisfy constraint: Member must not be null"),
    ({"AttributeDefinitions": [{"AttributeType": "S"}]}, "Value null at 'attributeDefinitions.1.member.attributeName' failed "
     "to satisfy constraint: Member must not be null"),
    ({"KeySchema": None}, "Value null at 'keySchema' failed to satisfy constraint: Member must not be null"),
    ({"KeySchema": []}, "Value '[]' at 'keySchema' failed to satisfy constraint: Member must have length greater than or "
     "equal to 1"),
    ({"KeySchema": keys() + keys("b", "RANGE") + keys("c", "RANGE")}, "at 'keySchema' failed to satisfy constraint: Member "
     "must have length less than or equal to 2"),
    ({"KeySchema": keys(kind="SORT")}, "Value 'SORT' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member "
     "must satisfy enum value set: [HASH, RANGE]"),
    ({"KeySchema": [{"AttributeName": "pk"}]}, "Value null at 'keySchema.1.member.keyType' failed to satisfy constraint: "
     "Member must not be null"),
    ({"KeySchema": [{"KeyType": "HASH"}]}, "Value null at 'keySchema.1.member.attributeName' failed to satisfy constraint: "
     "Member must not be null"),
    ({"KeySchema": keys("x" * 256)}, "at 'keySchema.1.member.attributeName' failed to satisfy constraint: Member must have "
     "length less than or equal to 255"),
    ({"ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 1}}, "Value '0' at "
     "'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have value greater than or equal to 1"),
    ({"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": -1}}, "Value '-1' at "
     "'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: Member must have value greater than or equal to 1"),
    ({"ProvisionedThroughput": {}}, "2 validation errors detected: Value null at 'provisionedThroughput.writeCapacityUnits'"),
    ({"TableName": "a!", "KeySchema": None}, "3 validation errors detected: "),
])
def test_the_model_of_the_table(ddb, changes, text):
    with refused("ValidationException", text):
        ddb.create_table(**table(**changes))


GSI = "globalSecondaryIndexes.1.member"
LSI = "localSecondaryIndexes.1.member"


@pytest.mark.parametrize("kind, path, low", [("GlobalSecondaryIndexes", GSI, "a"), ("LocalSecondaryIndexes", LSI, "pk")])
@pytest.mark.parametrize("changes, place, text", [
    ({"IndexName": None}, "indexName", "Member must not be null"),
    ({"IndexName": "ab"}, "indexName", "Member must have length greater than or equal to 3"),
    ({"IndexName": "x" * 256}, "indexName", "Member must have length less than or equal to 255"),
    ({"IndexName": "a b c"}, "indexName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
    ({"KeySchema": None}, "keySchema", "Member must not be null"),
    ({"KeySchema": []}, "keySchema", "Member must have length greater than or equal to 1"),
    ({"Projection": None}, "projection", "Member must not be null"),
    ({"Projection": {"ProjectionType": "all"}}, "projection.projectionType", "Member must satisfy enum value set: [ALL, "
     "INCLUDE, KEYS_ONLY]"),
    ({"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": []}}, "projection.nonKeyAttributes", "Member must have "
     "length greater than or equal to 1"),
    ({"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": [f"x{number}" for number in range(21)]}},
     "projection.nonKeyAttributes", "Member must have length less than or equal to 20"),
])
def test_the_model_of_indexes(ddb, kind, path, low, changes, place, text):
    entry = {**index("index", low, "a" if low == "pk" else None), **changes}
    entry = {key: value for key, value in entry.items() if value is not None}
    with refused("ValidationException", f"at '{path}.{place}' failed to satisfy constraint: {text}"):
        ddb.create_table(**with_index(kind, [entry]))


# billing


@pytest.mark.parametrize("mode", ["PROVISIONED", None])
def test_provisioned_tables_need_a_throughput(ddb, mode):
    with refused("ValidationException", INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when "
                 "BillingMode is PROVISIONED"):
        ddb.create_table(**table(BillingMode=mode))


def test_tables_on_demand_take_no_throughput(ddb):
    with refused("ValidationException", INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                 "BillingMode is PAY_PER_REQUEST"):
        ddb.create_table(**table(ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}))


@pytest.mark.parametrize("member, throughput", [
    ("ReadCapacityUnits", {"ReadCapacityUnits": 1_000_000_000_001, "WriteCapacityUnits": 1}),
    ("WriteCapacityUnits", {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1_000_000_000_001})])
def test_throughput_has_a_bound(ddb, member, throughput):
    with refused("ValidationException", f"Given value 1000000000001 for {member} is out of bounds"):
        ddb.create_table(**table(BillingMode="PROVISIONED", ProvisionedThroughput=throughput))


def test_an_index_of_a_provisioned_table_needs_a_throughput(ddb):
    with refused("ValidationException", INVALID + "ProvisionedThroughput is not specified for index: index"):
        ddb.create_table(**with_index(
            "GlobalSecondaryIndexes", [index("index", "a")], BillingMode="PROVISIONED",
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}))


def test_an_index_of_a_table_on_demand_takes_no_throughput(ddb):
    entry = {**index("index", "a"), "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    with refused("ValidationException", INVALID + "ProvisionedThroughput should not be specified for index: index when "
                 "BillingMode is PAY_PER_REQUEST"):
        ddb.create_table(**with_index("GlobalSecondaryIndexes", [entry]))


def test_an_unknown_table_class_is_refused(ddb):
    with refused("ValidationException", "Invalid table-class parameter provided. Please try again with a valid table-class "
                 "value: [STANDARD, STANDARD_INFREQUENT_ACCESS]."):
        ddb.create_table(**table(TableClass="CHEAP"))


# keys


@pytest.mark.parametrize("schema, names, text", [
    (keys(kind="RANGE"), ["pk"], "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
    (keys("sk", "RANGE") + keys(), ["pk", "sk"], "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
    (keys() + keys("sk"), ["pk", "sk"], "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"),
    (keys() + keys(kind="RANGE"), ["pk", "sk"], "Both the Hash Key and the Range Key element in the KeySchema have the same name"),
    (keys() + keys("sk", "RANGE"), ["pk"], "Invalid KeySchema: Some index key attribute have no definition"),
    (keys(), [], "Invalid KeySchema: Some index key attribute have no definition"),
    (keys(), ["other"], INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [pk], "
     "AttributeDefinitions: [other]"),
    (keys() + keys("sk", "RANGE"), ["pk", "other"], INVALID + "Some index key attributes are not defined in "
     "AttributeDefinitions. Keys: "),
    (keys(), ["pk", "other"], INVALID + "Number of attributes in KeySchema does not exactly match number of attributes "
     "defined in AttributeDefinitions"),
    (keys(), ["pk", "pk"], "Attribute Name is duplicated: pk"),
])
def test_keys_and_definitions_belong_together(ddb, schema, names, text):
    with refused("ValidationException", text):
        ddb.create_table(**table(KeySchema=schema, AttributeDefinitions=attributes(*names)))


def test_a_definition_that_no_key_uses_is_refused(ddb):
    with refused("ValidationException", INVALID + "Some AttributeDefinitions are not used. AttributeDefinitions: [", "other"):
        ddb.create_table(**with_index("GlobalSecondaryIndexes", [index("index", "a")], names=("pk", "sk", "a", "other")))


def test_an_unused_definition_hides_faults_of_indexes(ddb):
    entry = {**index("index", "a"), "Projection": {}}
    with refused("ValidationException", INVALID + "Some AttributeDefinitions are not used"):
        ddb.create_table(**with_index("GlobalSecondaryIndexes", [entry], names=("pk", "sk", "a", "other")))


# JSON types


@pytest.mark.parametrize("body, text", [
    ({"TableName": 5}, "NUMBER_VALUE cannot be converted to String"),
    ({"KeySchema": {}}, "Start of structure or map found where not expected"),
    ({"KeySchema": ["x"]}, "Unexpected value type in payload"), ({"AttributeDefinitions": "x"}, "Unexpected field type"),
    ({"ProvisionedThroughput": []}, "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.ProvisionedThroughput"),
    ({"ProvisionedThroughput": {"ReadCapacityUnits": "x"}}, "STRING_VALUE cannot be converted to Long"),
    ({"DeletionProtectionEnabled": "maybe"}, "Unexpected token received from parser"),
])
def test_wrong_json_types(endpoint, body, text):
    kind, message = endpoint.raw_error("CreateTable", body)
    assert kind == "com.amazon.coral.service#SerializationException" and text in message
