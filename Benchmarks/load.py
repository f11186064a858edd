#!/usr/bin/env python3
"""Whether the gateway stands 1,000 clients: `make bench-load`.

Clients that each send their next request when the last one was answered: at functions of an HTTP API, a method of a
REST API with a throttle, a proxied route, and WebSocket connections that stay open and ask something each second.
Counted are errors, what the throttle let through by the gateway's own clock, and the emulator's memory each second.
Writes Benchmarks/results/load.{md,json}.

Variables: BENCH_SECONDS (180).
"""

import bisect
import json
import os
import sys
import tempfile
import urllib.request
from urllib.parse import urlsplit

from harness import RELEASE, ROOT, BareHTTP, Emulator, circumstances, publish, step, table

sys.path.insert(0, os.path.join(ROOT, "Tests"))
from crowd import Crowd  # noqa: E402, of the tests' folder

SECONDS = int(os.environ.get("BENCH_SECONDS", "180"))
RATE, BURST, WINDOW = 500, 300, 10
HEALTH, COUNTER, THROTTLED, PROXIED, SOCKETS = 300, 100, 250, 250, 100
MAPPED = {
    "type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "integrationResponses": [
        {"statusCode": 200, "responseTemplates": {"application/json": "$context.requestTimeEpoch"}}]}


def manifest(folder, backend):
    def function(name, clients):
        # Room for a call whose predecessor is not accounted for yet.
        return {
            "executable": os.path.join(RELEASE, name), "memorySize": 256, "timeout": 30,
            "reservedConcurrency": (clients // 64 + 2) * 64, "concurrencyPerEnvironment": 64}

    with open(os.path.join(ROOT, "serverless-manifest.json")) as file:
        whole = json.load(file)
    whole = {key: whole[key] for key in ("service", "environment", "tables")} | {
        "functions": {"health": function("health", HEALTH), "counter": function("counter", COUNTER)},
        "httpApi": {"routes": [
            {"route": "GET /api/v1/health", "function": "health"},
            {"route": "POST /api/v1/counter/increment", "function": "counter"},
            {"route": "GET /proxied/{path+}", "url": f"{backend}/{{path}}"}]},
        "restApi": {
            "stages": {"prod": {"methodSettings": {
                "/throttled/GET": {"throttling": {"rateLimit": RATE, "burstLimit": BURST}}}}},
            "gatewayResponses": {"THROTTLED": {"responseTemplates": {"application/json": "$context.requestTimeEpoch"}}},
            "routes": [{"route": "GET /throttled", "integration": MAPPED}]},
        "webSocketApi": {"routes": []}}
    path = os.path.join(folder, "manifest.json")
    with open(path, "w") as file:
        json.dump(whole, file)
    return path


def measure(emulator):
    """What the crowd found, and what of the emulator was seen meanwhile."""
    address = urlsplit(emulator.gateway)
    crowd, asked, memory = Crowd(address.hostname, address.port), [], []
    # The programs are read from the disk once, by one environment.
    urllib.request.urlopen(emulator.gateway + "/api/v1/health", timeout=60).close()

    def note(status, body):
        asked.append((int(body), status))

    crowd.add("function health", "GET /api/v1/health", HEALTH)
    body = json.dumps({"resource_id": "image-0001", "counter_type": "likes"}).encode()
    crowd.add("function counter, durable", "POST /api/v1/counter/increment", COUNTER, body=body)
    crowd.add(
        f"REST API, throttled to {RATE}/s", "GET /_aws/execute-api/mumblerest/prod/throttled", THROTTLED, (200, 429),
        note)
    crowd.add("proxied route", "GET /proxied/a", PROXIED)
    crowd.add_sockets("WebSocket connections", "/_aws/execute-api/mumblews/dev", SOCKETS)
    crowd.run(SECONDS, lambda: memory.append(emulator.memory_mb()))
    return crowd, sorted(asked), memory


def due(times):
    """The moments at which a bucket lets through that is asked at these."""
    tokens, filled, passed = BURST, times[0], []
    for now in times:
        tokens, filled = min(BURST, tokens + (now - filled) * RATE / 1_000), now
        if tokens >= 1:
            tokens -= 1
            passed.append(now)
    return passed


def windows(asked):
    """How many were let through in each window of ten seconds, second by second, beside how many are due. Where those
    who ask are always more, that is the rate, and the burst once; where a busy machine kept them, somewhat else."""
    times = [time for time, _ in asked]
    admitted, ideal = [time for time, status in asked if status == 200], due(times)

    def count(moments, start):
        return bisect.bisect_left(moments, start + WINDOW * 1_000) - bisect.bisect_left(moments, start)

    return [
        (count(admitted, start), count(ideal, start))
        for start in range(times[0], times[-1] - WINDOW * 1_000, 1_000)]


def slope(samples):
    """MB a minute: the line through the samples of each second that is nearest to them."""
    count = len(samples)
    middle, mean = (count - 1) / 2, sum(samples) / count
    return 60 * sum((index - middle) * (value - mean) for index, value in enumerate(samples)) / sum(
        (index - middle) ** 2 for index in range(count))


def verdicts(result):
    throttle, memory = result["throttle"], result["memory"]
    errors = sum(load["errors"] for load in result["loads"])
    return [
        {"target": "no error but declared throttles", "met": errors == 0, "found": f"{errors} errors"},
        {"target": f"a bucket is exact within 2 % over its first {WINDOW} s, rate and burst",
         "met": abs(throttle["first"] / throttle["declared"] - 1) <= 0.02,
         "found": f"{throttle['first']:,} of {throttle['declared']:,}"},
        {"target": f"and in every window of {WINDOW} s", "met": throttle["worst"] <= 0.02,
         "found": f"{throttle['windows']} windows, {100 * throttle['worst']:.2f} % at most"},
        {"target": "memory is flat: the second half grows by less than 2 %",
         "met": memory["growth"] < 0.02,
         "found": f"{memory['slope']:+.2f} MB a minute at {memory['mean']:.0f} MB"}]


def summary(crowd, asked, memory):
    found = windows(asked)
    second = memory[len(memory) // 2:]
    steepness, mean = slope(second), sum(second) / len(second)
    seconds = crowd.ended - crowd.began
    return {
        "loads": [
            {"name": part.name, "clients": part.clients, "sent": part.sent, "errors": part.errors,
             "answers": {str(status): count for status, count in part.answers.items()},
             "rate": part.answered / seconds, "failures": part.failures} for part in crowd.parts],
        "throttle": {
            "first": found[0][0], "declared": RATE * WINDOW + BURST, "windows": len(found),
            "worst": max(abs(admitted / ideal - 1) for admitted, ideal in found)},
        "memory": {
            "mean": mean, "slope": steepness, "growth": steepness * len(second) / 60 / mean,
            "samples": [round(value, 1) for value in memory]}}


def report(result):
    rows = [
        (load["name"], load["clients"], f"{load['sent']:,}",
         ", ".join(f"{status}: {count:,}" for status, count in sorted(load["answers"].items())),
         f"{load['errors']:,}", f"{load['rate']:,.0f}") for load in result["loads"]]
    return "\n\n".join([
        f"Measured by `make bench-load` on {result['machine']}, {result['run']}: clients on one thread of Python, "
        "beside the emulator on the same cores, so rates are theirs more than the gateway's. The throttle is counted "
        "by the gateway's own clock (`$context.requestTimeEpoch`), beside a bucket that is asked at the same moments.",
        table(["Target", "Met", "Found"],
              [(v["target"], "yes" if v["met"] else "**no**", v["found"]) for v in result["verdicts"]]),
        table(["Load", "Clients", "Requests", "Answers", "Errors", "a second"], rows)]) + "\n"


def main():
    result = circumstances(1, SECONDS)
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build"), prefix="bench-") as folder:
        servers = [BareHTTP()]
        try:
            path = manifest(folder, servers[0].url.rstrip("/"))
            emulator = Emulator(os.path.join(folder, "data"), "--manifest", path)
            servers.append(emulator)
            step(f"{HEALTH + COUNTER + THROTTLED + PROXIED + SOCKETS:,} clients for {SECONDS} s")
            result |= summary(*measure(emulator))
        finally:
            for server in reversed(servers):
                server.stop()
    result["verdicts"] = verdicts(result)
    publish("load", result, report(result))
    return 0 if all(verdict["met"] for verdict in result["verdicts"]) else 1


if __name__ == "__main__":
    sys.exit(main())
