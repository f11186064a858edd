"""A power cut at each named fault point and at random instants: what a strict disk kept opens without any repair,
holds every acknowledged write, and nothing of it is torn.

The emulator runs with a library that journals its file operations; `powercut` works out what the disk would hold.
POWERCUT_SEED=N replays the same choices.
"""

import bisect
import concurrent.futures
import os
import random
import threading
import time

import pytest
from running import write_manifest

from . import load, load_objects, powercut
from .wire import Server, drive, verify

SEED = int(os.environ.get("POWERCUT_SEED", random.SystemRandom().randrange(1 << 32)))
FOREVER = 1 << 63
WRITERS, OBJECT_WRITERS = 24, 8

# Reached by writes of items and objects.
WRITING = ["commitWrite", "commitAcknowledge", "blobWrite", "blobSync", "blobFolderMake", "blobRename", "blobFolderSync",
           "stagingFolderSync", "blobUnlink"]
# Reached by the first start in an empty folder, by every start, by a start after a crash, and by a stop.
FIRST = ["formatWrite", "formatSync", "formatRename", "folderSync"]
STARTING = ["cleanMarkerRemove", "engineOpen", "stagingSweep", "orphanSweep"]
STOPPING = ["engineClose", "cleanMarkerWrite"]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return powercut.build(str(tmp_path_factory.mktemp("powercut")))


class Run:
    """One emulator whose file operations are journalled, and its load."""

    def __init__(self, folder, library, seed, writers=WRITERS, sizes=(5, 50, 200, 1000, 6000)):
        print(f"POWERCUT_SEED={SEED}")
        self.root, self.journal = os.path.join(folder, "root"), os.path.join(folder, "journal")
        os.makedirs(self.root)
        self.folder, self.library = folder, library
        self.dice = random.Random(f"{SEED}/{seed}")
        self.writers = [load.Writer(place, f"{SEED}/{seed}", sizes=sizes) for place in range(writers)]
        self.objects = [load_objects.ObjectWriter(place, f"{SEED}/{seed}") for place in range(OBJECT_WRITERS)]
        for writer in self.writers + self.objects:
            writer.history = []
        self.made = FOREVER  # when the tables had been made
        self.disk = None

    def start(self, *options):
        """Takes what is there for durable, and journals from here on."""
        write_manifest(self.root, "load")
        self.disk = powercut.Disk(self.root)
        return Server(self.root, *options, env=powercut.environment(self.library, self.root, self.journal))

    def fill(self, server):
        load.make_tables(server)
        load_objects.make_buckets(server)
        self.made = time.monotonic_ns()

    def drive(self, server, seconds):
        return drive(server.address, self.writers + self.objects, seconds)

    # What the disk may hold

    def check_all(self, moments):
        """Checks every variant of the disk at each moment; None stands for the end of the journal."""
        records = powercut.read(self.journal)
        times = [record.time for record in records]
        places = sorted(len(records) if moment is None else bisect.bisect_left(times, moment) for moment in moments)
        images, count = [], 0
        for place in places:
            while self.disk.count < place:
                self.disk.carry_out(records[self.disk.count])
            moment = times[place] if place < len(times) else FOREVER
            for variant in powercut.VARIANTS:
                image = os.path.join(self.folder, f"image-{count}")
                count += 1
                self.disk.image(image, variant, self.dice)
                images.append((image, variant, place, moment, self.dice.random() < 0.5))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for _ in pool.map(lambda each: self.check(*each), images):
                pass
        return len(images)

    def check(self, image, variant, place, moment, verifies_first):
        try:
            self.examine(image, moment, verifies_first)
        except Exception as error:
            told = powercut.story(powercut.read(self.journal), str(error))
            raise AssertionError(
                f"{variant} after {place} file operations ({image}): {error} [journal: {told}]") from error

    def examine(self, image, moment, verifies_first):
        if verifies_first and os.path.isdir(os.path.join(image, "data/store")):
            verify(image)
        server = Server(image)
        try:
            if self.made < moment or load.TABLE in server.ok("ListTables", {})["TableNames"]:
                self.compare(server, moment)
        finally:
            server.stop()
        verify(image)

    def compare(self, server, moment):
        is_made = self.made < moment
        if not is_made:
            # The call that makes the second table may have been cut off.
            assert not server.scan(load.TABLE)
            return
        found, now = load.stored(server), time.time()
        for writer in self.writers:
            writer.check_at(moment, found.pop(writer.name, {}), now)
        assert not found, f"items of nobody: {str(found)[:300]}"
        load.check_index(server)
        for writer in self.objects:
            writer.check_at(moment, writer.stored(server), now)


def dies(run, *options):
    """Starts an emulator that dies before it is ready."""
    with pytest.raises(AssertionError, match="exit -9"):
        run.start(*options)


@pytest.mark.parametrize("occurrence", [1, 9])
@pytest.mark.parametrize("point", WRITING)
def test_at_a_point_of_writing(point, occurrence, library, tmp_path):
    run = Run(str(tmp_path), library, f"{point}/{occurrence}")
    server = Server(run.root)
    run.fill(server)
    server.stop()
    server = run.start("--fault", f"{point}:{occurrence + 10 * (point.startswith('commit'))}")
    run.drive(server, 120)
    server.close()
    assert server.process.returncode == -9, "the fault point was not reached"
    run.check_all([None])


@pytest.mark.parametrize("point", FIRST + ["cleanMarkerRemove", "engineOpen"])
def test_at_a_point_of_the_first_start(point, library, tmp_path):
    run = Run(str(tmp_path), library, point)
    dies(run, "--fault", point)
    run.check_all([None])


@pytest.mark.parametrize("point", STARTING)
def test_at_a_point_of_starting_after_a_crash(point, library, tmp_path):
    run = Run(str(tmp_path), library, point)
    server = Server(run.root)
    run.fill(server)
    threading.Timer(0.3, server.process.kill).start()
    run.drive(server, 120)
    server.close()
    # What a crash may leave: a staged file, and a blob that no commit has attached.
    blobs = os.path.join(run.root, "data/store/blobs/00/00")
    os.makedirs(blobs, exist_ok=True)
    for path in (os.path.join(blobs, "0" * 32), os.path.join(run.root, "data/store/staging/left")):
        with open(path, "wb") as file:
            file.write(b"left")
    dies(run, "--fault", point)
    run.check_all([None])


@pytest.mark.parametrize("point", STOPPING)
def test_at_a_point_of_stopping(point, library, tmp_path):
    run = Run(str(tmp_path), library, point)
    server = Server(run.root)
    run.fill(server)
    server.stop()
    server = run.start("--fault", point)
    # Enough for the log to be written out as a table before the mark of a clean end is set.
    run.writers = [load.Writer(place, SEED, sizes=(60_000,)) for place in range(WRITERS)]
    for writer in run.writers:
        writer.history = []
    run.drive(server, 0.7)
    server.stop()
    assert server.process.returncode == -9, "the fault point was not reached"
    run.check_all([None])


@pytest.mark.parametrize("number", range(3))
def test_at_random_instants_of_a_first_run(number, library, tmp_path):
    """From the making of the folder on, through the first tables, with few and small writes."""
    run = Run(str(tmp_path), library, f"first/{number}", writers=8)
    server = run.start()
    run.fill(server)
    filled = time.monotonic_ns()
    run.drive(server, 0.2)
    server.kill()
    records = powercut.read(run.journal)
    begin = records[0].time
    moments = [run.dice.randrange(begin, filled) for _ in range(8)]
    moments += [run.dice.randrange(filled, records[-1].time) for _ in range(3)]
    run.check_all(moments)


@pytest.mark.parametrize("number", range(2))
def test_at_random_instants_under_load(number, library, tmp_path):
    """Large items fill the log, so that tables are written out and logs removed meanwhile."""
    run = Run(str(tmp_path), library, f"load/{number}", sizes=(50, 1000, 60_000, 200_000))
    server = Server(run.root)
    run.fill(server)
    server.stop()
    server = run.start()
    began = time.monotonic_ns()
    # A slow disk takes less in this time; what is looked for comes all the same.
    deadline = time.monotonic() + 60
    while True:
        run.drive(server, 2.5)
        if any(record.name.endswith(".sst") for record in powercut.read(run.journal)):
            break
        assert time.monotonic() < deadline, "no table was written out"
    server.kill()
    records = powercut.read(run.journal)
    # Half of the moments anywhere, half of them close to a file's coming, going or renaming.
    names = [record.time for record in records if record.name and record.time > began]
    moments = [run.dice.randrange(began, records[-1].time) for _ in range(7)]
    moments += [run.dice.choice(names) + run.dice.choice((0, 1)) for _ in range(7)]
    run.check_all(moments)
