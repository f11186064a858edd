#!/usr/bin/env python3
"""How fast the tables are: `make bench-dynamodb`.

Signed requests, all different, signed beforehand and played by wrk. The emulator is measured against the
answer to `GET /` on the same port, which is what its HTTP path can give at most, and against moto and
MiniStack; then at sizes up to BENCH_ITEMS items. All in one run on one machine, the rounds interleaved, so that
ratios hold when the machine's speed drifts. Writes Benchmarks/results/dynamodb.{md,json,svg}.

Variables: BENCH_SECONDS (a measurement, 2), BENCH_ROUNDS (3), BENCH_ITEMS (10,000,000), BENCH_PARTS (all, or
some of operations,peers,pause,sizes; results of the others are kept), BENCH_LOCK (a file to lock meanwhile),
BENCH_PEERS (the folder with moto_server and ministack), BENCH_STORE (a folder that keeps the largest store, so that
the next run need not load it).
"""

import json
import os
import platform
import statistics
import tempfile
import threading
import time

import growth
import loading
import plot
from asking import CEILING, OPERATIONS, ROUNDS, SECONDS, SMALL, requests
from harness import ROOT, Emulator, MiniStack, Moto, play, quiet, step, table

RESULTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results")
ITEMS = int(os.environ.get("BENCH_ITEMS", "10000000"))
PARTS = os.environ.get("BENCH_PARTS", "operations,peers,pause,sizes").split(",")
CONNECTIONS = [1, 32, 256]


# MARK: what is measured

def measure(server, names, rounds, seconds, connections=None):
    """Medians over the rounds; each round measures everything once. What is to be compared comes one after the
    other: the same number of connections, the ceiling first."""
    found = {}
    for turn in range(rounds):
        for count in connections or CONNECTIONS:
            for name in names:
                step(f"{server.name}, round {turn + 1}: {name}, {count} connections")
                with quiet():
                    got = play(
                        server.aws + "/", requests(server, name), count, seconds,
                        may_fail=server.name != "emulator")
                found.setdefault(f"{name}@{count}", []).append(got)
    return {
        key: {field: statistics.median(one[field] for one in each) for field in each[0]}
        for key, each in found.items()}


def fdatasync(folder, count=300):
    """Milliseconds of appending 4 KiB and syncing, where the emulator keeps its data."""
    times = []
    path = os.path.join(folder, "sync-probe")
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for _ in range(count):
        start = time.perf_counter()
        os.write(file, b"x" * 4096)
        os.fdatasync(file)
        times.append((time.perf_counter() - start) * 1000)
    os.close(file)
    os.unlink(path)
    times.sort()
    return {"median": statistics.median(times), "p99": times[int(len(times) * 0.99) - 1]}


def operations(folder, manifest):
    emulator = Emulator(os.path.join(folder, "operations"), "--manifest", manifest)
    try:
        loading.create(emulator)
        loading.fill(emulator, 0, SMALL)
        probes = []
        merged = {}
        for _ in range(ROUNDS):
            with quiet():
                probes.append(fdatasync(folder))
            turn = measure(emulator, [CEILING, *OPERATIONS], 1, SECONDS)
            for key, value in turn.items():
                ceiling = turn[f"{CEILING}@{key.split('@')[1]}"]["rate"]
                merged.setdefault(key, []).append(value | {"ofCeiling": value["rate"] / ceiling})
        loads = {
            key: {field: statistics.median(v[field] for v in values) for field in values[0]}
            for key, values in merged.items()}
        sync = {field: statistics.median(p[field] for p in probes) for field in probes[0]}
        return {"loads": loads, "fdatasyncMs": sync}
    finally:
        emulator.stop()


def peers():
    found = {}
    for kind in (Moto, MiniStack):
        server = kind()
        try:
            loading.create(server)
            loading.fill_slowly(server, 0, SMALL)
            found[server.name] = measure(server, OPERATIONS, 1, SECONDS)
        finally:
            server.stop()
    return found


def pause(folder, manifest):
    """What a client that gets single items feels while others scan whole tables."""
    emulator = Emulator(os.path.join(folder, "pause"), "--manifest", manifest)
    try:
        loading.create(emulator)
        loading.fill(emulator, 0, SMALL)
        gets, scans = requests(emulator, "GetItem"), requests(emulator, "Scan of 1 MB")
        alone, beside = [], []
        for turn in range(ROUNDS):
            step(f"GetItem beside scans, round {turn + 1}")
            with quiet():
                alone.append(play(emulator.aws + "/", gets, 1, SECONDS))
                scanner = threading.Thread(target=play, args=(emulator.aws + "/", scans, 1, SECONDS + 1))
                scanner.start()
                time.sleep(0.5)
                beside.append(play(emulator.aws + "/", gets, 1, SECONDS))
                scanner.join()
        return {
            "aloneP99Ms": statistics.median(one["p99"] for one in alone),
            "besideScanP50Ms": statistics.median(one["p50"] for one in beside),
            "besideScanP99Ms": statistics.median(one["p99"] for one in beside)}
    finally:
        emulator.stop()


# MARK: report

def verdicts(result):
    """Each target of the project with what was found."""
    lines = []

    def say(text, is_met, found):
        lines.append({"target": text, "met": bool(is_met), "found": found})

    if "operations" in result:
        loads, sync = result["operations"]["loads"], result["operations"]["fdatasyncMs"]
        for count in CONNECTIONS[1:]:
            ratio = loads[f"GetItem@{count}"]["ofCeiling"]
            say(f"GetItem at least 0.6 of the ceiling, {count} connections", ratio >= 0.6, f"{ratio:.2f}")
        ratio = loads["PutItem, one GSI@32"]["ofCeiling"]
        say("durable PutItem at least 0.35 of the ceiling, 32 connections", ratio >= 0.35, f"{ratio:.2f}")
        for count in CONNECTIONS[:2]:
            p99 = loads[f"PutItem, one GSI@{count}"]["p99"]
            say(f"p99 of durable PutItem under 4 times p99 of fdatasync, {count} connections",
                p99 < 4 * sync["p99"], f"{p99:.2f} ms, {p99 / sync['p99']:.1f} times; "
                f"{p99 / sync['median']:.1f} times the median of fdatasync")
        if "peers" in result:
            ratio = loads["GetItem@32"]["rate"] / result["peers"]["moto"]["GetItem@32"]["rate"]
            say("GetItem at least 40 times moto, 32 connections", ratio >= 40, f"{ratio:.0f}")
    if "sizes" in result:
        row = result["sizes"][-1]
        items = f"with {row['items']:,} items"
        for name in ("GetItem", "Query of 10", "Query of 1,000"):
            slower = row[name + ", slower by"]
            say(f"{name} {items} within 1.5 times of {SMALL:,}", slower <= 1.5, f"{slower:.2f}")
        say(f"resident memory {items} under 200 MiB", row["residentMB"] < 200, f"{row['residentMB']} MiB")
        say(f"opening {items} under 100 ms", row["openMs"] < 100, f"{row['openMs']} ms")
        say(f"opening after kill -9 {items} under 100 ms", row["openAfterKillWorstMs"] < 100,
            f"median {row['openAfterKillMs']} ms, worst {row['openAfterKillWorstMs']} ms")
    return lines


def report(result):
    parts = [
        f"Measured by `make bench-dynamodb` on {result['machine']}: signed requests, all different, played by "
        "wrk on the same cores; medians of interleaved rounds. Every write is synced to the disk before it is "
        "answered; the peers keep all in memory.",
        runs(result["runs"])]
    if "verdicts" in result:
        parts.append(table(
            ["Target", "Met", "Found"],
            [(v["target"], "yes" if v["met"] else "**no**", v["found"]) for v in result["verdicts"]]))
    if "operations" in result:
        parts.append(operations_table(result))
        sync = result["operations"]["fdatasyncMs"]
        parts.append(
            f"fdatasync after an append of 4 KiB, same file system: median {sync['median']:.2f} ms, "
            f"p99 {sync['p99']:.2f} ms.")
    if "pause" in result:
        found = result["pause"]
        parts.append(
            f"GetItem, one connection, while another scans in pages of 1 MB: p50 {found['besideScanP50Ms']:.2f} "
            f"ms, p99 {found['besideScanP99Ms']:.2f} ms; alone p99 {found['aloneP99Ms']:.2f} ms.")
    if "sizes" in result:
        parts.append(sizes_table(result["sizes"]))
        parts.append("![Speed, memory and opening by number of items](dynamodb.svg)")
    return "\n\n".join(parts) + "\n"


def runs(each):
    if len(set(each.values())) == 1:
        return f"All in one run: {next(iter(each.values()))}."
    return "\n".join(f"- {part}: {text}" for part, text in each.items())


def operations_table(result):
    loads = result["operations"]["loads"]
    others = result.get("peers", {})
    rows = []
    for name in [CEILING, *OPERATIONS]:
        for count in CONNECTIONS:
            found = loads[f"{name}@{count}"]
            row = [name, count, f"{found['rate']:,.0f}", f"{found['p99']:.2f}",
                   f"{found['ofCeiling']:.2f}"]
            for peer in others.values():
                rate = peer.get(f"{name}@{count}", {}).get("rate")
                row += [f"{rate:,.0f}", f"{found['rate'] / rate:,.0f}"] if rate else ["", ""]
            rows.append(row)
    header = ["Load", "Connections", "Requests/s", "p99, ms", "of ceiling"]
    for peer in others:
        header += [f"{peer}, requests/s", "times faster"]
    return table(header, rows)


def sizes_table(rows):
    return table(
        ["Items", "GetItem/s", "slower by", "Query of 10/s", "slower by", "Query of 1,000/s", "slower by",
         "Resident, MiB", "Open, ms", "after kill -9", "worst", "Load, s"],
        [(f"{r['items']:,}", f"{r['GetItem']:,}", r["GetItem, slower by"], f"{r['Query of 10']:,}",
          r["Query of 10, slower by"], f"{r['Query of 1,000']:,}", r["Query of 1,000, slower by"],
          r["residentMB"], r["openMs"], r["openAfterKillMs"], r["openAfterKillWorstMs"], r["loadSeconds"])
         for r in rows])


def main():
    os.makedirs(RESULTS, exist_ok=True)
    path = os.path.join(RESULTS, "dynamodb.json")
    result = {}
    if os.path.exists(path) and len(PARTS) < 4:
        with open(path) as file:
            result = json.load(file)
    result["machine"] = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    # Where the build is, since /tmp may be memory and would make every sync look free.
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build"), prefix="bench-") as folder:
        manifest = os.path.join(folder, "manifest.json")
        with open(manifest, "w") as file:
            json.dump({"service": "bench", "functions": {}, "httpApi": {"routes": []}}, file)
        for part in PARTS:
            result.setdefault("runs", {})[part] = (
                f"{time.strftime('%Y-%m-%d %H:%M')}, {ROUNDS} rounds of {SECONDS} s, load average "
                f"{os.getloadavg()[0]:.1f} at the start")
        if "operations" in PARTS:
            result["operations"] = operations(folder, manifest)
        if "peers" in PARTS:
            result["peers"] = peers()
        if "pause" in PARTS:
            result["pause"] = pause(folder, manifest)
        if "sizes" in PARTS:
            result["sizes"] = growth.sizes(folder, manifest, ITEMS, result.get("sizes", []))
            plot.write(result["sizes"], os.path.join(RESULTS, "dynamodb.svg"))
    result["verdicts"] = verdicts(result)
    with open(path, "w") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    text = report(result)
    with open(os.path.join(RESULTS, "dynamodb.md"), "w") as file:
        file.write(text)
    print(text)


if __name__ == "__main__":
    main()
