"""UpdateFunctionCode and UpdateFunctionConfiguration."""

import socket
import threading

import pytest
from endpoints import unique
from running import until

from . import bootstraps
from .conftest import ROLE, call, error_of
from .functions import ARN, REVISION, ZIP, answering, arguments, digest

SLOW = """
import socket
def slow(event, headers):
    # Tells the test that it runs, and waits for its word.
    socket.create_connection(("127.0.0.1", event["port"])).recv(1)
    return "old"
serve(slow)
"""


def test_new_code_runs_from_the_next_call_on(create, lambda_client):
    name = create(bootstraps.python("serve(lambda event, headers: 1)"))
    assert call(lambda_client, name).json == 1
    lambda_client.update_function_code(
        FunctionName=name, ZipFile=answering("new"))
    assert call(lambda_client, name).json == "new"


def test_the_answer_tells_of_the_update(create, lambda_client):
    name = create()
    code = answering("x")
    answer = lambda_client.update_function_code(FunctionName=name, ZipFile=code)
    assert answer["CodeSha256"] == digest(code) and answer["CodeSize"] == len(code)
    assert answer["LastUpdateStatus"] == "InProgress"
    assert answer["LastUpdateStatusReasonCode"] == "Creating"
    assert answer["State"] == "Active"


def test_an_update_is_successful_afterwards(create, lambda_client):
    name = create()
    lambda_client.update_function_code(FunctionName=name, ZipFile=answering("x"))
    lambda_client.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert lambda_client.get_function_configuration(FunctionName=name)["LastUpdateStatus"] == "Successful"


def test_a_call_under_way_ends_on_the_old_code(create, lambda_client, endpoint):
    name = create(bootstraps.python(SLOW), Timeout=60)
    results = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    event = {"port": listener.getsockname()[1]}
    client = endpoint.client("lambda", read_timeout=120)
    thread = threading.Thread(target=lambda: results.append(call(client, name, event)))
    thread.start()
    begun, _ = listener.accept()
    lambda_client.update_function_code(FunctionName=name, ZipFile=answering("new"))
    assert call(lambda_client, name).json == "new"
    begun.close()
    listener.close()
    thread.join()
    assert results[0].json == "old"


def test_no_call_is_lost_while_code_is_exchanged(create, lambda_client, endpoint):
    name = create(bootstraps.python("serve(lambda event, headers: 'v')"))
    stop, results = threading.Event(), []
    clients = [endpoint.client("lambda", read_timeout=120) for _ in range(3)]

    def work(client):
        while not stop.is_set():
            results.append(call(client, name))

    threads = [threading.Thread(target=work, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for round in range(5):
        before = len(results)
        lambda_client.update_function_code(FunctionName=name, ZipFile=answering(f"v{round}"))
        until(lambda: len(results) > before + 2, "calls go on")
    stop.set()
    for thread in threads:
        thread.join()
    assert all(result.error is None and result.json.startswith("v") for result in results)


def test_publish_makes_a_version_of_the_new_code(create, lambda_client):
    name = create()
    code = answering("x")
    answer = lambda_client.update_function_code(FunctionName=name, ZipFile=code, Publish=True)
    assert answer["Version"] == "1" and answer["FunctionArn"] == f"{ARN}{name}:1"
    assert call(lambda_client, name, Qualifier="1").json == "x"


def test_a_dry_run_changes_nothing(create, lambda_client):
    name = create()
    answer = lambda_client.update_function_code(FunctionName=name, ZipFile=answering("x"), DryRun=True)
    assert answer["CodeSha256"] == digest(answering("x"))
    assert lambda_client.get_function_configuration(FunctionName=name)["CodeSha256"] != answer["CodeSha256"]


def test_the_architecture_is_changed_with_the_code(create, lambda_client):
    name = create()
    answer = lambda_client.update_function_code(
        FunctionName=name, ZipFile=answering("x"), Architectures=["arm64"])
    assert answer["Architectures"] == ["arm64"]


@pytest.mark.parametrize("change", [
    lambda client, name, revision: client.update_function_code(
        FunctionName=name, ZipFile=ZIP, RevisionId=revision),
    lambda client, name, revision: client.update_function_configuration(
        FunctionName=name, Timeout=9, RevisionId=revision),
    lambda client, name, revision: client.publish_version(FunctionName=name, RevisionId=revision),
])
def test_another_revision_is_refused(create, lambda_client, change):
    name = create()
    revision = lambda_client.get_function_configuration(FunctionName=name)["RevisionId"]
    error = error_of(lambda_client, lambda c: change(c, name, "no-such-revision"))
    assert (error.status, error.code, error.message) == (412, "PreconditionFailedException", REVISION)
    change(lambda_client, name, revision)


def test_each_change_gives_another_revision(create, lambda_client):
    name = create()
    seen = [lambda_client.get_function_configuration(FunctionName=name)["RevisionId"]]
    seen.append(lambda_client.update_function_code(FunctionName=name, ZipFile=answering("x"))["RevisionId"])
    seen.append(lambda_client.update_function_configuration(FunctionName=name, Timeout=4)["RevisionId"])
    assert len(set(seen)) == 3


@pytest.mark.parametrize("change", [
    lambda client: client.update_function_code(FunctionName="absent", ZipFile=ZIP),
    lambda client: client.update_function_configuration(FunctionName="absent", Timeout=4),
])
def test_a_function_that_is_not_there_is_not_found(lambda_client, change):
    error = error_of(lambda_client, change)
    assert (error.status, error.code) == (404, "ResourceNotFoundException")
    assert error.message == f"Function not found: {ARN}absent"


def test_code_has_to_come_from_somewhere(create, lambda_client):
    name = create()
    error = error_of(lambda_client, lambda c: c.update_function_code(FunctionName=name))
    assert error.code == "InvalidParameterValueException"
    assert error.message == "Please provide a source for function code."


@pytest.mark.parametrize("changes", [
    {"Timeout": 9}, {"MemorySize": 512}, {"Description": "other"}, {"Handler": "a.b"},
    {"Role": ROLE + "2"}, {"Runtime": "provided.al2"}, {"EphemeralStorage": {"Size": 1024}},
    {"TracingConfig": {"Mode": "Active"}}, {"Environment": {"Variables": {"AB": "c"}}},
])
def test_settings_are_changed(create, lambda_client, changes):
    name = create()
    answer = lambda_client.update_function_configuration(FunctionName=name, **changes)
    stored = lambda_client.get_function_configuration(FunctionName=name)
    for key, value in changes.items():
        assert answer[key] == value and stored[key] == value


def test_what_is_not_named_stays(create, lambda_client):
    name = create(Description="kept", Environment={"Variables": {"AB": "c"}})
    answer = lambda_client.update_function_configuration(FunctionName=name, Timeout=8)
    assert answer["Description"] == "kept" and answer["Environment"]["Variables"] == {"AB": "c"}


def test_new_settings_reach_the_function(create, lambda_client):
    name = create(bootstraps.python("import os\nserve(lambda event, headers: os.environ.get('AB'))"))
    assert call(lambda_client, name).json is None
    lambda_client.update_function_configuration(FunctionName=name, Environment={"Variables": {"AB": "c"}})
    assert call(lambda_client, name).json == "c"


def test_variables_can_be_taken_away(create, lambda_client):
    name = create(Environment={"Variables": {"AB": "c"}})
    lambda_client.update_function_configuration(FunctionName=name, Environment={"Variables": {}})
    assert lambda_client.get_function_configuration(FunctionName=name)["Environment"]["Variables"] == {}


def test_text_logs_lose_their_levels(create, lambda_client):
    name = create(LoggingConfig={"LogFormat": "JSON"})
    answer = lambda_client.update_function_configuration(FunctionName=name, LoggingConfig={"LogFormat": "Text"})
    assert answer["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}


def test_a_bad_setting_changes_nothing(create, lambda_client):
    name = create()
    error = error_of(lambda_client, lambda c: c.update_function_configuration(
        FunctionName=name, Timeout=1000, Description="x"))
    assert error.code == "ValidationException"
    assert lambda_client.get_function_configuration(FunctionName=name)["Description"] == ""


def test_two_exchanges_at_once_are_refused_or_follow_each_other(create, lambda_client, endpoint):
    name = create()
    clients, outcomes = [endpoint.client("lambda") for _ in range(4)], []

    def work(client, index):
        try:
            client.update_function_code(FunctionName=name, ZipFile=answering(f"n{index}"))
            outcomes.append("done")
        except client.exceptions.ResourceConflictException as error:
            outcomes.append(error.response["Error"]["Message"])

    threads = [threading.Thread(target=work, args=[client, index]) for index, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refusal = (
        "The operation cannot be performed at this time. An update is in progress for resource: " + ARN + name)
    assert set(outcomes) <= {"done", refusal} and "done" in outcomes
    assert call(lambda_client, name).json in ["n0", "n1", "n2", "n3"]


def test_a_function_of_the_manifest_keeps_its_code(service):
    made = service(declared=bootstraps.python())
    for change in (
        lambda c: c.update_function_code(FunctionName="declared", ZipFile=ZIP),
        lambda c: c.update_function_configuration(FunctionName="declared", Timeout=4),
        lambda c: c.delete_function(FunctionName="declared"),
        lambda c: c.publish_version(FunctionName="declared"),
    ):
        error = error_of(made.client, change)
        assert error.code == "InvalidParameterValueException" and "manifest" in error.message
    error = error_of(made.client, lambda c: c.create_function(**arguments("declared")))
    assert error.message == "Function already exist: declared"
    assert made.call("declared", 1).json == 1


def test_both_kinds_of_functions_live_side_by_side(service):
    made = service(declared=bootstraps.python())
    name = unique("own")
    made.client.create_function(**arguments(name))
    listed = [f["FunctionName"] for f in made.client.list_functions()["Functions"]]
    assert listed == sorted(["declared", name])
    assert made.call(name, 2).json == 2 and made.call("declared", 1).json == 1
