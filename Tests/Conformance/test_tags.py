"""TagResource, UntagResource, ListTagsOfResource, and tags of CreateTable."""

import pytest
from running import until

from .conftest import definition, index, refused, unique


@pytest.fixture(scope="module")
def indexed(make_table):
    return make_table(GlobalSecondaryIndexes=[index("byG", "g")])


@pytest.fixture
def arn(ddb, make_table):
    return ddb.describe_table(TableName=make_table())["Table"]["TableArn"]


@pytest.fixture(scope="module")
def shared(ddb, table):
    """An ARN for requests that are refused."""
    return ddb.describe_table(TableName=table)["Table"]["TableArn"]


def tags(ddb, arn):
    found, token = {}, {}
    while True:
        page = ddb.list_tags_of_resource(ResourceArn=arn, **token)
        found.update({tag["Key"]: tag["Value"] for tag in page["Tags"]})
        if "NextToken" not in page:
            return found
        token = {"NextToken": page["NextToken"]}


def settle(ddb, arn, expected):
    """AWS applies changes of tags within seconds."""
    until(lambda: tags(ddb, arn) == expected, f"tags {expected}")


def entries(**values):
    return [{"Key": key, "Value": value} for key, value in values.items()]


def test_a_new_table_has_no_tags(ddb, arn):
    assert tags(ddb, arn) == {}


def test_tags_are_added_and_listed(ddb, arn):
    answer = ddb.tag_resource(ResourceArn=arn, Tags=entries(team="blue", stage="test"))
    assert set(answer) == {"ResponseMetadata"}
    settle(ddb, arn, {"team": "blue", "stage": "test"})


def test_a_tag_gets_a_new_value(ddb, arn):
    ddb.tag_resource(ResourceArn=arn, Tags=entries(team="blue"))
    settle(ddb, arn, {"team": "blue"})
    ddb.tag_resource(ResourceArn=arn, Tags=entries(team="green"))
    settle(ddb, arn, {"team": "green"})


def test_keys_differ_by_case_and_values_may_be_empty(ddb, arn):
    ddb.tag_resource(ResourceArn=arn, Tags=entries(Env="", env="x"))
    settle(ddb, arn, {"Env": "", "env": "x"})


def test_tags_are_removed(ddb, arn):
    ddb.tag_resource(ResourceArn=arn, Tags=entries(a="1", b="2", c="3"))
    settle(ddb, arn, {"a": "1", "b": "2", "c": "3"})
    ddb.untag_resource(ResourceArn=arn, TagKeys=["a", "c", "absent"])
    settle(ddb, arn, {"b": "2"})


def test_removing_what_is_not_there_is_no_error(ddb, arn):
    ddb.untag_resource(ResourceArn=arn, TagKeys=["absent"])


def test_create_table_takes_tags(ddb, make_table):
    name = make_table(Tags=entries(owner="me"))
    settle(ddb, ddb.describe_table(TableName=name)["Table"]["TableArn"], {"owner": "me"})


def test_a_table_of_the_same_name_has_none_of_the_old_tags(ddb, make_table):
    name = make_table(Tags=entries(owner="me"))
    ddb.delete_table(TableName=name)
    ddb.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    make_table(name=name)
    assert tags(ddb, ddb.describe_table(TableName=name)["Table"]["TableArn"]) == {}


@pytest.mark.parametrize("key, value", [
    ("k" * 128, "v"), ("k", "v" * 256), ("sp ace", "a b+c-d=e.f_g:h/i@j"), ("ключ", "表é")])
def test_tags_at_the_limits(ddb, arn, key, value):
    ddb.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value}])
    settle(ddb, arn, {key: value})


def test_fifty_tags_and_not_one_more(ddb, arn):
    many = {f"k{number:02}": "v" for number in range(50)}
    ddb.tag_resource(ResourceArn=arn, Tags=entries(**many))
    settle(ddb, arn, many)
    with refused("ValidationException", "Number of Tags exceed the current limit for the provided ResourceArn"):
        ddb.tag_resource(ResourceArn=arn, Tags=entries(more="v"))
    with refused("ValidationException", "Number of Tags exceed the current limit"):
        ddb.tag_resource(ResourceArn=arn, Tags=entries(k00="new", more="v"))
    ddb.tag_resource(ResourceArn=arn, Tags=entries(k00="new"))
    settle(ddb, arn, {**many, "k00": "new"})


def test_fifty_one_tags_at_once_are_refused(ddb, shared):
    with refused("ValidationException", "Number of Tags exceed the current limit"):
        ddb.tag_resource(ResourceArn=shared, Tags=entries(**{f"k{number}": "v" for number in range(51)}))


def test_removing_fifty_one_at_once_is_refused(ddb, shared):
    with refused("ValidationException", "Number of Tags exceed the current limit"):
        ddb.untag_resource(ResourceArn=shared, TagKeys=[f"k{number}" for number in range(51)])


BAD_TAGS = [
    ([], "Atleast one Tag needs to be provided as Input."),
    ([{}], "The Tag Key provided is invalid, Key: null"),
    ([{"Value": "v"}], "The Tag Key provided is invalid, Key: null"),
    ([{"Key": "k"}], "The Tag Value provided is invalid, Value: null"),
    ([{"Key": "", "Value": "v"}], "The Tag Key provided is invalid, Key: "),
    ([{"Key": "k" * 129, "Value": "v"}], "The Tag Key provided is invalid, Key: kkk"),
    ([{"Key": "k", "Value": "v" * 257}], "The Tag Value provided is invalid, Value: vvv"),
    ([{"Key": "bad#char", "Value": "v"}], "The Tag Key provided is invalid, Key: bad#char"),
    ([{"Key": "k", "Value": "100%"}], "The Tag Value provided is invalid, Value: 100%"),
    ([{"Key": "k", "Value": "a,b"}], "The Tag Value provided is invalid, Value: a,b"),
    ([{"Key": "k", "Value": "🔑"}], "The Tag Value provided is invalid, Value: "),
    ([{"Key": "aws:x", "Value": "v"}], "Tag Key cannot be prefixed with aws:, Key: aws:x"),
    ([{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}],
     "Duplicate Tag Keys provided as input: Duplicate Tag Key found k"),
]


@pytest.mark.parametrize("given, text", BAD_TAGS)
def test_bad_tags_are_refused(ddb, shared, given, text):
    with refused("ValidationException", text):
        ddb.tag_resource(ResourceArn=shared, Tags=given)


@pytest.mark.parametrize("given, text", BAD_TAGS[1:4] + BAD_TAGS[-2:])
def test_create_table_refuses_bad_tags(ddb, given, text):
    with refused("ValidationException", text):
        ddb.create_table(**definition(unique("bad"), Tags=given))


def test_one_bad_tag_spoils_all(ddb, arn):
    with refused("ValidationException", "The Tag Key provided is invalid"):
        ddb.tag_resource(ResourceArn=arn, Tags=entries(good="v", **{"bad#": "v"}))
    assert tags(ddb, arn) == {}


@pytest.mark.parametrize("keys, text", [
    ([], "Atleast one Tag Key needs to be provided as Input."), ([""], "The Tag Key provided is invalid, Key: "),
    (["k" * 129], "The Tag Key provided is invalid, Key: kkk"),
    (["aws:x"], "Tag Key cannot be prefixed with aws:, Key: aws:x")])
def test_bad_keys_are_not_removed(ddb, shared, keys, text):
    with refused("ValidationException", text):
        ddb.untag_resource(ResourceArn=shared, TagKeys=keys)


CALLS = {
    "TagResource": lambda ddb, arn: ddb.tag_resource(ResourceArn=arn, Tags=[{"Key": "k", "Value": "v"}]),
    "UntagResource": lambda ddb, arn: ddb.untag_resource(ResourceArn=arn, TagKeys=["k"]),
    "ListTagsOfResource": lambda ddb, arn: ddb.list_tags_of_resource(ResourceArn=arn),
}


@pytest.mark.parametrize("operation", CALLS)
def test_an_unknown_table_is_not_found(ddb, shared, operation):
    arn = shared + "-none"
    with refused("ResourceNotFoundException", f"Requested resource not found: ResourceArn: {arn} not found"):
        CALLS[operation](ddb, arn)


@pytest.mark.parametrize("operation", CALLS)
def test_an_index_has_no_tags(ddb, indexed, operation):
    arn = ddb.describe_table(TableName=indexed)["Table"]["GlobalSecondaryIndexes"][0]["IndexArn"]
    with refused("ValidationException", "Invalid resource arn provided, only table or stream is accepted."):
        CALLS[operation](ddb, arn)


@pytest.mark.parametrize("operation", CALLS)
def test_a_name_is_no_arn(ddb, table, operation):
    with refused("ValidationException", "ARNs must start with 'arn:'"):
        CALLS[operation](ddb, table)


@pytest.mark.parametrize("operation, path", [
    ("TagResource", "resourceArn"), ("UntagResource", "resourceArn"), ("ListTagsOfResource", "resourceArn"),
    ("TagResource", "tags"), ("UntagResource", "tagKeys")])
def test_required_members(endpoint, operation, path):
    code, message = endpoint.raw_error(operation, {})
    assert code == "com.amazon.coral.validate#ValidationException"
    assert f"Value null at '{path}' failed to satisfy constraint: Member must not be null" in message
