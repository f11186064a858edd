import AWSProtocol
import Testing

@Suite struct WebsiteHostTests {
    @Test(arguments: [
        ("b.s3-website.localhost", "b"), ("b.s3-website.localhost:4566", "b"),
        ("B.S3-Website.LocalHost", "b"),
        ("www.example.com.s3-website.localhost:1", "www.example.com"),
        ("b.s3-website-us-east-1.amazonaws.com", "b"), ("b.s3-website.eu-central-1.amazonaws.com", "b"),
        ("b.s3-website-eu-west-1.localhost", "b"), ("b.s3-website.eu-west-1.localhost", "b"),
        ("b.s3-website.cn-north-1.amazonaws.com.cn", "b"), ("s3-website.s3-website.localhost", "s3-website"),
    ])
    func hostsOfSites(host: String, bucket: String) {
        #expect(WebsiteHost.bucket(ofHost: host) == bucket)
        #expect(VirtualHost.bucket(ofHost: host) == bucket)
    }

    @Test(arguments: [
        "", "localhost", "127.0.0.1:4566", "b.s3.localhost", "b.localhost", "s3-website.localhost",
        "s3-website-us-east-1.amazonaws.com", "b.s3.us-east-1.amazonaws.com", "b.s3-website.example.com",
        "b.s3-websites.localhost", "s3-website.us-east-1.amazonaws.com", ".s3-website.localhost", "[::1]:80",
    ])
    func otherHosts(host: String) {
        #expect(WebsiteHost.bucket(ofHost: host) == nil)
    }
}
