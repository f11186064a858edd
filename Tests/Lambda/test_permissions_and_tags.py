"""AddPermission, GetPolicy, RemovePermission; TagResource, UntagResource, ListTags; settings of the account."""

import json

import pytest
from endpoints import unique

from .conftest import error_of
from .functions import ARN, MISSING, REVISION


def allow(client, name, **changes):
    given = {
        "FunctionName": name, "StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com", **changes}
    return client.add_permission(**given)


@pytest.mark.parametrize("parameters, principal, condition", [
    ({}, {"Service": "s3.amazonaws.com"}, None),
    ({"Principal": "alexa-appkit.amazon.com"}, {"Service": "alexa-appkit.amazon.com"}, None),
    ({"Principal": "123456789012"}, {"AWS": "arn:aws:iam::123456789012:root"}, None),
    ({"Principal": "arn:aws:iam::123456789012:role/r"}, {"AWS": "arn:aws:iam::123456789012:role/r"}, None),
    ({"Principal": "*"}, "*", None),
    ({"SourceAccount": "123456789012", "SourceArn": "arn:aws:s3:::b"}, {"Service": "s3.amazonaws.com"},
     {"StringEquals": {"AWS:SourceAccount": "123456789012"}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}}),
    ({"EventSourceToken": "t"}, {"Service": "s3.amazonaws.com"},
     {"StringEquals": {"lambda:EventSourceToken": "t"}}),
    ({"Principal": "*", "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"}, "*",
     {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
    ({"Principal": "*", "PrincipalOrgID": "o-1234567890"}, "*",
     {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}),
])
def test_a_statement_is_aws_json(create, lambda_client, parameters, principal, condition):
    name = create()
    answer = allow(lambda_client, name, **parameters)
    expected = {
        "Sid": "s", "Effect": "Allow", "Principal": principal,
        "Action": parameters.get("Action", "lambda:InvokeFunction"), "Resource": ARN + name}
    if condition:
        expected["Condition"] = condition
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert json.loads(answer["Statement"]) == expected
    policy = json.loads(lambda_client.get_policy(FunctionName=name)["Policy"])
    assert policy == {"Version": "2012-10-17", "Id": "default", "Statement": [expected]}


def test_an_alias_has_a_policy_of_its_own(create, lambda_client):
    name = create(Publish=True)
    lambda_client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    for qualifier in ("1", "live"):
        answer = allow(lambda_client, name, Qualifier=qualifier)
        assert json.loads(answer["Statement"])["Resource"] == f"{ARN}{name}:{qualifier}"
    assert error_of(lambda_client, lambda c: c.get_policy(FunctionName=name)).message == MISSING


@pytest.mark.parametrize("changes, code, message", [
    ({"Principal": "nobody"}, "InvalidParameterValueException", "The provided principal was invalid. Please check the principal and try again."),
    ({"FunctionUrlAuthType": "NONE"}, "InvalidParameterValueException", "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"),
    ({"Qualifier": "$LATEST"}, "InvalidParameterValueException", "We currently do not support adding policies for $LATEST."),
    ({"StatementId": "a b"}, "ValidationException", "1 validation error detected: Value 'a b' at 'statementId' failed to satisfy constraint: Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"),
    ({"Action": "s3:GetObject"}, "ValidationException", "1 validation error detected: Value 's3:GetObject' at 'action' failed to satisfy constraint: Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])"),
    ({"RevisionId": "other"}, "PreconditionFailedException", REVISION),
])
def test_a_permission_that_cannot_be_given(create, lambda_client, changes, code, message):
    name = create()
    error = error_of(lambda_client, lambda c: allow(c, name, **changes))
    assert (error.code, error.message) == (code, message)


def test_an_id_is_taken_once(create, lambda_client):
    name = create()
    allow(lambda_client, name)
    error = error_of(lambda_client, lambda c: allow(c, name))
    assert (error.status, error.message) == (
        409, "The statement id (s) provided already exists. Please provide a new statement id, or remove the "
        "existing statement.")


def test_a_policy_has_20_kilobytes(create, lambda_client):
    name = create()
    error = None
    for index in range(200):
        try:
            allow(lambda_client, name, StatementId=f"s{index}", EventSourceToken="t" * 256)
        except lambda_client.exceptions.PolicyLengthExceededException as caught:
            error = caught.response["Error"]["Message"]
            break
    assert error and error.endswith("is bigger than the limit (20480).")


def test_permissions_can_be_taken_back(create, lambda_client):
    name = create()
    allow(lambda_client, name)
    for statement, message in [("other", "Statement other is not found in resource policy.")]:
        error = error_of(lambda_client, lambda c: c.remove_permission(FunctionName=name, StatementId=statement))
        assert (error.status, error.message) == (404, message)
    lambda_client.remove_permission(FunctionName=name, StatementId="s")
    assert error_of(lambda_client, lambda c: c.get_policy(FunctionName=name)).message == MISSING
    error = error_of(lambda_client, lambda c: c.remove_permission(FunctionName=name, StatementId="s"))
    assert error.message == "No policy is associated with the given resource."


def test_a_permission_gives_another_revision(create, lambda_client):
    name = create()
    before = lambda_client.get_function_configuration(FunctionName=name)["RevisionId"]
    allow(lambda_client, name, RevisionId=before)
    assert lambda_client.get_policy(FunctionName=name)["RevisionId"] != before


def test_tags_are_added_changed_and_taken_away(create, lambda_client):
    arn = ARN + create(Tags={"a": "1"})
    lambda_client.tag_resource(Resource=arn, Tags={"a": "2", "b c": "ü"})
    assert lambda_client.list_tags(Resource=arn)["Tags"] == {"a": "2", "b c": "ü"}
    lambda_client.untag_resource(Resource=arn, TagKeys=["a", "never"])
    assert lambda_client.list_tags(Resource=arn)["Tags"] == {"b c": "ü"}


@pytest.mark.parametrize("ask, message", [
    (lambda c, arn: c.tag_resource(Resource=arn, Tags={}), "An error occurred and the request cannot be processed."),
    (lambda c, arn: c.tag_resource(Resource=arn, Tags={str(n): "" for n in range(51)}), "Number of tags exceeds resource tag limit."),
    (lambda c, arn: c.tag_resource(Resource=arn + ":1", Tags={"a": "b"}), "Tags on function aliases and versions are not supported. Please specify a function ARN."),
    (lambda c, arn: c.untag_resource(Resource=arn, TagKeys=[]), "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null"),
    (lambda c, arn: c.list_tags(Resource=ARN + "absent"), f"Function not found: {ARN}absent"),
])
def test_tags_that_cannot_be(create, lambda_client, ask, message):
    arn = ARN + create()
    assert error_of(lambda_client, lambda c: ask(c, arn)).message == message


def test_a_resource_is_named_by_its_arn(lambda_client):
    error = error_of(lambda_client, lambda c: c.list_tags(Resource="f"))
    assert error.code == "ValidationException" and "Value 'f' at 'resource'" in error.message


def test_the_account_has_its_limits(service):
    made = service(declared=bootstrap())
    before = made.client.get_account_settings()
    assert before["AccountLimit"]["TotalCodeSize"] == 80530636800
    assert before["AccountLimit"]["CodeSizeUnzipped"] == 262144000
    assert before["AccountLimit"]["CodeSizeZipped"] == 52428800
    assert before["AccountUsage"]["FunctionCount"] == 1
    from .functions import ZIP, arguments

    made.client.create_function(**arguments("f"))
    made.client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=100)
    after = made.client.get_account_settings()
    assert after["AccountUsage"]["FunctionCount"] == 2
    assert after["AccountUsage"]["TotalCodeSize"] == before["AccountUsage"]["TotalCodeSize"] + len(ZIP)
    limits = [settings["AccountLimit"]["UnreservedConcurrentExecutions"] for settings in (before, after)]
    assert limits[1] == limits[0] - 100


def bootstrap():
    from . import bootstraps

    return bootstraps.python()


def test_the_recursion_config_is_kept(create, lambda_client):
    name = create()
    assert lambda_client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Terminate"
    lambda_client.put_function_recursion_config(FunctionName=name, RecursiveLoop="Allow")
    assert lambda_client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Allow"
    error = error_of(lambda_client, lambda c: c.put_function_recursion_config(
        FunctionName=name, RecursiveLoop="Maybe"))
    assert "Member must satisfy enum value set: [Allow, Terminate]" in error.message


def test_the_runtime_management_config_is_kept(create, lambda_client):
    name = create()
    assert lambda_client.get_runtime_management_config(FunctionName=name)["UpdateRuntimeOn"] == "Auto"
    lambda_client.put_runtime_management_config(FunctionName=name, UpdateRuntimeOn="FunctionUpdate")
    assert lambda_client.get_runtime_management_config(FunctionName=name)["UpdateRuntimeOn"] == "FunctionUpdate"


def test_no_function_is_signed(create, lambda_client):
    name = create()
    answer = lambda_client.get_function_code_signing_config(FunctionName=name)
    assert "CodeSigningConfigArn" not in answer
    assert lambda_client.list_code_signing_configs()["CodeSigningConfigs"] == []


# Tags of event source mappings

@pytest.fixture
def mapping(lambda_client, create, endpoint):
    """The ARN of a mapping with a tag."""
    dynamodb = endpoint.client("dynamodb")
    stream = dynamodb.create_table(
        TableName=unique("table"), BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )["TableDescription"]["LatestStreamArn"]
    made = lambda_client.create_event_source_mapping(
        FunctionName=create(), EventSourceArn=stream, StartingPosition="LATEST", Enabled=False, Tags={"a": "1"})
    yield made["EventSourceMappingArn"]
    lambda_client.delete_event_source_mapping(UUID=made["UUID"])


def test_a_mapping_keeps_its_tags(lambda_client, mapping):
    assert lambda_client.list_tags(Resource=mapping)["Tags"] == {"a": "1"}
    lambda_client.tag_resource(Resource=mapping, Tags={"b": "2", "a": "3"})
    assert lambda_client.list_tags(Resource=mapping)["Tags"] == {"a": "3", "b": "2"}
    lambda_client.update_event_source_mapping(UUID=mapping.split(":")[-1], BatchSize=7)
    lambda_client.untag_resource(Resource=mapping, TagKeys=["a"])
    assert lambda_client.list_tags(Resource=mapping)["Tags"] == {"b": "2"}


@pytest.mark.parametrize("ask", [
    lambda c, arn: c.list_tags(Resource=arn), lambda c, arn: c.tag_resource(Resource=arn, Tags={"a": "b"}),
    lambda c, arn: c.untag_resource(Resource=arn, TagKeys=["a"])], ids=["list", "tag", "untag"])
def test_tags_of_a_mapping_that_is_not_there(lambda_client, ask):
    arn = "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:00000000-0000-0000-0000-000000000000"
    error = error_of(lambda_client, lambda c: ask(c, arn))
    assert (error.status, error.message) == (404, "The resource you requested does not exist.")


def test_a_mapping_has_no_more_than_fifty_tags(lambda_client, mapping):
    error = error_of(lambda_client, lambda c: c.tag_resource(
        Resource=mapping, Tags={str(number): "" for number in range(50)}))
    assert error.message == "Number of tags exceeds resource tag limit."
    assert lambda_client.list_tags(Resource=mapping)["Tags"] == {"a": "1"}
