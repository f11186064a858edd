"""Functions that the clock calls."""

import subprocess
import time
import uuid

import pytest

from .collector import services
from .conftest import Service


@pytest.fixture
def own(tmp_path):
    with services() as (collector, made):
        def make(schedules, **more):
            folder = tmp_path / "own"
            folder.mkdir()
            made.append(Service(folder, {"f": collector.function()}, schedules=schedules, **more))
            return made[-1], collector

        yield make


def test_a_schedule_of_each_minute(ticking):
    event = ticking.wait("tick", seconds=120)[-1]["event"]
    moment = event.pop("time")
    assert moment.endswith(":00Z")
    assert abs(time.mktime(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone - time.time()) < 300
    uuid.UUID(event.pop("id"))
    assert event == {
        "version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "account": "000000000000",
        "region": "us-east-1", "resources": ["arn:aws:events:us-east-1:000000000000:rule/tick"], "detail": {}}


def test_a_constant_input_by_rate(ticking):
    """And the schedule that rests beside it would come in the same round, with another event."""
    events = [call["event"] for call in ticking.wait("warm", seconds=120)]
    assert events == [{"warmer": True}] * len(events)


@pytest.mark.parametrize("schedule, text", [
    ({"function": "f", "expression": "rate(1 minutes)"}, "the unit is 'minute'"),
    ({"function": "f", "expression": "cron(* * * * * *)"}, "has to be '?'"),
    ({"function": "f", "expression": "every day"}, "write rate(5 minutes) or cron("),
    ({"function": "g", "expression": "rate(1 day)"}, "names 'g', which is not under 'functions'"),
    ({"function": "f"}, "lacks the field 'expression'"),
    ({"function": "f", "expression": "rate(1 day)", "when": 1}, "is not a field of the manifest"),
], ids=str)
def test_wrong_schedules(own, schedule, text):
    with pytest.raises(RuntimeError, match="exit") as caught:
        own([schedule], stderr=subprocess.PIPE)
    assert text in str(caught.value)


def test_two_schedules_of_one_name(own):
    one = {"name": "a", "function": "f", "expression": "rate(1 day)"}
    with pytest.raises(RuntimeError, match="has the name 'a'"):
        own([one, one], stderr=subprocess.PIPE)
