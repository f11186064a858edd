"""How Lambda behaves, asked over boto3 and by functions that speak the Runtime API themselves."""
