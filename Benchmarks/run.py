#!/usr/bin/env python3
"""All numbers of the README from one command: `make bench`.

Peers run in the same call on the same machine, so that the ratios hold when the machine's speed drifts.
Writes Benchmarks/results.md and Benchmarks/results.json.
"""

import json
import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RELEASE = os.path.join(ROOT, ".build/release")
HERE = os.path.dirname(os.path.abspath(__file__))
FUNCTIONS = ["health", "audioUpload", "speechToText", "generateImage", "weather", "gallery", "counter"]
CONNECTIONS = 64
SECONDS = int(os.environ.get("BENCH_SECONDS", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


def step(text):
    print(f"==> {text}", file=sys.stderr, flush=True)


def environment(extra=None):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "OPENAI_", "OPENWEATHER_"))}
    kept.update(extra or {})
    return kept


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


class Emulator:
    def __init__(self, folder):
        start = time.perf_counter()
        self.process = subprocess.Popen(
            [os.path.join(RELEASE, "emulator"), "start", "--json", "--data", folder, "--port", "0",
             "--aws-port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment())
        line = self.process.stdout.readline()
        self.ready_ms = (time.perf_counter() - start) * 1000
        self.ready = json.loads(line)
        self.gateway, self.aws = self.ready["gateway"], self.ready["aws"]

    def resident_mb(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()


class BareHTTP:
    """The emulator's HTTP server with nothing behind it."""

    def __init__(self):
        self.process = subprocess.Popen(
            [os.path.join(RELEASE, "BareHTTP")], stdout=subprocess.PIPE, text=True, env=environment())
        self.url = self.process.stdout.readline().strip()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process.stdout.close()


class Moto:
    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.aws = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [os.path.join(os.path.dirname(sys.executable), "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
        for _ in range(200):
            try:
                urllib.request.urlopen(self.aws + "/moto-api/", timeout=1).read()
                return
            except OSError:
                time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


def wrk(url, method="GET", headers=None, body=""):
    """Requests a second and the 99th percentile in milliseconds; fails on any answer that is not 2xx."""
    script = f"wrk.method = {lua(method)}\nwrk.body = {lua(body)}\n"
    for name, value in (headers or {}).items():
        script += f"wrk.headers[{lua(name)}] = {lua(value)}\n"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        output = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", file.name, url],
            check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output or "Requests/sec" not in output:
        raise SystemExit(f"{method} {url}: {output}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def lua(text):
    return json.dumps(text).replace("\\/", "/")


def signed_update(aws):
    """One UpdateItem, signed once: both servers get the same bytes."""
    body = json.dumps({
        "TableName": "mumble", "Key": {"PK": {"S": "BENCH"}, "SK": {"S": "COUNT"}},
        "UpdateExpression": "ADD amount :one", "ExpressionAttributeValues": {":one": {"N": "1"}},
        "ReturnValues": "UPDATED_NEW"})
    request = AWSRequest("POST", aws + "/", data=body, headers={
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.UpdateItem"})
    SigV4Auth(Credentials("test", "test"), "dynamodb", "us-east-1").add_auth(request)
    return {"method": "POST", "headers": dict(request.headers.items()), "body": body}


def create_moto_table(aws):
    import boto3
    with open(os.path.join(ROOT, "serverless-manifest.json")) as file:
        table = json.load(file)["tables"][0]
    table.pop("TimeToLive", None)
    boto3.client(
        "dynamodb", endpoint_url=aws, region_name="us-east-1", aws_access_key_id="test",
        aws_secret_access_key="test").create_table(**table)


def best_of(measure):
    """The median rate over the rounds and its percentile."""
    results = sorted(measure() for _ in range(ROUNDS))
    return results[len(results) // 2]


def loads(bare, emulator, moto):
    increment = {
        "method": "POST", "headers": {"content-type": "application/json"},
        "body": json.dumps({"resource_id": "bench", "counter_type": "like", "delta": 1})}
    api = emulator.gateway + "/api/v1"
    plan = [
        ("bare HTTP answer of the emulator's server", lambda: wrk(bare.url)),
        ("health through gateway and function", lambda: wrk(api + "/health")),
        ("counter increment, whole path, durable", lambda: wrk(api + "/counter/increment", **increment)),
        ("DynamoDB UpdateItem ADD, emulator (durable)",
         lambda: wrk(emulator.aws + "/", **signed_update(emulator.aws))),
        ("DynamoDB UpdateItem ADD, moto (memory only)", lambda: wrk(moto.aws + "/", **signed_update(moto.aws))),
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
            create_moto_table(moto.aws)
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
