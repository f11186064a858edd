"""A package with a compiler that takes no time, and an emulator that watches it."""

import os
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from running import until

from . import commands

SWIFT = '''#!{python}
import json, os, stat, sys, time
arguments = sys.argv[1:]
if arguments[:2] == ["package", "describe"]:
    if os.path.exists("describe.txt"):
        sys.exit(open("describe.txt").read())
    print(json.dumps({{"products": [
        {{"name": "one", "targets": ["One"]}}, {{"name": "two", "targets": ["Two"]}}],
        "targets": [{{"name": "One", "path": "Functions/One", "target_dependencies": ["Base"]}},
                    {{"name": "Two", "path": "Functions/Two", "target_dependencies": []}},
                    {{"name": "Base", "path": "Shared/Base"}}]}}))
    sys.exit(0)
assert arguments[0] == "build" and arguments[1:3] == ["-c", "debug"], arguments
product = arguments[arguments.index("--product") + 1]
with open("builds.txt", "a") as file:
    file.write(product + "\\n")
if os.path.exists("unchanged.txt"):
    sys.exit(0)
print("Building for debugging...\\n[1/2] Compiling " + product)
if os.path.exists("hold.txt"):
    open("pid.txt", "w").write(str(os.getpid()))
    while os.path.exists("hold.txt"):
        time.sleep(0.01)
source = "Functions/" + product.capitalize() + "/Rules.swift"
words = open(source).read().strip()
if "KILLED" in words:
    os.kill(os.getpid(), 9)
if os.path.exists("mended.txt"):
    words = "mended by Package.swift"
if "BROKEN" in words:
    print(os.path.abspath(source) + ":1:5: error: cannot find 'x<y>' in scope")
    sys.exit(1)
for name in ["Shared/Base/Base.swift", "Functions/One/Deep/A.swift"]:
    if product == "one" and os.path.exists(name):
        words += open(name).read().strip()
program = open("program.py").read().replace("WORDS", repr(words))
path = ".build/debug/" + product
with open(path + ".tmp", "w") as file:
    file.write(program)
os.chmod(path + ".tmp", 0o755)
os.rename(path + ".tmp", path)
print("Build complete! (0.01s)")
'''

BODY = """
query = event.get("queryStringParameters") or {}
time.sleep(float(query.get("sleep", 0)))
result = {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": WORDS}
"""


class Package:
    """A package of two functions; `one` also depends on Shared/Base."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.write("Package.swift", "// a package")
        self.write("Functions/One/Rules.swift", "first")
        self.write("Functions/Two/Rules.swift", "second")
        self.write("Shared/Base/Base.swift", "")
        self.write("program.py", commands.bootstrap(BODY))
        os.makedirs(folder / ".build/debug")
        commands.write_program(str(folder / "bin/swift"), SWIFT.format(python=sys.executable))
        for product in ("one", "two"):
            self.swift("build", "-c", "debug", "--product", product)
        self.write("builds.txt", "")
        self.manifest = commands.write_manifest(
            folder, {"one": ".build/debug/one", "two": ".build/debug/two"})
        self.env = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}

    def swift(self, *arguments):
        subprocess.run([self.folder / "bin/swift", *arguments], cwd=self.folder, check=True, capture_output=True)

    def write(self, name, text):
        """At once: half a file, for as long as this process waits for a processor, would be built as well."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = self.folder.parent / "whole.tmp"
        whole.write_text(text)
        whole.rename(path)

    @property
    def builds(self):
        return (self.folder / "builds.txt").read_text().split()


@pytest.fixture
def package(tmp_path):
    return Package(tmp_path / "package")


@pytest.fixture
def watch(start, tmp_path):
    """Starts an emulator that watches; `notes` is what it has written so far."""
    files = []

    def begin(manifest, env=None):
        files.append(open(tmp_path / "notes.txt", "w"))
        running = start("--watch", manifest=manifest, env=env, stderr=files[-1])
        running.notes = lambda: (tmp_path / "notes.txt").read_text()
        until(lambda: "watching" in running.notes(), "the description of the package")
        return running

    yield begin
    for file in files:
        file.close()


def get(running, path, **headers):
    """Status, content type and text."""
    request = urllib.request.Request(running.gateway + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers["content-type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["content-type"], error.read().decode()


def text(running, path):
    return get(running, path)[2]
