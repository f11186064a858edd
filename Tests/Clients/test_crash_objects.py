"""`kill -9` at random instants under mixed S3 load: uploads small and large, in one piece and in parts, overwrites,
copies, batches of deletes, versions, expiry. Nothing acknowledged is lost, nothing is torn, no file is left over.

See `campaigns` for CRASH_SEED and CRASH_KILLS.
"""

import os
import random
import shutil

import pytest

from . import campaigns, load_objects
from .wire import Server, drive, verify

KILLS = int(os.environ.get("CRASH_KILLS", "80"))
WRITERS = 32


def campaign(folder, seed, kills):
    """Kills one store again and again; returns (answers, objects that expired)."""
    dice = random.Random(seed)
    writers = [load_objects.ObjectWriter(place, seed) for place in range(WRITERS)]
    answers = 0
    server = Server(folder)
    load_objects.make_buckets(server)
    for number in range(1, kills + 1):
        answers += campaigns.kill_under_load(
            server, writers, dice.uniform(0.02, 0.6), lambda more: answers + more > number * 12)
        server = Server(folder)
        load_objects.check(server, writers)
        assert not os.listdir(os.path.join(server.data, "store", "staging")), "bytes without an object"
        # `verify` holds each file against its record, and finds files that belong to nobody.
        if dice.random() < 0.3:
            server.stop()
            verify(folder)
            server = Server(folder)
    server.stop()
    verify(folder)
    return answers, sum(writer.expired for writer in writers)


@pytest.mark.parametrize("damage", ["lose", "change", "add", "resurrect"])
def test_damage_would_be_seen(damage, tmp_path):
    """The proof that the comparison can fail."""
    server = Server(tmp_path)
    load_objects.make_buckets(server)
    writers = [load_objects.ObjectWriter(place, 7) for place in range(WRITERS)]
    drive(server.address, writers, 0.5)
    load_objects.check(server, writers)
    kind = "versions" if damage == "resurrect" else "put"
    writer = next(each for each in writers if each.kind == kind and each.state)
    key = next(iter(writer.state))
    where = f"/{key[0]}/{key[1]}"
    request = {"lose": (f"DELETE {where}", b""), "change": (f"PUT {where}", b"other"),
               "add": (f"PUT {where}-more", b""), "resurrect": (f"PUT {where}", b"other")}[damage]
    status, answer = server.call(*request)
    assert status in (200, 204), answer
    with pytest.raises(AssertionError, match="neither what was acknowledged"):
        load_objects.check(server, writers)
    server.kill()


def test_kills_under_load(tmp_path):
    answers, expired = (sum(counts) for counts in zip(*campaigns.run(campaign, tmp_path, KILLS)))
    print(f"{answers} answers, {expired} objects expired, 0 left over")
    assert expired > KILLS / 10, "no rule was carried out"
    assert answers > KILLS * 10, "the load was not a load"
    shutil.rmtree(tmp_path, ignore_errors=True)
