"""The analyzer turns a photo into a scene, and a text into a vector."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ansa.errors import AnsaError
from ansa.model.bundle import Bundle, BundleError
from ansa.model.heads import KINDS, NoReaderError, SignalError, reader
from ansa.model.heads.embedding import embedding
from ansa.model.manifest import MANIFEST
from ansa.model.network import REMEDY, Network, Port
from ansa.model.variants import Variant, stored_float, wanted
from ansa.scene import Pixels, Scene, Vector

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from ansa.model.stream import LiveScene
    from ansa.photo.read import ImageSource

_CALLED = {"detection": "objects", "print": "fingerprint"}
"""The heads whose signals have another name in a scene."""

_NOT_ASKED = "it was not asked for"
_MOST_PARTS = 4  # parts of the image network that are kept loaded beside all of it


class AnalyzerError(AnsaError):
    """A network of the bundle gave an invalid output: a wrong shape, or numbers out of range."""


class Analyzer:
    """Computes the signals of photos and the vectors of texts with the networks of one bundle.

    An analyzer is created quickly, because each network is loaded when it is first needed. Threads
    may share one analyzer.

    Args:
        bundle: a bundle or its folder; the shipped bundle if left out.
        threads: the number of threads that one network may use. One is best for bulk work and on a
            busy machine.
        variant: the variant of the image network: "float", "int8" or "small", if the bundle has it.
            If left out, it is chosen as :mod:`ansa.model.variants` describes.

    Raises:
        BundleError: the bundle is damaged, or this version cannot read it. A network is checked
            when it is loaded, so the methods raise this error, too.
        ValueError: the bundle has no such variant.

    Example:
        >>> ansa = Analyzer()
        >>> scene = ansa.analyze("photo.jpg")
        >>> scene.facts.taken, scene.embedding.shape
        >>> ansa.analyze("photo.jpg", signals=["tags", "objects"]).tags
    """

    bundle: Bundle
    dim: int
    """The number of elements of every embedding."""
    variant: Variant
    """The variant of the image network that is used."""

    def __init__(
        self,
        bundle: str | os.PathLike[str] | Bundle | None = None,
        *,
        threads: int = 1,
        variant: str | None = None,
    ) -> None:
        if threads < 1:
            raise ValueError(f"threads must be at least 1, not {threads}")
        self.bundle = bundle if isinstance(bundle, Bundle) else Bundle.open(bundle)
        self.dim = self.bundle.manifest.heads["embedding"].shape[0]
        self.variant = wanted(self.bundle, variant)
        self._threads = threads
        self._lock = Lock()
        self._networks: dict[frozenset[str], Network] = {}
        self._readers: dict[str, Callable[[NDArray[Any]], Any]] = {}
        self._missing = dict.fromkeys(KINDS, "the bundle has no such head")
        self._text_network: tuple[Network, Tokenizer] | None = None
        self._tokens: Tokenizer | None = None

    def analyze(self, photo: ImageSource, signals: str | Iterable[str] | None = None) -> Scene:
        """Analyzes a photo: its facts and its signals, in one pass of the network.

        Args:
            photo: a path, a file's bytes, a PIL image, or RGB pixels, uint8 (height, width, 3).
            signals: the names of the wanted signals, as in :attr:`signal_names`; all if left out.
                Only what these need is computed. All others are missing from the scene, and the
                embedding is of shape (0,) if it is not among them. Without any name, only the facts
                are read. The values are those of a scene with all signals, up to rounding.

        Raises:
            ValueError: neither the bundle nor this version of ANSA knows a signal of that name.
            PhotoError: the photo cannot be opened; the message says why and how to fix it.
            AnalyzerError: the embedding is invalid. Another signal that is invalid is missing from
                the scene, with the reason.
        """
        wanted = None if signals is None else self._wanted(signals)
        size = self.bundle.manifest.image.size
        from ansa.photo.read import read_photo, resize_square  # not for texts alone

        pixels, facts = read_photo(photo, min_side=size)
        found, meaningless = self._look(resize_square(pixels, size), wanted)
        missing = self._missing | meaningless
        if wanted is not None:
            unasked = (self.bundle.manifest.heads.keys() | KINDS) - wanted
            found = {name: signal for name, signal in found.items() if name in wanted}
            missing |= dict.fromkeys(unasked, _NOT_ASKED)
        vector = found.pop("embedding", np.empty(0, np.float32))
        return Scene(facts, vector, found, missing)

    @property
    def signal_names(self) -> tuple[str, ...]:
        """The names of the signals that can be asked for, as the attributes of a scene are called.

        Signals that the bundle lacks are among them.
        """
        return tuple(sorted(self._heads_by_signal()))

    def _heads_by_signal(self) -> dict[str, str]:
        heads = self.bundle.manifest.heads.keys() | KINDS
        return {_CALLED.get(head, head): head for head in heads}

    def stream(
        self, frames: Iterable[Pixels], *, rate: float = 30.0, smoothing: float = 0.4
    ) -> Iterator[LiveScene]:
        """Analyzes the frames of a camera in turn, with signals that are smoothed over time.

        Args:
            frames: RGB, uint8 (height, width, 3), upright.
            rate: frames a second.
            smoothing: the seconds over which signals are smoothed.

        Raises:
            ValueError: ``rate`` or ``smoothing`` is not above 0.
            AnalyzerError: the embedding of a frame is invalid.
        """
        from ansa.model.stream import stream

        return stream(self, frames, rate=rate, smoothing=smoothing)

    def embed_image(self, photos: ImageSource | Sequence[ImageSource]) -> Vector:
        """Embeds one photo or many: float32 (n, d), unit length; one photo gives (1, d).

        No other signal is computed. Up to rounding, the vectors are those of :meth:`analyze`.

        Raises:
            PhotoError: a photo cannot be opened.
            AnalyzerError: the network's output is invalid.
        """
        vectors = [self.analyze(photo, "embedding").embedding for photo in _as_photos(photos)]
        return np.stack(vectors) if vectors else np.empty((0, self.dim), np.float32)

    def embed_text(self, texts: str | Sequence[str]) -> Vector:
        """Embeds one text or many: float32 (n, d), unit length, in the space of the photos.

        Texts that are longer than the network's maximum are truncated.

        Raises:
            ValueError: a text is empty.
            AnalyzerError: the network's output is invalid.
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        for text in texts:
            if not text.strip():
                raise ValueError("an empty text has no meaning to search for")
        network, tokenizer = self._text()
        # One by one: nothing is padded, and networks of whole numbers take the range of activations
        # over all that they read at once, so that a text's vector would depend on its company.
        vectors = np.empty((len(texts), self.dim), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            # Lone surrogates, as in badly decoded arguments, are no text.
            encoding = self._encode(tokenizer, text.encode("utf-8", "replace").decode("utf-8"))
            if not encoding.ids:
                raise ValueError(f"no word in {text!a}")
            row[:] = self._read(network, encoding)
        return vectors

    def _wanted(self, signals: str | Iterable[str]) -> frozenset[str]:
        """The heads of some signals by the names that people call these."""
        known = self._heads_by_signal()
        known |= {head: head for head in known.values()}
        wanted = set()
        for name in [signals] if isinstance(signals, str) else signals:
            if name not in known:
                near = get_close_matches(str(name).lower(), known, 1)
                guess = f"did you mean {near[0]!a}? " if near else ""
                names = ", ".join(self.signal_names)
                raise ValueError(f"there is no signal {name!a:.60}; {guess}There are {names}")
            wanted.add(known[name])
        return frozenset(wanted)

    def _look(
        self, square: Pixels, wanted: frozenset[str] | None
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """The valid signals by name, from one pass of the network, and why others are missing.

        Args:
            square: what the network takes.
            wanted: the wanted heads; all if None.
        """
        heads = self.bundle.manifest.heads
        readers = self._all_readers()
        if wanted is not None:
            # What the kind of a picture says of its tags, it says whoever asks for these.
            needed = wanted | {"utility"} if "tags" in wanted else wanted
            readers = {name: read for name, read in readers.items() if name in needed}
            if not readers:
                return {}, {}
        network = self._image(None if wanted is None else frozenset(readers))
        outputs = [heads[name].output for name in readers]
        raws = self._run(network, outputs, {self.bundle.manifest.image.input: square[np.newaxis]})
        signals, meaningless = {}, {}
        for (name, read), raw in zip(readers.items(), raws, strict=True):
            try:
                signals[name] = read(raw[0])
            except SignalError as error:
                if name == "embedding":
                    raise self._meaningless(error) from None
                meaningless[name] = str(error)
        _doubt_what_a_blank_shows(signals)
        return signals, meaningless

    def _read(self, network: Network, encoding: Encoding) -> Vector:
        ids, mask = self.bundle.manifest.text.inputs
        feeds = {
            ids: np.array([encoding.ids], np.int64),
            mask: np.array([encoding.attention_mask], np.int64),
        }
        raw = self._run(network, [self.bundle.manifest.heads["embedding"].output], feeds)[0]
        try:
            return embedding(raw, self.dim)
        except SignalError as error:
            raise self._meaningless(error) from None

    def _run(
        self, network: Network, outputs: Sequence[str], feeds: dict[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        try:
            raws = network.run(outputs, feeds)
        except BundleError:
            raise
        except Exception as error:  # onnxruntime has a class of its own for each way to fail
            problem = f"its network cannot be computed ({error})"
            raise AnalyzerError(f"{self.bundle.path}: {problem}; {REMEDY}") from error
        count = len(next(iter(feeds.values())))
        if any(np.shape(raw)[:1] != (count,) for raw in raws):
            problem = "its network does not give one answer for each input"
            raise AnalyzerError(f"{self.bundle.path}: {problem}; {REMEDY}")
        return raws

    def _image(self, wanted: frozenset[str] | None = None) -> Network:
        """The image network, loaded once: all of it, or only what some heads need."""
        readers = self._all_readers()
        everything = frozenset(readers)
        names = everything if wanted is None else wanted
        whole = names == everything
        with self._lock:
            network = self._networks.pop(names, None)
            if network is None:
                tower, heads = self.bundle.manifest.image, self.bundle.manifest.heads
                pixels: Port = ("tensor(uint8)", [None, tower.size, tower.size, 3])
                network = Network(
                    self.bundle,
                    self.variant,
                    {tower.input: pixels},
                    [heads[name] for name in readers if name in names],
                    self._threads,
                    whole=whole,
                )
            parts = [each for each in self._networks if each != everything]
            if not whole and len(parts) >= _MOST_PARTS:
                del self._networks[parts[0]]  # the one that was not used for longest
            self._networks[names] = network
            return network

    def _text(self) -> tuple[Network, Tokenizer]:
        with self._lock:
            if self._text_network is None:
                tower = self.bundle.manifest.text
                tokens: Port = ("tensor(int64)", [None, None])
                network = Network(
                    self.bundle,
                    stored_float(tower.file),
                    dict.fromkeys(tower.inputs, tokens),
                    [self.bundle.manifest.heads["embedding"]],
                    self._threads,
                )
                self._text_network = network, self._tokenizer()
            return self._text_network

    def _all_readers(self) -> dict[str, Callable[[NDArray[Any]], Any]]:
        with self._lock:
            if not self._readers:
                self._readers = self._known_readers()
            return self._readers

    def _known_readers(self) -> dict[str, Callable[[NDArray[Any]], Any]]:
        """The reader of each head, by name. If a head has none, ``missing`` gets the reason."""
        readers = {}
        for name, head in self.bundle.manifest.heads.items():
            self._missing.pop(name, None)
            if name in KINDS and head.kind in KINDS and head.kind != name:
                problem = f"is of kind {head.kind!a}, and called like another"
                raise self._refusal(MANIFEST, f"heads.{name} {problem}")
            try:
                readers[name] = reader(head.kind, head.version, head.shape, head.settings)
            except NoReaderError as error:
                self._missing[name] = str(error)
            except SignalError as error:
                raise self._refusal(MANIFEST, f"heads.{ascii(name)[1:-1]}: {error}") from None
        if "embedding" not in readers:
            raise self._refusal(MANIFEST, self._missing["embedding"])
        return readers

    def knows_word(self, word: str) -> bool:
        """Whether a lower-case word is one token of the text network, as common words are.

        Raises:
            BundleError: the bundle's tokenizer is damaged.
        """
        return self._tokenizer().token_to_id(word) is not None

    def _tokenizer(self) -> Tokenizer:
        if self._tokens is None:
            self._tokens = self._loaded_tokenizer()
        return self._tokens

    def _loaded_tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer  # only searches need it

        tower = self.bundle.manifest.text
        data = self.bundle.read(tower.tokenizer)
        with self._tokenizing("not a tokenizer"):
            tokenizer = Tokenizer.from_buffer(data)
            tokenizer.no_padding()
            tokenizer.enable_truncation(tower.max_tokens)
        return tokenizer

    def _encode(self, tokenizer: Tokenizer, text: str) -> Encoding:
        with self._tokenizing("it cannot read a text"):
            return tokenizer.encode(text)

    @contextmanager
    def _tokenizing(self, problem: str) -> Iterator[None]:
        try:
            yield
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # tokenizers raises bare Exception; its panics are none
            file = self.bundle.manifest.text.tokenizer
            raise self._refusal(file, f"{problem} ({error})") from error

    def _meaningless(self, error: SignalError) -> AnalyzerError:
        return AnalyzerError(f"{self.bundle.path}: {error}; {REMEDY}")

    def _refusal(self, name: str, problem: str) -> BundleError:
        return BundleError(f"{self.bundle.path}: {name}: {problem}; {REMEDY}")


def _doubt_what_a_blank_shows(signals: dict[str, Any]) -> None:
    """Marks all tags as unsure if the picture is surely blank: tags were not trained on blanks."""
    utility, tags = signals.get("utility"), signals.get("tags")
    if utility and tags and utility.kind == "blank" and utility.sure:
        signals["tags"] = tuple(replace(tag, sure=False) for tag in tags)


def _as_photos(photos: ImageSource | Sequence[ImageSource]) -> Sequence[ImageSource]:
    return photos if isinstance(photos, (list, tuple)) else [photos]  # type: ignore[list-item]
