#!/usr/bin/env python3
"""All numbers of the README from one command: `make bench`.

Peers run in the same call on the same machine, so that the ratios hold when the machine's speed drifts.
Writes Benchmarks/results.md and Benchmarks/results.json.
"""

import json
import os
import platform
import socket
import statistics
import subprocess
import tempfile
import time
from urllib.parse import urlsplit

from harness import HERE, RELEASE, ROOT, BareHTTP, Emulator, Moto, call, environment, play, step, wire, wrk

FUNCTIONS = ["health", "audioUpload", "speechToText", "generateImage", "weather", "gallery", "counter"]
CONNECTIONS = 64
SECONDS = int(os.environ.get("BENCH_SECONDS", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


def spawn_to_first_poll(name, runs=21):
    """Milliseconds from posix_spawn to the first byte of `GET .../invocation/next`; median."""
    times = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        variables = environment({
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{listener.getsockname()[1]}", "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "TABLE_NAME": "mumble",
            "BUCKET_NAME": "mumble-media", "CURSOR_SECRET": "benchmark-only-secret-0123456789abcdef",
            "OPENAI_API_KEY": "offline", "OPENWEATHER_API_KEY": "offline",
            "AWS_LAMBDA_FUNCTION_NAME": name, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"})
        path = os.path.join(RELEASE, name)
        for _ in range(runs):
            start = time.perf_counter()
            pid = os.posix_spawn(path, [path], variables)
            connection, _ = listener.accept()
            first = connection.recv(4096)
            times.append((time.perf_counter() - start) * 1000)
            assert b"/runtime/invocation/next" in first, (name, first)
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            connection.close()
    return statistics.median(times[1:])


def zip_sizes(folder):
    output = subprocess.run(
        [os.path.join(RELEASE, "emulator"), "package", "--skip-build", "--json", "--output", folder],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return {line["function"]: line["zippedBytes"] for line in json.loads(output)}


def get(url):
    return rate_and_p99(wrk(url, [], CONNECTIONS, SECONDS))


def post(url, body):
    parts = urlsplit(url)
    head = [
        f"POST {parts.path} HTTP/1.1", f"host: {parts.netloc}", "content-type: application/json",
        f"content-length: {len(body)}", "", ""]
    return rate_and_p99(play(url, ["\r\n".join(head) + body], CONNECTIONS, SECONDS))


def update(server):
    """One UpdateItem, signed once."""
    parameters = {
        "TableName": "mumble", "Key": {"PK": {"S": "BENCH"}, "SK": {"S": "COUNT"}},
        "UpdateExpression": "ADD amount :one", "ExpressionAttributeValues": {":one": {"N": "1"}},
        "ReturnValues": "UPDATED_NEW"}
    return rate_and_p99(
        play(server.aws + "/", [wire(server, "UpdateItem", parameters)], CONNECTIONS, SECONDS))


def rate_and_p99(found):
    return found["rate"], found["p99"]


def create_moto_table(moto):
    with open(os.path.join(ROOT, "serverless-manifest.json")) as file:
        table = json.load(file)["tables"][0]
    table.pop("TimeToLive", None)
    call(moto, "CreateTable", table)


def best_of(measure):
    """The median rate over the rounds and its percentile."""
    results = sorted(measure() for _ in range(ROUNDS))
    return results[len(results) // 2]


def loads(bare, emulator, moto):
    increment = json.dumps({"resource_id": "bench", "counter_type": "like", "delta": 1})
    api = emulator.gateway + "/api/v1"
    plan = [
        ("bare HTTP answer of the emulator's server", lambda: get(bare.url)),
        ("health through gateway and function", lambda: get(api + "/health")),
        ("counter increment, whole path, durable", lambda: post(api + "/counter/increment", increment)),
        ("DynamoDB UpdateItem ADD, emulator (durable)", lambda: update(emulator)),
        ("DynamoDB UpdateItem ADD, moto (memory only)", lambda: update(moto)),
    ]
    results = []
    for name, measure in plan:
        step(name)
        rate, p99 = best_of(measure)
        results.append({"name": name, "requestsPerSecond": round(rate), "p99Ms": round(p99, 2)})
    return results


def main():
    result = {"machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}", "functions": []}
    with tempfile.TemporaryDirectory() as folder:
        step("zip sizes")
        sizes = zip_sizes(os.path.join(folder, "zips"))
        for name in FUNCTIONS:
            step(f"spawn to first poll: {name}")
            result["functions"].append({
                "name": name, "zipMB": round(sizes[name] / 1048576, 2),
                "firstPollMs": round(spawn_to_first_poll(name), 2)})
        step("ready time and idle memory")
        ready = []
        for _ in range(9):
            emulator = Emulator(os.path.join(folder, "data"))
            ready.append(emulator.ready_ms)
            time.sleep(0.3)
            memory = emulator.resident_mb()
            emulator.stop()
        result["readyMs"] = round(statistics.median(ready), 1)
        result["idleMB"] = round(memory, 1)
        bare, emulator, moto = BareHTTP(), Emulator(os.path.join(folder, "data")), Moto()
        try:
            create_moto_table(moto)
            result["loads"] = loads(bare, emulator, moto)
        finally:
            for process in (bare, emulator, moto):
                process.stop()
    write(result)


def write(result):
    lines = [
        f"Measured by `make bench` on {result['machine']}, {CONNECTIONS} connections, median of {ROUNDS} runs "
        f"of {SECONDS} s; load generator on the same cores.", "",
        "| Function | Zip, MB | Spawn to first poll, ms |", "|---|---:|---:|"]
    lines += [f"| {f['name']} | {f['zipMB']:.2f} | {f['firstPollMs']:.2f} |" for f in result["functions"]]
    lines += [
        "", f"Emulator: ready after {result['readyMs']} ms (state reopened), {result['idleMB']} MB resident idle.",
        "", "| Load | Requests/s | p99, ms | of bare HTTP |", "|---|---:|---:|---:|"]
    bare = result["loads"][0]["requestsPerSecond"]
    lines += [
        f"| {load['name']} | {load['requestsPerSecond']:,} | {load['p99Ms']} | "
        f"{load['requestsPerSecond'] / bare:.2f} |" for load in result["loads"]]
    text = "\n".join(lines) + "\n"
    with open(os.path.join(HERE, "results.md"), "w") as file:
        file.write(text)
    with open(os.path.join(HERE, "results.json"), "w") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    print(text)


if __name__ == "__main__":
    main()
