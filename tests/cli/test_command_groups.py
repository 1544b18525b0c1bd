"""`ansa` alone shows all commands in groups; a mistyped command gets the nearest one."""

from __future__ import annotations

import argparse

import pytest

from ansa.cli import _parser, main
from ansa.cli.command_groups import unknown_command

GROUPS = "Find photos:", "Tidy up:", "Enjoy:", "Teach:", "Develop"


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def groups_of(text: str) -> dict[str, set[str]]:
    """The commands that each group of the overview lists."""
    return {
        title: {line.split()[0] for line in text.split(title)[1].split("\n\n")[0].splitlines()[1:]}
        for title in GROUPS
    }


@pytest.mark.parametrize("args", [[], ["--help"]])
def test_help_lists_each_command_in_exactly_one_group(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(args)
    out, err = capsys.readouterr()
    # Without a command the usage is wrong, so a script notices.
    assert (end.value.code, bool(out)) == ((0, True) if args else (2, False))
    listed = [name for names in groups_of(out or err).values() for name in names]
    assert sorted(listed) == sorted(commands(_parser()))


def test_a_command_is_in_the_group_where_people_look_for_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    groups = groups_of(capsys.readouterr().out)
    for title, name in zip(GROUPS, ("search", "duplicates", "best", "mark", "train"), strict=True):
        assert name in groups[title]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(
            ("serach", "search"),
            ("dupes", "duplicates"),
            ("Index", "index"),
            ("memory", "memories"),
        ),
        *(("wallpaper", "wallpapers"), ("analyse", "analyze"), ("favorites", None)),
    ],
)
def test_a_mistyped_command_gets_the_nearest_one(
    typed: str, meant: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main([typed, "a dog", "--json"])
    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"there is no command '{typed}'" in err
    assert ("did you mean" in err) == bool(meant)
    if meant:
        assert f"did you mean `ansa {meant}`?" in err


def test_what_resembles_no_command_gets_no_guess() -> None:
    assert "did you mean" not in unknown_command("xyz", ["search", "index"])


def test_every_option_is_explained_in_a_sentence() -> None:
    parsers = [("ansa", _parser())]
    for name, parser in parsers:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                parsers += [(f"{name} {verb}", below) for verb, below in action.choices.items()]
                continue
            if action.help == argparse.SUPPRESS:
                continue
            called = f"{name} {'/'.join(action.option_strings) or action.dest}"
            assert action.help, called
            assert action.help[0].isupper(), called
            assert action.help.endswith("."), called
    assert len(parsers) > 25
