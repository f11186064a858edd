"""What the tests about cross-origin requests share."""

ORIGIN = "https://app.example.com"


def put(s3, bucket, *rules):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": list(rules)})


def rule(methods=("GET",), origins=("*",), **more):
    return {"AllowedMethods": list(methods), "AllowedOrigins": list(origins), **more}


def preflight(raw, path, origin=ORIGIN, method="GET", headers=None, host=None):
    sent = [("Origin", origin), ("Access-Control-Request-Method", method),
            ("Access-Control-Request-Headers", headers)]
    return raw("OPTIONS", path, [pair for pair in sent if pair[1] is not None], sign=False, host=host)


def cors_headers(answer):
    return {name.lower() for name in answer.headers if name.lower().startswith("access-control-")}
