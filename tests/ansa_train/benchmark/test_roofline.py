import torch

from ansa_train.benchmark.roofline import Peak, measure


def test_a_machine_multiplies_and_reads() -> None:
    peak = measure(1, tries=1)
    assert min(peak.float32, peak.int8, peak.bandwidth) > 0


def test_a_floor_is_the_work_over_the_peak() -> None:
    peak = Peak(1, float32=100e9, int8=400e9, bandwidth=10e9)
    assert peak.arithmetic(500e6) == 5e-3
    assert peak.reading(20e6) == 2e-3


def test_the_better_of_two_measurements_counts() -> None:
    assert Peak(1, 1.0, 4.0, 2.0).best(Peak(1, 2.0, 3.0, 1.0)) == Peak(1, 2.0, 4.0, 2.0)


def test_what_is_measured_leaves_the_threads_of_the_process_as_they_were() -> None:
    before = torch.get_num_threads()
    measure(before + 1, tries=1)
    assert torch.get_num_threads() == before
