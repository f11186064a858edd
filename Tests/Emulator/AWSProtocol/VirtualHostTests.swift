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
}
