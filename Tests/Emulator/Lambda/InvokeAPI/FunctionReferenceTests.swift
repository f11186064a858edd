import Testing

@testable import Lambda

@Suite struct FunctionReferenceTests {
    static let good: [(String, [String?])] = [
        ("f", ["f", nil, nil, nil]),
        ("my-function_2", ["my-function_2", nil, nil, nil]),
        ("f:$LATEST", ["f", nil, nil, "$LATEST"]),
        ("f:3", ["f", nil, nil, "3"]),
        ("f:live", ["f", nil, nil, "live"]),
        ("123456789012:f", ["f", nil, "123456789012", nil]),
        ("123456789012:function:f", ["f", nil, "123456789012", nil]),
        ("123456789012:function:f:2", ["f", nil, "123456789012", "2"]),
        ("function:f", ["f", nil, nil, nil]),
        ("function", ["function", nil, nil, nil]),
        ("eu-north-1:123456789012:function:f", ["f", "eu-north-1", "123456789012", nil]),
        ("us-gov-west-1:123456789012:f", ["f", "us-gov-west-1", "123456789012", nil]),
        ("arn:aws:lambda:eu-north-1:123456789012:function:f", ["f", "eu-north-1", "123456789012", nil]),
        (
            "arn:aws:lambda:eu-north-1:123456789012:function:f:$LATEST",
            ["f", "eu-north-1", "123456789012", "$LATEST"]
        ),
        ("arn:aws-cn:lambda:cn-north-1:123456789012:function:f", ["f", "cn-north-1", "123456789012", nil]),
    ]

    @Test(arguments: good.indices) func accepted(row: Int) throws {
        let (text, parts) = Self.good[row]
        let reference = try #require(FunctionReference(text))
        #expect([reference.name, reference.region, reference.accountID, reference.qualifier] == parts)
    }

    @Test(arguments: [
        "", ":", "f:", ":f", "f:a:b", "f g", "f:$OTHER", "f/g",
        "arn:aws:s3:eu-north-1:123456789012:function:f",
        "arn:gcp:lambda:eu-north-1:123456789012:function:f", "f:a.b", "ü",
    ])
    func refused(text: String) {
        #expect(FunctionReference(text) == nil)
    }
}
