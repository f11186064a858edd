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
from wire import Server, drive, end_all, verify

KILLS = int(os.environ.get("CRASH_KILLS", "200"))
WRITERS = 64
FOLDERS = 4  # stores side by side: while one starts, another works


def campaign(folder, seed, kills):
    """Kills one store again and again; returns (answers, how long verifying took at most)."""
    try:
        return kill_again_and_again(folder, seed, kills)
    finally:
        end_all()


def kill_again_and_again(folder, seed, kills):
    dice = random.Random(seed)
    writers = [load.Writer(place, seed) for place in range(WRITERS)]
    answers, slowest = 0, 0.0
    server = Server(folder)
    load.make_tables(server)
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
    time.sleep(2.2)
    left = [item for item in server.scan(load.TABLE) if int(item.get("expires", {"N": "9" * 11})["N"]) < time.time() - 2]
    assert not left, f"not swept: {left[:3]}"
    load.check_index(server)
    server.stop()
    verify(folder)
    return answers, slowest


def test_kills_under_load(tmp_path):
    seed = int(os.environ.get("CRASH_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"CRASH_SEED={seed}")
    began = time.monotonic()
    with concurrent.futures.ProcessPoolExecutor(FOLDERS) as pool:
        runs = [pool.submit(campaign, str(tmp_path / str(place)), seed + place, (KILLS + place) // FOLDERS)
                for place in range(FOLDERS)]
        results = [run.result() for run in runs]
    answers = sum(count for count, _ in results)
    print(f"{KILLS} kills, {answers} answers, 0 lost, 0 torn in {time.monotonic() - began:.0f} s; "
          f"verify took {max(slowest for _, slowest in results):.2f} s at most")
    assert answers > KILLS * 20, "the load was not a load"
    shutil.rmtree(tmp_path, ignore_errors=True)
