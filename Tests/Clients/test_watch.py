"""`emulator start --watch`: edited functions are built and taken over while requests go on.

A few lines of Python stand for `swift`, so that a build takes no time; one test builds with the real one."""

import json
import os
import shutil
import urllib.error
import urllib.request

import pytest
from running import until

from . import commands
from .watched import BODY, get, package, text, watch  # noqa: F401


def test_an_edited_function_is_built_and_taken_over(package, watch):
    running = watch(package.manifest, package.env)
    assert text(running, "/one") == "first"
    package.write("Functions/One/Rules.swift", "edited")
    until(lambda: text(running, "/one") == "edited", "the new program")
    until(lambda: "built in" in running.notes(), "a note of how long it took")


def test_only_the_edited_function_is_built(package, watch):
    running = watch(package.manifest, package.env)
    package.write("Functions/Two/Rules.swift", "edited")
    until(lambda: text(running, "/two") == "edited", "the new program")
    assert package.builds == ["two"]
    assert text(running, "/one") == "first"


def test_shared_sources_concern_those_who_use_them(package, watch):
    running = watch(package.manifest, package.env)
    package.write("Shared/Base/Base.swift", "+more")
    until(lambda: text(running, "/one") == "first+more", "the new program")
    assert package.builds == ["one"]


@pytest.mark.parametrize("name", ["Functions/One/New.swift", "Functions/One/Deep/Er/New.swift"])
def test_new_files_and_folders_are_seen(package, watch, name):
    running = watch(package.manifest, package.env)
    package.write("Functions/One/Rules.swift", "edited")
    until(lambda: package.builds == ["one"], "the first build")
    package.write(name, "// new")
    until(lambda: package.builds == ["one", "one"], "a build for the new file")
    assert running.process.poll() is None


def test_a_functions_own_folder_may_go_and_come_back(package, watch):
    running = watch(package.manifest, package.env)
    os.rename(package.folder / "Functions/One", package.folder / "Away")
    until(lambda: get(running, "/one")[0] == 502, "the loss to be seen")
    package.write("Functions/One/Rules.swift", "back")
    until(lambda: text(running, "/one") == "back", "the program of the new folder")
    package.write("Functions/One/Rules.swift", "edited")
    until(lambda: text(running, "/one") == "edited", "an edit there")


def test_all_sources_may_go_and_come_back(package, watch):
    running = watch(package.manifest, package.env)
    os.rename(package.folder / "Functions", package.folder / "Away")
    until(lambda: get(running, "/one")[0] == 502, "the loss to be seen")
    os.rename(package.folder / "Away", package.folder / "Functions")
    until(lambda: text(running, "/one") == "first", "the mended program")
    package.write("Functions/Two/Rules.swift", "edited")
    until(lambda: text(running, "/two") == "edited", "an edit there")


def test_a_change_of_package_swift_builds_its_programs(package, watch):
    running = watch(package.manifest, package.env)
    package.write("Functions/One/Rules.swift", "BROKEN")
    until(lambda: get(running, "/one")[0] == 502, "the compiler's errors")
    # Mended behind the watch's back: only Package.swift tells that something has changed.
    package.write("mended.txt", "")
    package.write("Package.swift", "// one more dependency")
    until(lambda: text(running, "/one") == "mended by Package.swift", "a build of all its programs")
    until(lambda: {"one", "two"} <= set(package.builds[1:]), "the other program")


def test_a_package_that_does_not_say_what_it_is_made_of_is_told(package, watch):
    running = watch(package.manifest, package.env)
    package.write("describe.txt", "Package.swift:3:7: error: no such thing")
    package.write("Package.swift", "// damaged")
    until(lambda: "error: no such thing" in running.notes(), "why it cannot be described")


def test_an_edit_made_while_it_was_off_is_built_after_the_start(package, watch):
    package.write("Functions/One/Rules.swift", "edited before")
    running = watch(package.manifest, package.env)
    until(lambda: text(running, "/one") == "edited before", "the new program")
    assert package.builds == ["one"]


def test_an_edit_of_package_swift_made_while_it_was_off_is_built_after_the_start(package, watch):
    package.write("mended.txt", "")
    package.write("Package.swift", "// one more dependency")
    running = watch(package.manifest, package.env)
    for path in ("/one", "/two"):
        until(lambda: text(running, path) == "mended by Package.swift", "the new program")
    assert package.builds == ["one", "two"]


def test_a_build_that_changes_nothing_is_not_asked_for_at_each_start(package, watch):
    package.write("unchanged.txt", "")
    package.write("Package.swift", "// a word more")
    first = watch(package.manifest, package.env)
    until(lambda: first.notes().count("the program is the same as before") == 2, "both builds")
    first.stop()
    second = watch(package.manifest, package.env)
    os.remove(package.folder / "unchanged.txt")
    package.write("Functions/Two/Rules.swift", "edited")
    until(lambda: text(second, "/two") == "edited", "the new program")
    assert package.builds == ["one", "two", "two"]


def test_links_are_not_followed(package, watch):
    elsewhere = package.folder.parent / "elsewhere"
    elsewhere.mkdir()
    (package.folder / "Functions/One/link").symlink_to(elsewhere)
    (package.folder / "Functions/One/loop").symlink_to(package.folder / "Functions/One")
    running = watch(package.manifest, package.env)
    (elsewhere / "a.swift").write_text("")
    package.write("Functions/Two/Rules.swift", "edited")
    until(lambda: text(running, "/two") == "edited", "the new program")
    assert package.builds == ["two"]


def test_a_folder_of_programs_may_go_and_come_back(tmp_path, watch):
    def write(words):
        commands.write_program(
            str(tmp_path / "dist/hello"), commands.bootstrap(BODY.replace("WORDS", repr(words))))

    write("old")
    running = watch(commands.write_manifest(tmp_path, {"hello": "dist/hello"}))
    assert text(running, "/hello") == "old"
    for words in ("new", "newer"):
        shutil.rmtree(tmp_path / "dist")
        write(words)
        until(lambda: text(running, "/hello") == words, f"the program '{words}'")
    write("last")
    until(lambda: text(running, "/hello") == "last", "the last program")


@pytest.mark.parametrize("cors, allowed", [
    (None, None), ({"allowOrigins": ["http://page.example"]}, "http://page.example"),
    ({"allowOrigins": ["http://other.example"]}, None), ({"allowOrigins": ["*"]}, "*")])
def test_the_manifest_says_which_pages_may_read_the_errors(package, watch, cors, allowed):
    if cors:
        document = json.loads(open(package.manifest).read())
        document["httpApi"]["cors"] = cors
        package.write("serverless-manifest.json", json.dumps(document))
    running = watch(package.manifest, package.env)
    package.write("Functions/One/Rules.swift", "BROKEN")
    until(lambda: get(running, "/one")[0] == 502, "the compiler's errors")
    request = urllib.request.Request(running.gateway + "/one", headers={"Origin": "http://page.example"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=60)
    assert caught.value.headers["access-control-allow-origin"] == allowed


def test_a_build_that_is_killed_is_told_by_its_signal(package, watch):
    running = watch(package.manifest, package.env)
    package.write("Functions/One/Rules.swift", "KILLED")
    until(lambda: get(running, "/one")[0] == 502, "the failure")
    assert "signal 9" in json.loads(text(running, "/one"))["output"]
    until(lambda: "signal 9" in running.notes(), "a note")


def test_a_folder_that_goes_and_comes_back_is_watched_again(package, watch):
    running = watch(package.manifest, package.env)
    for words in ("+new", "", "+back", "+edited"):
        if words:
            package.write("Functions/One/Deep/A.swift", words)
        else:
            shutil.rmtree(package.folder / "Functions/One/Deep")
        until(lambda: text(running, "/one") == "first" + words, f"the program with '{words}'")


@pytest.mark.parametrize("name", ["Functions/One/.Rules.swift.swp", "Functions/One/notes.md", "Tests/One/a.swift"])
def test_other_files_build_nothing(package, watch, name):
    running = watch(package.manifest, package.env)
    package.write(name, "text")
    package.write("Functions/Two/Rules.swift", "edited")
    until(lambda: text(running, "/two") == "edited", "the new program")
    assert package.builds == ["two"]


def test_several_changes_at_once_are_one_build(package, watch):
    running = watch(package.manifest, package.env)
    # While the first is built all others come, however slow the machine is.
    package.write("hold.txt", "")
    for number in range(20):
        (package.folder / "Functions/One/Rules.swift").write_text(f"edit {number}")
    until(lambda: package.builds == ["one"], "the first build")
    os.remove(package.folder / "hold.txt")
    until(lambda: text(running, "/one") == "edit 19", "the last edit")
    assert len(package.builds) <= 3


def test_an_edit_during_a_build_is_built_after_it(package, watch):
    running = watch(package.manifest, package.env)
    package.write("hold.txt", "")
    package.write("Functions/One/Rules.swift", "early")
    until(lambda: package.builds == ["one"], "the first build")
    package.write("Functions/One/Rules.swift", "late")
    os.remove(package.folder / "hold.txt")
    until(lambda: text(running, "/one") == "late", "the later edit")
