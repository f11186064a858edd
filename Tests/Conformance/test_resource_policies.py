"""PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy."""

import json
import time

import pytest
from botocore.exceptions import ClientError
from running import until

from .conftest import definition, refused, unique


def policy(arn, action="dynamodb:GetItem", **more):
    account = arn.split(":")[4]
    statement = {
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": [action],
        "Resource": arn, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def arn(ddb, make_table):
    return ddb.describe_table(TableName=make_table())["Table"]["TableArn"]


@pytest.fixture(scope="module")
def shared(ddb, table):
    return ddb.describe_table(TableName=table)["Table"]["TableArn"]


def current(ddb, arn):
    """The revision of the policy, None where there is none."""
    try:
        return ddb.get_resource_policy(ResourceArn=arn)["RevisionId"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "PolicyNotFoundException"
        return None


@pytest.fixture
def put(ddb, endpoint):
    """Puts a policy and waits until it can be read."""
    def put(arn, text, **more):
        revision = ddb.put_resource_policy(ResourceArn=arn, Policy=text, **more)["RevisionId"]
        until(lambda: current(ddb, arn) == revision, "the policy")
        if endpoint.is_aws:
            time.sleep(16)  # the next change is throttled for so long
        return revision
    return put


def test_a_policy_is_kept_as_it_came(ddb, arn, put):
    text = policy(arn)
    revision = put(arn, text)
    found = ddb.get_resource_policy(ResourceArn=arn)
    assert found["RevisionId"] == revision
    assert json.loads(found["Policy"]) == json.loads(text)


def test_the_same_policy_again_keeps_its_revision(arn, put):
    assert put(arn, policy(arn)) == put(arn, policy(arn))


def test_another_policy_has_a_later_revision(arn, put):
    first = put(arn, policy(arn))
    second = put(arn, policy(arn, "dynamodb:PutItem"))
    assert int(second) > int(first)


def test_the_expected_revision_is_replaced(ddb, arn, put):
    first = put(arn, policy(arn))
    second = put(arn, policy(arn, "dynamodb:PutItem"), ExpectedRevisionId=first)
    assert ddb.get_resource_policy(ResourceArn=arn)["RevisionId"] == second


def test_another_than_the_expected_revision_is_kept(ddb, arn, put):
    first = put(arn, policy(arn))
    second = put(arn, policy(arn, "dynamodb:PutItem"))
    name = arn.split("/")[1]
    text = (f"Resource-based policy not found for the provided ResourceArn: Requested update for policy with revision "
            f"id {first}, but the policy associated to target table {name} has revision id {second}.")
    with refused("PolicyNotFoundException", text):
        ddb.put_resource_policy(ResourceArn=arn, Policy=policy(arn, "dynamodb:Query"), ExpectedRevisionId=first)
    with refused("PolicyNotFoundException", text):
        ddb.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=first)
    assert ddb.get_resource_policy(ResourceArn=arn)["RevisionId"] == second


def test_no_policy_can_be_expected(ddb, arn, put):
    revision = put(arn, policy(arn), ExpectedRevisionId="NO_POLICY")
    with refused("PolicyNotFoundException", "Requested policy update expecting none to be present for table",
                 f"but a policy exists with revision id {revision}"):
        ddb.put_resource_policy(
            ResourceArn=arn, Policy=policy(arn, "dynamodb:Query"), ExpectedRevisionId="NO_POLICY")


def test_a_revision_is_expected_where_there_is_no_policy(ddb, shared):
    with refused("PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn"):
        ddb.put_resource_policy(ResourceArn=shared, Policy=policy(shared), ExpectedRevisionId="1")


def test_a_table_without_a_policy(ddb, shared):
    with refused("PolicyNotFoundException",
                 f"Resource-based policy not found for the provided ResourceArn: {shared}"):
        ddb.get_resource_policy(ResourceArn=shared)


def test_the_error_has_the_services_namespace(endpoint, shared):
    code, _ = endpoint.raw_error("GetResourcePolicy", {"ResourceArn": shared})
    assert code == "com.amazonaws.dynamodb.v20120810#PolicyNotFoundException"


def test_a_policy_is_deleted(ddb, arn, put):
    revision = put(arn, policy(arn))
    assert ddb.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=revision)["RevisionId"] == revision
    until(lambda: current(ddb, arn) is None, "no policy")


def test_deleting_no_policy_is_no_error(ddb, shared):
    ddb.delete_resource_policy(ResourceArn=shared)


def test_deleting_no_policy_of_a_revision_is_an_error(ddb, shared):
    with refused("PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn"):
        ddb.delete_resource_policy(ResourceArn=shared, ExpectedRevisionId="1")


def test_create_table_takes_a_policy(ddb, endpoint, shared, make_table):
    name = unique("policy")
    text = policy(shared.rsplit("/", 1)[0] + "/" + name)
    make_table(name=name, ResourcePolicy=text)
    arn = ddb.describe_table(TableName=name)["Table"]["TableArn"]
    assert json.loads(ddb.get_resource_policy(ResourceArn=arn)["Policy"]) == json.loads(text)


def statement_without(field):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "*"}
    del statement[field]
    return json.dumps({"Statement": [statement]})


SAME = {"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "*"}
BAD = [
    ("", "Invalid policy document: This policy contains invalid Json"),
    ("[]", "Invalid policy document: This policy contains invalid Json"),
    ("{", "Invalid policy document: "),
    ("null", "Invalid policy document: This text appears not to be a policy"),
    ("{}", "Invalid policy document: Syntax error at position (1,3)"),
    ('{"Statement": []}', "Invalid policy document: Could not parse the policy: Statement is empty!"),
    ('{"Statement": [{}]}', "Invalid policy document: Missing required field Effect"),
    (statement_without("Resource"), "Invalid policy document: Missing required field Resource"),
    (json.dumps({"Statement": [SAME, SAME]}), "The Statement Ids in the policy are not unique"),
    (" " * 20481, "Maximum policy size of 20480 bytes exceeded"),
]


@pytest.mark.parametrize("text, message", BAD)
def test_bad_documents_are_refused(ddb, shared, text, message):
    with refused("ValidationException", "One or more parameter values were invalid: ", message):
        ddb.put_resource_policy(ResourceArn=shared, Policy=text)


@pytest.mark.parametrize("text, message", [BAD[0], BAD[4]])
def test_create_table_refuses_bad_documents(ddb, text, message):
    with refused("ValidationException", message):
        ddb.create_table(**definition(unique("bad"), ResourcePolicy=text))


CALLS = {
    "GetResourcePolicy": lambda ddb, arn: ddb.get_resource_policy(ResourceArn=arn),
    "PutResourcePolicy": lambda ddb, arn: ddb.put_resource_policy(
        ResourceArn=arn, Policy=json.dumps({"Statement": [SAME]})),
    "DeleteResourcePolicy": lambda ddb, arn: ddb.delete_resource_policy(ResourceArn=arn),
}


@pytest.mark.parametrize("operation", CALLS)
def test_an_unknown_table_is_not_found(ddb, shared, table, operation):
    with refused("ResourceNotFoundException", f"Requested resource not found: Table: {table}none not found"):
        CALLS[operation](ddb, shared + "none")


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("change, text", [
    (lambda arn: arn.split("/")[1], "ARNs must start with 'arn:'"),
    (lambda arn: arn.replace(":dynamodb:", ":s3:"), "Provided Arn is not a DynamoDB resource arn"),
    (lambda arn: arn + "/backup/0170", "Provided Arn is not a DynamoDB resource arn"),
    (lambda arn: arn + "/index/byG", "Invalid resource arn provided, only table or stream is accepted."),
    (lambda arn: arn.replace("arn:aws:", "arn:aws-cn:"), "Invalid resource Arn: arn:aws-cn:"),
    (lambda arn: ":".join([*arn.split(":")[:3], "eu-west-3", *arn.split(":")[4:]]), "Invalid resource Arn: "),
    (lambda arn: ":".join([*arn.split(":")[:4], "999999999999", arn.split(":")[5]]),
     "This action is only supported by accounts that match the resource owner’s account."),
])
def test_other_arns_are_refused(ddb, shared, operation, change, text):
    with refused("ValidationException", text):
        CALLS[operation](ddb, change(shared))


def test_an_unknown_stream_is_not_found(ddb, shared, table):
    with refused("ResourceNotFoundException",
                 f"Requested resource not found: Stream: 2000-01-01T00:00:00.000 not found for Table: {table}"):
        ddb.get_resource_policy(ResourceArn=shared + "/stream/2000-01-01T00:00:00.000")


@pytest.mark.parametrize("operation, body, path", [
    ("GetResourcePolicy", {}, "resourceArn"), ("PutResourcePolicy", {}, "policy"),
    ("PutResourcePolicy", {}, "resourceArn"), ("DeleteResourcePolicy", {}, "resourceArn")])
def test_required_members(endpoint, operation, body, path):
    code, message = endpoint.raw_error(operation, body)
    assert code == "com.amazon.coral.validate#ValidationException"
    assert f"Value null at '{path}' failed to satisfy constraint: Member must not be null" in message


def test_an_empty_revision_is_refused(ddb, shared):
    with refused("ValidationException", "Value '' at 'expectedRevisionId' failed to satisfy constraint: Member must "
                                        "have length greater than or equal to 1"):
        ddb.delete_resource_policy(ResourceArn=shared, ExpectedRevisionId="")
