"""How DynamoDB behaves, asked over boto3 and by hand."""
