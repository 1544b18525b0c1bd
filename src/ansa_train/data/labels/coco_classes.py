"""The 80 classes that COCO draws boxes around, and what others call them."""

from __future__ import annotations

LABELS = tuple(
    """person/bicycle/car/motorcycle/airplane/bus/train/truck/boat/traffic light/fire hydrant
/stop sign/parking meter/bench/bird/cat/dog/horse/sheep/cow/elephant/bear/zebra/giraffe/backpack
/umbrella/handbag/tie/suitcase/frisbee/skis/snowboard/sports ball/kite/baseball bat/baseball glove
/skateboard/surfboard/tennis racket/bottle/wine glass/cup/fork/knife/spoon/bowl/banana/apple
/sandwich/orange/broccoli/carrot/hot dog/pizza/donut/cake/chair/couch/potted plant/bed/dining table
/toilet/tv/laptop/mouse/remote/keyboard/cell phone/microwave/oven/toaster/sink/refrigerator/book
/clock/vase/scissors/teddy bear/hair drier/toothbrush""".replace("\n", "").split("/")
)
"""In the order that detectors give them, which keeps related ones together."""

GROUPS = {
    "person": LABELS[:1],
    "animal": LABELS[14:24],
    "vehicle": LABELS[1:9],
    "food": LABELS[46:56],
    "furniture": LABELS[56:62],
}
"""Classes that are reported together: supercategories of COCO."""

_VOC_NAMES = {
    "aeroplane": "airplane",
    "diningtable": "dining table",
    "motorbike": "motorcycle",
    "pottedplant": "potted plant",
    "sofa": "couch",
    "tvmonitor": "tv",
}


def coco_name(name: str) -> str:
    """COCO's name of a class that VOC calls otherwise; any other name as it is."""
    return _VOC_NAMES.get(name, name)
