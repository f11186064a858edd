#!/usr/bin/env python3
"""Runs all tests of pytest as two halves side by side: either waits for much of its time, and they share nothing.

Arguments go to both. Output is kept in .build/client-tests-*.log; what failed stands at the end of what is printed,
and the exit code says whether something did.
"""

import configparser
import glob
import re
import subprocess
import sys
import time

# The longest folder and, of it, what goes to the other half, so that both take about as long.
FIRST, MOVED = "Tests/Clients", "Tests/Clients/test_powercut*.py"
SECONDS_BETWEEN_LINES = 20
MOST_LINES = 300
# pytest's code for "no test was collected", as of `-k` in one half.
NOTHING = 5


class Half:
    """One pytest process."""

    def __init__(self, name, folders, arguments):
        self.name, self.log = name, f".build/client-tests-{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *folders, *arguments], stdout=log, stderr=subprocess.STDOUT)

    @property
    def output(self):
        with open(self.log, errors="replace") as log:
            return log.read()

    @property
    def progress(self):
        shares = re.findall(r"\[ *(\d+)%\]$", self.output, re.MULTILINE)
        return f"{self.name} {shares[-1] if shares else 0} %"

    def report(self):
        """The last line of a good run; all failures of another."""
        lines = self.output.rstrip("\n").splitlines()
        if self.process.returncode in (0, NOTHING):
            return lines[-1:]
        first = next((number for number, line in enumerate(lines) if re.match(r"=+ (FAILURES|ERRORS) =+$", line)), 0)
        lines = lines[first:]
        if len(lines) <= MOST_LINES:
            return lines
        half = MOST_LINES // 2
        return [*lines[:half], f"[... {len(lines) - MOST_LINES} lines, see {self.log}]", *lines[-half:]]


def main():
    settings = configparser.ConfigParser()
    settings.read("pytest.ini")
    others = [folder for folder in settings["pytest"]["testpaths"].split() if folder != FIRST]
    halves = [
        Half("clients", [FIRST, f"--ignore-glob={MOVED}"], sys.argv[1:]),
        Half("services", [*others, *sorted(glob.glob(MOVED))], sys.argv[1:])]
    said = time.monotonic()
    while any(half.process.poll() is None for half in halves):
        time.sleep(0.2)
        if time.monotonic() - said >= SECONDS_BETWEEN_LINES:
            said = time.monotonic()
            print("    " + ", ".join(half.progress for half in halves), flush=True)
    # What failed comes last.
    for half in sorted(halves, key=lambda half: half.process.returncode not in (0, NOTHING)):
        print(*half.report(), sep="\n")
    codes = [half.process.returncode for half in halves]
    wrong = [abs(code) for code in codes if code not in (0, NOTHING)]
    return wrong[0] if wrong else min(codes)


if __name__ == "__main__":
    sys.exit(main())
