"""Put, Update, Get, Delete and ListFunctionEventInvokeConfigs."""

import concurrent.futures
import datetime

import pytest
from botocore.exceptions import ClientError
from endpoints import refused

from .collector import Shop, arn
from .conftest import Service


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    made = Shop(tmp_path_factory.mktemp("configs"), Service, count=40)
    yield made
    made.close()


def body(answer):
    answer = dict(answer)
    answer.pop("ResponseMetadata")
    answer.pop("LastModified")
    return answer


NO_DESTINATIONS = {"OnSuccess": {}, "OnFailure": {}}


def test_put_shows_what_was_put(shop):
    name, other = shop.take(), shop.take()
    destinations = {"OnSuccess": {"Destination": arn(other)}, "OnFailure": {"Destination": arn(other)}}
    answer = shop.client.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=100, DestinationConfig=destinations)
    assert body(answer) == {
        "FunctionArn": arn(name) + ":$LATEST", "MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 100,
        "DestinationConfig": destinations}


def test_last_modified_is_now(shop):
    answer = shop.client.put_function_event_invoke_config(FunctionName=shop.take(), MaximumRetryAttempts=1)
    age = datetime.datetime.now(datetime.timezone.utc) - answer["LastModified"]
    assert abs(age.total_seconds()) < 300


@pytest.mark.parametrize("setting", [{"MaximumRetryAttempts": 0}, {"MaximumEventAgeInSeconds": 60}], ids=str)
def test_what_was_not_set_is_not_shown(shop, setting):
    name = shop.take()
    answer = shop.client.put_function_event_invoke_config(FunctionName=name, **setting)
    assert body(answer) == {
        "FunctionArn": arn(name) + ":$LATEST", "DestinationConfig": NO_DESTINATIONS, **setting}
    assert body(shop.client.get_function_event_invoke_config(FunctionName=name)) == body(answer)


def test_put_replaces_everything(shop):
    name = shop.take()
    shop.client.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=100)
    answer = shop.client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=2)
    assert "MaximumEventAgeInSeconds" not in answer


def test_update_keeps_the_rest(shop):
    name = shop.take()
    shop.client.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=100)
    answer = shop.client.update_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=2)
    assert (answer["MaximumRetryAttempts"], answer["MaximumEventAgeInSeconds"]) == (2, 100)


def test_update_of_destinations_replaces_both(shop):
    name, other = shop.take(), shop.take()
    shop.client.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": arn(other)}})
    answer = shop.client.update_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnFailure": {"Destination": arn(other)}})
    assert answer["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {"Destination": arn(other)}}


def test_delete(shop):
    name = shop.take()
    shop.client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    answer = shop.client.delete_function_event_invoke_config(FunctionName=name)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("ResourceNotFoundException", status=404):
        shop.client.get_function_event_invoke_config(FunctionName=name)


@pytest.mark.parametrize("operation, more", [
    ("get_function_event_invoke_config", {}), ("delete_function_event_invoke_config", {}),
    ("update_function_event_invoke_config", {"MaximumRetryAttempts": 1})])
def test_where_there_is_none(shop, operation, more):
    name = shop.take()
    text = f"The function {arn(name)}:$LATEST doesn't have an EventInvokeConfig"
    with refused("ResourceNotFoundException", text, status=404):
        getattr(shop.client, operation)(FunctionName=name, **more)


@pytest.mark.parametrize("operation", ["put", "update"])
def test_of_an_unknown_function(shop, operation):
    with refused("ResourceNotFoundException", "The function doesn't exist.", status=404):
        getattr(shop.client, f"{operation}_function_event_invoke_config")(
            FunctionName="nobody", MaximumRetryAttempts=1)


def test_of_an_unknown_qualifier(shop):
    with refused("ResourceNotFoundException", "The function doesn't exist.", status=404):
        shop.client.put_function_event_invoke_config(
            FunctionName=shop.take(), Qualifier="absent", MaximumRetryAttempts=1)


@pytest.mark.parametrize("operation", ["put", "update"])
def test_without_any_setting(shop, operation):
    text = "You must specify at least one of error handling or destination setting."
    with refused("InvalidParameterValueException", text, status=400):
        getattr(shop.client, f"{operation}_function_event_invoke_config")(FunctionName=shop.take())


@pytest.mark.parametrize("setting, member, constraint", [
    ({"MaximumRetryAttempts": 3}, "Value '3' at 'maximumRetryAttempts'", "less than or equal to 2"),
    ({"MaximumRetryAttempts": -1}, "Value '-1' at 'maximumRetryAttempts'", "greater than or equal to 0"),
    ({"MaximumEventAgeInSeconds": 59}, "Value '59' at 'maximumEventAgeInSeconds'", "greater than or equal to 60"),
    ({"MaximumEventAgeInSeconds": 21601}, "Value '21601' at 'maximumEventAgeInSeconds'", "or equal to 21600"),
])
def test_values_out_of_range(shop, setting, member, constraint):
    client = shop.service.emulator.client("lambda", parameter_validation=False)
    with refused("ValidationException", member, constraint, status=400):
        client.put_function_event_invoke_config(FunctionName=shop.take(), **setting)


def test_the_qualifier_latest_is_the_same_as_none(shop):
    name = shop.take()
    shop.client.put_function_event_invoke_config(
        FunctionName=name, Qualifier="$LATEST", MaximumRetryAttempts=1)
    assert shop.client.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"] == 1


def test_a_contradicting_qualifier(shop):
    text = "The derived qualifier from the function name does not match the specified qualifier."
    with refused("InvalidParameterValueException", text, status=400):
        shop.client.get_function_event_invoke_config(FunctionName=shop.take() + ":a", Qualifier="b")


def test_the_name_may_be_an_arn(shop):
    name = shop.take()
    shop.client.put_function_event_invoke_config(FunctionName=arn(name), MaximumRetryAttempts=0)
    assert shop.client.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"] == 0


def test_list_shows_all_of_a_function(shop):
    name = shop.take()
    assert shop.client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"] == []
    shop.client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    (found,) = shop.client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]
    assert found["FunctionArn"] == arn(name) + ":$LATEST"


def test_list_of_an_unknown_function(shop):
    with refused("ResourceNotFoundException", "The function doesn't exist.", status=404):
        shop.client.list_function_event_invoke_configs(FunctionName="nobody")


def test_configurations_outlive_a_crash(shop):
    name = shop.take()
    shop.client.put_function_event_invoke_config(FunctionName=name, MaximumEventAgeInSeconds=77)
    shop.service.restart(kill=True)
    shop.client = shop.service.client
    assert shop.client.get_function_event_invoke_config(FunctionName=name)["MaximumEventAgeInSeconds"] == 77


def test_no_configuration_outlives_the_function_that_is_deleted_meanwhile(create, lambda_client):
    """Whichever comes first: a new function of that name begins without one."""
    for _ in range(20):
        name = create()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            put = pool.submit(
                lambda_client.put_function_event_invoke_config, FunctionName=name, MaximumRetryAttempts=1)
            pool.submit(lambda_client.delete_function, FunctionName=name).result()
            try:
                put.result()
            except ClientError as error:
                assert error.response["Error"]["Code"] == "ResourceNotFoundException"
        create(FunctionName=name)
        assert lambda_client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"] == []
