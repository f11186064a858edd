"""HTTP API: stages and their variables."""

import pytest
from Lambda import bootstraps

from . import programs

TOLD = bootstraps.python(programs.TOLD)


@pytest.fixture(scope="module")
def gateway(start):
    return start(httpApi={
        "routes": [
            {"route": "GET /", "function": "told"}, {"route": "GET /pets", "function": "told"},
            {"route": "GET /dev", "function": "told"}, {"route": "GET /dev/{id}", "function": "told"},
            {"route": "GET /other/{id}", "function": "told"}],
        "stages": {"$default": {}, "dev": {"variables": {"url": "https://a.example:8080/x?y=1"}}, "v-1_x": {}}})


@pytest.fixture(scope="module")
def by_stage(start):
    return start(
        functions={"told-blue": TOLD.replace('str(count)', '"blue"'), "told-red": TOLD.replace('str(count)', '"red"')},
        httpApi={
            "routes": [{"route": "$default", "function": "told-${stageVariables.color}"}],
            "stages": {"$default": {"variables": {"color": "blue"}}, "red": {"variables": {"color": "red"}}}})


@pytest.fixture(scope="module")
def named(start):
    return start(httpApi={
        "routes": [{"route": "$default", "function": "told"}], "stages": {"prod": {"variables": {"a": "1"}}}})


@pytest.mark.parametrize("path,stage,key", [
    ("/pets", "$default", "GET /pets"), ("/", "$default", "GET /"), ("/other/1", "$default", "GET /other/{id}"),
    ("/dev/pets", "dev", "GET /pets"), ("/dev", "dev", "GET /"), ("/dev/", "dev", "GET /"),
    ("/dev/dev", "dev", "GET /dev"), ("/dev/dev/1", "dev", "GET /dev/{id}"), ("/v-1_x/pets", "v-1_x", "GET /pets")])
def test_a_stage_is_the_first_segment(gateway, path, stage, key):
    event = gateway.send("GET", path).event
    assert event["requestContext"]["stage"] == stage and event["routeKey"] == key
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == path


@pytest.mark.parametrize("path", ["/DEV/pets", "/developer/pets", "/dev/nothing"])
def test_what_no_stage_has_is_not_found(gateway, path):
    assert gateway.send("GET", path).message == (404, "Not Found")


def test_without_a_default_stage_every_path_names_one(named):
    assert named.send("GET", "/pets").message == (404, "Not Found")
    assert named.send("GET", "/").message == (404, "Not Found")
    event = named.send("GET", "/prod/pets").event
    assert event["requestContext"]["stage"] == "prod" and event["stageVariables"] == {"a": "1"}


def test_variables_are_the_stages_own(gateway):
    assert gateway.send("GET", "/dev/pets").event["stageVariables"] == {"url": "https://a.example:8080/x?y=1"}
    assert "stageVariables" not in gateway.send("GET", "/pets").event


@pytest.mark.parametrize("path,color", [("/a", "blue"), ("/red/a", "red"), ("/blue/a", "blue")])
def test_a_stages_variable_names_the_function(by_stage, path, color):
    assert by_stage.send("GET", path).headers["x-call"] == color


def test_a_stage_by_the_apis_name(gateway):
    assert gateway.send("GET", "/dev/pets", api="mumblelocal").event["requestContext"]["stage"] == "dev"
