from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from ansa.cli import main
from ansa.review.proposal import PhotoPlace, ReviewProposal
from ansa.review.queue import ReviewQueue
from ansa.taxonomy.tree import Concept, Tree
from ansa_train.data.labels.concept_labels import ABSENT, PRESENT, UNKNOWN, ConceptLabels
from ansa_train.data.pack import read_pack
from ansa_train.errors import TrainingError
from ansa_train.regression.cases import read_set
from ansa_train.reviewed.hand_on import to_regression_set, to_shards
from tests.photos import draw_photo, encode

TREE = Tree(
    (
        Concept("animal"),
        Concept("dog", "animal"),
        Concept("beagle", "dog"),
        Concept("cat", "animal"),
    )
)


@pytest.fixture
def queue(tmp_path: Path) -> ReviewQueue:
    """Five photos; of the first people are asked about two concepts."""
    made = ReviewQueue(tmp_path / "queue.jsonl", opinions=1)
    for i, concept in ((0, "dog"), (0, "cat"), (1, "dog"), (2, "dog"), (3, "dog"), (4, "dog")):
        data = encode(draw_photo(48, 36, seed=i), "PNG")
        file = tmp_path / f"{i}.png"
        file.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        made.add(
            [ReviewProposal(PhotoPlace(str(i), str(file), 0, len(data), digest, "mine"), concept)]
        )
    said = ("yes", "no", "no", "unsure", "wrong kind", "yes")
    for item, word in zip(list(made.items()), said, strict=True):
        kind = "receipt" if word == "wrong kind" else ""
        made.answer(item.proposal.id, "mara", word, kind=kind)  # type: ignore[arg-type]
    return made


def test_agreed_answers_become_samples_that_training_reads(
    queue: ReviewQueue, tmp_path: Path
) -> None:
    (tmp_path / "4.png").unlink()
    written = to_shards(queue, tmp_path / "shards", "train")
    assert (written.samples, written.yes, written.no, written.kinds) == (3, 1, 2, 1)
    assert written.left == 1  # nobody was sure
    assert len(written.problems) == 1
    assert "4.png" in written.problems[0]
    samples = {s.key: s for s in read_pack(tmp_path / "shards", ["train"])}
    first = samples["reviewed/0"]
    assert (first.labels, first.absent) == (("dog",), ("cat",))
    assert first.read().size == (48, 36)
    assert samples["reviewed/3"].kind == "receipt"
    manifest = json.loads((tmp_path / "shards" / "manifest.json").read_text("utf-8"))
    assert manifest["samples"] == 3
    assert manifest["reviewed_of"] == {"mine": 3}


def test_what_people_denied_is_absent_and_what_nobody_asked_unknown(
    queue: ReviewQueue, tmp_path: Path
) -> None:
    to_shards(queue, tmp_path / "shards", "train")
    samples = read_pack(tmp_path / "shards", ["train"])
    states = ConceptLabels(TREE, samples)(samples)
    row = dict(zip((s.key for s in samples), states, strict=True))
    animal, dog, beagle, cat = range(4)
    assert row["reviewed/0"][[animal, dog, cat]].tolist() == [PRESENT, PRESENT, ABSENT]
    assert row["reviewed/0"][beagle] == UNKNOWN
    assert row["reviewed/1"][[animal, dog, beagle, cat]].tolist() == [
        *(UNKNOWN, ABSENT, ABSENT, UNKNOWN)
    ]
    assert np.count_nonzero(row["reviewed/4"]) == 2


def test_each_sample_says_who_said_what_and_when(queue: ReviewQueue, tmp_path: Path) -> None:
    import tarfile

    to_shards(queue, tmp_path / "shards", "dev")
    with tarfile.open(tmp_path / "shards" / "dev-000000.tar") as tar:
        notes = [json.load(tar.extractfile(m)) for m in tar if m.name.endswith("json")]  # type: ignore[arg-type]
    answers = [answer for note in notes for answer in note["provenance"]["answers"]]
    assert {answer["annotator"] for answer in answers} == {"mara"}
    assert all(answer["at"].endswith("+00:00") for answer in answers)


def test_a_regression_set_of_the_answers_is_hashes_and_no_photos(
    queue: ReviewQueue, tmp_path: Path
) -> None:
    assert to_regression_set(queue, tmp_path / "set.json") == 5
    cases = {case.name: case for case in read_set(tmp_path / "set.json").cases}
    assert cases["0: dog"].ask == "tag"
    assert cases["0: cat"].ask == "no tag"
    assert cases["1: dog"].why == "reviewed by 1 people"
    assert (cases["3: dog"].ask, cases["3: dog"].text) == ("kind", "receipt")


def test_a_review_of_the_kinds_of_pictures_teaches_kinds_and_no_labels(tmp_path: Path) -> None:
    queue = ReviewQueue(tmp_path / "queue.jsonl", opinions=1)
    said = (("yes", ""), ("wrong kind", "drawing"), ("no", ""))
    for i, (word, kind) in enumerate(said):
        data = encode(draw_photo(48, 36, seed=i), "PNG")
        (tmp_path / f"{i}.png").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        place = PhotoPlace(str(i), str(tmp_path / f"{i}.png"), 0, len(data), digest, "mine")
        queue.add([proposal := ReviewProposal(place, "photo")])
        queue.answer(proposal.id, "mara", word, kind=kind)  # type: ignore[arg-type]
    written = to_shards(queue, tmp_path / "shards", "train")
    assert (written.samples, written.yes, written.no, written.kinds) == (2, 0, 0, 2)
    samples = {s.key: s for s in read_pack(tmp_path / "shards", ["train"])}
    assert {key: s.kind for key, s in samples.items()} == {
        "reviewed/0": "photo",
        "reviewed/1": "drawing",
    }
    assert not any(s.labels or s.absent for s in samples.values())
    assert to_regression_set(queue, tmp_path / "set.json") == 2
    cases = {case.name: case for case in read_set(tmp_path / "set.json").cases}
    assert {name: (c.ask, c.text) for name, c in cases.items()} == {
        "0: photo": ("kind", "photo"),
        "1: photo": ("kind", "drawing"),
    }


def test_a_folder_with_files_and_a_review_without_answers_are_refused(tmp_path: Path) -> None:
    queue = ReviewQueue(tmp_path / "queue.jsonl")
    place = PhotoPlace("a", str(tmp_path / "a.png"), 0, 1, "0" * 64)
    queue.add([ReviewProposal(place, "dog")])
    with pytest.raises(TrainingError, match="holds files already"):
        to_shards(queue, tmp_path, "train")
    with pytest.raises(TrainingError, match="agreed on nothing"):
        to_shards(queue, tmp_path / "new", "train")
    with pytest.raises(TrainingError, match="agreed on nothing"):
        to_regression_set(queue, tmp_path / "set.json")


def test_the_command_answers_and_hands_on(
    queue: ReviewQueue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["review", str(queue.file), "--opinions", "1"]
    first = next(iter(queue.items())).proposal.id
    assert main([*words, "--annotator", "paul", "--answer", first, "yes"]) == 0
    assert "6 proposals" in capsys.readouterr().out
    (tmp_path / "4.png").unlink()
    assert main([*words, "--shards", str(tmp_path / "shards"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["shards"]["samples"] == 3
    assert len(told["problems"]) == 1
    assert main([*words, "--answer", first, "yes", "--annotator", " "]) == 1
    assert main(["review", str(tmp_path / "none.jsonl")]) == 1
    assert "`ansa mine --queue" in capsys.readouterr().err
