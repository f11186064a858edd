"""docs/DevelopmentLoop.md: every command in it is one that exists, and every event can be composed."""

import json
import os
import re
import shlex

import pytest
from running import ROOT

from . import commands


def shown():
    """The emulator's commands in the shell blocks, without what they are piped into."""
    with open(os.path.join(ROOT, "docs/DevelopmentLoop.md"), encoding="utf-8") as file:
        blocks = re.findall(r"```sh\n(.*?)```", file.read(), re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    parts = [part.split(">")[0].strip() for line in lines for part in line.split(" | ")]
    return [part for part in parts if part.startswith("emulator ")]


@pytest.mark.parametrize("line", shown())
def test_command_and_options_exist(line):
    words = shlex.split(line)[1:]
    options = re.findall(r"^  --([a-z-]+)", commands.run(words[0], "--help").stdout, re.MULTILINE)
    for word in words[1:]:
        if word.startswith("--"):
            assert word[2:].split("=")[0] in options, word


@pytest.mark.parametrize("line", [line for line in shown() if " event " in line and "--list" not in line and "--check" not in line])
def test_events_are_composed_without_a_note(line):
    result = commands.run(*shlex.split(line)[1:])
    assert json.loads(result.stdout) and result.stderr == ""


def test_the_number_of_kinds_is_true():
    listed = len(commands.printed("event", "--list"))
    for name in ("docs/DevelopmentLoop.md", "README.md"):
        with open(os.path.join(ROOT, name), encoding="utf-8") as file:
            assert f"{listed} kinds" in file.read()


def test_the_decoders_it_names_exist():
    with open(os.path.join(ROOT, "docs/DevelopmentLoop.md"), encoding="utf-8") as file:
        names = set(re.findall(r"`(\w+(?:Event|Response))`", file.read()))
    folder = os.path.join(ROOT, "Shared/LambdaEvents/EventSources")
    sources = "".join(open(os.path.join(folder, name)).read() for name in os.listdir(folder))
    assert len(names) >= 14
    for name in names:
        assert re.search(rf"public (indirect )?(struct|enum) {name}\b", sources), name
