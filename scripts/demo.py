#!/usr/bin/env python3
"""`make demo`: runs the journey against a running emulator, or against one of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EMULATOR = os.path.join(ROOT, ".build/release/emulator")
SPEECH = os.path.join(ROOT, "Tests/Fixtures/speech.wav")
PICTURE = os.path.join(ROOT, ".mumble-demo.png")


def running():
    """The gateway of an emulator started with `make start`, if one answers."""
    try:
        with open(os.path.join(ROOT, ".mumble/running.json")) as file:
            gateway = f"http://127.0.0.1:{json.load(file)['port']}"
        return gateway if journey.call("GET", gateway + "/api/v1/health").status == 200 else None
    except (OSError, ValueError, KeyError):
        return None


def start(folder):
    """An emulator of our own in a temporary folder."""
    process = subprocess.Popen(
        [EMULATOR, "start", "--port", "0", "--aws-port", "0", "--data", folder, "--json"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if not line:
        raise SystemExit("The emulator did not start; its words are above.")
    return process, json.loads(line)["gateway"]


def run(gateway):
    def note(step, seconds, detail):
        print(f"  {step:<34}{seconds * 1000:9.1f} ms   {detail}", flush=True)

    user = f"demo-{int(time.time())}"
    trip = journey.Journey(gateway, note)
    slot = trip.upload(SPEECH, user)
    trip.transcribe(slot["audioId"])
    image = trip.generate(slot["audioId"], user)
    with open(PICTURE, "wb") as file:
        file.write(trip.download(image["imageUrl"]))
    trip.gallery(user)
    trip.like(image["imageId"], f"demo-{user}")
    print(f"The picture is {os.path.relpath(PICTURE)}.")


def main():
    gateway = running()
    if gateway:
        print(f"Using the running emulator at {gateway}.")
        return run(gateway)
    with tempfile.TemporaryDirectory() as folder:
        process, gateway = start(folder)
        try:
            print(f"Started an emulator at {gateway} for this demo.")
            run(gateway)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


if __name__ == "__main__":
    main()
