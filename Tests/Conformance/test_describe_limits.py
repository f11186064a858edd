"""DescribeLimits and DescribeEndpoints."""


def test_limits(ddb):
    limits = ddb.describe_limits()
    limits.pop("ResponseMetadata")
    assert set(limits) == {
        "AccountMaxReadCapacityUnits", "AccountMaxWriteCapacityUnits", "TableMaxReadCapacityUnits",
        "TableMaxWriteCapacityUnits"}
    assert limits["AccountMaxReadCapacityUnits"] >= 80000
    assert limits["AccountMaxWriteCapacityUnits"] >= 80000
    assert limits["TableMaxReadCapacityUnits"] >= 40000
    assert limits["TableMaxWriteCapacityUnits"] >= 40000


def test_members_that_are_unknown_do_not_matter(endpoint):
    status, _, _ = endpoint.raw("DescribeLimits", {"Unknown": [1]})
    assert status == 200


def test_endpoints(ddb):
    endpoints = ddb.describe_endpoints()["Endpoints"]
    assert len(endpoints) == 1
    assert endpoints[0]["Address"].startswith("dynamodb.")
    assert endpoints[0]["CachePeriodInMinutes"] == 1440
