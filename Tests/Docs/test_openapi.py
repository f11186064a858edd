"""docs/openapi.yaml is valid OpenAPI 3.1, names every route of the manifest, and fits what handlers answer."""

import glob
import json
import os
import re

import jsonschema
import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}


def load():
    with open(os.path.join(ROOT, "docs/openapi.yaml"), encoding="utf-8") as file:
        return yaml.safe_load(file)


SPEC = load()


def operations():
    return {
        f"{method.upper()} {path}": operation
        for path, item in SPEC["paths"].items()
        for method, operation in item.items() if method in METHODS}


def test_is_valid():
    validate(SPEC, cls=OpenAPIV31SpecValidator)


def test_a_broken_document_is_not():
    broken = load()
    del broken["paths"]["/api/v1/health"]["get"]["responses"]
    broken["info"].pop("title")
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def test_same_routes_as_the_manifest():
    with open(os.path.join(ROOT, "serverless-manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    routes = [entry["route"] for entry in manifest["httpApi"]["routes"]]
    assert len(routes) == len(set(routes))
    assert set(routes) == set(operations())


def test_same_routes_as_the_handlers():
    found = set()
    for path in glob.glob(os.path.join(ROOT, "Functions/*/*Handler.swift")):
        with open(path, encoding="utf-8") as file:
            for method, route in re.findall(r'case \w+ = "([A-Z]+) (/[^"]*)"', file.read()):
                found.add(f"{method} /api/v1{route}")
    assert found == set(operations())


def test_every_route_is_in_the_prose():
    with open(os.path.join(ROOT, "docs/API.md"), encoding="utf-8") as file:
        prose = file.read()
    missing = [route for route in operations() if f"`{route}" not in prose]
    assert not missing


def test_examples_in_the_prose_are_recorded_answers():
    with open(os.path.join(ROOT, "docs/API.md"), encoding="utf-8") as file:
        prose = file.read()
    examples = re.findall(r"<!-- (\S+\.expected\.json) -->\n```json\n(.*?)```", prose, re.DOTALL)
    assert len(examples) >= len(operations()) - 1  # POST /weather answers as GET does
    assert len(examples) == prose.count("```json")
    for path, text in examples:
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            assert json.loads(text) == json.load(file)["body"], path


def recorded():
    """Every event file with its answer, the ones that reached a route of the manifest."""
    for path in sorted(glob.glob(os.path.join(ROOT, "Tests/Functions/*/Events/*.expected.json"))):
        with open(path, encoding="utf-8") as file:
            answer = json.load(file)
        with open(path.replace(".expected.json", ".json"), encoding="utf-8") as file:
            event = json.load(file)
        if event["routeKey"] in operations():
            yield pytest.param(event["routeKey"], answer, id=os.path.relpath(path, ROOT))


@pytest.mark.parametrize("route, answer", list(recorded()))
def test_recorded_answers_fit_the_schemas(route, answer):
    responses = operations()[route]["responses"]
    status = str(answer["statusCode"])
    assert status in responses, f"{route} does not document {status}"
    response = responses[status]
    if "$ref" in response:
        response = SPEC["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    schema = dict(response["content"]["application/json"]["schema"])
    schema["components"] = SPEC["components"]
    jsonschema.Draft202012Validator(schema).validate(answer["body"])
