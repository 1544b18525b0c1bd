"""What people agreed on in a review: training shards and regression sets."""
