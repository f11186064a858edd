"""Manifests for tests of deployments: each uses one part of what a manifest can say."""

FUNCTION = {"timeout": 5}

FEATURES = {
    "arm64 with everything of a function": {
        "service": "shop", "region": "eu-central-1", "deployment": {"architecture": "arm64"},
        "environment": {"TABLE_NAME": "orders", "BUCKET": "files", "QUEUE": "late", "MODE": "plain"},
        "passEnvironment": ["API_KEY", "MODE"],
        "queues": ["late"],
        "tables": [{
            "TableName": "orders", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}],
        "buckets": [{"name": "files"}],
        "functions": {
            "all-of-it": {
                "memorySize": 1024, "timeout": 60, "reservedConcurrency": 20, "provisionedConcurrency": 2,
                "ephemeralStorage": 1024, "logFormat": "JSON", "applicationLogLevel": "WARN",
                "systemLogLevel": "INFO", "deadLetterQueue": "late", "environment": {"OWN": "1"}, "warmUp": True,
                "layer": "layer",
                "permissions": [
                    {"actions": ["dynamodb:Query"], "table": "orders"},
                    {"actions": ["s3:GetObject", "s3:ListBucket"], "bucket": "files", "keys": "in/*"},
                    {"actions": ["sqs:SendMessage"], "queue": "late"},
                    {"actions": ["lambda:InvokeFunction"], "function": "intel"},
                    {"actions": ["ssm:GetParameter"], "resource": "arn:aws:ssm:eu-central-1:123456789012:parameter/x"}]},
            "intel": {"architecture": "x86_64", **FUNCTION}}},
    "tables with indexes, streams and recovery": {
        "service": "tables", "functions": {
            "reader": {**FUNCTION, "eventSources": [{
                "table": "events", "batchSize": 50, "maximumBatchingWindowInSeconds": 5, "parallelizationFactor": 2,
                "maximumRetryAttempts": 3, "maximumRecordAgeInSeconds": 3600, "bisectBatchOnFunctionError": True,
                "functionResponseTypes": ["ReportBatchItemFailures"],
                "filters": [{"eventName": ["INSERT"]}],
                "onFailure": "arn:aws:sqs:us-east-1:000000000000:failed"}]}},
        "queues": ["failed"],
        "tables": [
            {
                "TableName": "events", "BillingMode": "PROVISIONED",
                "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
                "AttributeDefinitions": [
                    {"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": "N"},
                    {"AttributeName": "kind", "AttributeType": "S"}],
                "KeySchema": [
                    {"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
                "GlobalSecondaryIndexes": [{
                    "IndexName": "byKind", "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]},
                    "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}],
                "LocalSecondaryIndexes": [{
                    "IndexName": "byKindOfOne",
                    "KeySchema": [
                        {"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "kind", "KeyType": "RANGE"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"}}],
                "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
                "SSESpecification": {"Enabled": True}, "Tags": [{"Key": "team", "Value": "a"}],
                "TimeToLive": {"AttributeName": "expires"}, "PointInTimeRecovery": True}]},
    "buckets with a site, rules and notifications": {
        "service": "files", "functions": {
            "thumb": {**FUNCTION, "permissions": [{"actions": ["s3:GetObject", "s3:PutObject"], "bucket": "pictures"}]},
            "other": FUNCTION},
        "environment": {"PICTURES": "pictures"},
        "buckets": [
            {
                "name": "pictures",
                "cors": [{"allowedOrigins": ["https://a.example"], "allowedMethods": ["GET"], "maxAgeSeconds": 5}],
                "lifecycle": [
                    {"expirationDays": 30, "prefix": "tmp/"}, {"abortIncompleteMultipartUploadDays": 2},
                    {"id": "cold", "prefix": "old/", "transitionDays": 30, "transitionStorageClass": "STANDARD_IA"}],
                "notifications": [
                    {"function": "thumb", "events": ["s3:ObjectCreated:*"], "prefix": "in/", "suffix": ".png"},
                    {"function": "other", "events": ["s3:ObjectRemoved:*"]}]},
            {"name": "site", "website": {"index": "start.html", "error": "404.html"}}]},
    "queues and schedules": {
        "service": "jobs", "functions": {
            "worker": {**FUNCTION, "eventSources": [{"queue": "work", "batchSize": 5}], "deadLetterQueue": "dead"},
            "clock": {**FUNCTION, "warmUp": {"expression": "rate(4 minutes)", "input": {"warm": True}}}},
        "queues": [
            "dead", {"name": "work", "visibilityTimeout": 60, "deadLetterQueue": "dead", "maxReceiveCount": 3}],
        "schedules": [
            {"function": "clock", "expression": "cron(0 12 * * ? *)", "name": "noon", "input": {"a": [1]}},
            {"function": "clock", "expression": "rate(1 hour)", "enabled": False}]},
    "an HTTP API with authorizers, stages and a proxy": {
        "service": "front", "functions": {"page": FUNCTION, "guard": FUNCTION},
        "httpApi": {
            "cors": {
                "allowOrigins": ["https://a.example"], "allowMethods": ["GET"], "allowHeaders": ["x-a"],
                "exposeHeaders": ["x-b"], "maxAge": 60, "allowCredentials": True},
            "defaultThrottling": {"rateLimit": 100, "burstLimit": 50},
            "accessLog": {"format": "$context.requestId $context.status"},
            "stages": {
                "$default": {}, "beta": {
                    "variables": {"colour": "blue"}, "throttling": {"rateLimit": 5, "burstLimit": 2},
                    "routeThrottling": {"GET /a": {"rateLimit": 1, "burstLimit": 1}}}},
            "authorizers": {
                "tokens": {"type": "jwt", "issuer": "https://issuer.example/", "audience": ["a"]},
                "ask": {
                    "type": "lambda", "function": "guard", "identitySource": "$request.header.Authorization",
                    "enableSimpleResponses": True, "resultTtlSeconds": 60}},
            "routes": [
                {"route": "GET /a", "function": "page", "authorizer": "tokens", "scopes": ["read"]},
                {"route": "GET /a/{id}", "function": "page", "authorizer": "ask"},
                {"route": "GET /a-b", "function": "page", "payloadFormat": "1.0", "timeoutMilliseconds": 5000},
                {"route": "GET /aB", "function": "page", "throttling": {"rateLimit": 9, "burstLimit": 9}},
                {
                    "route": "ANY /old/{proxy+}", "url": "https://old.example/{proxy}",
                    "requestParameters": {"append:header.x-stage": "$context.stage"},
                    "responseParameters": {"404": {"overwrite:statuscode": "410"}}},
                {"route": "$default", "function": "page"}]}},
    "a REST API with keys, plans, models and integrations": {
        "service": "rest", "functions": {"pets": FUNCTION, "guard": FUNCTION},
        "restApi": {
            "binaryMediaTypes": ["image/png"],
            "models": {"Pet": {
                "$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["name"]}},
            "gatewayResponses": {"THROTTLED": {
                "statusCode": 429, "responseParameters": {"gatewayresponse.header.Retry-After": "'1'"},
                "responseTemplates": {"application/json": "{\"message\":$context.error.messageString}"}}},
            "apiKeys": [{"name": "one", "value": "0123456789012345678901234"}],
            "usagePlans": [{
                "name": "basic", "apiKeys": ["one"], "throttle": {"rateLimit": 10, "burstLimit": 5},
                "methodThrottles": {"prod:/pets/GET": {"rateLimit": 1, "burstLimit": 1}},
                "quota": {"limit": 1000, "period": "DAY"}}],
            "authorizers": {
                "token": {"type": "TOKEN", "function": "guard", "identityValidationExpression": "Bearer .*"},
                "request": {
                    "type": "REQUEST", "function": "guard",
                    "identitySource": ["method.request.header.Authorization"]}},
            "accessLog": {"format": "$context.requestId $context.status"},
            "stages": {
                "prod": {
                    "variables": {"host": "backend.example"}, "throttling": {"rateLimit": 50, "burstLimit": 20},
                    "cacheClusterEnabled": True,
                    "methodSettings": {"/pets/GET": {"cacheTtlInSeconds": 60, "throttling": {
                        "rateLimit": 5, "burstLimit": 5}}}}},
            "routes": [
                {
                    "route": "GET /pets", "function": "pets", "apiKeyRequired": True, "authorizer": "token",
                    "requestParameters": {"method.request.querystring.page": True},
                    "requestValidator": {"validateRequestParameters": True},
                    "cacheKeyParameters": ["method.request.querystring.page"]},
                {
                    "route": "POST /pets", "function": "pets", "authorizer": "request", "operationName": "AddPet",
                    "requestModels": {"application/json": "Pet"},
                    "requestValidator": {"validateRequestBody": True}},
                {"route": "GET /pets/{id}", "function": "pets", "timeoutMilliseconds": 3000},
                {"route": "ANY /old/{proxy+}", "url": "https://old.example/{proxy}"},
                {"route": "GET /mock", "integration": {
                    "type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
                    "integrationResponses": [{
                        "statusCode": 200, "responseParameters": {"method.response.header.X-Mock": "'yes'"},
                        "responseTemplates": {"application/json": "{}"}}]}},
                {"route": "GET /made", "integration": {
                    "type": "AWS", "function": "pets", "requestTemplates": {"application/json": "{\"a\": 1}"},
                    "integrationResponses": [{"selectionPattern": "no.*", "statusCode": 404}, {"statusCode": 200}]}},
                {"route": "GET /http/{id}", "integration": {
                    "type": "HTTP", "uri": "https://old.example/{id}", "httpMethod": "GET",
                    "requestParameters": {"integration.request.header.X-A": "method.request.header.X-B"},
                    "integrationResponses": [{"selectionPattern": "4..", "statusCode": 404}, {"statusCode": 200}]}}]}},
    "a WebSocket API": {
        "service": "chat", "functions": {
            "talk": {**FUNCTION, "permissions": [
                {"actions": ["execute-api:ManageConnections"], "webSocketApi": True}]},
            "guard": FUNCTION},
        "webSocketApi": {
            "accessLog": {"format": "$context.requestId $context.routeKey"}, "disableExecuteApiEndpoint": False,
            "stages": {"live": {
                "variables": {"a": "b"}, "throttling": {"rateLimit": 10, "burstLimit": 5}}},
            "authorizers": {"door": {"function": "guard", "identitySource": ["route.request.header.Auth"]}},
            "routes": [
                {"route": "$connect", "function": "talk", "authorizer": "door"},
                {"route": "$disconnect", "function": "talk"},
                {"route": "say", "function": "talk", "routeResponseSelectionExpression": "$default",
                 "throttling": {"rateLimit": 2, "burstLimit": 2}},
                {"route": "$default", "function": "talk", "timeoutMilliseconds": 1000}]}},
    "stages of their own": {
        "service": "staged", "functions": {"hello": {**FUNCTION, "warmUp": True}},
        "tables": [{
            "TableName": "things", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}],
        "deployment": {"stages": {"dev": {
            "environment": {"MODE": "1"}, "functions": {"hello": {
                "memorySize": 256, "timeout": 9, "reservedConcurrency": 9, "provisionedConcurrency": 3,
                "environment": {"OWN": "2"}}},
            "logRetentionDays": 1, "warmUp": True, "pointInTimeRecovery": True, "retainData": True,
            "deploymentPreference": "Linear10PercentEvery1Minute",
            "alarms": {
                "errors": 3, "throttles": 2, "durationPercent": 50, "periodSeconds": 60,
                "topicArn": "arn:aws:sns:us-east-1:123456789012:alarms"}}}}},
}
