import HTTPTypes
import Testing

@testable import AWSProtocol

@Suite struct RegionalEndpointTests {
    @Test(arguments: [
        ("GET", "/"), ("GET", "/?x-id=ListBuckets&max-buckets=1"), ("PUT", "/bucket"), ("PUT", "/bucket/"),
        ("PUT", "/bucket?x-id=CreateBucket"), ("PUT", "/bucket?X-Amz-Algorithm=a&X-Amz-Date=b"),
    ])
    func requestsForAnyRegion(_ method: String, _ target: String) {
        for host in ["localhost:4566", "127.0.0.1", "s3.localhost", "s3.amazonaws.com"] {
            let request = HTTPRequest(method: method, target: target, headers: ["Host": host])
            #expect(request.isForTheEndpointOfItsScope, "\(host)")
        }
    }

    @Test(arguments: [
        ("GET", "/bucket"), ("HEAD", "/bucket"), ("DELETE", "/bucket"), ("PUT", "/bucket/key"), ("PUT", "/"),
        ("PUT", "/bucket/key/"), ("PUT", "/bucket?versioning"), ("PUT", "/bucket?x-id=a&tagging="),
        ("POST", "/bucket"), ("POST", "/"),
    ])
    func requestsForOneRegion(_ method: String, _ target: String) {
        let request = HTTPRequest(method: method, target: target, headers: ["Host": "localhost:4566"])
        #expect(!request.isForTheEndpointOfItsScope)
    }

    @Test func aBucketInTheHost() {
        let host: HTTPHeaders = ["Host": "bucket.s3.localhost:4566"]
        #expect(HTTPRequest(method: "PUT", target: "/", headers: host).isForTheEndpointOfItsScope)
        #expect(!HTTPRequest(method: "GET", target: "/", headers: host).isForTheEndpointOfItsScope)
        #expect(!HTTPRequest(method: "PUT", target: "/key", headers: host).isForTheEndpointOfItsScope)
    }

    @Test(
        arguments: [
            ("s3.eu-west-1.amazonaws.com", "eu-west-1"), ("s3-eu-west-1.amazonaws.com:80", "eu-west-1"),
            ("b.s3.dualstack.us-gov-east-1.amazonaws.com", "us-gov-east-1"), ("s3.amazonaws.com", nil),
            ("S3.EU-WEST-1.localhost", "eu-west-1"), ("a.eu-west-1.localhost", nil), ("localhost", nil),
            ("s3.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ] as [(String, String?)])
    func regionsOfHosts(_ host: String, _ region: String?) {
        #expect(VirtualHost.region(ofHost: host) == region)
        let request = HTTPRequest(method: "PUT", target: "/b/", headers: ["Host": host])
        if region != nil { #expect(!request.isForTheEndpointOfItsScope) }
    }

    @Test func endpointsAreNobodysBucket() {
        for host in [
            "s3.amazonaws.com", "s3.localhost:4566", "S3.eu-west-1.amazonaws.com",
            "s3.dualstack.eu-west-1.amazonaws.com",
        ] {
            #expect(VirtualHost.isEndpoint(host), "\(host)")
        }
        for host in [
            "localhost", "127.0.0.1:4566", "b.s3.localhost", "b.localhost", "dynamodb.localhost",
            "s3.example.org",
        ] {
            #expect(!VirtualHost.isEndpoint(host), "\(host)")
        }
    }
}
