/// What botocore 1.44.5 (S3SigV4Auth, SigV4Auth and their query forms) made of awkward paths, queries and
/// headers on 2026-01-02T03:04:05Z in eu-west-1 for example.amazonaws.com:8443. Bodies are `hello` unless GET.
let botocoreVectors: [BotocoreVector] = [
    BotocoreVector(
        service: "s3", method: "GET", path: "/b/plain.txt",
        query: [],
        headers: [], temporary: false,
        presignedSignature: "0dc4489ecdd1fcfb329b734ee421991aba7c1b4cc52aa18812cf0ce75e4b1809",
        presignedHeaders: "host",
        authorization: "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            + "Signature=34fe936e7a4f834bec269c8d576ce0932ae6527d9f3478f7258feb34fdc69486"),
    BotocoreVector(
        service: "s3", method: "GET", path: "/b/a%20b/%2B%26%3D%25/%E4%BD%A0",
        query: [],
        headers: [], temporary: false,
        presignedSignature: "438ef4c23395e3a1172ba9e902959ae7d359f1dd4ec1099175a77e90409fae3d",
        presignedHeaders: "host",
        authorization: "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            + "Signature=857712eeabd44a4668a54f87628f47725be89e1c81d860a0b2bc62bcf3b2b56c"),
    BotocoreVector(
        service: "s3", method: "GET", path: "/b//double//./../dots",
        query: [("versionId", "x/y+z")],
        headers: [], temporary: false,
        presignedSignature: "3cda4e56b954088b7a1504a6e0cb45d6ff0ef82c6f0da6de68ca990721b4b3bf",
        presignedHeaders: "host",
        authorization: "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            + "Signature=0accf21d3e4ab018b3ce9d8dfe3dee5976059761bf2247a92903f0e1a480b5c0"),
    BotocoreVector(
        service: "s3", method: "PUT", path: "/b/audio.wav",
        query: [],
        headers: [("Content-Type", "audio/wav"), ("Content-Length", "12")], temporary: false,
        presignedSignature: "df87ea37afd5d68f35c91f3fb87abab83ffdbbb56b8b421faa89935763d9eb26",
        presignedHeaders: "content-length;content-type;host",
        authorization: "SignedHeaders=content-length;content-type;host;x-amz-content-sha256;x-amz-date, "
            + "Signature=24f543e502c245847936a5dd8273f45828c18c0664bb7a4a632782eb943d1043"),
    BotocoreVector(
        service: "s3", method: "PUT", path: "/b/k",
        query: [("partNumber", "10"), ("uploadId", "a b~c")],
        headers: [("x-amz-meta-note", "  two   spaces ")], temporary: true,
        presignedSignature: "605d630e84dda93d6e5855fce7cb65eec2d17bf9a6bdfc7ab8b52dc9f91b2a02",
        presignedHeaders: "host;x-amz-meta-note",
        authorization:
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-note;x-amz-security-token, "
            + "Signature=084fceb5af064642da1a05c96d853956bb6a82a12d7a8644813207fbee20ecb4"),
    BotocoreVector(
        service: "s3", method: "GET", path: "/b",
        query: [("list-type", "2"), ("prefix", "ü/é "), ("delimiter", "/"), ("a", ""), ("A", "1")],
        headers: [], temporary: true,
        presignedSignature: "7b359f657d8df1386cc26698003dc4eeced3a91f2d82d31c84764cef09a58eb1",
        presignedHeaders: "host",
        authorization: "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
            + "Signature=dd57eca8d52c7e07708756b4013988751ecbc24212319d8c01270c61ace8f489"),
    BotocoreVector(
        service: "lambda", method: "POST", path: "/2015-03-31/functions/arn%3Aaws%3Alambda/invocations",
        query: [("Qualifier", "$LATEST")],
        headers: [], temporary: false,
        presignedSignature: "e200e243d5a49805aba4a529af5243d5ab83d5f43940f7217d554ec4ba8cf1b7",
        presignedHeaders: "host",
        authorization: "SignedHeaders=host;x-amz-date, "
            + "Signature=230215ddd2ebe0d5a59cef184ef6190bb6a4597d05bafd806c7baf84b1d5aef1"),
    BotocoreVector(
        service: "execute-api", method: "GET", path: "/dev/a%20b/../c/./d//e/",
        query: [("z", "1"), ("b", "2")],
        headers: [], temporary: true,
        presignedSignature: "26cc2a28c22450e618910035c4a84350bef8acb10ece2ce9a73e420013e61738",
        presignedHeaders: "host",
        authorization: "SignedHeaders=host;x-amz-date;x-amz-security-token, "
            + "Signature=0b5bf1de70b03af3ad12026f8c570370c56af358c7ccad4a40c135c8aae969e6"),
]
