"""Functions for tests: programs that speak the Runtime API, as files, zips and manifests."""

import io
import json
import os
import stat
import zipfile

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime_library.py")) as file:
    LIBRARY = file.read()

ECHO = "serve(lambda event, headers: event)"
BYTES = """
runtime = Runtime()
while True:
    event = runtime.next()
    runtime.respond(event.request_id, event.body)
"""
SCRIPTS = "serve_scripts()"


def python(code=ECHO):
    """A bootstrap of Python code that may use what `runtime_library` defines."""
    return f"#!/usr/bin/python3 -IS\n{LIBRARY}\n\n{code}\n"


def shell(code):
    """A bootstrap for sh."""
    return f"#!/bin/sh\n{code}\n"


def write(folder, name, text):
    """Writes an executable file; returns its path."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(str(folder), name)
    with open(path, "w" if isinstance(text, str) else "wb") as file:
        file.write(text)
    os.chmod(path, stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
    return path


def manifest(folder, functions, **more):
    """Writes a manifest and the programs of its functions; returns the manifest's path.

    functions: name -> text of a bootstrap, or a dict with `code` beside what a manifest says of a function.
    """
    entries = {}
    for name, given in functions.items():
        entry = dict(given) if isinstance(given, dict) else {"code": given}
        if "code" in entry:
            entry["executable"] = write(os.path.join(str(folder), "code", name), "bootstrap", entry.pop("code"))
        entries[name] = {"timeout": 60, **entry}
    path = os.path.join(str(folder), "serverless-manifest.json")
    with open(path, "w") as file:
        json.dump({"service": "lambda", "functions": entries, **more}, file)
    return path


def zipped(files, mode=0o755):
    """The bytes of a zip. files: path -> text or bytes; each file gets `mode` as Unix permissions."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, (2026, 1, 2, 3, 4, 6))
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def code_zip(bootstrap, **files):
    """The zip of a function: its bootstrap, and further files by name."""
    return zipped({"bootstrap": bootstrap, **files})
