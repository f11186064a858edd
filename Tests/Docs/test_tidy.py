"""House rules that a compiler cannot check."""

import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LONGEST_FILE = 400


def files(*patterns):
    listing = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return listing.stdout.split()


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def test_files_are_short():
    long = {path: read(path).count("\n") for path in files("*.swift", "*.c", "*.py")}
    long = {path: count for path, count in long.items() if count > LONGEST_FILE}
    assert not long, f"split by what they know: {long}"


def test_no_foundation_outside_tests():
    guilty = [
        path for path in files("Shared/*.swift", "Functions/*.swift", "Emulator/*.swift", "deploy/*.swift")
        if re.search(r"^\s*(@\w+ )?import (Foundation\w*|Dispatch)", read(path), re.MULTILINE)]
    assert not guilty


def test_mains_are_small():
    for path in files("Functions/*/main.swift"):
        assert read(path).count("\n") <= 40, path


def test_the_store_knows_no_service():
    words = re.compile(r"\b(AWS|DynamoDB|S3|Lambda|bucket)\b", re.IGNORECASE)
    guilty = [
        (path, line) for path in files("Emulator/Store/*.swift") for line in read(path).splitlines()
        if words.search(line)]
    assert not guilty


def test_functions_and_shared_never_import_the_emulator():
    modules = {"AWSProtocol", "Gateway", "HTTPServer", "Lambda", "Net", "Objects", "StandIns", "Store", "Tables"}
    for path in files("Shared/*.swift", "Functions/*.swift"):
        imported = set(re.findall(r"^import (\w+)", read(path), re.MULTILINE))
        assert not imported & modules, path


def test_nothing_is_left_for_later():
    for path in files("*.swift", "*.py", "*.sh", "Makefile"):
        if path.endswith("test_tidy.py"):
            continue
        assert not re.search(r"\b(TODO|FIXME|XXX)\b|fatalError\(\"not", read(path)), path


def test_links_in_documents_lead_somewhere():
    for path in files("*.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", read(path)):
            if "://" in target:
                continue
            assert os.path.exists(os.path.join(ROOT, os.path.dirname(path), target)), (path, target)
