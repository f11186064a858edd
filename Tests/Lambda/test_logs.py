"""What is in a function's log, in both formats, whatever the function prints."""

import base64
import json
import re
import time

import pytest
from running import until

from .bootstraps import python
from .conftest import Service, written

PRINTING = python("""
import sys, time
def handler(event, headers):
    if "out" in event:
        sys.stdout.buffer.write(event["out"].encode("latin-1"))
        sys.stdout.buffer.flush()
    if "err" in event:
        sys.stderr.buffer.write(event["err"].encode("latin-1"))
        sys.stderr.buffer.flush()
    if event.get("end") == "crash":
        os._exit(1)
    if event.get("end") == "hang":
        time.sleep(600)
    if event.get("end") == "raise":
        raise ValueError("bad")
    return "done"
serve(handler)
""")


@pytest.fixture(scope="module")
def printing(tmp_path_factory):
    """One environment each: a call finds that of the call before, however slow its process is to ask for it."""
    made = Service(tmp_path_factory.mktemp("logs"), {
        name: {"code": PRINTING, "timeout": 5, "reservedConcurrency": 1, **more} for name, more in {
            "f": {}, "j": {"logFormat": "JSON"},
            "d": {"logFormat": "JSON", "systemLogLevel": "DEBUG", "applicationLogLevel": "TRACE"},
            "w": {"logFormat": "JSON", "systemLogLevel": "WARN", "applicationLogLevel": "ERROR"}}.items()})
    yield made
    made.emulator.stop()


def tail(made, name, event):
    """The end of the call's log, as the caller gets it."""
    result = made.call(name, event, LogType="Tail")
    return base64.b64decode(result.response.get("LogResult", "")), result


def lines_of(made, name, event):
    return [json.loads(line) for line in tail(made, name, event)[0].decode().splitlines()]


# Text

def test_a_call_has_start_end_and_report(printing):
    printing.call("f", {})
    text, result = tail(printing, "f", {})
    assert re.fullmatch(
        rf"START RequestId: {result.request_id} Version: \$LATEST\n"
        rf"END RequestId: {result.request_id}\n"
        rf"REPORT RequestId: {result.request_id}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t"
        rf"Memory Size: 128 MB\tMax Memory Used: \d+ MB\t\n", text.decode())


def test_the_first_call_reports_its_init(service):
    made = service(f=PRINTING)
    text, _ = tail(made, "f", {})
    assert re.search(r"\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n$", text.decode())
    assert "INIT_START" not in text.decode()
    assert re.match(
        r"INIT_START Runtime Version: provided:al2023\S*\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}\n",
        written(made, "f", "REPORT RequestId"))


def test_the_billed_duration_is_rounded_up(printing):
    printing.call("f", {})
    text, _ = tail(printing, "f", {})
    duration, billed = re.search(r"Duration: ([\d.]+) ms\tBilled Duration: (\d+) ms", text.decode()).groups()
    assert int(billed) >= 1 and int(billed) - float(duration) < 1.0001 and int(billed) >= float(duration)


@pytest.mark.parametrize("stream", ["out", "err"])
def test_what_it_prints_stands_between(printing, stream):
    text, _ = tail(printing, "f", {stream: "one\ntwo\n"})
    assert text.split(b"\n")[1:3] == [b"one", b"two"]


def test_a_line_without_an_end_gets_one(printing):
    text, _ = tail(printing, "f", {"out": "no newline"})
    assert b"\nno newline\nEND " in text


@pytest.mark.parametrize("printed", ["\x00\x01\x02\xff\xfe\n", "\x1b[31mred\x1b[0m\n", "a\r\nb\n", "\n\n\n"])
def test_bytes_pass_unchanged(printing, printed):
    text, _ = tail(printing, "f", {"out": printed})
    assert printed.encode("latin-1") in text


@pytest.mark.parametrize("length", [262_143, 262_144, 262_145, 1_000_000])
def test_very_long_lines_are_cut(service, length):
    made = service(f=PRINTING)
    made.call("f", {"out": "x" * length + "\n"})
    cut = [len(line) for line in written(made, "f", "REPORT RequestId").splitlines() if line.startswith("x")]
    assert sum(cut) == length and max(cut) <= 262_144
    assert len(cut) == -(-length // 262_144)


def test_the_tail_is_the_last_four_kilobytes(printing):
    text, _ = tail(printing, "f", {"out": "".join(f"line {number}\n" for number in range(2000))})
    assert len(text) == 4096 and b"line 1999\nEND " in text


def test_a_crash_is_told_in_two_lines(printing):
    text, result = tail(printing, "f", {"end": "crash"})
    assert (f"RequestId: {result.request_id} Error: Runtime exited with error: exit status 1\n"
            f"Runtime.ExitError\nEND RequestId: {result.request_id}\n") in text.decode()
    assert text.decode().endswith("\tStatus: error\tError Type: Runtime.ExitError\t\n")


def test_an_error_of_the_function_is_a_status(printing):
    text, _ = tail(printing, "f", {"end": "raise"})
    assert re.search(r"\tStatus: error\tError Type: \S+\t\n$", text.decode())


def test_without_tail_there_is_no_log_result(printing):
    assert "LogResult" not in printing.call("f", {}).response


def test_a_flood_neither_hangs_nor_fills_the_disk(service):
    made = service(f={"timeout": 120, "code": python("""
import sys
def handler(event, headers):
    block = (b"y" * 99 + b"\\n") * 10_000
    for _ in range(event):
        sys.stdout.buffer.write(block)
    sys.stdout.buffer.flush()
    return "done"
serve(handler)
"""), }, g=PRINTING)
    assert made.call("f", 100).json == "done"
    assert made.call("g", {}).json == "done"
    # Nothing is moved any more when the last line is there.
    written(made, "f", "REPORT RequestId")
    folder = made.folder / "data" / "logs"
    kept = sum(path.stat().st_size for path in folder.iterdir() if path.name.startswith("f.log"))
    assert kept <= 34 << 20


def test_each_environment_has_a_stream_of_its_own(service):
    made = service(f={"reservedConcurrency": 1, "code": python("""
def handler(event, headers):
    if event == "crash":
        os._exit(1)
    return os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
serve(handler)
""")})
    first = made.call("f", "")
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", first.json)
    assert made.call("f", "").json == first.json


# JSON

def test_json_system_lines(printing):
    printing.call("j", {})
    start, report = lines_of(printing, "j", {})
    assert (start["type"], report["type"]) == ("platform.start", "platform.report")
    assert set(start) == {"time", "type", "record"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", start["time"])


def test_json_start(printing):
    text, result = tail(printing, "j", {})
    assert json.loads(text.splitlines()[0])["record"] == {"requestId": result.request_id, "version": "$LATEST"}


def test_json_report(printing):
    printing.call("j", {})
    text, result = tail(printing, "j", {})
    record = json.loads(text.splitlines()[-1])["record"]
    assert record["requestId"] == result.request_id and record["status"] == "success"
    metrics = record["metrics"]
    assert set(metrics) == {"durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB"}
    assert metrics["memorySizeMB"] == 128 and metrics["billedDurationMs"] >= metrics["durationMs"] > 0


def test_json_report_of_a_first_call(service):
    made = service(j={"code": PRINTING, "logFormat": "JSON"})
    *_, report = lines_of(made, "j", {})
    assert report["record"]["metrics"]["initDurationMs"] > 0


def test_json_init_start(service):
    made = service(j={"code": PRINTING, "logFormat": "JSON"})
    made.call("j", {})
    first = json.loads(written(made, "j", "platform.report").splitlines()[0])
    assert first["type"] == "platform.initStart"
    record = first["record"]
    assert record["initializationType"] == "on-demand" and record["phase"] == "init"
    assert record["functionName"] == "j" and record["functionVersion"] == "$LATEST"
    assert record["runtimeVersion"].startswith("provided:al2023") and "runtimeVersionArn" in record


@pytest.mark.parametrize("end, status, kind", [
    ("crash", "error", "Runtime.ExitError"), ("hang", "timeout", None), ("raise", "error", "Runtime.Unknown")])
def test_json_failures(printing, end, status, kind):
    *_, report = lines_of(printing, "j", {"end": end})
    assert report["type"] == "platform.report" and report["record"]["status"] == status
    assert report["record"].get("errorType") == kind


def test_json_debug_shows_the_runtimes_end(printing):
    printing.call("d", {})
    kinds = [line["type"] for line in lines_of(printing, "d", {})]
    assert kinds == ["platform.start", "platform.runtimeDone", "platform.report"]


def test_json_runtime_done(printing):
    printing.call("d", {})
    done = next(line for line in lines_of(printing, "d", {}) if line["type"] == "platform.runtimeDone")
    assert done["record"]["status"] == "success"
    assert done["record"]["metrics"]["producedBytes"] == len('"done"')


def test_json_has_no_platform_end(printing):
    assert not any(line["type"] == "platform.end" for line in lines_of(printing, "d", {}))


def test_json_warn_hides_what_went_well(printing):
    assert tail(printing, "w", {})[0] == b""


def test_json_warn_shows_what_did_not(printing):
    kinds = [line["type"] for line in lines_of(printing, "w", {"end": "crash"})]
    assert kinds == ["platform.initReport", "platform.runtimeDone", "platform.report"][-2:]


@pytest.mark.parametrize("level, name, shown", [
    ("TRACE", "d", True), ("TRACE", "j", False), ("DEBUG", "j", False), ("debug", "j", False),
    ("INFO", "j", True), ("info", "w", False), ("WARN", "j", True), ("WARN", "w", False),
    ("ERROR", "w", True), ("error", "w", True), ("FATAL", "w", True), ("nonsense", "j", True),
    ("nonsense", "w", False)])
def test_json_lines_are_filtered_by_their_level(printing, level, name, shown):
    text, _ = tail(printing, name, {"out": json.dumps({"level": level, "message": "mine"}) + "\n"})
    assert (b"mine" in text) is shown


@pytest.mark.parametrize("name, shown", [("j", True), ("w", False)])
def test_json_without_a_level_is_info(printing, name, shown):
    assert (b"mine" in tail(printing, name, {"out": '{"message":"mine"}\n'})[0]) is shown


@pytest.mark.parametrize("printed", ["plain text\n", "[1,2]\n", '{"broken\n', '"a string"\n', "17\n"])
def test_json_other_lines_pass_as_they_are(printing, printed):
    assert printed.encode() in tail(printing, "w", {"out": printed})[0]


def test_text_format_filters_nothing(printing):
    assert b"mine" in tail(printing, "f", {"out": '{"level":"TRACE","message":"mine"}\n'})[0]


@pytest.mark.parametrize("name, expected", [("j", ("JSON", "INFO")), ("w", ("JSON", "ERROR")), ("f", (None, None))])
def test_the_function_is_told_the_format(service, name, expected):
    settings = {"j": {"logFormat": "JSON"}, "w": {"logFormat": "JSON", "applicationLogLevel": "ERROR"}, "f": {}}[name]
    made = service(x={"code": python("""
serve(lambda event, headers: [os.environ.get("AWS_LAMBDA_LOG_FORMAT"), os.environ.get("AWS_LAMBDA_LOG_LEVEL")])
"""), **settings})
    assert tuple(made.call("x").json) == expected


def test_the_file_has_it_soon_after_the_call(printing):
    mark = f"mark {time.time()}"
    printing.call("f", {"out": mark + "\n"})
    until(lambda: mark in printing.log("f"), "the line is in the file", 30)
