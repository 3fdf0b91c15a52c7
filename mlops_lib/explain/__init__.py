"""What a trained model's scores are made of, in the columns of the table."""
