"""`kill -9` at random instants under load of 64 writers: nothing acknowledged is lost, nothing is torn.

CRASH_SEED=N replays the same load and the same delays, CRASH_KILLS=N changes how many kills there are.
"""

import concurrent.futures
import os
import random
import shutil
import threading
import time

import load
import pytest
from wire import Server, drive, end_all, verify

KILLS = int(os.environ.get("CRASH_KILLS", "200"))
WRITERS = 64
FOLDERS = 4  # stores side by side: while one starts, another works


def campaign(folder, seed, kills):
    """Kills one store again and again; returns (answers, seconds of the slowest verify, indexes built)."""
    try:
        return kill_again_and_again(folder, seed, kills)
    finally:
        end_all()


def kill_again_and_again(folder, seed, kills):
    dice = random.Random(seed)
    builder = load.IndexBuilder(seed)
    writers = [load.Writer(place, seed) for place in range(WRITERS)] + [builder]
    answers, slowest = 0, 0.0
    server = Server(folder)
    load.make_tables(server)
    writers.append(load.Filler(server))
    for _ in range(kills):
        timer = threading.Timer(dice.uniform(0.02, 0.4), server.process.kill)
        timer.start()
        answers += drive(server.address, writers)
        timer.join()
        server.close()
        assert server.process.returncode == -9, server.process.returncode
        # Half of the crashes meet `verify` first, the others a server that starts.
        if dice.random() < 0.5:
            began = time.monotonic()
            verify(folder)
            slowest = max(slowest, time.monotonic() - began)
        server = Server(folder)
        load.check(server, writers)
    builder.finish(server)
    time.sleep(2.2)
    left = [item for item in server.scan(load.TABLE) if int(item.get("expires", {"N": "9" * 11})["N"]) < time.time() - 2]
    assert not left, f"not swept: {left[:3]}"
    load.check_index(server)
    server.stop()
    verify(folder)
    return answers, slowest, builder.built


@pytest.mark.parametrize("damage", ["lose", "change", "add", "half a transaction"])
def test_damage_would_be_seen(damage, tmp_path):
    """The proof that the comparison can fail."""
    server = Server(tmp_path)
    load.make_tables(server)
    writers = [load.Writer(place, 7) for place in range(WRITERS)]
    drive(server.address, writers, 0.3)
    load.check(server, writers)
    kind = "transact" if damage.startswith("half") else "put"
    writer = next(each for each in writers if each.kind == kind and each.state)
    key = next(key for key in writer.state if key[0] == load.TABLE)
    changed = {**writer.state[key], "text": {"S": "changed"}}
    if damage == "add":
        changed["sk"] = {"N": "999"}
    if damage == "lose":
        server.ok("DeleteItem", {"TableName": key[0], "Key": load.names(key)})
    elif damage.startswith("half"):
        # Cut off after its first action: money leaves one account and reaches no other.
        writer.next()
        action = writer.pending.body["TransactItems"][0]["Update"]
        server.ok("UpdateItem", action)
    else:
        server.ok("PutItem", {"TableName": key[0], "Item": changed})
    with pytest.raises(AssertionError, match="neither what was acknowledged"):
        load.check(server, writers)
    server.kill()


def test_kills_under_load(tmp_path):
    seed = int(os.environ.get("CRASH_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"CRASH_SEED={seed}")
    began = time.monotonic()
    with concurrent.futures.ProcessPoolExecutor(FOLDERS) as pool:
        runs = [pool.submit(campaign, str(tmp_path / str(place)), seed + place, (KILLS + place) // FOLDERS)
                for place in range(FOLDERS)]
        results = [run.result() for run in runs]
    answers, built = (sum(result[place] for result in results) for place in (0, 2))
    print(f"{KILLS} kills, {answers} answers, {built} sights of a built index, 0 lost, 0 torn in "
          f"{time.monotonic() - began:.0f} s; verify took {max(result[1] for result in results):.2f} s at most")
    assert answers > KILLS * 20, "the load was not a load"
    assert built > KILLS / 10, "no index was filled"
    shutil.rmtree(tmp_path, ignore_errors=True)
