"""`emulator start --watch`: what callers get meanwhile, programs that others build, and how it begins and ends."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
from signal import SIGINT, SIGTERM

import pytest
from running import EMULATOR, clean, is_alive, until

from . import commands
from .watched import BODY, get, package, text, watch  # noqa: F401


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
    until(lambda: "cannot find 'x<y>' in scope" in running.notes(), "a note")
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
    until(lambda: "calls go to the new program" in running.notes(), "a note")


def test_a_change_of_the_manifest_asks_for_a_restart(package, watch):
    running = watch(package.manifest, package.env)
    commands.write_manifest(
        package.folder, {"one": ".build/debug/one", "two": ".build/debug/two", "three": ".build/debug/two"})
    until(lambda: "restart the emulator" in running.notes(), "a note of the change")
    until(lambda: "three" in running.notes(), "the name of the new function")
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
    package.write("hold.txt", "")
    process = subprocess.Popen(
        [EMULATOR, "start", "--watch", "--manifest", package.manifest, "--port", "0", "--aws-port", "0", "--data",
         str(tmp_path / "data")], env=clean(package.env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: (package.folder / "pid.txt").exists(), "the build")
    until(lambda: (package.folder / "pid.txt").read_text(), "the build's process")
    compiler = int((package.folder / "pid.txt").read_text())
    process.send_signal(signal)
    assert process.wait(timeout=60) == 0
    until(lambda: not is_alive(compiler), "the end of the build")


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
