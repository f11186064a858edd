"""`emulator package`: what it writes, read by others' programs, and what it does when something is wrong."""

import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile

import pytest
from running import EMULATOR, MANIFEST, clean, is_alive, until

from . import commands

SCRIPT = "#!/bin/sh\nexit 3\n"


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Every function of the manifest, as zips and as what the command printed."""
    folder = tmp_path_factory.mktemp("zips")
    lines = commands.printed("package", "--manifest", MANIFEST, "--skip-build", "--output", folder)
    return folder, {line["function"]: line for line in lines}


@pytest.fixture
def service(tmp_path):
    """A manifest with one function whose program is no build product: nothing is compiled."""
    commands.write_program(tmp_path / "program", SCRIPT)
    commands.write_manifest(tmp_path, {"f": "./program"})
    return tmp_path


def noise(path, count, seed=1):
    """An executable that does not compress."""
    with open(path, "wb") as file:
        file.write(b"#!/bin/sh\nexit 0\n" + random.Random(seed).randbytes(count))
    os.chmod(path, 0o755)


def test_the_table_tells_sizes_needs_and_start(packages):
    folder, lines = packages
    assert sorted(lines) == sorted(json.load(open(MANIFEST))["functions"])
    for name, line in lines.items():
        assert line["zippedBytes"] == os.path.getsize(folder / f"{name}.zip")
        assert line["architecture"] in ("x86_64", "arm64")
        assert line["libraries"] == [] and line["glibcFloor"] is None and line["obstacles"] == []
        assert line["initMilliseconds"] > 0
    printed = commands.run(
        "package", "health", "--manifest", MANIFEST, "--skip-build", "--output", folder).stdout.splitlines()
    assert printed[0].split() == ["FUNCTION", "ZIPPED", "UNZIPPED", "NEEDS", "GLIBC", "INIT", "ZIP"]
    cells = printed[1].split()
    assert cells[0] == "health" and cells[5:7] == ["nothing", "-"] and cells[8] == "ms"


def test_zips_are_small(packages):
    # Of 1,048,576 bytes, as in Lambda's own limits.
    _, lines = packages
    assert all(line["zippedBytes"] <= 5 << 20 for line in lines.values()), lines
    assert lines["health"]["zippedBytes"] <= 3 << 20, lines["health"]


def test_other_programs_read_the_zips(packages, tmp_path):
    folder, lines = packages
    for name in lines:
        path = folder / f"{name}.zip"
        subprocess.run(["unzip", "-tq", path], check=True, capture_output=True)
        listed = subprocess.run(["bsdtar", "-tvf", path], check=True, capture_output=True, text=True).stdout.split()
        assert listed[0] == "-rwxr-xr-x" and listed[-1] == "bootstrap" and len(listed) == 9
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            (entry,) = archive.infolist()
        assert entry.filename == "bootstrap" and entry.external_attr >> 16 == stat.S_IFREG | 0o755
        assert entry.date_time == (1980, 1, 1, 0, 0, 0) and entry.extra == b"" and entry.create_system == 3
    trees = []
    for command in (["unzip", "-q", path, "-d"], ["bsdtar", "-xf", path, "-C"]):
        trees.append(tmp_path / command[0])
        trees[-1].mkdir()
        subprocess.run([*command, trees[-1]], check=True)
        assert os.access(trees[-1] / "bootstrap", os.X_OK)
    assert (trees[0] / "bootstrap").read_bytes() == (trees[1] / "bootstrap").read_bytes()


def test_the_same_program_gives_the_same_bytes_at_another_time_by_another_user(packages, tmp_path, service):
    _, lines = packages
    with zipfile.ZipFile(lines["health"]["zip"]) as archive:
        built = archive.read("bootstrap")
    zips = []
    for number, (mask, mode, when) in enumerate(((0o022, 0o755, 1e9), (0o077, 0o700, 1.7e9))):
        program = service / "program"
        program.write_bytes(built)
        os.chmod(program, mode)
        os.utime(program, (when, when))
        result = subprocess.run(
            [EMULATOR, "package", "--skip-start", "--output", tmp_path / str(number)], cwd=service, env=clean(),
            umask=mask, capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, result.stderr
        zips.append((tmp_path / str(number) / "f.zip").read_bytes())
    with open(lines["health"]["zip"], "rb") as file:
        assert zips[0] == zips[1] == file.read()


def test_functions_are_packaged_alike_in_any_order(packages, tmp_path):
    folder, _ = packages
    commands.run("package", "gallery", "health", "--manifest", MANIFEST, "--skip-build", "--skip-start", "--output",
                 tmp_path)
    for name in ("gallery", "health"):
        assert (tmp_path / f"{name}.zip").read_bytes() == (folder / f"{name}.zip").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["gallery.zip", "health.zip"]


def test_a_program_of_another_origin_is_packaged_and_judged(service):
    """An ordinary program of this system: dynamic, and no Lambda function."""
    shutil.copy("/usr/bin/env", service / "program")
    result = commands.run("package", "--json", cwd=service)
    (line,) = json.loads(result.stdout)
    assert "libc.so.6" in line["libraries"] and line["glibcFloor"].startswith("2.")
    assert line["initMilliseconds"] is None and "f did not start here" in result.stderr
    with zipfile.ZipFile(service / ".build/lambda/f.zip") as archive:
        with open("/usr/bin/env", "rb") as file:
            assert archive.read("bootstrap") == file.read()


def test_what_a_function_says_when_it_cannot_start_is_shown(service):
    commands.write_program(service / "program", "#!/bin/sh\necho loading\necho no such table >&2\nexit 1\n")
    result = commands.run("package", cwd=service)
    assert "f did not start here: no such table" in result.stderr


# MARK: what goes wrong

def test_a_missing_toolchain_is_named(tmp_path):
    commands.write_manifest(tmp_path, {"f": "f"})
    result = commands.run("package", cwd=tmp_path, code=66, env={"PATH": "/nonexistent:" + str(tmp_path)})
    assert "no 'swift' on the PATH" in result.stderr and "swift.org" in result.stderr
    assert not os.path.exists(tmp_path / ".build/lambda")


def test_a_function_that_does_not_build_is_named_and_nothing_is_written(tmp_path):
    commands.write_manifest(tmp_path, {"f": "f"})
    commands.write_program(tmp_path / "bin/swift", "#!/bin/sh\necho 'main.swift:1:1: error: no such thing'\nexit 1\n")
    result = commands.run("package", cwd=tmp_path, code=1, env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin"})
    assert "error: no such thing" in result.stderr and "'f' does not build" in result.stderr
    assert not os.path.exists(tmp_path / ".build/lambda")


@pytest.mark.parametrize("arguments, code, words", [
    (["g"], 66, "no function 'g'"),
    (["--skip-build", "--output", "/proc/zips"], 73, "--output"),
])
def test_wrong_arguments_are_explained(service, arguments, code, words):
    assert words in commands.run("package", *arguments, cwd=service, code=code).stderr


def test_a_broken_manifest_is_explained(service):
    commands.write_manifest(service, {"f": {"executable": "./program", "memorySize": "x"}})
    result = commands.run("package", cwd=service, code=65)
    assert "memorySize" in result.stderr
    assert not os.path.exists(service / ".build")


@pytest.mark.parametrize("spoil", ["missing", "not executable"])
def test_a_program_that_cannot_run_is_named(service, spoil):
    if spoil == "missing":
        os.unlink(service / "program")
    else:
        os.chmod(service / "program", 0o644)
    result = commands.run("package", cwd=service, code=66)
    assert "program is missing or not executable" in result.stderr and "'f'" in result.stderr


def test_a_full_disk_leaves_the_older_zip_and_nothing_else(service):
    """A file system of 1 MB, in a name space of its own."""
    noise(service / "program", 4_000_000)
    (service / "out").mkdir()
    own = [] if os.geteuid() == 0 else ["--map-root-user"]
    script = ('mount -t tmpfs -o size=1m tmpfs out && echo old > out/f.zip || exit 99; '
              '"$0" package --skip-start --output out; echo "code $?"; ls -A out; cat out/f.zip')
    result = subprocess.run(
        ["unshare", "--mount", *own, "sh", "-c", script, EMULATOR], cwd=service, capture_output=True, text=True,
        env=clean(), timeout=120)
    if result.returncode == 99 or "unshare failed" in result.stderr:
        pytest.skip(f"this machine lets nobody mount a file system: {result.stderr.strip()}")
    assert "no space left on the disk" in result.stderr and "--output" in result.stderr
    assert result.stdout.split() == ["code", "74", "f.zip", "old"]


def test_a_limit_of_file_sizes_leaves_nothing(service):
    noise(service / "program", 4_000_000)
    limits = ("import os, resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
              "resource.setrlimit(resource.RLIMIT_FSIZE, (1000000, 1000000)); os.execv(sys.argv[1], sys.argv[1:])")
    result = subprocess.run(
        [sys.executable, "-c", limits, EMULATOR, "package", "--skip-start", "--output", "out"], cwd=service,
        capture_output=True, text=True, env=clean(), timeout=120)
    assert result.returncode == 74 and "File too large" in result.stderr, result.stderr
    assert os.listdir(service / "out") == []


def test_a_killed_command_leaves_whole_zips_only(service):
    noise(service / "program", 6_000_000)
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    for _ in range(12):
        process = subprocess.Popen(
            [EMULATOR, "package", "--skip-start", "--output", "out"], cwd=service, env=clean(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.random() * 0.6)
        process.send_signal(chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
        process.wait(timeout=60)
        found = os.listdir(service / "out") if os.path.exists(service / "out") else []
        assert found in ([], ["f.zip"])
        if found:
            with zipfile.ZipFile(service / "out/f.zip") as archive:
                assert archive.testzip() is None and archive.namelist() == ["bootstrap"]
            os.unlink(service / "out/f.zip")
    commands.run("package", "--skip-start", "--output", "out", cwd=service)
    assert os.listdir(service / "out") == ["f.zip"]


def test_an_interrupted_build_ends_its_compilers(tmp_path):
    commands.write_manifest(tmp_path, {"f": "f"})
    commands.write_program(tmp_path / "bin/swift", '#!/bin/sh\necho $$ > pid.new && mv pid.new pid\nexec sleep 300\n')
    process = subprocess.Popen(
        [EMULATOR, "package"], cwd=tmp_path, env=clean({"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until((tmp_path / "pid").exists, "the start of the compiler")
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0 and "interrupted" in errors
    compiler = int((tmp_path / "pid").read_text())
    until(lambda: not is_alive(compiler), "the end of the compiler")
    assert not os.path.exists(tmp_path / ".build/lambda")
