"""What a run optimizes: from features and vectors of a batch to its named losses."""
