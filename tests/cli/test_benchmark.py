from pathlib import Path

import pytest

from ansa.cli import main


@pytest.mark.parametrize("option", ["--rounds", "--repeats"])
def test_nothing_is_not_measured(option: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["benchmark", option, "0"])
    assert stopped.value.code == 2


def test_a_bundle_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--bundle", str(tmp_path / "nowhere")]) == 1
    assert "nowhere: no bundle there" in capsys.readouterr().err
