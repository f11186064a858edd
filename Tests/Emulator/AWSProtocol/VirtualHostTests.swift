import AWSProtocol
import Testing

@Suite struct VirtualHostTests {
    @Test(
        arguments: [
            ("localhost:4566", nil), ("127.0.0.1:4566", nil), ("s3.localhost", nil),
            ("s3.us-east-1.amazonaws.com", nil),
            ("my.dotted.bucket.s3.eu-west-1.amazonaws.com", "my.dotted.bucket"),
            ("b.localhost:1", "b"), ("b.s3.localhost", "b"), ("s3.s3.us-east-1.amazonaws.com", "s3"),
            ("emulator:4566", nil), ("", nil),
        ] as [(String, String?)])
    func hosts(_ host: String, _ bucket: String?) {
        #expect(VirtualHost.bucket(ofHost: host) == bucket)
    }

    @Test(
        arguments: [
            ("b.s3.amazonaws.com", .bucket("b")), ("b.s3.eu-west-1.amazonaws.com:443", .bucket("b")),
            ("b.s3-eu-west-1.amazonaws.com", .bucket("b")),
            ("a.b.s3-us-gov-west-1.amazonaws.com", .bucket("a.b")),
            ("b.s3.dualstack.us-east-1.amazonaws.com", .bucket("b")),
            ("s3.dualstack.us-east-1.amazonaws.com", .service),
            ("b.s3-accelerate.dualstack.amazonaws.com", .bucket("b")),
            ("b.s3.cn-north-1.amazonaws.com.cn", .bucket("b")),
            ("B.S3.US-EAST-1.AMAZONAWS.COM", .bucket("b")), ("b.s3.localhost.", .bucket("b")),
            ("s3.localhost.s3.localhost", .bucket("s3.localhost")),
            ("b.s3.us-east-1.localhost:1", .bucket("b")),
            ("s3.us-east-1.s3.us-east-1.amazonaws.com", .bucket("s3.us-east-1")),
            ("b.s3-website.localhost:80", .website("b")),
            ("a.b.s3-website-us-east-1.localhost", .website("a.b")),
            ("b.s3-website-eu-west-1.amazonaws.com", .website("b")),
            ("b.s3-website.eu-central-1.amazonaws.com", .website("b")),
            ("s3-website.localhost", .service), ("s3-eu-west-1.amazonaws.com", .service),
            ("s3.amazonaws.com", .service),
            ("s3-data.localhost", .bucket("s3-data")), ("s3.data.localhost", .bucket("s3.data")),
            ("a.eu-west-1.localhost", .bucket("a.eu-west-1")), ("amazonaws.com", .service),
            ("localhost", .service), ("b.s3.localhost:4566", .bucket("b")), ("10.0.0.1", .service),
            ("a.b:c.localhost", .service), (".", .service), (":", .service),
            ("dynamodb.us-east-1.amazonaws.com", .service), ("[::1]:80", .service),
            ("evil.example.com", .service),
        ] as [(String, VirtualHost)])
    func kinds(_ host: String, _ expected: VirtualHost) {
        #expect(VirtualHost(host: host) == expected)
    }
}
