"""Functions that get the messages of a queue inside of the emulator. Messages get there as records of failures."""

import json
import subprocess
import time

import pytest
from running import until

from .bootstraps import python
from .collector import Shop
from .conftest import Service, call

QUEUE = "arn:aws:sqs:us-east-1:000000000000:jobs-"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    def make(folder, functions, **more):
        return Service(folder, functions, queues=[f"jobs-{number}" for number in range(20)], **more)

    made = Shop(tmp_path_factory.mktemp("queues"), make, count=20)
    made.queues = [QUEUE + str(number) for number in range(20)]
    yield made
    made.close()


class Feed:
    """A queue, and a function whose failures are its messages."""

    def __init__(self, shop):
        self.shop, self.queue, self.source = shop, shop.queues.pop(), shop.take({"error": "x"})
        shop.client.put_function_event_invoke_config(
            FunctionName=self.source, MaximumRetryAttempts=0,
            DestinationConfig={"OnFailure": {"Destination": self.queue}})

    def send(self, value):
        call(self.shop.client, self.source, value, InvocationType="Event")

    def follow(self, name, **more):
        return self.shop.client.create_event_source_mapping(
            FunctionName=name, EventSourceArn=self.queue, **more)["UUID"]


@pytest.fixture
def feed(shop):
    return Feed(shop)


def payloads(records):
    return [json.loads(record["body"])["requestPayload"] for record in records]


def test_messages_reach_the_function_once(shop, feed):
    name = shop.take()
    feed.follow(name)
    for number in range(5):
        feed.send({"n": number})
    found = payloads(shop.collector.wait_records(name, 5))
    assert sorted(one["n"] for one in found) == [0, 1, 2, 3, 4]


def test_messages_wait_for_their_mapping(shop, feed):
    name = shop.take()
    feed.send({"early": True})
    until(lambda: shop.service.log(feed.source).count("REPORT") == 1, "the failure")
    feed.follow(name)
    assert payloads(shop.collector.wait_records(name, 1)) == [{"early": True}]


def test_a_batch_holds_so_many_messages(shop, feed):
    for number in range(6):
        feed.send({"n": number})
    until(lambda: shop.service.log(feed.source).count("REPORT") == 6, "six failures")
    name = shop.take()
    feed.follow(name, BatchSize=2)
    shop.collector.wait_records(name, 6)
    assert max(len(event["Records"]) for event in shop.collector.events(name)) <= 2


def test_filtered_messages_are_gone(shop, feed):
    name = shop.take()
    pattern = {"body": {"requestPayload": {"kind": ["wanted"]}}}
    feed.follow(name, FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    feed.send({"kind": "other"})
    feed.send({"kind": "wanted"})
    assert payloads(shop.collector.wait_records(name, 1)) == [{"kind": "wanted"}]


def test_items_that_succeeded_do_not_come_again(shop, feed):
    name = shop.take()

    def answer(one):
        failed = [record["messageId"] for record in one["event"]["Records"] if "bad" in record["body"]]
        return {"return": {"batchItemFailures": [{"itemIdentifier": uid} for uid in failed]}}

    shop.collector.answers[name] = answer
    feed.follow(name, FunctionResponseTypes=["ReportBatchItemFailures"])
    feed.send({"kind": "good"})
    feed.send({"kind": "bad"})
    shop.collector.wait_records(name, 2)
    feed.send({"kind": "last"})
    found = payloads(shop.collector.wait_records(name, 3))
    assert sorted(one["kind"] for one in found) == ["bad", "good", "last"]


def test_a_disabled_mapping_takes_nothing(shop, feed):
    name, other = shop.take(), shop.take()
    uid = feed.follow(name)
    shop.client.update_event_source_mapping(UUID=uid, Enabled=False)
    until(lambda: shop.client.get_event_source_mapping(UUID=uid)["State"] == "Disabled", "disabled")
    feed.follow(other)
    feed.send({"n": 1})
    shop.collector.wait_records(other, 1)
    assert shop.collector.of(name) == []


# What the manifest says of a queue

LETTERS = "arn:aws:sqs:us-east-1:000000000000:"


def failing(name):
    """A function whose failures go to a queue."""
    return {"code": python("def handler(event, headers):\n    raise ValueError\nserve(handler)"),
            "deadLetterQueue": name}


def counting(source):
    """Says what it gets, and fails."""
    return {"eventSources": [{"queue": source, "batchSize": 1}], "code": python("""
import time
def handler(event, headers):
    record = event["Records"][0]
    say("got", [record["messageId"], record["attributes"]["ApproximateReceiveCount"], time.monotonic()])
    raise ValueError
serve(handler)
""")}


def test_a_message_that_fails_too_often_goes_to_the_dead_letters(service):
    made = service(
        options=["--async-retry-delays", "10,10"], f=failing("in"), worker=counting("in"),
        reader={"eventSources": [{"queue": "dead"}], "code": python("""
def handler(event, headers):
    for record in event["Records"]:
        say("dead", [record["messageId"], record["attributes"]["ApproximateReceiveCount"], record["body"]])
serve(handler)
""")},
        more={"queues": [
            {"name": "in", "visibilityTimeout": 0, "deadLetterQueue": "dead", "maxReceiveCount": 3}, "dead"]})
    made.call("f", {"n": 1}, InvocationType="Event")
    until(lambda: made.said("reader", "dead"), "the dead letter")
    [[message, count, body]] = made.said("reader", "dead")
    # What a function writes reaches its log in its own time.
    got = until(lambda: found if len(found := made.said("worker", "got")) >= 3 else None, "three receives")
    assert [one[:2] for one in got] == [[message, str(number)] for number in (1, 2, 3)]
    assert (count, json.loads(body)) == ("1", {"n": 1})


def test_a_queue_hides_a_message_for_as_long_as_it_says(service):
    made = service(
        options=["--async-retry-delays", "10,10"], f=failing("in"), worker=counting("in"),
        more={"queues": [{"name": "in", "visibilityTimeout": 1}]})
    made.call("f", 1, InvocationType="Event")
    got = until(lambda: found if len(found := made.said("worker", "got")) >= 5 else None, "five receives")
    times = [one[2] for one in got]
    # A slow machine moves each of these moments, but not all of them together: one gap at least is seen as long.
    assert max(later - earlier for earlier, later in zip(times, times[1:])) > 0.5


@pytest.mark.parametrize("queues, text", [
    ([{"name": "a", "deadLetterQueue": "b"}, "b"], "has to have both 'deadLetterQueue' and 'maxReceiveCount'"),
    ([{"name": "a", "maxReceiveCount": 2}], "has to have both 'deadLetterQueue' and 'maxReceiveCount'"),
    ([{"name": "a", "deadLetterQueue": "c", "maxReceiveCount": 2}], "'c', which is not under 'queues'"),
    ([{"name": "a", "deadLetterQueue": "a", "maxReceiveCount": 2}], "is the queue itself"),
    ([{"name": "a", "visibilityTimeout": 43_201}], "has to be a whole number from 0 to 43200 (seconds)"),
    ([{"name": "a", "delay": 1}], "delay"), ([{"visibilityTimeout": 1}], "lacks the field 'name'"),
    (["a", {"name": "a"}], "is there twice"), ([{"name": "a b"}], "is not a queue's name"),
], ids=str)
def test_wrong_queues(service, queues, text):
    with pytest.raises(RuntimeError, match="exit") as caught:
        service(more={"queues": queues}, stderr=subprocess.PIPE)
    assert text in str(caught.value)


def test_messages_that_were_received_but_not_delivered_are_shown_again_at_once(shop, feed):
    """Whoever follows the queue next does not wait until they are visible again."""
    name = shop.take()
    first = feed.follow(name, BatchSize=100, MaximumBatchingWindowInSeconds=300)
    for number in range(3):
        feed.send({"n": number})
    until(lambda: shop.service.log(feed.source).count("REPORT") == 3, "three failures")
    time.sleep(0.5)
    shop.client.delete_event_source_mapping(UUID=first)
    other = shop.take()
    feed.follow(other)
    found = payloads(shop.collector.wait_records(other, 3))
    assert sorted(one["n"] for one in found) == [0, 1, 2]
