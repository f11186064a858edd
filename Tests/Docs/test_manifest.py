"""The manifest and its published schema agree."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def check(*arguments):
    return subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "check-jsonschema"), *arguments], cwd=ROOT,
        capture_output=True, text=True)


def test_schema_is_a_schema():
    result = check("--check-metaschema", "serverless-manifest.schema.json")
    assert result.returncode == 0, result.stdout


def test_manifest_follows_the_schema():
    result = check("--schemafile", "serverless-manifest.schema.json", "serverless-manifest.json")
    assert result.returncode == 0, result.stdout


def test_a_wrong_manifest_does_not(tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text('{"service": "s", "functions": {"a": {"timeout": 0}}}')
    assert check("--schemafile", "serverless-manifest.schema.json", str(path)).returncode != 0
