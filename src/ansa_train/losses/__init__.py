"""The losses of pretraining, one a file, each with its paper.

Each gives one value a row; whoever knows the rows of all processes takes the mean.
"""
