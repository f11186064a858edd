"""`emulator deploy`: templates that cfn-lint and SAM's own translator accept, and commands that the `aws` takes."""

import contextlib
import json
import os
import signal
import stat
import subprocess

import pytest
from cfnlint.api import lint
from samtranslator.translator.transform import transform

from running import EMULATOR, MANIFEST, clean, until

from .commands import run, printed
from .manifests import FEATURES

STAGES = ["dev", "staging", "prod"]


def written(folder, document):
    path = folder / "serverless-manifest.json"
    path.write_text(json.dumps(document, indent=2))
    return path


def template(manifest, stage):
    return run("deploy", "--stage", stage, "--template", "-", "--manifest", manifest).stdout


def findings(text):
    """What cfn-lint says, hints included."""
    return [f"{match.rule.id} {match.message} ({match.path})" for match in lint(text, regions=["us-east-1"])]


def expanded(text):
    """The template as CloudFormation gets it from SAM."""
    document = json.loads(text)
    for resource in document["Resources"].values():
        for field in ("CodeUri", "ContentUri"):
            if field in resource.get("Properties", {}):
                resource["Properties"][field] = "s3://bucket/key"
    policies = type("Policies", (), {"load": lambda self: {}})()
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    return transform(document, {}, policies)


@pytest.mark.parametrize("stage", STAGES)
def test_the_template_of_this_service_has_no_finding(stage):
    assert findings(template(MANIFEST, stage)) == []


@pytest.mark.parametrize("feature", FEATURES)
def test_the_template_of_each_feature_has_no_finding(feature, tmp_path):
    stage = "dev" if "deployment" in FEATURES[feature] else "prod"
    assert findings(template(written(tmp_path, FEATURES[feature]), stage)) == []


@pytest.mark.parametrize("stage", STAGES)
def test_sam_expands_the_template_of_this_service(stage):
    resources = expanded(template(MANIFEST, stage))["Resources"]
    kinds = [resource["Type"] for resource in resources.values()]
    assert not [kind for kind in kinds if kind.startswith("AWS::Serverless")]
    assert kinds.count("AWS::Lambda::Function") == kinds.count("AWS::Lambda::Alias") == 7
    assert kinds.count("AWS::CodeDeploy::DeploymentGroup") == 7
    assert kinds.count("AWS::CloudWatch::Alarm") == 21
    assert kinds.count("AWS::ApiGatewayV2::Route") == 14


@pytest.mark.parametrize("feature", FEATURES)
def test_sam_expands_the_template_of_each_feature(feature, tmp_path):
    resources = expanded(template(written(tmp_path, FEATURES[feature]), "prod"))["Resources"]
    assert "AWS::Lambda::Alias" in [resource["Type"] for resource in resources.values()]


def test_the_same_manifest_gives_the_same_bytes(tmp_path):
    for feature in FEATURES.values():
        path = written(tmp_path, feature)
        assert template(path, "prod") == template(path, "prod")


def test_features_follow_the_schema(tmp_path):
    """What is tested here is what the schema allows."""
    import check_jsonschema  # noqa: F401
    paths = []
    for number, feature in enumerate(FEATURES.values()):
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(json.dumps(feature))
    root = os.path.dirname(MANIFEST)
    result = subprocess.run(
        [os.path.join(os.path.dirname(os.sys.executable), "check-jsonschema"), "--schemafile",
         os.path.join(root, "serverless-manifest.schema.json"), *map(str, paths)], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_a_dry_run_prints_the_commands_and_runs_none(tmp_path):
    packages = tmp_path / "packages"
    result = printed(
        "deploy", "--stage", "dev", "--dry-run", "--manifest", MANIFEST, "--packages", packages,
        env={"PATH": str(tmp_path), "OPENAI_API_KEY": "sk-secret"})
    assert result["stack"] == "mumble-serverless-dev"
    assert json.loads(open(result["template"]).read())["Transform"] == "AWS::Serverless-2016-10-31"
    text = "\n".join(result["commands"])
    assert "aws cloudformation package" in text and "aws cloudformation deploy" in text
    assert "sk-secret" not in text
    assert os.listdir(packages) == ["mumble-serverless-dev.template.json"]


AWS = """#!/bin/sh
printf '%s\\n' "$*" >> "$LOG"
case "$1 $2" in
"sts get-caller-identity") echo 123456789012 ;;
"s3api head-bucket") echo "${NO_BUCKET:-An error occurred (404) when calling the HeadBucket operation: Not Found}" >&2
    exit 254 ;;
"cloudformation deploy") for word; do case $word in file://*) cat "${word#file://}" >> "$LOG.values" ;; esac; done
    [ -z "$HOLD" ] || { echo $$ > "$HOLD.new" && mv "$HOLD.new" "$HOLD" && exec sleep 60; } ;;
"cloudformation get-template") cat "$DEPLOYED" ;;
esac
"""


@pytest.fixture
def aws(tmp_path):
    """A command `aws` that writes down how it is called; its environment."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "aws").write_text(AWS)
    (folder / "aws").chmod(stat.S_IRWXU)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "LOG": str(tmp_path / "log")}


def test_a_deployment_makes_the_bucket_uploads_and_deploys(tmp_path, aws):
    packages = tmp_path / "packages"
    packages.mkdir()
    document = {"service": "one", "functions": {"hello": {}}, "passEnvironment": ["API_KEY", "UNSET"]}
    (packages / "hello.zip").write_bytes(b"zip")
    run("deploy", "--stage", "prod", "--manifest", written(tmp_path, document), "--packages", packages,
        env={**aws, "API_KEY": "se cret"})
    calls = open(aws["LOG"]).read().splitlines()
    assert [" ".join(call.split()[:2]) for call in calls] == [
        "sts get-caller-identity", "s3api head-bucket", "s3 mb", "cloudformation package", "cloudformation deploy"]
    assert "--bucket one-artifacts-123456789012 --region us-east-1 --expected-bucket-owner 123456789012" in calls[1]
    assert "s3 mb s3://one-artifacts-123456789012 --region us-east-1" in calls[2]
    assert "--stack-name one-prod" in calls[4] and "CAPABILITY_IAM" in calls[4]
    assert "se cret" not in "".join(calls)
    assert json.load(open(aws["LOG"] + ".values")) == ["ApiKey=se cret"]
    assert not [name for name in os.listdir(packages) if "parameters" in name]


def test_a_bucket_that_was_named_may_be_another_accounts(tmp_path, aws):
    document = {"service": "one", "functions": {}}
    run("deploy", "--stage", "dev", "--manifest", written(tmp_path, document), "--artifacts", "shared", env=aws)
    calls = open(aws["LOG"]).read()
    assert "head-bucket --bucket shared" in calls and "--expected-bucket-owner" not in calls


def test_a_bucket_that_cannot_be_asked_for_is_not_made(tmp_path, aws):
    """Expired credentials, or somebody else's bucket of that name: another one is no remedy."""
    words = "An error occurred (403) when calling the HeadBucket operation: Forbidden"
    path = written(tmp_path, {"service": "one", "functions": {}})
    result = run("deploy", "--stage", "dev", "--manifest", path, env={**aws, "NO_BUCKET": words}, code=1)
    assert words in result.stderr and "head-bucket" in result.stderr.splitlines()[-1]
    assert "s3 mb" not in open(aws["LOG"]).read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_deployment_leaves_no_values_behind(tmp_path, aws, number):
    packages = tmp_path / "packages"
    path = written(tmp_path, {"service": "one", "functions": {}, "passEnvironment": ["API_KEY"]})
    hold = tmp_path / "pid"
    process = subprocess.Popen(
        [EMULATOR, "deploy", "--stage", "dev", "--manifest", path, "--packages", packages],
        env=clean({**aws, "API_KEY": "secret", "HOLD": str(hold)}), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        until(hold.exists, "the deployment")
        assert (packages / "one-dev.parameters.json").exists()
        process.send_signal(number)
        assert process.wait(timeout=60) == 128 + number
    finally:
        process.kill()
        if hold.exists():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(hold.read_text()), signal.SIGKILL)
    assert not (packages / "one-dev.parameters.json").exists()


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_difference_tells_no_value_of_a_variable(tmp_path, aws, more):
    def service(value, **functions):
        return written(tmp_path, {
            "service": "one", "functions": {"hello": {"environment": {"OWN": f"{value}-1"}}, **functions},
            "environment": {"KEY": f"{value}-2"}, "passEnvironment": ["KEY"],
            "restApi": {"routes": [{"route": "GET /", "function": "hello"}], "apiKeys": [
                {"name": "one", "value": f"{value}-3-01234567890123456789"}]}})

    deployed = json.loads(template(service("secret-old"), "dev"))
    del deployed["Resources"]["HelloFunction"]["Properties"]["Environment"]["Variables"]["KEY"]
    (tmp_path / "deployed").write_text(json.dumps({"TemplateBody": deployed}))
    result = run("diff", "--stage", "dev", "--manifest", service("secret-new", other={}), *more,
                 env={**aws, "DEPLOYED": str(tmp_path / "deployed")}, code=1)
    for line in ("Variables.OWN: differs", "Variables.KEY: is new", "Default: differs", "Properties.Value: differs"):
        assert line in result.stdout
    assert "secret" not in result.stdout + result.stderr


def test_values_that_nothing_on_aws_can_reach_are_refused_before_anything_is_called(tmp_path, aws):
    path = written(tmp_path, {"service": "one", "functions": {}, "passEnvironment": ["API_URL"]})
    result = run("deploy", "--stage", "dev", "--manifest", path, env={**aws, "API_URL": "http://localhost:9/"}, code=65)
    assert "has 'API_URL', whose value here is an address of this machine" in result.stderr
    assert not os.path.exists(aws["LOG"])


def test_a_missing_package_is_named_before_anything_is_called(tmp_path, aws):
    path = written(tmp_path, {"service": "one", "functions": {"hello": {}}})
    result = run("deploy", "--stage", "dev", "--manifest", path, env=aws, code=66)
    assert "hello.zip is missing; run 'emulator package' first" in result.stderr
    assert not os.path.exists(aws["LOG"])


def test_without_the_aws_command_line_it_says_so(tmp_path):
    path = written(tmp_path, {"service": "one", "functions": {}})
    result = run("deploy", "--stage", "dev", "--manifest", path, env={"PATH": str(tmp_path)}, code=66)
    assert "There is no 'aws' on the PATH" in result.stderr


@pytest.mark.parametrize("more, line, words", [
    ({"backends": [{"url": "http://127.0.0.1:1", "retries": {}}]}, '"backends"', "API Gateway has not"),
    ({"environment": {"API": "http://localhost:9/"}}, '"API"', "nothing on AWS can reach"),
    ({"functions": {"hello": {"freeze": False}}}, '"freeze"', "cannot be false on AWS"),
    ({"passEnvironment": ["KEY", "AWS_REGION"]}, '"AWS_REGION"', "Lambda sets itself"),
])
def test_what_aws_does_not_do_is_refused_with_its_line(tmp_path, more, line, words):
    path = written(tmp_path, {"service": "one", "functions": {"hello": {}}, **more})
    number = next(i for i, text in enumerate(path.read_text().splitlines(), 1) if line in text)
    result = run("deploy", "--stage", "dev", "--dry-run", "--manifest", path, code=65)
    assert f"{path}:{number}: " in result.stderr and words in result.stderr


@pytest.mark.parametrize("more, words", [
    ({"deployment": {"stages": {"test": {}}}}, "is not a field of the manifest"),
    ({"deployment": {"stages": {"dev": {"logRetentionDays": 8}}}}, "that CloudWatch Logs knows"),
    ({"functions": {"hello": {"permissions": [{"actions": ["s3:*"], "resource": "arn:a"}]}}}, "is no action of IAM"),
    ({"functions": {"hello": {"permissions": [{"actions": ["s3:Get"], "bucket": "b"}]}}}, "not under 'buckets'"),
    ({"functions": {"hello": {"architecture": "arm"}}}, 'has to be one of "x86_64", "arm64"'),
    ({"buckets": [{"name": "abc", "lifecycle": [{"prefix": "x"}]}]}, "cannot be used"),
])
def test_a_wrong_deployment_is_refused_by_every_command(tmp_path, more, words):
    path = written(tmp_path, {"service": "one", "functions": {"hello": {}}, **more})
    assert words in run("routes", "--manifest", path, code=65).stderr
