"""Runs a network of a bundle, checked and with bounded memory; the only user of onnxruntime."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from ansa.model.bundle import Bundle, BundleError
from ansa.model.manifest import Head
from ansa.model.onnx_guard import UnsafeModelError, check_model
from ansa.model.onnx_prune import ports_of, prune
from ansa.model.variants import Variant
from ansa.processors import processor_count

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, NodeArg, RunOptions

Port = tuple[str, Sequence[int | str | None]]
"""The type and shape of an input or output. A text or None stands for any length."""

REMEDY = "use another bundle, or the shipped one"
# What all networks of a process may hold while they compute: a few bytes of a network can ask for
# any amount. Ours take some 30 MB for each photo that is looked at.
_MOST_BYTES = 2**30 + 2**26 * processor_count()


class Network:
    """A network in one of its variants: one file, or several files that are stages of it.

    The stages are loaded once and kept. In the low-memory variant, they are loaded for every run,
    each after the one before was freed.

    Args:
        bundle: the bundle that contains the network.
        variant: the variant of the network.
        takes: the expected inputs.
        gives: the heads that are read from it.
        threads: the number of threads that it may use.
        whole: whether everything in the network is computed. If not, only what these heads need
            is: stages that they do not need are not even loaded.

    Raises:
        BundleError: a file is damaged or not a network, or its inputs or outputs differ.
    """

    def __init__(
        self,
        bundle: Bundle,
        variant: Variant,
        takes: Mapping[str, Port],
        gives: Sequence[Head],
        threads: int = 1,
        *,
        whole: bool = True,
    ) -> None:
        self._bundle, self._variant, self._threads = bundle, variant, threads
        self._takes, self._gives = takes, gives
        self._needed = None if whole else self._find_needed()
        self._kept = None if variant.frugal else list(self._stages())

    def run(
        self, outputs: Sequence[str] | None, feeds: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        """Runs the network and returns the named outputs, or those of all heads, in their order.

        Raises:
            BundleError: as for the class, if stages are loaded during the run.
            Exception: the runtime failed; it has its own class for each kind of failure.
        """
        values = dict(feeds)
        options = None
        if self._variant.frugal:
            options = _shrinking()
            _give_back()
        for stage in self._stages() if self._kept is None else self._kept:
            given = [port.name for port in stage.get_outputs()]
            asked = {port.name: values[port.name] for port in stage.get_inputs()}
            found = stage.run(given, asked, options)
            del stage, asked  # before the next one is loaded
            if self._variant.frugal:  # or it would lie in the arena, which shrinks only with a run
                found = [value.copy() for value in found]
            values.update(zip(given, found, strict=True))
        return [values[name] for name in outputs or [head.output for head in self._gives]]

    def _find_needed(self) -> dict[str, frozenset[str]]:
        """The outputs of each stage that the heads need, by the stage's file, in order."""
        needed = {head.output for head in self._gives}
        found: dict[str, frozenset[str]] = {}
        for name in reversed(self._variant.files):
            model = self._bundle.read(name)
            try:
                check_model(model)
                if wanted := frozenset(needed.intersection(ports_of(model).outputs)):
                    found[name] = wanted
                    needed.update(ports_of(prune(model, wanted)).inputs)
            except UnsafeModelError as error:
                raise self._refusal(name, str(error)) from None
        return dict(reversed(found.items()))

    def _stages(self) -> Iterator[InferenceSession]:
        """Yields every stage, checked against the stages before it. Only the caller keeps it."""
        known: dict[str, Port] = dict(self._takes)
        unread = set(known)
        name = self._variant.files[-1]
        for name in self._variant.files if self._needed is None else self._needed:
            session = self._session(name)
            inputs, outputs = _ports(session.get_inputs()), _ports(session.get_outputs())
            if not all(key in known and _agree(port, known[key]) for key, port in inputs.items()):
                raise self._refusal(name, f"takes {inputs}, but the manifest says {known}")
            known, unread = known | outputs, unread - inputs.keys()
            yield session
            del session
            if self._variant.frugal:
                _give_back()
        if unread and self._needed is None:
            raise self._refusal(name, f"does not read {', '.join(map(ascii, sorted(unread)))}")
        for head in self._gives:
            kind, shape = known.get(head.output, ("", []))
            if kind != "tensor(float)" or not _fits(shape, [None, *head.shape]):
                given = ", ".join(f"{key!a} {value}" for key, value in known.items())
                raise self._refusal(
                    name, f"gives {given}, but the manifest says {head.output!a} of {head.shape}"
                )

    def _session(self, name: str) -> InferenceSession:
        import onnxruntime  # slow to import, and not needed to open an analyzer

        model = self._bundle.read(name)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what goes wrong is raised
        if (
            len(self._variant.files) > 1
        ):  # or the threads of each stage keep those of others waiting
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        for key, value in self._variant.config.items():
            options.add_session_config_entry(key, value)
        if self._variant.frugal:
            options.enable_mem_pattern = False
            _return_large_blocks()
        _bound_memory()
        options.add_session_config_entry("session.use_env_allocators", "1")
        # Else bytes that look like the runtime's own format would go around check_model.
        options.add_session_config_entry("session.load_model_format", "ONNX")
        try:
            check_model(model)
            if self._needed is not None:
                model = prune(model, self._needed[name])
            session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"], enable_fallback=0
            )
            _ports(session.get_inputs() + session.get_outputs())
        except UnsafeModelError as error:
            raise self._refusal(name, str(error)) from None
        except Exception as error:  # onnxruntime has a class of its own for each way to fail
            raise self._refusal(name, f"not a network this machine can run ({error})") from error
        session._model_bytes = None  # would be kept as long as the session, for nothing
        return session

    def _refusal(self, name: str, problem: str) -> BundleError:
        return BundleError(f"{self._bundle.path}: {name}: {problem}; {REMEDY}")


@cache
def _bound_memory() -> None:
    """Limits the memory that the networks of this process hold while they compute."""
    import onnxruntime

    kind, usual = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    place = onnxruntime.OrtMemoryInfo("Cpu", kind, 0, usual)
    as_requested = 1  # and not twice as much at every step
    bound = onnxruntime.OrtArenaCfg(_MOST_BYTES, as_requested, -1, -1)
    with suppress(Exception):  # a program around us may have set a bound of its own
        onnxruntime.create_and_register_allocator(place, bound)


def _shrinking() -> RunOptions:
    """Makes the runtime return its working memory after each run."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


# Of the systems' allocators only glibc's keeps what is freed, more and more as blocks come and go.


@cache
def _return_large_blocks() -> None:
    """Makes the process return large blocks to the system as soon as they are freed."""
    largest_kept, at_least = -3, 1 << 16  # M_MMAP_THRESHOLD of malloc.h
    _glibc("mallopt", largest_kept, at_least)


def _give_back() -> None:
    """Returns free memory between small blocks to the system."""
    _glibc("malloc_trim", 0)


def _glibc(function: str, *arguments: int) -> None:
    if sys.platform == "linux":
        found = getattr(ctypes.CDLL(None), function, None)
        if found is not None:
            found(*arguments)


def _ports(values: Iterable[NodeArg]) -> dict[str, Port]:
    """The type and shape of each input or output of a network, by name."""
    return {value.name: (value.type, value.shape) for value in values}


def _agree(port: Port, known: Port) -> bool:
    return port[0] == known[0] and _fits(port[1], known[1])


def _fits(shape: Sequence[int | str | None], wanted: Sequence[int | str | None]) -> bool:
    """Whether a network's shape, where a text or None stands for any length, allows ``wanted``."""
    return len(shape) == len(wanted) and all(
        not isinstance(have, int) or have == want for have, want in zip(shape, wanted, strict=True)
    )
