"""Random changes of photos: views, crops, mosaics, faults and edits."""
