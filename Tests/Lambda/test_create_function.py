"""CreateFunction."""

import json
import re

import pytest
from endpoints import unique

from . import bootstraps
from .conftest import ROLE, call, error_of
from .functions import ARN, ZIP, arguments, digest

ROLE_PATTERN = r"arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"


def refusal(client, **changes):
    return error_of(client, lambda c: c.create_function(**arguments(unique("f"), **changes)))


@pytest.fixture
def made(lambda_client):
    """made(**parameters) -> CreateFunction's answer; the function goes with the test."""
    names = []

    def make(**changes):
        name = changes.pop("FunctionName", None) or unique("f")
        names.append(name)
        return lambda_client.create_function(**arguments(name, **changes))

    yield make
    for name in names:
        try:
            lambda_client.delete_function(FunctionName=name)
        except lambda_client.exceptions.ResourceNotFoundException:
            pass


def test_the_answer_describes_the_new_function(made):
    answer = made(FunctionName="described", Description="d", Timeout=7, MemorySize=256)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert answer["FunctionName"] == "described"
    assert answer["FunctionArn"] == ARN + "described"
    assert answer["Runtime"] == "provided.al2023"
    assert answer["Role"] == ROLE
    assert answer["Handler"] == "bootstrap"
    assert answer["Description"] == "d"
    assert (answer["Timeout"], answer["MemorySize"]) == (7, 256)
    assert answer["CodeSize"] == len(ZIP)
    assert answer["CodeSha256"] == digest(ZIP)
    assert answer["Version"] == "$LATEST"
    assert answer["PackageType"] == "Zip"


def test_a_new_function_is_pending(made):
    answer = made()
    assert answer["State"] == "Pending"
    assert answer["StateReason"] == "The function is being created."
    assert answer["StateReasonCode"] == "Creating"
    assert "LastUpdateStatus" not in answer


def test_a_function_becomes_active(made, lambda_client):
    name = made()["FunctionName"]
    lambda_client.get_waiter("function_active_v2").wait(FunctionName=name)
    answer = lambda_client.get_function_configuration(FunctionName=name)
    assert answer["State"] == "Active" and answer["LastUpdateStatus"] == "Successful"
    assert "StateReason" not in answer


@pytest.mark.parametrize("member, value", [
    ("Timeout", 3), ("MemorySize", 128), ("Description", ""), ("TracingConfig", {"Mode": "PassThrough"}),
    ("Architectures", ["x86_64"]), ("EphemeralStorage", {"Size": 512}),
    ("SnapStart", {"ApplyOn": "None", "OptimizationStatus": "Off"}),
])
def test_what_is_not_said_has_aws_defaults(made, member, value):
    assert made()[member] == value


def test_logs_go_to_the_functions_own_group(made):
    answer = made(FunctionName="logged")
    assert answer["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/logged"}


def test_json_logs_have_levels(made):
    config = made(LoggingConfig={"LogFormat": "JSON"})["LoggingConfig"]
    assert (config["ApplicationLogLevel"], config["SystemLogLevel"]) == ("INFO", "INFO")


def test_the_time_is_lambdas(made):
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", made()["LastModified"])


def test_a_new_function_runs(create, lambda_client):
    name = create(bootstraps.python("serve(lambda event, headers: {'got': event})"))
    result = call(lambda_client, name, {"a": 1})
    assert result.json == {"got": {"a": 1}} and result.version == "$LATEST"


def test_files_beside_the_bootstrap_are_there(create, lambda_client):
    code = "serve(lambda event, headers: open(os.environ['LAMBDA_TASK_ROOT'] + '/data/note.txt').read())"
    name = create(bootstraps.python("import os\n" + code), files={"data/note.txt": "hello"})
    assert call(lambda_client, name).json == "hello"


def test_variables_reach_the_function(create, lambda_client):
    code = "import os\nserve(lambda event, headers: [os.environ['OWN'], os.environ['_HANDLER']])"
    name = create(bootstraps.python(code), Environment={"Variables": {"OWN": "v $HOME"}}, Handler="a.b")
    assert call(lambda_client, name).json == ["v $HOME", "a.b"]


def test_the_timeout_is_kept(create, lambda_client):
    name = create(bootstraps.python("import time\nserve(lambda event, headers: time.sleep(30))"), Timeout=1)
    result = call(lambda_client, name)
    assert result.error == "Unhandled"
    assert result.json["errorType"] == "Sandbox.Timedout"


def test_code_comes_from_a_bucket(endpoint, made, lambda_client):
    s3 = endpoint.client("s3")
    bucket = unique("code")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a b/ü.zip", Body=ZIP)
    answer = made(Code={"S3Bucket": bucket, "S3Key": "a b/ü.zip"})
    assert answer["CodeSha256"] == digest(ZIP)
    assert call(lambda_client, answer["FunctionName"], [1]).json == [1]


def test_code_comes_from_a_version_of_an_object(endpoint, made):
    s3 = endpoint.client("s3")
    bucket = unique("code")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="k", Body=ZIP)["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"no zip")
    assert made(Code={"S3Bucket": bucket, "S3Key": "k", "S3ObjectVersion": version})["CodeSize"] == len(ZIP)


@pytest.mark.parametrize("bucket, code, message", [
    ("no-such-bucket-anywhere", "NoSuchBucket", "The specified bucket does not exist"),
    (None, "NoSuchKey", "The specified key does not exist."),
])
def test_an_object_that_cannot_be_read_is_named(endpoint, lambda_client, bucket, code, message):
    if bucket is None:
        bucket = unique("code")
        endpoint.client("s3").create_bucket(Bucket=bucket)
    error = refusal(lambda_client, Code={"S3Bucket": bucket, "S3Key": "absent"})
    assert error.code == "InvalidParameterValueException"
    assert error.message == (
        f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}")


def test_a_name_is_taken_once(made, lambda_client):
    name = made()["FunctionName"]
    error = error_of(lambda_client, lambda c: c.create_function(**arguments(name)))
    assert (error.status, error.code) == (409, "ResourceConflictException")
    assert error.message == f"Function already exist: {name}"


@pytest.mark.parametrize("given", ["{name}", ARN + "{name}", "000000000000:{name}", "000000000000:function:{name}"])
def test_a_name_may_be_an_arn(made, given):
    name = unique("f")
    assert made(FunctionName=given.format(name=name))["FunctionArn"] == ARN + name


def test_publish_makes_version_1(made, lambda_client):
    answer = made(Publish=True)
    assert answer["Version"] == "1"
    versions = lambda_client.list_versions_by_function(FunctionName=answer["FunctionName"])["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST", "1"]


def test_tags_are_kept(made, lambda_client):
    name = made(Tags={"a": "1", "b": ""})["FunctionName"]
    assert lambda_client.get_function(FunctionName=name)["Tags"] == {"a": "1", "b": ""}


@pytest.mark.parametrize("changes, message", [
    ({"Timeout": 0}, "Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1"),
    ({"Timeout": 901}, "Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900"),
    ({"MemorySize": 127}, "Value '127' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128"),
    ({"MemorySize": 10241}, "Value '10241' at 'memorySize' failed to satisfy constraint: Member must have value less than or equal to 10240"),
    ({"EphemeralStorage": {"Size": 511}}, "Value '511' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value greater than or equal to 512"),
    ({"Role": "r1"}, f"Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: {ROLE_PATTERN}"),
    ({"Role": None}, "Value null at 'role' failed to satisfy constraint: Member must not be null"),
    ({"Code": None}, "Value null at 'code' failed to satisfy constraint: Member must not be null"),
    ({"Description": "d" * 257}, f"Value '{'d' * 257}' at 'description' failed to satisfy constraint: Member must have length less than or equal to 256"),
    ({"Handler": "a b"}, r"Value 'a b' at 'handler' failed to satisfy constraint: Member must satisfy regular expression pattern: [^\s]+"),
    ({"Handler": "h" * 129}, f"Value '{'h' * 129}' at 'handler' failed to satisfy constraint: Member must have length less than or equal to 128"),
    ({"Architectures": []}, "Value '[]' at 'architectures' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    ({"Architectures": ["x86_64", "arm64"]}, "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1"),
    ({"Architectures": ["mips"]}, "Value '[mips]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"),
    ({"TracingConfig": {"Mode": "On"}}, "Value 'On' at 'tracingConfig.mode' failed to satisfy constraint: Member must satisfy enum value set: [Active, PassThrough]"),
    ({"PackageType": "Tar"}, "Value 'Tar' at 'packageType' failed to satisfy constraint: Member must satisfy enum value set: [Zip, Image]"),
    ({"Environment": {"Variables": {"1a": "x"}}}, "Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"),
    ({"LoggingConfig": {"LogFormat": "XML"}}, "Value 'XML' at 'loggingConfig.logFormat' failed to satisfy constraint: Member must satisfy enum value set: [JSON, Text]"),
])
def test_a_value_out_of_shape_is_named(lambda_client, changes, message):
    error = refusal(lambda_client, **changes)
    assert (error.status, error.code) == (400, "ValidationException")
    assert error.message == "1 validation error detected: " + message


def test_all_faults_of_shape_are_told_at_once(lambda_client):
    error = refusal(lambda_client, Timeout=0, MemorySize=1, Role="r")
    assert error.message.startswith("3 validation errors detected: ")
    assert all(f"at '{name}'" in error.message for name in ("timeout", "memorySize", "role"))


def test_a_bad_name_is_told_with_other_faults(lambda_client):
    error = error_of(lambda_client, lambda c: c.create_function(**arguments("a b", Timeout=0)))
    assert error.message.startswith("2 validation errors detected: ")


def test_a_name_has_64_characters_at_most(made, lambda_client):
    assert made(FunctionName="n" * 64)["FunctionName"] == "n" * 64
    error = error_of(lambda_client, lambda c: c.create_function(**arguments("n" * 65)))
    assert error.code == "InvalidParameterValueException"
    assert error.message == (
        f"1 validation error detected: Value '{'n' * 65}' at 'functionName' failed to satisfy constraint: "
        "Member must have length less than or equal to 64")


@pytest.mark.parametrize("changes", [{"Runtime": None}, {"Handler": None}, {"Runtime": None, "Handler": None}])
def test_runtime_and_handler_are_mandatory(lambda_client, changes):
    error = refusal(lambda_client, **changes)
    assert error.code == "InvalidParameterValueException"
    assert error.message == (
        "Runtime and Handler are mandatory parameters for functions created with deployment packages.")


def test_an_unknown_runtime_is_refused(lambda_client):
    error = refusal(lambda_client, Runtime="cobol85")
    assert error.code == "InvalidParameterValueException"
    assert error.message.startswith(
        "Value cobol85 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [")
    assert error.message.endswith("] or be a valid ARN") and "provided.al2023" in error.message


def test_a_runtime_of_the_past_is_refused(lambda_client):
    error = refusal(lambda_client, Runtime="go1.x")
    assert error.message.startswith("The runtime parameter of go1.x is no longer supported")


def test_variables_have_4_kilobytes(made, lambda_client):
    fits = {"LONG": "x" * (4096 - len('{"LONG":""}'))}
    assert made(Environment={"Variables": fits})["Environment"]["Variables"] == fits
    long = {"LONG": fits["LONG"] + "x"}
    error = refusal(lambda_client, Environment={"Variables": long})
    assert error.code == "InvalidParameterValueException"
    assert error.message == (
        "Lambda was unable to configure your environment variables because the environment variables you have "
        "provided exceeded the 4KB limit. String measured: " + json.dumps(long, separators=(",", ":")))


@pytest.mark.parametrize("name", [
    "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_FUNCTION_NAME", "LAMBDA_TASK_ROOT", "AWS_EXECUTION_ENV"])
def test_reserved_variables_are_refused(lambda_client, name):
    error = refusal(lambda_client, Environment={"Variables": {name: "x", "Fine": "y"}})
    assert error.code == "InvalidParameterValueException"
    assert error.message == (
        "Lambda was unable to configure your environment variables because the environment variables you have "
        "provided contains reserved keys that are currently not supported for modification. Reserved keys used in "
        f"this request: {name}")


def test_a_wrong_type_is_a_serialization_fault(lambda_client):
    error = refusal(lambda_client, Timeout="soon")
    assert (error.status, error.code) == (400, "SerializationException")


def test_images_are_refused(lambda_client):
    error = refusal(lambda_client, PackageType="Image", Code={})
    assert error.code == "InvalidParameterValueException" and "image" in error.message


def test_a_region_of_its_own_is_not_reachable(lambda_client):
    name = "arn:aws:lambda:eu-west-1:000000000000:function:f"
    error = error_of(lambda_client, lambda c: c.create_function(**arguments(name)))
    assert error.code == "ResourceNotFoundException"
    assert error.message == "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"


@pytest.mark.parametrize("runtime", ["nodejs22.x", "java21", "ruby3.3"])
def test_other_runtimes_are_made_and_say_that_they_cannot_run(create, lambda_client, runtime):
    result = call(lambda_client, create(Runtime=runtime))
    assert result.error == "Unhandled"
    assert runtime in result.json["errorMessage"] and "provided.al2023" in result.json["errorMessage"]


def test_code_for_another_processor_is_told_as_the_kernel_would(create, lambda_client):
    result = call(lambda_client, create(Architectures=["arm64"]), LogType="Tail")
    assert result.json["errorType"] == "Runtime.InvalidEntrypoint"
    assert result.json["errorMessage"].endswith("fork/exec /var/task/bootstrap: exec format error")


def test_a_package_without_a_bootstrap_fails_when_it_is_invoked(create, lambda_client):
    result = call(lambda_client, create(Code={"ZipFile": bootstraps.zipped({"other": "x"})}))
    assert result.json["errorType"] == "Runtime.InvalidEntrypoint"
    assert result.json["errorMessage"].endswith(
        "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")


def test_a_bootstrap_that_may_not_be_executed_is_told(create, lambda_client):
    code = bootstraps.zipped({"bootstrap": bootstraps.python()}, mode=0o644)
    result = call(lambda_client, create(Code={"ZipFile": code}))
    assert result.json["errorMessage"].endswith("fork/exec /var/task/bootstrap: permission denied")


POINT = "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0"


def test_a_file_system_is_kept(create, lambda_client):
    name = create(FileSystemConfigs=[{"Arn": POINT, "LocalMountPath": "/mnt/data"}])
    shown = lambda_client.get_function_configuration(FunctionName=name)["FileSystemConfigs"]
    assert shown == [{"Arn": POINT, "LocalMountPath": "/mnt/data"}]


@pytest.mark.parametrize("configs, text", [
    ([{"Arn": "arn:aws:s3:::bucket", "LocalMountPath": "/mnt/x"}],
     "at 'fileSystemConfigs.1.member.arn' failed to satisfy constraint: Member must satisfy regular expression"),
    ([{"Arn": POINT, "LocalMountPath": "/data"}],
     "Value '/data' at 'fileSystemConfigs.1.member.localMountPath' failed to satisfy constraint: Member must satisfy"),
    ([{"Arn": POINT, "LocalMountPath": "/mnt/" + "x" * 160}],
     "at 'fileSystemConfigs.1.member.localMountPath' failed to satisfy constraint: Member must have length less than "
     "or equal to 160"),
    ([{"Arn": POINT, "LocalMountPath": "/mnt/x"}] * 2,
     "at 'fileSystemConfigs' failed to satisfy constraint: Member must have length less than or equal to 1"),
], ids=["arn", "path", "long-path", "two"])
def test_file_systems_that_cannot_be(lambda_client, configs, text):
    error = refusal(lambda_client, FileSystemConfigs=configs)
    assert (error.status, error.code) == (400, "ValidationException") and text in error.message


def test_file_systems_of_another_shape(lambda_client):
    error = refusal(lambda_client, FileSystemConfigs=[{"Arn": 5, "LocalMountPath": "/mnt/x"}])
    assert (error.status, error.code) == (400, "SerializationException")
