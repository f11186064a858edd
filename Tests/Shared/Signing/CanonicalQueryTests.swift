import Testing

@testable import Signing

@Suite struct CanonicalQueryTests {
    /// A service reads a bare plus as a space. Two queries with one canonical form must mean the same.
    @Test(arguments: [
        ("a=b+c", "a=b%20c"), ("a=b%20c", "a=b%20c"), ("a=b%2Bc", "a=b%2Bc"), ("a=b%2bc", "a=b%2Bc"),
        ("a+b", "a%20b="), ("+=+", "%20=%20"), ("x=1&a+=2&a=3", "a=3&a%20=2&x=1"),
    ])
    func aPlusIsASpace(_ query: String, _ canonical: String) {
        #expect(CanonicalRequest.canonicalQuery(query) == canonical)
    }
}
