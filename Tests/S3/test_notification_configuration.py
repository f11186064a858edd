"""PutBucketNotificationConfiguration and GetBucketNotificationConfiguration. No destination exists here, so what is
stored is put without looking for it; delivery is another suite's matter."""

import base64
import uuid

import pytest

from .conftest import REGION, refused

ACCOUNT = "000000000000"
KINDS = {
    "queue": ("QueueConfigurations", "QueueArn", "sqs", "my-queue", "Queue"),
    "topic": ("TopicConfigurations", "TopicArn", "sns", "my-topic", "Topic"),
    "function": ("LambdaFunctionConfigurations", "LambdaFunctionArn", "lambda", "function:my-lambda", "CloudFunction"),
}
kinds = pytest.mark.parametrize("kind", KINDS)


def arn(kind, name=None, region=REGION):
    _, _, service, resource, _ = KINDS[kind]
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{name or resource}"


def rule(kind="queue", events=("s3:ObjectCreated:*",), prefix=None, suffix=None, **more):
    filters = [{"Name": name, "Value": value} for name, value in [("Prefix", prefix), ("Suffix", suffix)] if value]
    made = {KINDS[kind][1]: arn(kind), "Events": list(events), "Id": "id", **more}
    if filters:
        made["Filter"] = {"Key": {"FilterRules": filters}}
    return made


def put(s3, bucket, *rules, skip=True, kind="queue", **more):
    return s3.put_bucket_notification_configuration(
        Bucket=bucket, SkipDestinationValidation=skip,
        NotificationConfiguration={**({KINDS[kind][0]: list(rules)} if rules else {}), **more})


def get(s3, bucket):
    answer = s3.get_bucket_notification_configuration(Bucket=bucket)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


# What comes back

def test_a_new_bucket_tells_nobody(s3, bucket):
    assert get(s3, bucket) == {}


@kinds
def test_a_rule_comes_back_as_it_was_put(s3, bucket, kind):
    given = rule(kind, prefix="in/", suffix=".png")
    put(s3, bucket, given, kind=kind)
    assert get(s3, bucket) == {KINDS[kind][0]: [given]}


@kinds
def test_a_rule_without_filter_comes_back_without(s3, bucket, kind):
    put(s3, bucket, rule(kind), kind=kind)
    assert "Filter" not in get(s3, bucket)[KINDS[kind][0]][0]


EVENTS = [
    "s3:ReducedRedundancyLostObject", "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy", "s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectRestore:*", "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete", "s3:Replication:*", "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete", "s3:LifecycleExpiration:DeleteMarkerCreated", "s3:LifecycleTransition",
    "s3:IntelligentTiering", "s3:ObjectTagging:*", "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete",
    "s3:ObjectAcl:Put",
]


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_that_exists(s3, bucket, event):
    put(s3, bucket, rule(events=[event]))
    assert get(s3, bucket)["QueueConfigurations"][0]["Events"] == [event]


def test_several_events_keep_their_order(s3, bucket):
    events = ["s3:ObjectRemoved:*", "s3:ObjectCreated:Put", "s3:ObjectTagging:Put"]
    put(s3, bucket, rule(events=events))
    assert get(s3, bucket)["QueueConfigurations"][0]["Events"] == events


def test_all_kinds_of_destinations_together(s3, bucket):
    queue, topic, function = (
        rule("queue", ["s3:ObjectCreated:*"], Id="1"), rule("topic", ["s3:ObjectRemoved:*"], Id="2"),
        rule("function", ["s3:ObjectTagging:*"], Id="3"))
    put(s3, bucket, queue, TopicConfigurations=[topic], LambdaFunctionConfigurations=[function])
    assert get(s3, bucket) == {
        "QueueConfigurations": [queue], "TopicConfigurations": [topic], "LambdaFunctionConfigurations": [function]}


def test_a_function_may_have_a_qualifier(s3, bucket):
    given = rule("function", LambdaFunctionArn=arn("function", "function:my-lambda:live"))
    put(s3, bucket, given, kind="function")
    assert get(s3, bucket)["LambdaFunctionConfigurations"] == [given]


def test_a_rule_without_an_id_gets_one(s3, bucket):
    given = rule()
    del given["Id"]
    put(s3, bucket, given)
    made = base64.b64decode(get(s3, bucket)["QueueConfigurations"][0]["Id"]).decode()
    assert str(uuid.UUID(made)) == made


@pytest.mark.parametrize("name", ["prefix", "PREFIX", "Prefix", "pReFiX"])
def test_names_of_filters_come_back_capitalised(s3, bucket, name):
    put(s3, bucket, rule(Filter={"Key": {"FilterRules": [{"Name": name, "Value": "in/"}]}}))
    rules = get(s3, bucket)["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"]
    assert rules == [{"Name": "Prefix", "Value": "in/"}]


def test_an_empty_filter_value_is_accepted(s3, bucket):
    put(s3, bucket, rule(Filter={"Key": {"FilterRules": [{"Name": "prefix", "Value": ""}]}}))
    rules = get(s3, bucket)["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"]
    assert rules[0]["Name"] == "Prefix" and rules[0].get("Value", "") == ""


def test_a_filter_value_may_have_1024_bytes(s3, bucket):
    put(s3, bucket, rule(prefix="p" * 1024))
    rules = get(s3, bucket)["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"]
    assert rules[0]["Value"] == "p" * 1024


def test_the_event_bridge_is_switched_on(s3, bucket):
    put(s3, bucket, EventBridgeConfiguration={})
    assert get(s3, bucket) == {"EventBridgeConfiguration": {}}


def test_the_event_bridge_needs_no_destination(s3, bucket):
    put(s3, bucket, skip=False, EventBridgeConfiguration={})
    assert "EventBridgeConfiguration" in get(s3, bucket)


def test_the_event_bridge_is_switched_off(s3, bucket):
    put(s3, bucket, EventBridgeConfiguration={})
    put(s3, bucket, skip=False)
    assert get(s3, bucket) == {}


def test_putting_replaces_everything(s3, bucket):
    put(s3, bucket, rule(), EventBridgeConfiguration={})
    put(s3, bucket, rule("topic"), kind="topic")
    assert list(get(s3, bucket)) == ["TopicConfigurations"]


def test_an_empty_configuration_removes_all(s3, bucket):
    put(s3, bucket, rule())
    put(s3, bucket)
    assert get(s3, bucket) == {}


def test_a_hundred_rules_fit(s3, bucket):
    put(s3, bucket, *(rule(prefix=f"{n:03}/", Id=f"{n}") for n in range(100)))
    assert len(get(s3, bucket)["QueueConfigurations"]) == 100


DISJOINT = {
    "prefixes": (rule(prefix="a/", Id="1"), rule(prefix="b/", Id="2")),
    "suffixes": (rule(suffix=".jpg", Id="1"), rule(suffix=".png", Id="2")),
    "events": (rule(events=["s3:ObjectCreated:Put"], Id="1"), rule(events=["s3:ObjectCreated:Copy"], Id="2")),
    "prefixes with one suffix": (
        rule(prefix="a/", suffix=".jpg", Id="1"), rule(prefix="b/", suffix=".jpg", Id="2")),
    "suffixes with one prefix": (
        rule(prefix="a/", suffix=".jpg", Id="1"), rule(prefix="a/", suffix=".png", Id="2")),
}


@pytest.mark.parametrize("rules", DISJOINT.values(), ids=DISJOINT.keys())
def test_rules_that_never_meet(s3, bucket, rules):
    put(s3, bucket, *rules)
    assert get(s3, bucket)["QueueConfigurations"] == list(rules)


# Refused

@kinds
@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("wrong", ["invalid-queue", "arn:aws:s3:::bucket", "arn:aws:dynamodb:us-east-1:000000000000:x"])
def test_an_arn_of_another_form(s3, bucket, kind, skip, wrong):
    with refused("InvalidArgument", 400, "The ARN could not be parsed") as refusal:
        put(s3, bucket, rule(kind, **{KINDS[kind][1]: wrong}), kind=kind, skip=skip)
    assert refusal.elements["ArgumentName"] == KINDS[kind][4]
    assert refusal.elements["ArgumentValue"] == wrong


@kinds
def test_a_destination_in_another_region(s3, bucket, kind):
    elsewhere = arn(kind, region="eu-central-1" if REGION != "eu-central-1" else "us-west-2")
    with refused(
            "InvalidArgument", 400,
            "The notification destination service region is not valid for the bucket location constraint"):
        put(s3, bucket, rule(kind, **{KINDS[kind][1]: elsewhere}), kind=kind)


@kinds
def test_a_destination_that_is_not_there(s3, bucket, kind):
    with refused("InvalidArgument", 400, "Unable to validate the following destination configurations") as refusal:
        put(s3, bucket, rule(kind), kind=kind, skip=False)
    expected = {
        "queue": (arn("queue"), "The destination queue does not exist"),
        "topic": (arn("topic"), "The destination topic does not exist"),
        "function": (f"{arn('function')}, null", f"Not authorized to invoke function [{arn('function')}]"),
    }[kind]
    assert (refusal.elements["ArgumentName1"], refusal.elements["ArgumentValue1"]) == expected


def test_all_destinations_that_are_not_there_are_named(s3, bucket):
    with refused("InvalidArgument", 400) as refusal:
        put(s3, bucket, rule(Id="1", QueueArn=arn("queue", "q1")),
            rule(events=["s3:ObjectRemoved:*"], Id="2", QueueArn=arn("queue", "q2")), skip=False)
    assert [refusal.elements[f"ArgumentName{n}"] for n in (1, 2)] == [arn("queue", "q1"), arn("queue", "q2")]
    assert refusal.elements["ArgumentValue2"] == "The destination queue does not exist"


def test_a_wrong_arn_comes_before_an_absent_destination(s3, bucket):
    with refused("InvalidArgument", 400, "The ARN could not be parsed") as refusal:
        put(s3, bucket, rule(Id="1"), rule(events=["s3:ObjectRemoved:*"], Id="2", QueueArn="wrong"), skip=False)
    assert refusal.elements["ArgumentValue"] == "wrong"


@pytest.mark.parametrize("event", [
    "notarealeventname", "s3:ObjectCreated", "ObjectCreated:*", "s3:ObjectCreated:Patch", "s3:*", "s3:TestEvent",
    "s3:objectcreated:put"])
def test_an_event_that_does_not_exist(s3, bucket, event):
    with refused("InvalidArgument", 400, "The event is not supported for notifications"):
        put(s3, bucket, rule(events=[event]))


def test_a_filter_of_another_name(s3, bucket):
    with refused("InvalidArgument", 400, "filter rule name must be either prefix or suffix") as refusal:
        put(s3, bucket, rule(Filter={"Key": {"FilterRules": [{"Name": "INVALID", "Value": "x"}]}}))
    assert refusal.elements["ArgumentName"] == "FilterRule.Name"
    assert refusal.elements["ArgumentValue"] == "INVALID"


@pytest.mark.parametrize("name", ["prefix", "suffix"])
def test_a_filter_twice(s3, bucket, name):
    with refused("InvalidArgument", 400, f"Cannot specify more than one {name} rule in a filter."):
        put(s3, bucket, rule(Filter={"Key": {"FilterRules": [
            {"Name": name, "Value": "a"}, {"Name": name.upper(), "Value": "b"}]}}))


def test_a_filter_that_is_too_long(s3, bucket):
    with refused("InvalidArgument", 400, "Size of filter rule value cannot exceed 1024 bytes"):
        put(s3, bucket, rule(suffix="s" * 1025))


@pytest.mark.parametrize("rule_of_filter", [{"Name": "prefix"}, {"Value": "x"}])
def test_half_a_filter_is_malformed(s3, bucket, rule_of_filter):
    with refused("MalformedXML", 400):
        put(s3, bucket, rule(Filter={"Key": {"FilterRules": [rule_of_filter]}}))


@pytest.mark.parametrize("events", [
    ["s3:ObjectCreated:*", "s3:ObjectCreated:Put"], ["s3:ObjectCreated:Put", "s3:ObjectCreated:Put"]])
def test_events_of_one_rule_that_overlap(s3, bucket, events):
    with refused("InvalidArgument", 400, "Configurations overlap."):
        put(s3, bucket, rule(events=events))


def test_rules_that_want_the_same_event(s3, bucket):
    with refused("InvalidArgument", 400, "Configurations on the same bucket cannot share a common event type."):
        put(s3, bucket, rule(Id="1"), rule(events=["s3:ObjectCreated:Put"], Id="2"))


OVERLAPS = {
    "prefix inside a prefix": (rule(prefix="a/", Id="1"), rule(prefix="a/b/", Id="2")),
    "suffix inside a suffix": (rule(suffix=".jpg", Id="1"), rule(suffix="pg", Id="2")),
    "prefix and suffix": (rule(prefix="a/", Id="1"), rule(suffix=".jpg", Id="2")),
    "prefix and everything": (rule(prefix="a/", Id="1"), rule(Id="2")),
    "the same twice": (rule(prefix="a/", suffix=".jpg", Id="1"), rule(prefix="a/", suffix=".jpg", Id="2")),
}


@pytest.mark.parametrize("rules", OVERLAPS.values(), ids=OVERLAPS.keys())
def test_rules_that_want_the_same_object(s3, bucket, rules):
    with refused("InvalidArgument", 400, "Configuration is ambiguously defined."):
        put(s3, bucket, *rules)


def test_rules_of_two_kinds_may_not_overlap_either(s3, bucket):
    with refused("InvalidArgument", 400, "Configurations overlap."):
        put(s3, bucket, rule(Id="1"), TopicConfigurations=[rule("topic", Id="2")])


def test_one_id_for_two_rules(s3, bucket):
    with refused("InvalidArgument", 400, "Same ID used for multiple configurations. IDs must be unique."):
        put(s3, bucket, rule(prefix="a/"), rule(prefix="b/"))


def test_an_id_that_is_too_long(s3, bucket):
    with refused("InvalidArgument", 400, "ID length exceeded allowed limit of 255"):
        put(s3, bucket, rule(Id="i" * 256))


def test_a_queue_with_an_order_is_not_supported(s3, bucket):
    with refused("InvalidArgument", 400, "FIFO SQS queues are not supported."):
        put(s3, bucket, rule(QueueArn=arn("queue", "q.fifo")))


@pytest.mark.parametrize("document", [
    b"", b"no XML", b"<Wrong/>", b"<NotificationConfiguration><Wrong/></NotificationConfiguration>",
    b"<NotificationConfiguration><QueueConfiguration/></NotificationConfiguration>",
    b"<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1:000000000000:q</Queue>"
    b"</QueueConfiguration></NotificationConfiguration>",
])
def test_a_document_of_another_form_is_malformed(raw, bucket, document):
    answer = raw("PUT", f"/{bucket}?notification", body=document)
    answer.is_error("MalformedXML", 400, "The XML you provided was not well-formed")


def test_a_refused_configuration_leaves_the_one_that_was_there(s3, bucket):
    put(s3, bucket, rule(Id="kept"))
    with refused("InvalidArgument", 400):
        put(s3, bucket, rule(Id="refused", events=["wrong"]))
    assert get(s3, bucket)["QueueConfigurations"][0]["Id"] == "kept"


def test_the_elements_have_their_older_names(s3, raw, bucket):
    put(s3, bucket, rule("function", prefix="a/", suffix=".z"), kind="function")
    root = raw("GET", f"/{bucket}?notification").xml
    assert root.tag == "NotificationConfiguration"
    configuration = root.find("CloudFunctionConfiguration")
    assert configuration.find("CloudFunction").text == arn("function")
    assert [one.text for one in configuration.findall("Event")] == ["s3:ObjectCreated:*"]
    names = [one.find("Name").text for one in configuration.findall("Filter/S3Key/FilterRule")]
    assert names == ["Prefix", "Suffix"]


CALLS = {
    "put": lambda s3: put(s3, "no-such-bucket-mumble-5e1f", rule()),
    "get": lambda s3: get(s3, "no-such-bucket-mumble-5e1f"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_bucket_that_is_not_there(s3, call):
    with refused("NoSuchBucket", 404):
        call(s3)
