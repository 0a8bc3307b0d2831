"""The estimator: scikit-learn's face on an `Autoencoder`, from a person's data to codes and back to their types."""

from __future__ import annotations

import platform
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from math import ceil
from numbers import Integral
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar, cast, dataclass_transform
from warnings import warn

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, OutlierMixin, TransformerMixin
from sklearn.utils import validation as untyped
from torch import Tensor

from . import nets, store
from .autoencoder import Autoencoder
from .classes import Classes
from .data import Codec, Source, codec_from_json, fit_codec
from .data import open as open_data
from .data.loader import Loader, as_float, split
from .errors import InputError, InputTypeError, LatentlyWarning, ParameterError
from .params import check, param, plain
from .parts import Augmentation, Bottleneck, Corruption, Penalty
from .player import OPTIMIZERS, PRECISIONS, Plan
from .prior import CHOICES, Coded, choose, restore
from .progress import follow
from .randomness import seeded
from .spec import Spec
from .train import DEVICES, Training, device, room

Codes = NDArray[np.float32]
T = TypeVar("T", bound=type)
STARTERS = 2**24  # numbers in the items that a codebook or a learned prior may begin from, and at most 4,096 of them
SEEDS = 2**32 - 1  # the largest that NumPy and scikit-learn take
validation: Any = untyped


@dataclass_transform(kw_only_default=True, field_specifiers=(param,))
def model(cls: T) -> T:
    """Makes a class of declared hyper-parameters a model: its constructor takes them by keyword and only assigns."""
    return cast(Any, dataclass(kw_only=True, eq=False, repr=False))(cls)


@dataclass(slots=True)
class Fitting:
    """A fit under way: what `begin` made and `finish` needs."""

    codec: Codec
    items: Tensor  # (n, *S), packed, on the device
    held_out: Tensor  # (m,) the rows kept out of training
    training: Training
    labels: Tensor | None  # (n,) of a conditional model


@dataclass(kw_only=True, eq=False, repr=False)
class Latent(ClassNamePrefixFeaturesOutMixin, OutlierMixin, TransformerMixin, BaseEstimator, ABC):
    """What every model can do; a model adds its declaration and `build`.

    Attributes
    ----------
    module_ : Autoencoder
        The trained networks, in evaluation mode; a table's in float64, so that a row's code does not depend on the
        rows beside it.
    codec_ : Codec
        How data become tensors and tensors data again; `codec_.spec` says what a sample is.
    prior_ : Prior
        The density of the codes, from which `sample` draws.
    calibration_ : ndarray (m,)
        Scores of held-out items in ascending order, at most 1,001 of them, evenly spaced.
    offset_ : float
        The score below which `predict` says -1.
    history_ : list of dict
        One event an epoch.
    latent_ : int
        Numbers in a code.
    networks_ : dict
        How encoder and decoder are spelled.
    classes_ : ndarray (C,)
        The labels that a conditional model tells apart.
    n_features_in_ : int
        Columns seen in `fit` (tables).
    feature_names_in_ : ndarray
        Their names, where `X` had names.
    """

    latent: int | None = param(
        None, "numbers in a code; by default 16, or half as many as an item has where that is fewer", low=1
    )
    encoder: str | list[nets.Layer] | None = param(
        None, "the encoder spelled as words, such as 'dense128 relu'; by default chosen to fit"
    )
    decoder: str | list[nets.Layer] | None = param(
        None, "the decoder spelled as words; by default the encoder's mirror"
    )
    likelihood: str = param(
        "auto",
        "how restored pictures are judged; auto: bernoulli where they are black and white, else normal",
        choices=nets.LIKELIHOODS,
    )
    epochs: int | None = param(
        None, "passes over the data; by default 20, or more where the data are few: 2,000 steps in all", low=1
    )
    batch_size: int | None = param(
        None,
        "items in a training step; by default 128, or a sixteenth of the items where that is fewer, at least 16",
        low=1,
    )
    lr: float = param(1e-3, "learning rate", low=1e-9, high=10)
    optimizer: str = param("adam", "how the weights descend", choices=tuple(OPTIMIZERS))
    clip: float = param(5.0, "bound on the gradient's norm, for the loss per number of an item; 0: none", low=0)
    validation: float = param(0.1, "share of the items held out to watch the training", low=0, high=0.9)
    patience: int | None = param(
        None,
        "epochs without a better held-out loss before stopping; by default a fifth of them, at least 5; 0: never",
        low=0,
    )
    max_minutes: float | None = param(None, "stop training after so many minutes", low=0)
    prior: str = param(
        "auto",
        "the density of codes that new items are drawn from; auto: the one that suits the model",
        choices=CHOICES,
    )
    false_alarms: float = param(0.05, "share of normal items that predict may call anomalies", low=0, high=1)
    seed: int = param(0, "the seed of all that is random", low=0, high=SEEDS)
    device: str = param("auto", "where to compute", choices=DEVICES)
    precision: str = param("float32", "precision of a training step", choices=PRECISIONS)
    verbose: bool = param(False, "show a progress bar while fitting")

    name: ClassVar[str]
    conditional: ClassVar[bool] = False  # whether the decoder is told each item's label

    @abstractmethod
    def build(self, spec: Spec, latent: int) -> Autoencoder:
        """The model for samples of `spec`, with codes of `latent` numbers."""

    def assemble(
        self,
        spec: Spec,
        bottleneck: Bottleneck,
        *penalties: Penalty,
        corruption: Corruption | None = None,
        augmentation: Augmentation | None = None,
    ) -> Autoencoder:
        """Parts to a model, with networks that fit `spec`: what `build` returns."""
        networks = nets.pair(spec, bottleneck, self.encoder, self.decoder, self.likelihood)
        self.networks_ = networks.spelling
        return Autoencoder(
            networks.encoder,
            bottleneck,
            networks.decoder,
            networks.likelihood,
            corruption=corruption,
            augmentation=augmentation,
            penalties=penalties,
            classes=spec.classes,
        )

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learns the codes of `X`.

        Parameters
        ----------
        X
            Anything `latently.open` takes: a path, an array, a DataFrame, a `Source`.
        y
            (n,) labels, for conditional models alone; by default those that came with `X`. Ignored by all others.

        Raises
        ------
        InputError
            The data cannot be used, or a conditional model lacks labels.
        ParameterError
            A hyper-parameter is out of bounds, or a spelled network does not fit the data.
        """
        fitting = self.begin(X, y)
        events = fitting.training.events()
        for _ in follow(events, fitting.training.plan.epochs) if self.verbose else events:
            pass
        return self.finish(fitting)

    def begin(self, X: Any, y: Any = None) -> Fitting:
        """Everything of a fit up to the first epoch; `fit` is `begin`, the training's events, `finish`."""
        check(self)
        for learned in [name for name in vars(self) if name.endswith("_")]:  # a fit that fails leaves no old model
            delattr(self, learned)
        source = self._source(X, reset=True)
        labels = self._labels(source, y)
        codec = fit_codec(source)
        spec = self._told(codec.spec)
        latent = self.latent or self._code(spec)
        if latent > spec.width:
            warn(
                f"latent={latent} is more than the {spec.width} numbers in an item and compresses nothing; "
                f"choose fewer, such as {max(1, spec.width // 2)}.",
                LatentlyWarning,
                stacklevel=3,
            )
        with seeded(self.seed), room("the networks", "spell smaller ones, or choose a smaller latent"):
            module = self.build(spec, latent).to(device(self.device))
        with room("the items", "train on some of them, on smaller pictures, or with device='cpu'"):
            items = codec.pack(source).to(device(self.device))
        train, held_out = split(len(items), self.validation, self.seed)
        batch_size = self.batch_size or min(128, max(16, len(train) // 16))
        plan = self._plan(steps=ceil(len(train) / batch_size))
        with seeded(self.seed, items.device), torch.no_grad():
            module.start(as_float(items[train[: _starters(spec)].to(items.device)]))
        watched = Loader(items, rows=held_out, labels=labels) if len(held_out) else None
        training = Training(module, plan, Loader(items, batch_size, train, labels), watched, spec.size)
        choose(self.prior, self._coded(module, items[:1]), module)  # now, not after the training
        return Fitting(codec, items, held_out, training, labels)

    def _code(self, spec: Spec) -> int:
        """Numbers in a code where nobody said: those of a spelled encoder's last picture, else at most 16."""
        return nets.natural(spec, self.encoder) or min(16, max(1, spec.width // 2))

    def _labels(self, source: Source, y: Any) -> Tensor | None:
        """The place of each item's label among `classes_`, where the model is conditional."""
        if not self.conditional:
            return None
        given = source.labels if y is None else y
        if given is None:
            raise InputError(
                f"{type(self).__name__} learns what each label looks like and the data have none; pass y, open the "
                "table with labels='COLUMN', or sort the pictures into one folder a label."
            )
        if len(given) != len(source):
            raise InputError(f"{len(source)} items and {len(given)} labels were given; give one label an item.")
        self.known_ = Classes.of(given)
        self.classes_ = self.known_.names
        return torch.from_numpy(self.known_.index(given, len(source)))

    def _told(self, spec: Spec) -> Spec:
        """`spec`, with the number of labels that the decoder is told apart by."""
        return replace(spec, classes=len(self.classes_)) if self.conditional else spec

    def _plan(self, steps: int) -> Plan:
        """How long to train, at `steps` an epoch."""
        epochs = self.epochs or max(20, ceil(2000 / steps))
        patience = max(5, epochs // 5) if self.patience is None else self.patience
        return Plan(epochs, self.lr, self.optimizer, self.clip, patience, self.max_minutes, self.precision, self.seed)

    def finish(self, fitting: Fitting) -> Self:
        """Keeps the best weights; fits the codes' density and the scores' calibration."""
        fitting.training.finish()
        self.codec_, self.history_ = fitting.codec, fitting.training.history
        self.module_ = _settled(fitting.training.model, fitting.codec.spec)
        coded = self._coded(self.module_, fitting.items)
        self.latent_ = coded.means.shape[1]
        self.prior_ = choose(self.prior, coded, self.module_).fit(coded, self.module_, self.seed)
        watched = fitting.held_out if len(fitting.held_out) >= 20 else None
        scores = np.sort(self._scores(fitting.items, watched))
        self.calibration_ = scores[np.unique(np.linspace(0, len(scores) - 1, 1001).round().astype(int))]
        self.offset_ = self._offset()
        return self

    def _offset(self) -> float:
        return float(np.quantile(self.calibration_, self.false_alarms))

    def transform(self, X: Any) -> Codes:
        """The codes of `X`: (n, latent_), deterministic; a Gaussian bottleneck gives its means."""
        return self._codes(self._pack(X))

    def inverse_transform(self, X: Any, label: Any = None) -> Any:
        """Codes (n, latent_) to data of the types that `fit` saw.

        Parameters
        ----------
        X
            Codes; what no item can have, such as an entry between two of a codebook, is brought to the nearest it can.
        label
            One label, or one a code: of a conditional model, whose codes do not hold it.
        """
        validation.check_is_fitted(self)
        try:
            codes: NDArray[np.float64] = validation.check_array(X, dtype=np.float64)
        except ValueError as error:
            raise InputError(f"{type(self).__name__}.inverse_transform: {error}") from error
        if codes.shape[1] != self.latent_:
            raise InputError(
                f"codes of {codes.shape[1]} numbers were given and this {type(self).__name__} has codes of "
                f"{self.latent_}; give what transform returned."
            )
        if self.conditional and label is None:
            raise InputError(
                f"the codes of a {type(self).__name__} do not say of which label they are; pass label=, one of "
                f"{', '.join(map(str, self.classes_[:12]))}, or one a code; reconstruct finds it by itself."
            )
        return self.codec_.restore(self._decode(codes, self.module_.decode, self._places(label, len(codes))))

    def reconstruct(self, X: Any) -> Any:
        """`X`, encoded and restored: the same types, sizes, columns; missing cells filled in.

        A conditional model restores each item with the label under which it restores it best.
        """
        source = self._source(X)
        items = self.codec_.pack(source)
        return self.codec_.restore(self._run(items, lambda x, _: self.module_.restore(x)), like=source)

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """How normal each item is, in nats: minus its loss; higher is more normal. Missing cells count nothing. (n,)"""
        return self._scores(self._pack(X))

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """`score_samples` over the threshold; negative is an anomaly. (n,)"""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> NDArray[np.int64]:
        """1 for a normal item, -1 for an anomaly, with `false_alarms` of the normal ones called so. (n,)"""
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def score(self, X: Any, y: object = None) -> float:
        """The mean of `score_samples`, for GridSearchCV."""
        return float(self.score_samples(X).mean())

    def sample(self, n: int = 1, seed: int | None = None, label: Any = None) -> Any:
        """Draws `n` new items from the codes' density, in the types that `fit` saw.

        Parameters
        ----------
        n
            How many.
        seed
            Of the draw; None for a new one each time.
        label
            Of a conditional model: one label, or one an item; None for labels as common as in the data.
        """
        validation.check_is_fitted(self)
        if not isinstance(n, Integral) or n < 1:
            raise ParameterError(f"sample: n={n!r} is not allowed; it is a whole number, at least 1.")
        if seed is not None and not (isinstance(seed, Integral) and 0 <= seed <= SEEDS):
            raise ParameterError(
                f"sample: seed={seed!r} is not allowed; it is None or a whole number from 0 to {SEEDS}."
            )
        codes = self.prior_.sample(int(n), seed)
        places = self.known_.draw(int(n), seed) if self.conditional and label is None else self._places(label, int(n))
        with seeded(int(np.random.default_rng(seed).integers(2**31))):
            x = self._decode(codes, lambda z, to: self.module_.likelihood.sample(self.module_.write(z, to)), places)
        return self.codec_.restore(x)

    def _places(self, label: Any, n: int) -> NDArray[np.int64] | None:
        """The place of each label among `classes_`, for a conditional model."""
        if label is None:
            return None
        if not self.conditional:
            raise InputError(f"{type(self).__name__} knows no labels; leave label out, or train a conditional model.")
        return self.known_.index(label, n)

    def save(self, path: str | Path) -> Path:
        """Writes everything to one safetensors file, whole or not at all: `latently.load` reads it back."""
        validation.check_is_fitted(self)
        state = {name: t.float() if t.is_floating_point() else t for name, t in self.module_.state_dict().items()}
        tensors = {f"module.{name}": t.cpu().numpy() for name, t in state.items()}
        tensors |= {f"prior.{name}": t for name, t in self.prior_.tensors().items()}
        return store.write(path, self._header(), tensors | {"calibration": self.calibration_})

    def _header(self) -> dict[str, Any]:
        names = getattr(self, "feature_names_in_", None)
        return {
            "model": self.name,
            "params": plain(self),
            "latent": self.latent_,
            "networks": self.networks_,
            "prior": self.prior_.name,
            "codec": self.codec_.to_json(),
            "history": self.history_,
            "classes": self.known_.to_json() if self.conditional else None,
            "features": getattr(self, "n_features_in_", None),
            "feature_names": None if names is None else list(names),
            "versions": {
                "latently": version("latently"),
                "torch": torch.__version__,
                "python": platform.python_version(),
            },
        }

    def adopt(self, header: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Takes over what `save` wrote; for `latently.load`."""
        self.codec_ = codec_from_json(header["codec"])
        self.latent_, self.history_ = int(header["latent"]), list(header["history"])
        if self.conditional:
            self.known_ = Classes.from_json(header["classes"])
            self.classes_ = self.known_.names
        spec = self._told(self.codec_.spec)
        state = {name[7:]: torch.from_numpy(t) for name, t in tensors.items() if name.startswith("module.")}
        with torch.device("meta"):  # shapes first: a header may ask for more memory than its weights fill
            promised = self.build(spec, self.latent_).state_dict()
        if {name: t.shape for name, t in promised.items()} != {name: t.shape for name, t in state.items()}:
            raise ValueError("the weights are not those of the networks that are named")
        self.calibration_ = tensors["calibration"]
        self.offset_ = self._offset()
        if not (np.isfinite(self.offset_) and all(bool(t.isfinite().all()) for t in state.values())):
            raise ValueError("the weights or the calibration are not finite numbers")
        module = self.build(spec, self.latent_)
        module.load_state_dict(state)
        try:
            there = device(self.device)
        except ParameterError:  # trained where there was another device than here
            there = torch.device("cpu")
        self.module_ = _settled(module.to(there).eval(), self.codec_.spec)
        density = {name[6:]: t for name, t in tensors.items() if name.startswith("prior.")}
        self.prior_ = restore(header.get("prior", "mixture"), density, self.module_, self.latent_)
        if header["features"] is not None:
            self.n_features_in_ = int(header["features"])
        if header["feature_names"] is not None:
            self.feature_names_in_ = np.array(header["feature_names"], dtype=object)
        return self

    @property
    def _n_features_out(self) -> int:
        return self.latent_

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "module_")

    def __sklearn_tags__(self) -> Any:
        tags: Any = cast(Any, super()).__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []  # codes are float32, whatever came in
        return tags

    def _source(self, X: Any, *, reset: bool = False) -> Source:
        """`X` as a `Source`, its columns checked as scikit-learn does; files are matched by name in the codec."""
        if not reset:
            validation.check_is_fitted(self)
        source = open_data(X)
        if source.kind == "table" and (reset or source.origin is None):
            try:
                validation.validate_data(self, X=source.data, reset=reset, skip_check_array=True)
            except TypeError as error:
                raise InputTypeError(str(error)) from error
            except ValueError as error:
                raise InputError(str(error)) from error
        return source

    def _pack(self, X: Any) -> Tensor:
        source = self._source(X)
        return self.codec_.pack(source)

    @torch.inference_mode()
    def _run(
        self,
        items: Tensor,
        use: Callable[[Tensor, Tensor | None], Tensor],
        rows: Tensor | None = None,
        labels: Tensor | None = None,
    ) -> NDArray[Any]:
        """`use` over all items in large batches, on the module's device and in its precision."""
        weight = next(self.module_.parameters())
        found = [
            use(x.to(weight.device, weight.dtype), None if label is None else label.to(weight.device)).cpu()
            for x, label in Loader(items, rows=rows, labels=labels).ordered()
        ]
        return torch.cat(found).numpy()

    def _coded(self, module: Autoencoder, items: Tensor) -> Coded:
        weight = next(module.parameters())
        return Coded.of(module, (x.to(weight.device, weight.dtype) for x, _ in Loader(items).ordered()))

    def _codes(self, items: Tensor) -> Codes:
        return self._run(items, lambda x, _: self.module_.encode(x).mean).astype(np.float32)

    def _scores(self, items: Tensor, rows: Tensor | None = None) -> NDArray[np.float64]:
        return self._run(items, lambda x, _: -self.module_(x).cost, rows).astype(np.float64)

    def _decode(
        self,
        codes: NDArray[np.float64],
        use: Callable[[Tensor, Tensor | None], Tensor],
        places: NDArray[np.int64] | None = None,
    ) -> NDArray[Any]:
        """`use` over the nearest codes that can occur, each with its label."""
        labels = None if places is None else torch.from_numpy(places)
        return self._run(
            torch.from_numpy(codes), lambda z, label: use(self.module_.bottleneck.project(z), label), labels=labels
        )


def _starters(spec: Spec) -> int:
    return max(1, min(4096, STARTERS // spec.size))


def _settled(module: Autoencoder, spec: Spec) -> Autoencoder:
    """The module as it evaluates: a table's in float64 on the CPU, where one row and many give the same digits."""
    return module.cpu().double() if spec.kind == "table" else module
