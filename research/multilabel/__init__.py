"""The predecessor of image-language pretraining: a backbone pretrained by multi-label labels."""
