"""The estimator: scikit-learn's face on an `Autoencoder`, from a person's data to codes and back to their types."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from math import ceil
from numbers import Integral
from typing import Any, Self, cast
from warnings import warn

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import validation as untyped
from torch import Tensor

from .. import nets
from ..autoencoder import Autoencoder
from ..compute import device, moved
from ..data import Codec, fit_codec
from ..data.loader import Loader
from ..data.on_disk import OnDisk
from ..data.packed import Packed
from ..errors import InputError, LatentlyWarning, ParameterError
from ..params import check
from ..parts import Augmentation, Bottleneck, Corruption, Likelihood, Penalty, SampleAdversary
from ..prior import choose, chosen
from ..progress import doing, follow
from ..randomness import seeded
from ..spec import Spec
from ..train import Training, room
from . import passes
from .accepted import accepted, told_labels
from .calibration import LEAST, calibrated
from .learned import Learned
from .placing import placed
from .saving import Saved, settled
from .settings import SEEDS, model
from .verdicts import Verdicts

Codes = NDArray[np.float32]
ENOUGH = 5  # epochs after which a training can be said to have taught nothing
STARTERS = 2**24  # numbers in the items that a codebook or a learned prior may begin from, and at most 4,096 of them
validation: Any = untyped


@dataclass(slots=True)
class Fitting:
    """A fit under way: what `begin` made and `finish` needs."""

    codec: Codec
    items: Packed  # whose batches are put on the device
    held_out: Tensor  # (m,) the rows kept out of training
    training: Training
    labels: Tensor | None  # (n,) of a conditional model

    @property
    def streams(self) -> bool:
        """Whether items are read from disk as they are needed."""
        return isinstance(self.items, OnDisk)


@model
class Latent(ClassNamePrefixFeaturesOutMixin, Verdicts, TransformerMixin, BaseEstimator, Saved, ABC):
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
        Scores of held-out items in ascending order, at most 10,001 of them, evenly spaced; where fewer than
        `calibration.LEAST` were held out, of all items, which then seem more normal than new ones.
    held_out_ : int
        Items that were held out of the training.
    offset_ : float
        The score below which `predict` says -1: follows `false_alarms`, also when it is set after the fit.
    history_ : list of dict
        One event an epoch.
    latent_ : int
        Numbers in a code.
    entry_ : int
        Numbers in one entry of a code: all of them, but where a code is a grid of entries of a codebook.
    networks_ : dict
        How encoder and decoder are spelled.
    untrained_ : dict or None
        The terms of the loss of the held-out items before training.
    classes_ : ndarray (C,)
        The labels that a conditional model tells apart.
    n_features_in_ : int
        Columns seen in `fit` (tables).
    feature_names_in_ : ndarray
        Their names, where `X` had names.
    """

    def assemble(
        self,
        spec: Spec,
        bottleneck: Bottleneck,
        *penalties: Penalty,
        corruption: Corruption | None = None,
        augmentation: Augmentation | None = None,
        likelihood: Likelihood | None = None,
    ) -> Autoencoder:
        """Parts to a model, with networks that fit `spec`: what `build` returns. By default with their likelihood."""
        networks = nets.pair(spec, bottleneck, self.encoder, self.decoder, self.likelihood)
        self.networks_ = networks.spelling
        skips = any(word.startswith(("join", "add")) for word in networks.spelling["decoder"].split())
        if skips and any(isinstance(p, SampleAdversary) for p in penalties):
            raise ParameterError(
                f"{type(self).__name__} decodes drawn codes, and a decoder with skips (join, add, unet) cannot do "
                "without the item; spell networks without keep, join and add."
            )
        return Autoencoder(
            networks.encoder,
            bottleneck,
            networks.decoder,
            likelihood or networks.likelihood,
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

    def begin(self, X: Any, y: Any = None, *, streams: bool | None = None) -> Fitting:
        """Everything of a fit up to the first epoch; `fit` is `begin`, the training's events, `finish`.

        `streams` says whether items are read from disk where that was decided before, by `memory` or by what was free.
        """
        check(self)
        for learned in [name for name in vars(self) if name.endswith("_")]:  # a fit that fails leaves no old model
            delattr(self, learned)
        source = accepted(self, X, reset=True)
        labels = told_labels(self, source, y)
        doing(f"Learning what the data hold ({source.summary})")
        codec = fit_codec(source)
        spec = self._told(codec.spec)
        self.entry_ = latent = self.latent or self.code_size(spec)
        with seeded(self.seed), room("the networks", "spell smaller ones, or choose a smaller latent"):
            module = moved(self.build(spec, latent), device(self.device))
        if latent > spec.width and not module.handed:
            warn(
                f"latent={latent} is more than the {spec.width} numbers in an item and compresses nothing; "
                f"choose fewer, such as {max(1, spec.width // 2)}.",
                LatentlyWarning,
                stacklevel=3,
            )
        doing("Packing the items")
        with room("the items", "choose a smaller memory, so that they are read from disk, or device='cpu'"):
            items, note = placed(codec, source, device(self.device), self.memory, streams)
        doing("Preparing the training")
        train, held_out = source.split(self.validation, self.seed)
        batch_size = self.batch_size or min(128, max(16, len(train) // 16))
        steps = ceil(len(train) / batch_size)
        plan = self._plan(steps)
        module.bottleneck.lasts(steps * plan.epochs)
        with seeded(self.seed, items.device), torch.no_grad():
            some = train[torch.randperm(len(train))[: _starters(spec)]]
            module.start(items.take(some))
        watched = Loader(items, rows=held_out, labels=labels) if len(held_out) else None
        training = Training(module, plan, Loader(items, batch_size, train, labels), watched, spec.size)
        training.notes = [note] if note else []
        self.untrained_ = training.trainer.evaluate(watched.ordered()) if watched else None
        choose(self.prior, passes.coded(module, items, torch.arange(1)), module)  # now, not after the training
        doing("Training the first epoch")
        return Fitting(codec, items, held_out, training, labels)

    def code_size(self, spec: Spec) -> int:
        """Numbers in a code where nobody said: those of a spelled encoder's last picture, else at most 16."""
        return nets.natural(spec, self.encoder, self.grid) or min(16, max(self.least, spec.width // 2))

    def finish(self, fitting: Fitting) -> Self:
        """Keeps the best weights; fits the codes' density and the scores' calibration."""
        fitting.training.finish()
        doing("Learning the density of the codes")
        self.codec_, self.history_ = fitting.codec, fitting.training.history
        self.module_ = settled(fitting.training.model, fitting.codec.spec)
        some = None  # where items are read from disk, only those that a density would take: all codes may be too many
        if fitting.streams:
            some = torch.from_numpy(chosen(len(fitting.items), self.seed))
        coded = passes.coded(self.module_, fitting.items, some)
        self.latent_ = coded.means.shape[1]
        self.prior_ = choose(self.prior, coded, self.module_).fit(coded, self.module_, self.seed)
        self.held_out_ = len(fitting.held_out)
        watched = fitting.held_out if self.held_out_ >= LEAST else None
        scores = passes.run(self.module_, fitting.items, self._normality, watched)
        self.calibration_ = calibrated(scores.astype(np.float64))
        self._say_if_nothing_was_learned(fitting.training)
        return self

    def _say_if_nothing_was_learned(self, training: Training) -> None:
        if training.model.bottleneck.drawn or len(self.history_) < ENOUGH:  # a game's loss is not what it is about
            return
        found = Learned.of(self.history_, self.untrained_)
        if found.nothing:
            warn(
                f"{type(self).__name__} learned nothing: {found.told}; train longer, look at the data, or choose "
                "another lr.",
                LatentlyWarning,
                stacklevel=3,
            )

    def transform(self, X: Any) -> Codes:
        """The codes of `X`: (n, latent_), deterministic; a Gaussian bottleneck gives its means."""
        return self._over(X, lambda x, _: self.module_.encode(x).mean).astype(np.float32)

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
        places = self._places(label, len(codes))
        return self.codec_.restore(passes.decoded(self.module_, codes, self.module_.decode, places))

    def reconstruct(self, X: Any) -> Any:
        """`X`, encoded and restored: the same types, sizes, columns; missing cells filled in.

        A conditional model restores each item with the label under which it restores it best.
        """
        source = accepted(self, X)
        return passes.restored(self.module_, self.codec_, source)

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """How normal each item is, in nats: minus its loss; higher is more normal. Missing cells count nothing. (n,)"""
        return self._over(X, self._normality).astype(np.float64)

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
        n, seeds = int(n), np.random.SeedSequence(seed).generate_state(3).tolist()  # of code, label and noise
        codes = self.prior_.sample(n, seeds[0])
        places = self.known_.draw(n, seeds[1]) if self.conditional and label is None else self._places(label, n)
        with seeded(seeds[2], next(self.module_.parameters()).device):
            module = self.module_
            x = passes.decoded(module, codes, lambda z, to: module.likelihood.sample(module.write(z, to)), places)
        return self.codec_.restore(x)

    def _places(self, label: Any, n: int) -> NDArray[np.int64] | None:
        """The place of each label among `classes_`, for a conditional model."""
        if label is None:
            return None
        if not self.conditional:
            raise InputError(f"{type(self).__name__} knows no labels; leave label out, or train a conditional model.")
        return self.known_.index(label, n)

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

    def _over(self, X: Any, use: passes.Use) -> NDArray[Any]:
        """`use` over all of `X`, checked and packed."""
        source = accepted(self, X)  # first: it says where nothing was fitted
        return passes.over(self.module_, self.codec_, source, use)

    def _normality(self, x: Tensor, _: Tensor | None) -> Tensor:
        """What `score_samples` says of a batch: (B,)."""
        return -self.module_(x).cost


def _starters(spec: Spec) -> int:
    return max(1, min(4096, STARTERS // spec.size))
