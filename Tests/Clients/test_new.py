"""`emulator new NAME`: a handler is added to a copy of this package."""

import json
import os
import shutil
import subprocess

import pytest
from running import ROOT

from . import commands


@pytest.fixture
def package(tmp_path):
    """What the command reads and changes: not the whole package, which takes minutes to build."""
    for name in ("Package.swift", "serverless-manifest.json", "serverless-manifest.schema.json"):
        shutil.copy(os.path.join(ROOT, name), tmp_path / name)
    os.makedirs(tmp_path / "Functions/Health")
    return tmp_path


def tree(folder):
    return {
        os.path.relpath(os.path.join(path, name), folder): open(os.path.join(path, name)).read()
        for path, _, names in os.walk(folder) for name in names}


def test_files_are_made_and_lists_have_a_line_more(package):
    before = tree(package)
    made = commands.printed("new", "greet", cwd=package)
    after = tree(package)
    assert made["route"] == "GET /api/v1/greet" and made["module"] == "Greet"
    assert set(made["files"]) == set(after) - set(before)
    assert {"Functions/Greet/main.swift", "Functions/Greet/GreetRules.swift",
            "Tests/Functions/Greet/GreetRulesTests.swift"} <= set(made["files"])
    for name in ("Package.swift", "serverless-manifest.json"):
        added = [line for line in after[name].splitlines() if line.strip() not in
                 [old.strip() for old in before[name].splitlines()]]
        assert any("greet" in line for line in added)
    assert after["Package.swift"].splitlines()[
        after["Package.swift"].splitlines().index('    "greet",') - 1] == '    "counter",'


def test_the_manifest_keeps_its_form(package):
    before = (package / "serverless-manifest.json").read_text()
    commands.run("new", "greet", cwd=package)
    after = (package / "serverless-manifest.json").read_text()
    lines = [line for line in after.splitlines() if "greet" not in line]
    assert [line.rstrip(",") for line in lines] == [line.rstrip(",") for line in before.splitlines()]
    manifest = json.loads(after)
    assert manifest["functions"]["greet"]["executable"] == "greet"
    assert manifest["httpApi"]["routes"][-1] == {"route": "GET /api/v1/greet", "function": "greet"}


def test_it_is_routed(package):
    commands.run("new", "orderStatus", "--route", "POST /api/v1/orders/{orderId}", cwd=package)
    match = commands.printed("routes", "--match", "POST /api/v1/orders/7", cwd=package)
    assert match["function"] == "orderStatus"
    event = json.loads((package / "Tests/Functions/OrderStatus/Events/ada.json").read_text())
    assert event["rawPath"] == "/api/v1/orders/1" and event["pathParameters"] == {"orderId": "1"}


def test_the_next_steps_are_printed(package):
    text = commands.run("new", "greet", cwd=package).stdout
    for words in ("swift test --filter Greet", "swift build --product greet", "/api/v1/greet",
                  "Functions/Greet/GreetRules.swift"):
        assert words in text


@pytest.mark.skipif(shutil.which("swift") is None, reason="needs a Swift toolchain")
def test_the_sources_are_formatted_and_parse(package):
    commands.run("new", "greet", cwd=package)
    shutil.copy(os.path.join(ROOT, ".swift-format"), package / ".swift-format")
    files = [str(path) for path in package.rglob("*.swift")]
    for command in (["swift", "format", "lint", "--strict"], ["swiftc", "-parse"]):
        for file in files:
            result = subprocess.run([*command, file], capture_output=True, text=True, timeout=120)
            assert result.returncode == 0, result.stderr


def test_two_handlers_can_be_added(package):
    commands.run("new", "first", cwd=package)
    commands.run("new", "second", cwd=package)
    names = list(json.loads((package / "serverless-manifest.json").read_text())["functions"])
    assert names[-2:] == ["first", "second"]


@pytest.mark.parametrize("name", ["health", "Health", "my-handler", "1st", "a", "../up", "grüße", "swift", "x" * 41, ""])
def test_names_that_cannot_be_change_nothing(package, name):
    before = tree(package)
    assert commands.run("new", name, cwd=package, code=64).stderr
    assert tree(package) == before


@pytest.mark.parametrize("name", ["lambda", "json", "mumble", "gallery", "app", "bytes"])
def test_names_of_other_modules_are_refused(package, name):
    before = tree(package)
    assert "already" in commands.run("new", name, cwd=package, code=64).stderr
    assert tree(package) == before


@pytest.mark.parametrize("route, code", [
    ("GET /elsewhere", 64), ("/api/v1/x", 64), ("FETCH /api/v1/x", 64), ("GET /api/v1/health", 65),
    ("GET /api/v1/{a}/{a", 65), ("GET /api/v1/", 64)])
def test_routes_that_cannot_be_change_nothing(package, route, code):
    before = tree(package)
    assert commands.run("new", "greet", "--route", route, cwd=package, code=code).stderr
    assert tree(package) == before


def test_nothing_is_overwritten(package):
    (package / "Functions/Greet").mkdir()
    (package / "Functions/Greet/main.swift").write_text("mine")
    before = tree(package)
    assert "overwritten" in commands.run("new", "greet", cwd=package, code=64).stderr
    assert tree(package) == before


def test_outside_of_a_package_it_says_so(tmp_path):
    assert "Package.swift" in commands.run("new", "greet", cwd=tmp_path, code=66).stderr


def test_a_manifest_without_routes_changes_nothing(package):
    (package / "serverless-manifest.json").write_text('{"service": "s", "functions": {}}')
    before = tree(package)
    assert "httpApi.routes" in commands.run("new", "greet", cwd=package, code=65).stderr
    assert tree(package) == before


@pytest.mark.parametrize("before, after", [
    ('["one", "two"]', '["one", "two", "greet"]'), ("[]", '["greet"]'), ('["one",] // all', '["one", "greet"] // all'),
    ('[\n    "one"\n]', '[\n    "one",\n    "greet",\n]'), ('[\n    "one", // [x]\n]', '[\n    "one", // [x]\n    "greet",\n]'),
    ('[\n    "one" // last\n]', '[\n    "one", // last\n    "greet",\n]'),
    ('[\n    "one",\n    "two"]', '[\n    "one",\n    "two", "greet"]')])
def test_the_list_may_have_any_form(package, before, after):
    rest = "\n\nlet others = [\n    \"x\",\n]\n"
    (package / "Package.swift").write_text(f"let functionNames = {before}{rest}")
    commands.run("new", "greet", cwd=package)
    assert (package / "Package.swift").read_text() == f"let functionNames = {after}{rest}"


def test_links_stay_links(package):
    for name in ("Package.swift", "serverless-manifest.json"):
        (package / "kept").mkdir(exist_ok=True)
        os.rename(package / name, package / "kept" / name)
        (package / name).symlink_to(f"kept/{name}")
    commands.run("new", "greet", cwd=package)
    for name in ("Package.swift", "serverless-manifest.json"):
        assert (package / name).is_symlink() and "greet" in (package / "kept" / name).read_text()


def test_what_was_made_before_a_failure_is_taken_back(package):
    (package / "Tests").write_text("no folder")
    before = tree(package)
    folders = sorted(os.listdir(package / "Functions"))
    assert "nothing was changed" in commands.run("new", "greet", cwd=package, code=73).stderr
    assert tree(package) == before and sorted(os.listdir(package / "Functions")) == folders


def test_a_manifest_that_was_cut_off_is_said(package):
    (package / "serverless-manifest.json").write_text('{"functions": {"a\\')
    assert "not JSON" in commands.run("new", "greet", cwd=package, code=65).stderr
