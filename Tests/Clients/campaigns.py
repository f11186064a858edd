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


class Counted:
    """A writer whose answers are counted."""

    def __init__(self, writer, counts):
        self.writer, self.counts, self.next = writer, counts, writer.next

    def done(self, *answer):
        self.counts["answers"] += 1
        self.writer.done(*answer)


def kill_under_load(server, writers, delay, enough):
    """Kills the server after so many seconds of what the writers ask, on a machine that does little in that time
    when `enough(answers)`; returns the number of answers."""
    counts = {"answers": 0}

    def kill():
        time.sleep(delay)
        end = time.monotonic() + 30
        while not enough(counts["answers"]) and time.monotonic() < end:
            time.sleep(0.002)
        server.process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    answers = drive(server.address, [Counted(writer, counts) for writer in writers])
    killer.join()
    server.close()
    assert server.process.returncode == -9, server.process.returncode
    return answers
