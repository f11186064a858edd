"""`kill -9` at random instants under load, on several stores side by side.

CRASH_SEED=N replays the same load and the same delays, CRASH_KILLS=N changes how many kills there are.
"""

import concurrent.futures
import os
import random
import threading
import time

from .wire import drive, end_all

STORES = 4  # while one starts, another works


def run(campaign, folder, kills):
    """What `campaign(folder, seed, kills)` returned for each store."""
    seed = int(os.environ.get("CRASH_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"CRASH_SEED={seed}")
    began = time.monotonic()
    with concurrent.futures.ProcessPoolExecutor(STORES) as pool:
        runs = [pool.submit(leaving_nothing, campaign, str(folder / str(place)), seed + place,
                            (kills + place) // STORES)
                for place in range(STORES)]
        results = [run.result() for run in runs]
    print(f"{kills} kills in {time.monotonic() - began:.0f} s, 0 lost, 0 torn")
    return results


def leaving_nothing(campaign, *arguments):
    try:
        return campaign(*arguments)
    finally:
        end_all()


def kill_under_load(server, writers, delay):
    """Kills the server after so many seconds of what the writers ask; returns the number of answers."""
    timer = threading.Timer(delay, server.process.kill)
    timer.start()
    answers = drive(server.address, writers)
    timer.join()
    server.close()
    assert server.process.returncode == -9, server.process.returncode
    return answers
