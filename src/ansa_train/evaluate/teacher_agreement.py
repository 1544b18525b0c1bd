"""Agreement of a bundle's text search with the ImageNet teacher's classes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ansa.model.analyzer import Analyzer
from ansa.photo.pixels import resize_square
from ansa.photo.read import read_photo
from ansa.taxonomy.everyday import everyday_prompts
from ansa_train.data.labels.class_prompts import imagenet
from ansa_train.data.pack import Sample
from ansa_train.errors import TrainingError
from ansa_train.evaluate.null_queries import good_match_rates
from ansa_train.evaluate.task import EvaluationError, Table, Vectors, looked_up
from ansa_train.evaluate.zeroshot import class_vectors, top_k
from ansa_train.models.teacher import Teacher
from ansa_train.pretrained import fetch

_BATCH = 64


class TeacherAgreement:
    """Whether names find the teacher's class, and whether a search knows that it is absent.

    Attributes:
        samples: the photos.
    """

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = samples

    def measure(self, analyzer: Analyzer, vectors: Vectors) -> list[Table]:
        """One table: how often the teacher's class comes first, or among the first."""
        try:
            for part in ("efficientnet-lite2", "imagenet-synsets", "synset-lemmas"):
                fetch(part)
        except TrainingError as error:
            raise EvaluationError(f"teacher: {error}") from error
        samples, seen = looked_up(self.samples, vectors, "teacher")
        teacher = teacher_probabilities(tuple(samples))
        names = [names[0] for names in imagenet().names]
        about = f"{len(seen):,} photos, {len(names):,} classes"
        figures = top_k(seen, class_vectors(analyzer, names), teacher.argmax(-1))
        tables = [Table("zero-shot", "teacher's class", about, figures)]
        rates = good_match_rates(
            seen, teacher, analyzer.embed_text(names), analyzer.embed_text(everyday_prompts())
        )
        for size, rate in rates.items():
            name = f"a class of the teacher in {size}"
            tables.append(Table("nothing matches", name, f"of {len(seen):,} photos", rate))
        return tables


@cache
def teacher_probabilities(samples: tuple[Sample, ...]) -> NDArray[np.float32]:
    """The teacher's probabilities of each photo, (n, 1000)."""
    teacher, probabilities = Teacher(), []
    for start in range(0, len(samples), _BATCH):
        batch = samples[start : start + _BATCH]
        photos = [read_photo(s.read_bytes(), min_side=Teacher.SIZE, name=s.key)[0] for s in batch]
        squares = np.stack([resize_square(photo, Teacher.SIZE) for photo in photos])
        probabilities.append(teacher(squares).softmax(-1).numpy())
    return np.concatenate(probabilities)
