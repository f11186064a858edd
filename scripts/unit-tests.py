#!/usr/bin/env python3
"""Runs `swift test` with the arguments given, keeps its whole output in .build/unit-tests.log and says little.

A run prints thousands of lines; what matters in a failed one is which tests failed and why, so that stands at
the end, and the exit code is that of `swift test`.
"""

import collections
import os
import re
import subprocess
import sys
import time

LOG = ".build/unit-tests.log"
LONGEST_LINE = 400
MOST_LINES = 150
SECONDS_BETWEEN_LINES = 20

# Found anywhere in a line: what tests print themselves may end before it does.
STARTED = re.compile(r"\S +Test (?!case |run )(\S.*) started\.$")
ENDED = re.compile(r"\S +Test (?!case |run )(\S.*?)(?: with \d+ test cases?)? (passed|failed|skipped)\b")
ISSUE = re.compile(r"\S +Test (?!case |run )(\S.*?) recorded an issue (.*)")
DETAIL = re.compile(r"^\s*↳ ")
SUMMARY = re.compile(r"Test run with \d+ tests?.*")
BROKEN = re.compile(r"\berror: |^\*\*\* |\bFatal error\b|: Precondition failed|: Assertion failed")


class Reading:
    """What the output has told so far."""

    def __init__(self):
        self.running = collections.Counter()
        self.ended = 0
        self.failures = collections.defaultdict(list)
        self.broken = []
        self.last = collections.deque(maxlen=20)
        self.summary = ""
        self.latest_issue = None

    def read(self, line):
        self.last.append(line)
        if issue := ISSUE.search(line):
            self.latest_issue = self.failures[issue[1]]
            self.latest_issue.append(issue[2])
        elif DETAIL.match(line) and self.latest_issue is not None:
            self.latest_issue.append("  " + line.strip())
        else:
            self.latest_issue = None
            self.read_progress(line)

    def read_progress(self, line):
        if started := STARTED.search(line):
            self.running[started[1]] += 1
        elif ended := ENDED.search(line):
            self.running[ended[1]] -= 1
            self.ended += 1
            if ended[2] == "failed":
                self.failures[ended[1]]
        elif summary := SUMMARY.search(line):
            self.summary = summary[0]
        elif BROKEN.search(line):
            self.broken.append(line)

    def report(self):
        """What went wrong, to be read without the log."""
        for name, issues in self.failures.items():
            yield f"FAILED {name}"
            yield from (f"    {issue}" for issue in issues)
        # Test runs end with a summary. Without one, the process ended within these.
        unfinished = [] if self.summary else [name for name, count in self.running.items() if count > 0]
        yield from (f"DID NOT END {name}" for name in unfinished)
        if self.broken and not self.summary:
            yield from dict.fromkeys(self.broken)
        if not self.failures and not unfinished:
            yield "The end of the output:"
            yield from self.last


def run(arguments):
    """Returns the exit code of `swift test` and what its output told."""
    reading = Reading()
    said = time.monotonic()
    os.makedirs(os.path.dirname(LOG), exist_ok=True)
    command = ["swift", "test", *arguments]
    with open(LOG, "wb") as log, subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        for data in process.stdout:
            log.write(data)
            line = data.decode(errors="replace").rstrip("\n")
            reading.read(line)
            if time.monotonic() - said >= SECONDS_BETWEEN_LINES:
                said = time.monotonic()
                print(f"    {reading.ended} tests" if reading.ended else f"    {line[:100]}", flush=True)
    code = process.returncode
    return (code if code >= 0 else 128 - code), reading


def main():
    code, reading = run(sys.argv[1:])
    if reading.failures and code == 0:
        code = 1
    if code == 0:
        print(reading.summary or "No test was run.")
        return 0
    lines = list(reading.report())
    for line in lines[:MOST_LINES]:
        print(line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + " [...]")
    if len(lines) > MOST_LINES:
        print(f"and {len(lines) - MOST_LINES} lines more")
    print(f"Unit tests failed: {reading.summary or f'exit code {code}'} The whole output: {LOG}")
    return code


if __name__ == "__main__":
    sys.exit(main())
