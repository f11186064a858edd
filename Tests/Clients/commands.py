"""Runs the emulator's commands, and packages whose `swift` is a few lines of Python."""

import json
import os
import stat
import subprocess

from running import EMULATOR, clean

# Functions see the system's folders, not those in which a virtual environment lies.
PYTHON = "/usr/bin/python3"

BOOTSTRAP = '''#!{python}
import http.client, json, os, sys, time
{before}
connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
base = "/2018-06-01/runtime/invocation/"
while True:
    connection.request("GET", base + "next")
    answer = connection.getresponse()
    event = json.loads(answer.read())
    request = answer.getheader("Lambda-Runtime-Aws-Request-Id")
    {body}
    connection.request("POST", base + request + "/response", json.dumps(result))
    connection.getresponse().read()
'''


def bootstrap(body, before=""):
    """A function in Python; `body` makes `result` of `event`."""
    lines = body.strip("\n").splitlines()
    return BOOTSTRAP.format(python=PYTHON, before=before, body="\n    ".join(lines))


def write_program(path, text):
    """Puts a program where another may be running."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.new"
    with open(temporary, "w") as file:
        file.write(text)
    os.chmod(temporary, os.stat(temporary).st_mode | stat.S_IXUSR)
    os.rename(temporary, path)


def write_manifest(folder, functions, routes=None, **more):
    """Functions by name with their programs; each is routed at `ANY /NAME` unless `routes` says otherwise."""
    routes = routes or {f"ANY /{name}": name for name in functions}
    path = os.path.join(folder, "serverless-manifest.json")
    document = {
        "service": "commands",
        "functions": {name: {"timeout": 30, **(values if isinstance(values, dict) else {"executable": values})}
                      for name, values in functions.items()},
        "httpApi": {"routes": [{"route": route, "function": name} for route, name in routes.items()]}, **more}
    with open(path, "w") as file:
        json.dump(document, file, indent=2)
    return path


def run(*arguments, cwd=None, code=0, text=None, env=None):
    """The finished command; fails when it ends with another code."""
    result = subprocess.run(
        [EMULATOR, *[str(argument) for argument in arguments]], capture_output=True, text=True, cwd=cwd, input=text,
        env=clean(env), timeout=300)
    assert result.returncode == code, f"exit {result.returncode}\n{result.stdout}\n{result.stderr}"
    return result


def printed(*arguments, **options):
    """What a command prints with `--json`."""
    return json.loads(run(*arguments, "--json", **options).stdout)
