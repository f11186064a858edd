"""The same reads and openings with ever more items, beside a small store."""

import json
import os
import statistics
import threading
import time

import loading
from asking import ROUNDS, SECONDS, SMALL, requests
from harness import Emulator, play, quiet, step


def sizes(folder, manifest, items, earlier):
    """Grows one store to so many items; at each power of ten a small one is measured in turn with it. BENCH_STORE
    names a folder that keeps the store: what it holds already is not loaded anew, and of smaller sizes the rows of an
    `earlier` run stay."""
    kept = os.environ.get("BENCH_STORE")
    path, note = os.path.join(kept or folder, "sizes"), os.path.join(kept or folder, "loaded.json")
    load = {"items": 0, "loadSeconds": 0}
    if os.path.exists(note):
        with open(note) as file:
            load = json.load(file)
    if load["items"] > items:
        raise SystemExit(f"{kept} holds {load['items']:,} items, more than BENCH_ITEMS")
    rows = [row for row in earlier if row["items"] < load["items"]]
    small = Emulator(os.path.join(folder, "small"), "--manifest", manifest)
    big = Emulator(path, "--manifest", manifest)
    try:
        loading.create(small)
        loading.fill(small, 0, SMALL)
        if not load["items"]:
            loading.create(big)
        for count in sorted({n for n in (SMALL, 100_000, 1_000_000, 10_000_000, items) if load["items"] <= n <= items}):
            if count > load["items"]:
                load = grow(big, load, count, note)
            settle(big)
            row = load | compare(small, big, count)
            row["residentMB"] = round(max(big.memory_mb(), row["residentMB"]), 1)
            big, opened = reopen(big, path, manifest)
            rows.append(row | opened)
            step(json.dumps(rows[-1]))
        rows[-1]["bytesOnDisk"] = sum(
            os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(path) for name in names)
        return rows
    finally:
        small.stop()
        big.stop()


def grow(big, load, count, note):
    """Loads up to so many items; what was loaded and how, also written to the file `note`."""
    step(f"loading up to {count:,} items")
    start = time.perf_counter()
    loading.fill(big, load["items"], count)
    seconds = load["loadSeconds"] + time.perf_counter() - start
    load = {"items": count, "loadSeconds": round(seconds, 1), "loadPeakMB": round(big.memory_mb("VmHWM"), 1)}
    with open(note, "w") as file:
        json.dump(load, file)
    return load


def settle(server):
    """Waits until the server merges no tables any more, a minute at most: reads are to be measured."""
    def used():
        with open(f"/proc/{server.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    for _ in range(60):
        before = used()
        time.sleep(1)
        if used() - before <= 5:  # hundredths of a second
            return


def compare(small, big, count):
    """The same reads on both stores in turn, each at 32 connections."""
    found = {}
    resident = 0
    for turn in range(ROUNDS):
        for name in ("GetItem", "Query of 10", "Query of 1,000"):
            # Distinct keys all over the store, enough that the block cache cannot hold what they hit.
            plans = [
                (label, server, requests(server, name, items, 5000 if name == "GetItem" else 1000))
                for label, server, items in (("small", small, SMALL), ("big", big, count))]
            with quiet():
                for label, server, signed in plans:
                    step(f"{name} of {count:,}, {label}, round {turn + 1}")
                    rate = play(server.aws + "/", signed, 32, SECONDS)["rate"]
                    found.setdefault((name, label), []).append(rate)
            resident = max(resident, big.memory_mb())
    row = {"residentMB": resident}
    for name in ("GetItem", "Query of 10", "Query of 1,000"):
        pairs = zip(found[name, "small"], found[name, "big"])
        row[name] = round(statistics.median(found[name, "big"]))
        row[name + ", slower by"] = round(statistics.median(a / b for a, b in pairs), 2)
    return row


def reopen(emulator, path, manifest):
    """Milliseconds from spawn to the ready line: after a stop, and after kills under load of writes."""
    stopped, killed = [], []
    for _ in range(3):
        emulator.stop()
        with quiet():
            emulator = Emulator(path, "--manifest", manifest)
        stopped.append(emulator.ready_ms)
    for _ in range(5):
        writes = requests(emulator, "UpdateItem ADD", SMALL)
        load = threading.Thread(
            target=wrk_until_killed, args=(emulator.aws + "/", writes))
        load.start()
        time.sleep(2.5)
        emulator.kill()
        load.join()
        with quiet():
            emulator = Emulator(path, "--manifest", manifest)
        killed.append(emulator.ready_ms)
    return emulator, {
        "openMs": round(statistics.median(stopped), 1), "openAfterKillMs": round(statistics.median(killed), 1),
        "openAfterKillWorstMs": round(max(killed), 1)}


def wrk_until_killed(url, signed):
    try:
        play(url, signed, 64, 3, may_fail=True)
    except SystemExit:
        pass  # wrk may have no answer left to count when its server is killed.
