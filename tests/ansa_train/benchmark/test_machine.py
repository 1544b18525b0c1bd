import platform

from ansa_train.benchmark.machine import describe, interleaved, machine


def test_calls_take_turns() -> None:
    calls: list[str] = []
    times = interleaved(
        {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=2, burst=1
    )
    assert "".join(calls) == "aabbaabb"
    assert [len(seconds) for seconds in times.values()] == [2, 2]


def test_a_machine_is_described_by_its_kind_and_not_by_its_name() -> None:
    assert platform.node() not in describe(machine())
