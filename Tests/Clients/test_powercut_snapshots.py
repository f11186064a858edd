"""Power cuts while whole states are saved and loaded: a saved one is there for good, a loaded one is there whole."""

import subprocess
import time

import pytest
from running import EMULATOR, clean

from .test_powercut import FOREVER, Run, library  # noqa: F401
from .wire import Server, verify


def command(folder, *words):
    return subprocess.run(
        [EMULATOR, *words, "--data", f"{folder}/data"], capture_output=True, text=True, env=clean(), timeout=120)


class SnapshotRun(Run):
    """Knows which states may be found: those at these moments, or that of the power cut."""

    saved = loading = loaded = FOREVER

    def save(self):
        answer = command(self.root, "snapshot", "save", "s")
        if answer.returncode == 0:
            self.saved = time.monotonic_ns()
        return answer.returncode

    def load(self):
        self.loading = time.monotonic_ns()
        answer = command(self.root, "snapshot", "load", "s")
        if answer.returncode == 0:
            self.loaded = time.monotonic_ns()
        return answer.returncode

    def examine(self, image, moment, verifies_first):
        if verifies_first:
            verify(image)
        if self.loading == FOREVER:
            self.open(image, [moment])
        else:
            self.open(image, [self.saved] if self.loaded < moment else [self.saved, moment])
        if self.saved < moment:
            answer = command(image, "snapshot", "load", "s")
            assert answer.returncode == 0, answer.stderr
            self.open(image, [self.saved])

    def open(self, image, moments):
        server = Server(image)
        try:
            for moment in moments:
                try:
                    self.compare(server, moment)
                    break
                except AssertionError:
                    if moment == moments[-1]:
                        raise
        finally:
            server.stop()
        verify(image)


def begin(library, tmp_path, name, *options):  # noqa: F811
    run = SnapshotRun(str(tmp_path), library, name, writers=16)
    # Nothing may expire: the states are looked at later.
    run.writers = [writer for writer in run.writers if writer.kind != "expiry"]
    server = Server(run.root)
    run.fill(server)
    run.drive(server, 0.2)
    server.stop()
    return run, run.start(*options)


def test_a_saved_state_is_there_after_a_power_cut(library, tmp_path):  # noqa: F811
    run, server = begin(library, tmp_path, "saved")
    start = time.monotonic_ns()
    assert run.save() == 0
    run.drive(server, 0.2)
    assert command(run.root, "snapshot", "save", "other").returncode == 0
    server.kill()
    moments = [run.dice.randrange(start, run.saved) for _ in range(5)]
    run.check_all([*moments, run.saved, time.monotonic_ns()])


def test_a_replaced_state_is_the_old_or_the_new(library, tmp_path):  # noqa: F811
    run, server = begin(library, tmp_path, "replaced")
    assert run.save() == 0
    # Nothing is written in between, so the old and the new are the same.
    start = time.monotonic_ns()
    assert command(run.root, "snapshot", "save", "s", "--replace").returncode == 0
    server.kill()
    run.check_all([run.dice.randrange(start, time.monotonic_ns()) for _ in range(8)])


def test_a_loaded_state_is_there_after_a_power_cut(library, tmp_path):  # noqa: F811
    run, server = begin(library, tmp_path, "loaded")
    assert run.save() == 0
    run.drive(server, 0.2)
    assert run.load() == 0
    server.kill()
    moments = [run.dice.randrange(run.loading, run.loaded) for _ in range(8)]
    run.check_all([*moments, run.loaded, time.monotonic_ns()])


@pytest.mark.parametrize("point", ["checkpointEngine", "checkpointBlob", "checkpointFormat"])
def test_at_a_point_of_saving(point, library, tmp_path):  # noqa: F811
    run, server = begin(library, tmp_path, point, "--fault", point)
    assert run.save() != 0
    server.close()
    assert server.process.returncode == -9
    run.check_all([None])


@pytest.mark.parametrize("point", ["folderCopyFile", "folderCopySync", "folderExchange", "folderExchangeSync"])
def test_at_a_point_of_loading(point, library, tmp_path):  # noqa: F811
    run, server = begin(library, tmp_path, point, "--fault", point)
    assert run.save() == 0
    run.drive(server, 0.2)
    assert run.load() != 0
    server.close()
    assert server.process.returncode == -9
    run.check_all([None])
