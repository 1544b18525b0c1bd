"""When a command that goes on after a problem ends with status 1."""

from ansa.cli.output import status


def test_what_is_to_be_mended_fails() -> None:
    assert status(1, done=1000) == 1
    assert status() == 0


def test_one_photo_of_many_is_told_and_fails_where_that_is_asked_for() -> None:
    assert status(unread=1, done=999) == 0
    assert status(unread=1, done=999, strict=True) == 1
    assert status(unread=3, done=0) == 1
    assert status(done=3, strict=True) == 0
