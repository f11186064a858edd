"""`emulator start --watch`: edited functions are built and taken over while requests go on.

A few lines of Python stand for `swift`, so that a build takes no time; one test builds with the real one."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import urllib.error
import urllib.request
from signal import SIGINT, SIGTERM

import pytest
from running import EMULATOR, clean, until

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
print("Building for debugging...\\n[1/2] Compiling " + product)
if os.path.exists("delay"):
    open("pid.txt", "w").write(str(os.getpid()))
    time.sleep(float(open("delay").read()))
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
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

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
    assert "signal 9" in running.notes()


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
    for number in range(20):
        package.write("Functions/One/Rules.swift", f"edit {number}")
    until(lambda: text(running, "/one") == "edit 19", "the last edit")
    assert len(package.builds) <= 3


def test_an_edit_during_a_build_is_built_after_it(package, watch):
    running = watch(package.manifest, package.env)
    package.write("delay", "1")
    package.write("Functions/One/Rules.swift", "early")
    until(lambda: package.builds == ["one"], "the first build")
    package.write("Functions/One/Rules.swift", "late")
    until(lambda: text(running, "/one") == "late", "the later edit")


def test_a_running_call_ends_on_the_old_program(package, watch):
    running = watch(package.manifest, package.env)
    answers = []
    slow = threading.Thread(target=lambda: answers.append(get(running, "/one?sleep=5")))
    slow.start()
    log = package.folder.parent / "data/logs/one.log"
    until(lambda: log.exists() and "START" in log.read_text(), "the start of the slow call")
    package.write("Functions/One/Rules.swift", "edited")
    until(lambda: text(running, "/one") == "edited", "the new program")
    slow.join()
    assert answers == [(200, "text/plain", "first")]


@pytest.mark.parametrize("concurrency, clients", [(10, 4), (1, 1)])
def test_no_request_is_lost_and_none_goes_back(package, watch, concurrency, clients):
    commands.write_manifest(
        package.folder, {"one": {"executable": ".build/debug/one", "reservedConcurrency": concurrency}})
    running = watch(package.manifest, package.env)
    package.write("Functions/One/Rules.swift", "0")
    until(lambda: text(running, "/one") == "0", "the first program")
    stop = threading.Event()
    wrong, counts = [], []

    def ask():
        count = 0
        last = 0
        while not stop.is_set():
            status, _, answer = get(running, "/one")
            count += 1
            if status != 200 or int(answer) < last:
                wrong.append((status, answer, last))
                break
            last = int(answer)
        counts.append(count)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for number in range(1, 6):
        package.write("Functions/One/Rules.swift", str(number))
        until(lambda: running.notes().count("calls go to the new program") > number, f"program {number}")
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert sum(counts) > 10


def test_compiler_errors_are_in_the_answer_until_it_builds_again(package, watch):
    running = watch(package.manifest, package.env)
    package.write("Functions/One/Rules.swift", "BROKEN")
    until(lambda: get(running, "/one")[0] == 502, "the compiler's errors")
    status, kind, body = get(running, "/one")
    document = json.loads(body)
    assert kind == "application/json" and document["function"] == "one"
    error = document["errors"][0]
    assert error["message"] == "cannot find 'x<y>' in scope" and (error["line"], error["column"]) == (1, 5)
    assert error["file"].endswith("Functions/One/Rules.swift")
    assert "cannot find 'x<y>' in scope" in running.notes()
    assert text(running, "/two") == "second"
    package.write("Functions/One/Rules.swift", "mended")
    until(lambda: text(running, "/one") == "mended", "the mended program")
    until(lambda: "builds again" in running.notes(), "a note")


def test_browsers_get_a_page(package, watch):
    running = watch(package.manifest, package.env)
    package.write("Functions/One/Rules.swift", "BROKEN")
    until(lambda: get(running, "/one")[0] == 502, "the compiler's errors")
    status, kind, page = get(running, "/one", accept="text/html,*/*")
    assert status == 502 and kind == "text/html; charset=utf-8"
    assert "one does not build" in page and "cannot find 'x&lt;y&gt;' in scope" in page


def test_a_change_taken_back_heals(package, watch):
    running = watch(package.manifest, package.env)
    package.write("Functions/One/Rules.swift", "BROKEN")
    until(lambda: get(running, "/one")[0] == 502, "the compiler's errors")
    package.write("Functions/One/Rules.swift", "first")
    until(lambda: get(running, "/one")[::2] == (200, "first"), "the old answer")


def test_a_program_built_by_others_is_taken_over(package, watch):
    running = watch(package.manifest, package.env)
    assert text(running, "/two") == "second"
    package.write("Functions/Two/Other.txt", "")
    commands.write_program(
        str(package.folder / ".build/debug/two"), commands.bootstrap(BODY.replace("WORDS", "'by hand'")))
    until(lambda: text(running, "/two") == "by hand", "the new program")
    assert package.builds == []


def test_programs_outside_of_packages_are_taken_over(tmp_path, watch):
    def write(words):
        commands.write_program(
            str(tmp_path / "programs/hello"), commands.bootstrap(BODY.replace("WORDS", repr(words))))

    write("old")
    running = watch(commands.write_manifest(tmp_path, {"hello": "programs/hello"}))
    assert text(running, "/hello") == "old"
    write("new")
    until(lambda: text(running, "/hello") == "new", "the new program")
    assert "calls go to the new program" in running.notes()


def test_a_change_of_the_manifest_asks_for_a_restart(package, watch):
    running = watch(package.manifest, package.env)
    commands.write_manifest(
        package.folder, {"one": ".build/debug/one", "two": ".build/debug/two", "three": ".build/debug/two"})
    until(lambda: "restart the emulator" in running.notes(), "a note of the change")
    assert "three" in running.notes()
    package.write("serverless-manifest.json", "{")
    until(lambda: "cannot be used" in running.notes(), "a note of what is wrong")


def test_a_missing_compiler_is_said(package, watch):
    (package.folder / "bin/swift").unlink()
    nowhere = package.folder / "tools"
    nowhere.mkdir()
    (nowhere / "env").symlink_to("/usr/bin/env")
    (nowhere / "python3").symlink_to(sys.executable)
    path = package.manifest
    running = watch(path, {"PATH": str(nowhere)})
    package.write("Functions/One/Rules.swift", "edited")
    until(lambda: "no 'swift' on the PATH" in running.notes(), "a note")
    assert text(running, "/one") == "first"


def test_programs_that_are_not_there_are_built_first(package, watch):
    (package.folder / ".build/debug/two").unlink()
    running = watch(package.manifest, package.env)
    assert package.builds == ["two"]
    assert text(running, "/two") == "second"


def test_they_are_built_in_a_folder_named_from_here_as_well(package, tmp_path):
    (package.folder / ".build/debug/two").unlink()
    commands.write_manifest(package.folder, {"one": "one", "two": "two"})
    with open(tmp_path / "notes.txt", "w") as notes:
        process = subprocess.Popen(
            [EMULATOR, "start", "--watch", "--bin", ".build/debug", "--port", "0", "--aws-port", "0", "--data",
             str(tmp_path / "data"), "--json"], cwd=package.folder, env=clean(package.env),
            stdout=subprocess.PIPE, stderr=notes, text=True)
    try:
        assert json.loads(process.stdout.readline())["gateway"]
        assert package.builds == ["two"]
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.parametrize("signal", [SIGINT, SIGTERM])
def test_no_build_outlives_an_interrupted_start(package, tmp_path, signal):
    (package.folder / ".build/debug/two").unlink()
    package.write("delay", "600")
    process = subprocess.Popen(
        [EMULATOR, "start", "--watch", "--manifest", package.manifest, "--port", "0", "--aws-port", "0", "--data",
         str(tmp_path / "data")], env=clean(package.env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: (package.folder / "pid.txt").exists(), "the build")
    until(lambda: (package.folder / "pid.txt").read_text(), "the build's process")
    compiler = int((package.folder / "pid.txt").read_text())
    process.send_signal(signal)
    assert process.wait(timeout=60) == 0
    until(lambda: not os.path.exists(f"/proc/{compiler}"), "the end of the build")


def test_what_does_not_build_at_the_start_is_said(package, start):
    (package.folder / ".build/debug/two").unlink()
    package.write("Functions/Two/Rules.swift", "BROKEN")
    with pytest.raises(RuntimeError) as caught:
        start("--watch", manifest=package.manifest, env=package.env)
    words = str(caught.value)
    assert "exit 1" in words and "cannot find 'x<y>' in scope" in words and "'two' does not build" in words


def test_nothing_is_left_behind(package, watch, tmp_path):
    running = watch(package.manifest, package.env)
    assert os.path.isdir(tmp_path / "data/tmp/programs")
    running.stop()
    assert not os.path.exists(tmp_path / "data/tmp/programs")


@pytest.mark.skipif(shutil.which("swift") is None, reason="needs a Swift toolchain")
def test_with_the_real_compiler(tmp_path, watch):
    folder = tmp_path / "package"
    (folder / "Sources/hello").mkdir(parents=True)
    (folder / "Package.swift").write_text(textwrap.dedent("""
        // swift-tools-version: 6.0
        import PackageDescription
        let package = Package(name: "hello", targets: [.executableTarget(name: "hello", path: "Sources/hello")])
        """).lstrip())
    # Compiled Swift that leaves the protocol to a script: the package has to build in seconds.
    program = folder / "serve.py"
    commands.write_program(str(program), commands.bootstrap("result = {'statusCode': 200, 'body': sys.argv[1]}"))

    def write(words):
        (folder / "Sources/hello/main.swift").write_text(textwrap.dedent(f"""
            import Glibc
            var arguments = ["{program}", {words}, nil].map {{ $0.flatMap {{ strdup($0) }} }}
            execv("{program}", &arguments)
            """))

    write('"first"')
    built = subprocess.run(
        ["swift", "build", "--product", "hello"], cwd=folder, capture_output=True, text=True, timeout=300)
    assert built.returncode == 0, built.stdout + built.stderr
    # The script lies where functions do not see it.
    manifest = commands.write_manifest(folder, {"hello": ".build/debug/hello"})
    running = watch(manifest, {"MUMBLE_ISOLATION": "none"})
    assert text(running, "/hello") == "first"
    write('"second"')
    until(lambda: text(running, "/hello") == "second", "the program built by Swift", seconds=240)
    write("absent")
    until(lambda: get(running, "/hello")[0] == 502, "the compiler's error", seconds=240)
    assert "cannot find 'absent' in scope" in text(running, "/hello")
    write('"third"')
    until(lambda: text(running, "/hello") == "third", "the mended program", seconds=240)
