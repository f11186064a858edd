"""The JSON Schema of the manifest, held by check-jsonschema, and the emulator's own words for the same mistakes."""

import copy
import json
import os
import re
import subprocess
import sys

import pytest
from running import BINARIES, MANIFEST, ROOT

EMULATOR = os.path.join(BINARIES, "emulator")
SCHEMA = os.path.join(ROOT, "serverless-manifest.schema.json")

GOOD = {
    "service": "shop", "functions": {"f": {"timeout": 5}, "g": {}},
    "httpApi": {"cors": {"allowOrigins": ["*"]}, "routes": [{"route": "GET /a/{b}", "function": "f"}]},
    "webSocketApi": {
        "apiId": "chat", "routeSelectionExpression": "${request.body.a}/${request.body.b}",
        "stages": {"dev": {"variables": {"a": "b"}, "throttling": {"rateLimit": 0.5, "burstLimit": 1}}},
        "authorizers": {"door": {"function": "g", "identitySource": ["route.request.querystring.who"]}},
        "routes": [
            {"route": "$connect", "function": "f", "authorizer": "door"}, {"route": "$default", "function": "f"},
            {"route": "say", "function": "g", "routeResponseSelectionExpression": "$default", "timeoutMilliseconds": 50,
             "throttling": {"rateLimit": 1, "burstLimit": 1}}],
        "limits": {"idleSeconds": 1, "totalSeconds": 2, "newConnections": {"rateLimit": 5, "burstLimit": 5}}}}

APIS = ("httpApi", "webSocketApi")

FINE = {
    "everything": lambda manifest: None,
    "the least": lambda manifest: [manifest.pop(name) for name in ("httpApi", "webSocketApi")],
    "least websocket": lambda manifest: manifest.update(webSocketApi={"routes": []}),
    "account as on AWS": lambda manifest: manifest.update(accountThrottling={}),
    "account": lambda manifest: manifest.update(accountThrottling={"rateLimit": 1, "burstLimit": 2}),
    "endpoints off": lambda manifest: [manifest[one].update(disableExecuteApiEndpoint=True) for one in APIS],
    "websocket logs": lambda manifest: manifest["webSocketApi"].update(accessLog={"format": "$context.requestId"}),
    "fixed key": lambda manifest: manifest["webSocketApi"].update(routeSelectionExpression="$default"),
    "own key": lambda manifest: manifest["webSocketApi"].update(routeSelectionExpression="$request.body.a.b[0]"),
}

ROUTE, SOCKET = ("httpApi", "routes", 0), ("webSocketApi",)

# What is wrong, as path and value (nothing removes), and the field that the emulator names.
BROKEN = {
    "no service": (("service",), None, ""),
    "empty service": (("service",), "", "service"),
    "service is a number": (("service",), 7, "service"),
    "unknown field": (("colour",), "red", "colour"),
    "no functions": (("functions",), None, ""),
    "functions are a list": (("functions",), [], "functions"),
    "function without a fit name": (("functions", "a b"), {}, "functions.a b"),
    "timeout is text": (("functions", "f", "timeout"), "5", "functions.f.timeout"),
    "timeout is 0": (("functions", "f", "timeout"), 0, "functions.f.timeout"),
    "timeout is beyond 900": (("functions", "f", "timeout"), 901, "functions.f.timeout"),
    "unknown field of a function": (("functions", "f", "timout"), 5, "functions.f.timout"),
    "memory is too small": (("functions", "f", "memorySize"), 64, "functions.f.memorySize"),
    "account of 11 digits": (("accountId",), "12345678901", "accountId"),
    "account without a rate": (("accountThrottling",), {"burstLimit": 1}, "accountThrottling"),
    "endpoint by a word": (("httpApi", "disableExecuteApiEndpoint"), "yes", "httpApi.disableExecuteApiEndpoint"),
    "http without routes": (("httpApi", "routes"), None, "httpApi"),
    "routes are an object": (("httpApi", "routes"), {}, "httpApi.routes"),
    "route without a function": ((*ROUTE, "function"), None, "httpApi.routes.0"),
    "route without a key": ((*ROUTE, "route"), None, "httpApi.routes.0"),
    "route key without a method": ((*ROUTE, "route"), "/a", "httpApi.routes.0.route"),
    "unknown field of a route": ((*ROUTE, "func"), "f", "httpApi.routes.0.func"),
    "unknown field of cors": (("httpApi", "cors", "origins"), [], "httpApi.cors.origins"),
    "origins are text": (("httpApi", "cors", "allowOrigins"), "*", "httpApi.cors.allowOrigins"),
    "age beyond a day": (("httpApi", "cors", "maxAge"), 86_401, "httpApi.cors.maxAge"),
    "websocket without routes": ((*SOCKET, "routes"), None, "webSocketApi"),
    "websocket unknown field": ((*SOCKET, "name"), "x", "webSocketApi.name"),
    "id with capitals": ((*SOCKET, "apiId"), "Chat", "webSocketApi.apiId"),
    "expression of a header": (
        (*SOCKET, "routeSelectionExpression"), "$request.header.a", "webSocketApi.routeSelectionExpression"),
    "expression without its end": (
        (*SOCKET, "routeSelectionExpression"), "${request.body.a", "webSocketApi.routeSelectionExpression"),
    "no stage": ((*SOCKET, "stages"), {}, "webSocketApi.stages"),
    "stage with a slash": ((*SOCKET, "stages"), {"a/b": {}}, "webSocketApi.stages.a/b"),
    "variable is a number": (
        (*SOCKET, "stages", "dev", "variables"), {"a": 1}, "webSocketApi.stages.dev.variables.a"),
    "throttling without a burst": (
        (*SOCKET, "stages", "dev", "throttling"), {"rateLimit": 1}, "webSocketApi.stages.dev.throttling"),
    "negative rate": (
        (*SOCKET, "stages", "dev", "throttling", "rateLimit"), -1,
        "webSocketApi.stages.dev.throttling.rateLimit"),
    "burst with a fraction": (
        (*SOCKET, "stages", "dev", "throttling", "burstLimit"), 1.5,
        "webSocketApi.stages.dev.throttling.burstLimit"),
    "another dollar": ((*SOCKET, "routes", 2, "route"), "$other", "webSocketApi.routes.2.route"),
    "timeout beyond 29 s": (
        (*SOCKET, "routes", 2, "timeoutMilliseconds"), 29_001, "webSocketApi.routes.2.timeoutMilliseconds"),
    "another response": (
        (*SOCKET, "routes", 2, "routeResponseSelectionExpression"), "x",
        "webSocketApi.routes.2.routeResponseSelectionExpression"),
    "authorizer elsewhere": ((*SOCKET, "routes", 1, "authorizer"), "door", "webSocketApi.routes.1.authorizer"),
    "authorizer without a function": (
        (*SOCKET, "authorizers", "door", "function"), None, "webSocketApi.authorizers.door"),
    "strange identity source": (
        (*SOCKET, "authorizers", "door", "identitySource"), ["Auth"], "webSocketApi.authorizers.door.identitySource.0"),
    "idle beyond 10 minutes": ((*SOCKET, "limits", "idleSeconds"), 601, "webSocketApi.limits.idleSeconds"),
}

# What a schema cannot know.
ONLY_KNOWN = {
    "route to an unknown function": ((*ROUTE, "function"), "h", "httpApi.routes.0.function"),
    "message to an unknown function": ((*SOCKET, "routes", 1, "function"), "h", "webSocketApi.routes.1.function"),
    "authorizer that is unknown": ((*SOCKET, "routes", 0, "authorizer"), "dor", "webSocketApi.routes.0.authorizer"),
    "authorizer of an unknown function": (
        (*SOCKET, "authorizers", "door", "function"), "h", "webSocketApi.authorizers.door.function"),
    "key that stands twice": ((*SOCKET, "routes", 2, "route"), "$default", "webSocketApi.routes.2.route"),
    "routes that clash": (
        ("httpApi", "routes"), [{"route": "GET /a/{b}", "function": "f"}, {"route": "GET /a/{c}", "function": "g"}],
        "httpApi.routes.1.route"),
    "variable twice": ((*ROUTE, "route"), "GET /{a}/{a}", "httpApi.routes.0.route"),
    "greedy in the middle": ((*ROUTE, "route"), "GET /{a+}/b", "httpApi.routes.0.route"),
    "credentials for everybody": (("httpApi", "cors", "allowCredentials"), True, "httpApi.cors"),
}


def changed(path, value):
    manifest = copy.deepcopy(GOOD)
    place = manifest
    for name in path[:-1]:
        place = place[name]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return manifest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("manifests")
    for name, change in FINE.items():
        manifest = copy.deepcopy(GOOD)
        change(manifest)
        (folder / f"fine {name}.json").write_text(json.dumps(manifest, indent=2))
    for name, (path, value, _) in {**BROKEN, **ONLY_KNOWN}.items():
        (folder / f"{name}.json").write_text(json.dumps(changed(path, value), indent=2))
    return folder


def check(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *arguments], capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def refused(folder):
    """The names of the files that the schema refuses: one run for all, as its start takes a second."""
    names = sorted(str(one) for one in folder.iterdir())
    told = check("--schemafile", SCHEMA, "--output-format", "json", *names)
    failures = json.loads(told.stdout)
    assert not failures["parse_errors"], told.stdout
    return {os.path.basename(one["filename"]).removesuffix(".json") for one in failures["errors"]}


def emulator(path):
    return subprocess.run(
        [EMULATOR, "routes", "--manifest", str(path)], capture_output=True, text=True, timeout=60)


def test_the_schema_is_one():
    assert check("--check-metaschema", SCHEMA).returncode == 0


def test_the_service_itself_fits():
    told = check("--schemafile", SCHEMA, MANIFEST)
    assert told.returncode == 0, told.stdout


def test_every_field_is_documented():
    schema = json.load(open(SCHEMA))
    def described(node):
        while "description" not in node and "$ref" in node:
            target = schema
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return "description" in node
    def lacking(node, path):
        if isinstance(node, list):
            return [one for index, item in enumerate(node) for one in lacking(item, f"{path}/{index}")]
        if not isinstance(node, dict):
            return []
        # Conditions repeat fields that are described where they are declared.
        conditions = path.rsplit("/", 1)[-1] in ("if", "then", "else", "not") or "/oneOf/" in path or "/anyOf/" in path
        own = [] if conditions else [
            f"{path}/{name}" for name, field in node.get("properties", {}).items()
            if isinstance(field, dict) and not described(field)]
        return own + [one for name, item in node.items() for one in lacking(item, f"{path}/{name}")]
    assert lacking(schema, "") == []


@pytest.mark.parametrize("name", FINE)
def test_a_good_manifest_fits(folder, refused, name):
    assert f"fine {name}" not in refused
    told = emulator(folder / f"fine {name}.json")
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("name", {**BROKEN, **ONLY_KNOWN})
def test_a_mistake_is_told_with_file_line_and_remedy(folder, refused, name):
    path, field = folder / f"{name}.json", {**BROKEN, **ONLY_KNOWN}[name][2]
    assert (name in refused) == (name in BROKEN)
    told = emulator(path)
    assert told.returncode == 65 and told.stdout == ""
    place = re.fullmatch(
        rf"emulator: {re.escape(str(path))}:(\d+): (?:'([^']*)' )?(.+)\n", told.stderr, re.DOTALL)
    assert place, told.stderr
    line, named, words = place.groups()
    assert (named or "") == field
    # The line is that of the field, or where a missing one would be.
    last = field.split(".")[-1]
    if field and not last.isdigit():
        assert f'"{last}"' in path.read_text().splitlines()[int(line) - 1]
    assert len(words) > 20
