"""How S3 behaves, asked over boto3 and by hand."""
