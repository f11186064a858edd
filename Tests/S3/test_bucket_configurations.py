"""Configurations that a bucket stores: logging, payment, acceleration, replication, and those under ids."""

import base64
import hashlib
import uuid

import pytest

from .conftest import refused

ABSENT = "no-such-bucket-for-configurations"


def put_document(raw, bucket, query, document):
    body = document.encode()
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    return raw("PUT", f"/{bucket}?{query}", {"Content-MD5": digest}, body)


# Logging

def log_to(bucket, **more):
    return {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "logs/", **more}}


def test_a_new_bucket_logs_nothing(s3, bucket):
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_logging_is_returned(s3, bucket, make_bucket):
    status = log_to(make_bucket())
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=status)
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == status["LoggingEnabled"]


def test_the_format_of_logs_is_returned(s3, bucket):
    status = log_to(bucket, TargetObjectKeyFormat={"PartitionedPrefix": {"PartitionDateSource": "EventTime"}})
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=status)
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == status["LoggingEnabled"]


@pytest.mark.parametrize("grantee", [
    {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"},
    {"Type": "CanonicalUser", "ID": "0" * 64},
], ids=lambda grantee: grantee["Type"])
def test_who_may_read_logs_is_returned(s3, bucket, grantee):
    status = log_to(bucket, TargetGrants=[{"Grantee": grantee, "Permission": "READ"}])
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=status)
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == status["LoggingEnabled"]


@pytest.mark.parametrize("grant", [
    {"Grantee": {"Type": "Robot", "ID": "x"}, "Permission": "READ"},
    {"Grantee": {"Type": "CanonicalUser", "ID": "x"}, "Permission": "ADMIN"},
    {"Permission": "READ"},
], ids=["kind", "permission", "nobody"])
def test_malformed_grants_of_logs(s3, bucket, grant):
    with refused("MalformedXML", 400):
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=log_to(bucket, TargetGrants=[grant]))


def test_an_empty_status_switches_logging_off(s3, bucket):
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=log_to(bucket))
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_logs_need_a_bucket(s3, bucket):
    with refused("InvalidTargetBucketForLogging", 400, "The target bucket for logging does not exist") as refusal:
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=log_to(ABSENT))
    assert refusal.elements["TargetBucket"] == ABSENT


@pytest.mark.parametrize("document", [
    "<BucketLoggingStatus><LoggingEnabled/></BucketLoggingStatus>",
    "<BucketLoggingStatus><Unknown/></BucketLoggingStatus>",
    "<LoggingEnabled/>", "no document",
])
def test_malformed_logging(raw, bucket, document):
    put_document(raw, bucket, "logging", document).is_error("MalformedXML", 400)


# Who pays

def test_the_owner_pays_at_first(s3, bucket):
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"


@pytest.mark.parametrize("payer", ["Requester", "BucketOwner"])
def test_the_payer_is_returned(s3, bucket, payer):
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": payer})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == payer


@pytest.mark.parametrize("payer", ["Nobody", "requester", ""])
def test_nobody_else_pays(s3, bucket, payer):
    with refused("MalformedXML", 400):
        s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": payer})


# Acceleration

def test_a_new_bucket_is_not_accelerated(s3, bucket):
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)


def test_acceleration_is_returned(s3, bucket):
    for status in ["Enabled", "Suspended", "Enabled"]:
        s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={"Status": status})
        assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == status


@pytest.mark.parametrize("configuration", [{}, {"Status": "Disabled"}, {"Status": ""}])
def test_other_states_of_acceleration(s3, bucket, configuration):
    with refused("MalformedXML", 400):
        s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration=configuration)


def test_names_with_periods_cannot_be_accelerated(s3, make_bucket):
    name = make_bucket(Bucket=f"with.period-{uuid.uuid4().hex[:12]}")
    with refused("InvalidRequest", 400, "not supported for buckets with periods"):
        s3.put_bucket_accelerate_configuration(Bucket=name, AccelerateConfiguration={"Status": "Enabled"})


# Replication

ROLE = "arn:aws:iam::123456789012:role/replication"


def replicate(*rules):
    return {"Role": ROLE, "Rules": list(rules)}


def copy_to(bucket, **more):
    found = {
        "ID": "rule", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": "docs/"},
        "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": f"arn:aws:s3:::{bucket}"},
    }
    found.update(more)
    return {name: value for name, value in found.items() if value is not None}


@pytest.fixture
def target(s3, make_bucket):
    name = make_bucket()
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def put_replication(s3, bucket, *rules):
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=replicate(*rules))


def test_a_new_bucket_is_not_replicated(s3, bucket):
    with refused(
            "ReplicationConfigurationNotFoundError", 404, "The replication configuration was not found") as refusal:
        s3.get_bucket_replication(Bucket=bucket)
    assert refusal.elements["BucketName"] == bucket


def test_replication_is_returned(s3, versioned_bucket, target):
    put_replication(s3, versioned_bucket, copy_to(target))
    found = s3.get_bucket_replication(Bucket=versioned_bucket)["ReplicationConfiguration"]
    assert found == replicate(copy_to(target))


def test_the_first_form_of_rules_is_returned(s3, versioned_bucket, target):
    rule = {"ID": "old", "Prefix": "", "Status": "Disabled", "Destination": {"Bucket": f"arn:aws:s3:::{target}"}}
    put_replication(s3, versioned_bucket, rule)
    assert s3.get_bucket_replication(Bucket=versioned_bucket)["ReplicationConfiguration"]["Rules"] == [rule]


def test_rules_without_id_get_one(s3, versioned_bucket, target):
    put_replication(s3, versioned_bucket, copy_to(target, ID=None))
    assert s3.get_bucket_replication(Bucket=versioned_bucket)["ReplicationConfiguration"]["Rules"][0]["ID"]


def test_deleting_replication_is_fine_twice(s3, versioned_bucket, target):
    put_replication(s3, versioned_bucket, copy_to(target))
    for _ in range(2):
        answer = s3.delete_bucket_replication(Bucket=versioned_bucket)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("ReplicationConfigurationNotFoundError", 404):
        s3.get_bucket_replication(Bucket=versioned_bucket)


def test_replication_needs_versions(s3, bucket, target):
    with refused("InvalidRequest", 400, "Versioning must be 'Enabled' on the bucket"):
        put_replication(s3, bucket, copy_to(target))


def test_replication_needs_versions_at_its_target(s3, versioned_bucket, bucket):
    with refused("InvalidRequest", 400, "Destination bucket must have versioning enabled."):
        put_replication(s3, versioned_bucket, copy_to(bucket))


def test_replication_to_no_bucket(s3, versioned_bucket):
    with refused("InvalidRequest", 400, "Destination bucket must have versioning enabled."):
        put_replication(s3, versioned_bucket, copy_to(ABSENT))


@pytest.mark.parametrize("change,text", [
    ({"DeleteMarkerReplication": None}, "DeleteMarkerReplication must be specified"),
    ({"Priority": None}, "Priority must be specified"),
    ({"Filter": None, "Prefix": "", "Priority": None}, "DeleteMarkerReplication cannot be used"),
    ({"SourceSelectionCriteria": {}}, "SourceSelectionCriteria cannot be empty"),
    ({"Filter": {"Tag": {"Key": "k", "Value": "v"}}, "DeleteMarkerReplication": {"Status": "Enabled"}},
     "Delete marker replication is not supported if any Tag filter is specified."),
], ids=["markers", "priority", "first form", "criteria", "tag"])
def test_rules_that_contradict_themselves(s3, versioned_bucket, target, change, text):
    with refused("InvalidRequest", 400, text):
        put_replication(s3, versioned_bucket, copy_to(target, **change))


@pytest.mark.parametrize("change", [
    {"Status": "On"}, {"Status": None}, {"Destination": None}, {"Filter": {"Prefix": "a", "Tag": {"Key": "k", "Value": "v"}}},
    {"Destination": {"Bucket": "arn:aws:s3:::x", "StorageClass": "FAST"}},
], ids=["status", "no status", "no destination", "two conditions", "storage class"])
def test_malformed_replication(s3, versioned_bucket, target, change):
    with refused("MalformedXML", 400):
        put_replication(s3, versioned_bucket, copy_to(target, **change))


def test_replication_without_rules_is_malformed(s3, versioned_bucket):
    with refused("MalformedXML", 400):
        put_replication(s3, versioned_bucket)


# Configurations under ids

class Kind:
    """One kind of configuration of which a bucket holds many."""

    def __init__(self, name, method, parameter, lists, make):
        self.name, self.method, self.parameter, self.lists, self.make = name, method, parameter, lists, make

    def __repr__(self):
        return self.name

    def put(self, s3, bucket, id, configuration=None):
        getattr(s3, f"put_bucket_{self.method}_configuration")(
            Bucket=bucket, Id=id, **{self.parameter: configuration or self.make(id)})

    def get(self, s3, bucket, id):
        return getattr(s3, f"get_bucket_{self.method}_configuration")(Bucket=bucket, Id=id)[self.parameter]

    def delete(self, s3, bucket, id):
        return getattr(s3, f"delete_bucket_{self.method}_configuration")(Bucket=bucket, Id=id)

    def list(self, s3, bucket, **more):
        return getattr(s3, f"list_bucket_{self.method}_configurations")(Bucket=bucket, **more)


DESTINATION = "arn:aws:s3:::some-destination"
KINDS = [
    Kind("analytics", "analytics", "AnalyticsConfiguration", "AnalyticsConfigurationList", lambda id: {
        "Id": id, "Filter": {"Prefix": "a/"},
        "StorageClassAnalysis": {"DataExport": {
            "OutputSchemaVersion": "V_1",
            "Destination": {"S3BucketDestination": {"Format": "CSV", "Bucket": DESTINATION}}}}}),
    Kind("inventory", "inventory", "InventoryConfiguration", "InventoryConfigurationList", lambda id: {
        "Id": id, "IsEnabled": True, "IncludedObjectVersions": "All", "OptionalFields": ["Size", "ETag"],
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": {"Bucket": DESTINATION, "Format": "ORC"}}}),
    Kind("metrics", "metrics", "MetricsConfiguration", "MetricsConfigurationList", lambda id: {
        "Id": id, "Filter": {"And": {"Prefix": "a", "Tags": [{"Key": "k", "Value": "v"}]}}}),
    Kind("tiering", "intelligent_tiering", "IntelligentTieringConfiguration", "IntelligentTieringConfigurationList",
         lambda id: {"Id": id, "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}),
]
kinds = pytest.mark.parametrize("kind", KINDS, ids=repr)


@kinds
def test_a_configuration_is_returned(s3, bucket, kind):
    kind.put(s3, bucket, "one")
    assert kind.get(s3, bucket, "one") == kind.make("one")


@kinds
def test_a_new_bucket_lists_none(s3, bucket, kind):
    answer = kind.list(s3, bucket)
    assert answer["IsTruncated"] is False
    assert kind.lists not in answer


@kinds
def test_all_configurations_are_listed(s3, bucket, kind):
    for id in ["two", "one"]:
        kind.put(s3, bucket, id)
    assert kind.list(s3, bucket)[kind.lists] == [kind.make("one"), kind.make("two")]


@pytest.mark.parametrize("query,root", [
    ("analytics", "ListBucketAnalyticsConfigurationResult"), ("inventory", "ListInventoryConfigurationsResult"),
    ("metrics", "ListMetricsConfigurationsResult"),
    ("intelligent-tiering", "ListBucketIntelligentTieringConfigurationsOutput"),
])
def test_the_document_of_a_list(raw, bucket, query, root):
    assert raw("GET", f"/{bucket}?{query}").xml.tag == root


@kinds
def test_an_id_is_replaced(s3, bucket, kind):
    kind.put(s3, bucket, "one")
    kind.put(s3, bucket, "one")
    assert len(kind.list(s3, bucket)[kind.lists]) == 1


@kinds
def test_no_such_id(s3, bucket, kind):
    kind.put(s3, bucket, "one")
    for call in (kind.get, kind.delete):
        with refused("NoSuchConfiguration", 404, "The specified configuration does not exist."):
            call(s3, bucket, "two")


@kinds
def test_a_configuration_is_deleted(s3, bucket, kind):
    kind.put(s3, bucket, "one")
    assert kind.delete(s3, bucket, "one")["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchConfiguration", 404):
        kind.get(s3, bucket, "one")


@pytest.mark.parametrize("kind,code", [
    (KINDS[0], "MalformedXML"), (KINDS[1], "IdMismatch"), (KINDS[3], "MalformedXML"),
], ids=["analytics", "inventory", "tiering"])
def test_the_id_stands_in_query_and_document(s3, bucket, kind, code):
    with refused(code, 400):
        kind.put(s3, bucket, "one", kind.make("other"))


@kinds
@pytest.mark.parametrize("call", ["put", "get", "delete", "list"])
def test_configurations_of_no_bucket(s3, kind, call):
    with refused("NoSuchBucket", 404):
        getattr(kind, call)(s3, ABSENT, **({} if call == "list" else {"id": "one"}))


def test_a_long_list_comes_in_pages(s3, bucket):
    kind = KINDS[2]
    ids = [f"id-{number:03}" for number in range(101)]
    for id in reversed(ids):
        kind.put(s3, bucket, id)
    first = kind.list(s3, bucket)
    assert (first["IsTruncated"], len(first[kind.lists])) == (True, 100)
    second = kind.list(s3, bucket, ContinuationToken=first["NextContinuationToken"])
    assert second["IsTruncated"] is False
    assert second["ContinuationToken"] == first["NextContinuationToken"]
    assert [found["Id"] for found in first[kind.lists] + second[kind.lists]] == ids


def changed(kind, **changes):
    made = kind.make("one")
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


@pytest.mark.parametrize("change", [
    {"Schedule": {"Frequency": "Hourly"}}, {"IncludedObjectVersions": "Some"}, {"OptionalFields": ["Colour"]},
    {"Destination": {"S3BucketDestination": {"Bucket": DESTINATION, "Format": "XML"}}}, {"Schedule": None},
    {"Destination": None}, {"IsEnabled": None},
], ids=["frequency", "versions", "field", "format", "no schedule", "no destination", "no state"])
def test_malformed_inventories(s3, bucket, change):
    with refused("MalformedXML", 400):
        KINDS[1].put(s3, bucket, "one", changed(KINDS[1], **change))


def test_an_inventory_goes_to_a_bucket_by_its_arn(s3, bucket):
    wrong = changed(KINDS[1], Destination={"S3BucketDestination": {"Bucket": "plain-name", "Format": "CSV"}})
    with refused("InvalidS3DestinationBucket", 400, "Invalid bucket ARN."):
        KINDS[1].put(s3, bucket, "one", wrong)


@pytest.mark.parametrize("change,code", [
    ({"Status": "On"}, "MalformedXML"), ({"Tierings": []}, "MalformedXML"),
    ({"Tierings": [{"Days": 90, "AccessTier": "COLD"}]}, "MalformedXML"),
    ({"Tierings": [{"Days": 10, "AccessTier": "ARCHIVE_ACCESS"}]}, "InvalidArgument"),
    ({"Tierings": [{"Days": 731, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]}, "InvalidArgument"),
    ({"Filter": {"Prefix": "a", "Tag": {"Key": "k", "Value": "v"}}}, "MalformedXML"),
], ids=["status", "no tier", "unknown tier", "too soon", "too late", "two conditions"])
def test_refused_tierings(s3, bucket, change, code):
    with refused(code, 400):
        KINDS[3].put(s3, bucket, "one", changed(KINDS[3], **change))


def test_kinds_do_not_mix(s3, bucket):
    for kind in KINDS:
        kind.put(s3, bucket, "same")
    KINDS[0].delete(s3, bucket, "same")
    for kind in KINDS[1:]:
        assert kind.get(s3, bucket, "same") == kind.make("same")
