#!/usr/bin/env python3
"""How fast S3 is: `make bench-s3`, or with `--quick` a try of a minute.

Signed requests, no two the same, signed beforehand and played by wrk; bodies of a gibibyte by a client that drops
what it receives inside the kernel (`bulk.py`). The emulator is measured against moto and MiniStack, and for GET against
nginx with the same files and the same bytes of requests. A LIST page of 1,000 in a bucket with a million keys is
measured in turn with one of a bucket with a thousand. One run on one machine, rounds interleaved. Writes
Benchmarks/results/objects.{md,json,svg}.

Variables: BENCH_SECONDS (a measurement, 2), BENCH_ROUNDS (3), BENCH_KEYS (1,000,000), BENCH_PARTS (all, or some of
small,lists,bulk,peers; results of the others are kept), BENCH_LOCK (a file to lock meanwhile), BENCH_PEERS (the folder
with moto_server and ministack).
"""

import json
import os
import platform
import statistics
import sys
import tempfile
import time

import bulk
import objects_report
from harness import ROOT, Emulator, MiniStack, Moto, Nginx, quiet, step
from signed import Requests, pump

QUICK = "--quick" in sys.argv
RESULTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results")
SECONDS = int(os.environ.get("BENCH_SECONDS", "1" if QUICK else "2"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "1" if QUICK else "3"))
KEYS = int(os.environ.get("BENCH_KEYS", "20000" if QUICK else "1000000"))
ALL_PARTS = ["small", "lists", "bulk", "peers"]
PARTS = os.environ.get("BENCH_PARTS", ",".join(ALL_PARTS)).split(",")
CONNECTIONS = [1, 32, 256]
KB, MB, GB = 1024, 1 << 20, 1 << 30
FEW = 1000
"""Objects of each size that GET picks from."""
SMALL, LARGE = 5000, 50
BODY_1KB = os.urandom(KB)
BODY_1MB = os.urandom(MB)
"""Requests to sign for a measurement: more than any server here answers in its time."""
FASTEST = {"GET 1 KB": 40_000, "PUT 1 KB": 40_000, "GET 1 MB": 5000, "PUT 1 MB": 2000, "LIST": 5000}


class Bench:
    """One server with its buckets."""

    def __init__(self, server):
        self.server = server
        self.runs = 0
        self.last, self.last_count = None, 0

    def requests(self, kind, connections):
        if kind == "DELETE":
            # What was put last, since only keys that are there cost what a delete costs.
            return Requests(self.server, "DELETE", self.last, self.last_count)
        count = FASTEST[kind] * SECONDS
        if kind.endswith("1 KB") and self.server.name in ("moto", "MiniStack"):
            count //= 4
        match kind:
            case "GET 1 KB":
                return Requests(self.server, "GET", "/bench/small-%07d", count, numbers=SMALL, stride=7)
            case "GET 1 MB":
                return Requests(self.server, "GET", "/bench/large-%07d", count, numbers=LARGE)
            case "PUT 1 KB":
                return Requests(self.server, "PUT", self.fresh(), count, body=BODY_1KB)
            case "PUT 1 MB":
                return Requests(self.server, "PUT", self.fresh(), count, body=BODY_1MB)
        return self.list("few", count)

    def list(self, bucket, count, numbers=None):
        """Pages after any of `numbers` keys, or without it after names that stand before all keys."""
        name = "k" if numbers else "a"
        return Requests(
            self.server, "GET", f"/{bucket}", count, query=f"list-type=2&max-keys=1000&start-after={name}%07d",
            numbers=numbers, stride=7919)

    def fresh(self):
        """A path that no run before had."""
        self.runs += 1
        self.last = f"/bench/run-{self.runs}/%07d"
        return self.last

    def measure(self, kind, connections):
        step(f"{self.server.name}: {kind}, {connections} connections")
        requests = self.requests(kind, connections)
        seconds = max(1, SECONDS // 2) if kind == "DELETE" else SECONDS
        os.sync()  # What the load before has left to write is not this one's.
        with quiet():
            found = requests.play(
                self.server.aws, connections, seconds, may_fail=self.server.name not in ("emulator", "nginx"))
        # wrk asks for one more request on each connection than it has answers for.
        twice = found["sent"] - connections - requests.count
        if kind.startswith("PUT"):
            self.last_count = min(found["sent"], requests.count)
            if twice > 0:
                raise SystemExit(f"{kind}: {found['sent']} requests, of which only {requests.count} are distinct")
        if kind == "DELETE":
            found["absent"] = max(0, twice / found["sent"])
        return found

    def create(self):
        for bucket in ("bench", "few"):
            pump(self.server.aws, [bucket_request(self.server, bucket)], 1)
        pump(self.server.aws, Requests(self.server, "PUT", "/bench/small-%07d", SMALL, body=BODY_1KB), 16)
        pump(self.server.aws, Requests(self.server, "PUT", "/bench/large-%07d", LARGE, body=BODY_1MB), 4)
        pump(self.server.aws, Requests(self.server, "PUT", "/few/k%07d", FEW), 16)


def bucket_request(server, name):
    return next(iter(Requests(server, "PUT", f"/{name}", 1, query="x-id=CreateBucket-%07d")))


def median(rounds):
    return {field: statistics.median(one[field] for one in rounds) for field in rounds[0]}


def interleaved(plans, rounds=ROUNDS):
    """Medians of several measurements, each round doing each once."""
    found = {}
    for _ in range(rounds):
        for name, measure in plans:
            found.setdefault(name, []).append(measure())
    return {name: median(each) for name, each in found.items()}


# MARK: parts


def small(emulator, nginx):
    plans = []
    for kind in ("GET 1 KB", "GET 1 MB"):
        for count in CONNECTIONS:
            plans.append(((kind, count, "emulator"), lambda k=kind, c=count: emulator.measure(k, c)))
            plans.append(((kind, count, "nginx"), lambda k=kind, c=count: nginx.measure(k, c)))
    for kinds in (("PUT 1 KB", "DELETE"), ("PUT 1 MB",)):
        for count in CONNECTIONS:
            for kind in kinds:
                plans.append(((kind, count, "emulator"), lambda k=kind, c=count: emulator.measure(k, c)))
    return flat(interleaved(plans))


def lists(emulator):
    server = emulator.server
    pump(server.aws, [bucket_request(server, "many")], 1)
    step(f"putting {KEYS:,} keys")
    start = time.perf_counter()
    for first in range(0, KEYS, 100_000):
        # In portions, since a signature is good for 15 minutes; names of one length, in the order of numbers.
        count = min(100_000, KEYS - first)
        pump(server.aws, Requests(server, "PUT", f"/many/k{first // 100_000:02d}%05d", count), 64)
    seconds = time.perf_counter() - start
    time.sleep(3)

    def page(bucket, connections, numbers=None):
        step(f"LIST of 1,000 in {bucket}, {connections} connections")
        requests = emulator.list(bucket, FASTEST["LIST"], numbers)
        with quiet():
            return requests.play(server.aws, connections, SECONDS)

    plans = []
    for count in CONNECTIONS:
        # In `few` from the beginning, in `many` after any key but the last thousand.
        plans.append((("LIST few", count, "emulator"), lambda c=count: page("few", c)))
        plans.append((("LIST many", count, "emulator"), lambda c=count: page("many", c, KEYS - FEW)))
    return flat(interleaved(plans)) | {"keys": KEYS, "loadSeconds": round(seconds, 1)}


def put_gibibyte(bench, connections, seconds=None):
    step(f"{bench.server.name}: PUT 1 GiB, {connections} connections")
    heads = []
    for request in Requests(bench.server, "PUT", bench.fresh(), connections, payload="UNSIGNED-PAYLOAD"):
        heads.append(request.replace(b"Content-Length: 0", b"Content-Length: %d" % GB))
    with quiet():
        return {"rate": bulk.upload(bench.server.aws, heads, GB, seconds) / MB}


def get_gibibyte(bench, connections, seconds):
    step(f"{bench.server.name}: GET 1 GiB, {connections} connections")
    request = next(iter(Requests(bench.server, "GET", "/bench/huge-%07d", 1)))
    with quiet():
        return {"rate": bulk.download(bench.server.aws, request, connections, seconds) / MB}


def put_huge(bench):
    (head,) = Requests(bench.server, "PUT", "/bench/huge-%07d", 1, payload="UNSIGNED-PAYLOAD")
    bulk.upload(bench.server.aws, [head.replace(b"Content-Length: 0", b"Content-Length: %d" % GB)], GB)


def large(emulator, nginx):
    put_huge(emulator)
    plans = []
    for count in CONNECTIONS:
        for bench in (emulator, nginx):
            plans.append((
                ("GET 1 GiB", count, bench.server.name), lambda b=bench, c=count: get_gibibyte(b, c, 2 * SECONDS)))
        plans.append((
            ("PUT 1 GiB", count, "emulator"),
            lambda c=count: put_gibibyte(emulator, c, None if c == 1 else 2 * SECONDS)))
    return flat(interleaved(plans))


def peers():
    found = {}
    for kind in (Moto, lambda: MiniStack("s3")):
        bench = Bench(kind())
        try:
            bench.create()
            for count in CONNECTIONS:
                for name in ("GET 1 KB", "GET 1 MB", "PUT 1 MB", "PUT 1 KB", "DELETE", "LIST"):
                    found[name, count, bench.server.name] = bench.measure(name, count)
            # They keep whole bodies in memory, some of them twice: one connection is what they can take.
            found["PUT 1 GiB", 1, bench.server.name] = put_gibibyte(bench, 1)
            put_huge(bench)
            found["GET 1 GiB", 1, bench.server.name] = get_gibibyte(bench, 1, 4 * SECONDS)
        finally:
            bench.server.stop()
    return flat(found)


def flat(found):
    return {f"{name}@{count}@{server}": value for (name, count, server), value in found.items()}


def nginx_files(folder):
    """The files that nginx serves: the same bytes under the same paths."""
    files = os.path.join(folder, "files")
    os.makedirs(os.path.join(files, "bench"))
    for names, count, body in (("small", SMALL, BODY_1KB), ("large", LARGE, BODY_1MB)):
        for n in range(count):
            with open(os.path.join(files, "bench", f"{names}-{n:07d}"), "wb") as file:
                file.write(body)
    with open(os.path.join(files, "bench", f"huge-{0:07d}"), "wb") as file:
        for _ in range(GB // MB):
            file.write(bulk.BLOCK)
    return files


def main():
    os.makedirs(RESULTS, exist_ok=True)
    path = os.path.join(RESULTS, "objects.json")
    result = {}
    if os.path.exists(path) and set(PARTS) != set(ALL_PARTS):
        with open(path) as file:
            result = json.load(file)
    result["machine"] = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    start = time.perf_counter()
    # Where the build is, since /tmp may be memory and would make every sync look free.
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build"), prefix="bench-") as folder:
        for part in PARTS:
            result.setdefault("runs", {})[part] = (
                f"{time.strftime('%Y-%m-%d %H:%M')}, {ROUNDS} rounds of {SECONDS} s, load average "
                f"{os.getloadavg()[0]:.1f} at the start")
        manifest = os.path.join(folder, "manifest.json")
        with open(manifest, "w") as file:
            json.dump({"service": "bench", "functions": {}, "httpApi": {"routes": []}}, file)
        emulator = Bench(Emulator(os.path.join(folder, "data"), "--manifest", manifest))
        nginx = Bench(Nginx.files(folder, nginx_files(folder)))
        try:
            emulator.create()
            if "small" in PARTS:
                result["small"] = small(emulator, nginx)
            if "bulk" in PARTS:
                result["bulk"] = large(emulator, nginx)
            if "lists" in PARTS:
                result["lists"] = lists(emulator)
            result["residentMB"] = round(emulator.server.memory_mb(), 1)
        finally:
            nginx.server.stop()
            emulator.server.stop()
    if "peers" in PARTS:
        result["peers"] = peers()
    result["minutes"] = round((time.perf_counter() - start) / 60, 1)
    result["verdicts"] = objects_report.verdicts(result)
    text = objects_report.markdown(result)
    print(text)
    if QUICK:
        return
    with open(path, "w") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    with open(os.path.join(RESULTS, "objects.md"), "w") as file:
        file.write(text)
    objects_report.plot(result, os.path.join(RESULTS, "objects.svg"))


if __name__ == "__main__":
    main()
