from __future__ import annotations

import pickle

import pytest

import ansa
from ansa.errors import AnsaError, FileError
from ansa.library import LibraryError
from ansa.model.analyzer import AnalyzerError
from ansa.model.bundle import BundleError
from ansa.photo.read import DamagedPhoto, PhotoError
from ansa.render.movie import MovieError
from ansa_train.errors import TrainingError

OF_A_FILE = LibraryError, PhotoError, DamagedPhoto, MovieError
OF_A_MESSAGE = AnalyzerError, BundleError, TrainingError


@pytest.mark.parametrize("kind", [*OF_A_FILE, *OF_A_MESSAGE])
def test_one_class_catches_all_that_a_user_can_fix(kind: type[AnsaError]) -> None:
    assert issubclass(kind, ansa.AnsaError)


@pytest.mark.parametrize("kind", OF_A_FILE)
def test_an_error_of_a_file_says_file_reason_and_remedy_in_every_process(
    kind: type[FileError],
) -> None:
    words = "a\nb.jpg", "it is damaged", "copy it again"
    error = kind(*words)
    there = pickle.loads(pickle.dumps(error))
    assert type(there) is kind
    for each in (error, there):
        assert (each.file, each.reason, each.remedy) == (
            "a\nb.jpg",
            "it is damaged",
            "copy it again",
        )
        assert str(each).endswith(": it is damaged; copy it again")
        assert "\n" not in str(each)  # a name cannot break a line of output


@pytest.mark.parametrize("kind", OF_A_MESSAGE)
def test_an_error_of_no_file_has_its_message_as_the_reason(kind: type[AnsaError]) -> None:
    error = kind("the rate is too high")
    assert (error.file, error.reason, error.remedy) == (None, "the rate is too high", "")
    assert str(error) == "the rate is too high"
