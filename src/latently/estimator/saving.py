"""How a fitted model is kept in one file, and comes back from it."""

from __future__ import annotations

import platform
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import validation as untyped

from .. import store
from ..autoencoder import Autoencoder
from ..classes import Classes
from ..compute import device, moved
from ..data import Codec, codec_from_json
from ..errors import ParameterError
from ..params import plain
from ..prior import Prior, restore
from ..spec import Kind, Spec
from ..train import Event
from .settings import Settings, model

validation: Any = untyped


@model
class Saved(Settings):
    """What a model has learned, and its way to a file and back; see `Latent` for the attributes."""

    name: ClassVar[str]
    conditional: ClassVar[bool] = False  # whether the decoder is told each item's label
    least: ClassVar[int] = 1  # numbers that a code must have
    grid: ClassVar[bool] = False  # whether a code is a grid of entries
    reads: ClassVar[tuple[Kind, ...]] = ("image", "table", "series")  # kinds of data that it can be fitted to

    if TYPE_CHECKING:  # else they would be hyper-parameters
        module_: Autoencoder
        codec_: Codec
        prior_: Prior
        calibration_: NDArray[np.float64]
        held_out_: int
        history_: list[Event]
        untrained_: dict[str, float] | None
        latent_: int
        entry_: int
        networks_: dict[str, str]
        known_: Classes
        classes_: NDArray[Any]

    @abstractmethod
    def build(self, spec: Spec, latent: int) -> Autoencoder:
        """The model for samples of `spec`, with codes of `latent` numbers."""

    def save(self, path: str | Path) -> Path:
        """Writes everything to one safetensors file, whole or not at all: `latently.load` reads it back."""
        return store.write(path, *self.kept())

    def kept(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """What `save` writes and `adopt` takes over: a header as JSON can hold it, and tensors."""
        validation.check_is_fitted(self)
        state = {name: t.float() if t.is_floating_point() else t for name, t in self.module_.state_dict().items()}
        tensors = {f"module.{name}": t.cpu().numpy() for name, t in state.items()}
        tensors |= {f"prior.{name}": t for name, t in self.prior_.tensors().items()}
        return self._header(), tensors | {"calibration": self.calibration_}

    def _header(self) -> dict[str, Any]:
        names = getattr(self, "feature_names_in_", None)
        return {
            "model": self.name,
            "params": plain(self),
            "latent": self.latent_,
            "entry": self.entry_,
            "networks": self.networks_,
            "prior": self.prior_.name,
            "held_out": self.held_out_,
            "codec": self.codec_.to_json(),
            "history": self.history_,
            "untrained": self.untrained_,
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
        self.untrained_ = header.get("untrained")
        self.held_out_ = int(header.get("held_out", len(tensors["calibration"])))
        self.entry_ = int(header.get("entry", self.latent_))
        if self.conditional:
            self.known_ = Classes.from_json(header["classes"])
            self.classes_ = self.known_.names
        spec = self._told(self.codec_.spec)
        state = {name[7:]: torch.from_numpy(t) for name, t in tensors.items() if name.startswith("module.")}
        with torch.device("meta"):  # shapes first: a header may ask for more memory than its weights fill
            promised = self.build(spec, self.entry_).state_dict()
        if {name: t.shape for name, t in promised.items()} != {name: t.shape for name, t in state.items()}:
            raise ValueError("the weights are not those of the networks that are named")
        self.calibration_ = tensors["calibration"]
        known = len(self.calibration_) and np.isfinite(self.calibration_).all()
        if not (known and all(bool(t.isfinite().all()) for t in state.values())):
            raise ValueError("the weights or the calibration are not finite numbers")
        module = self.build(spec, self.entry_)
        module.load_state_dict(state)
        try:
            there = device(self.device)
        except ParameterError:  # trained where there was another device than here
            there = torch.device("cpu")
        self.module_ = settled(moved(module, there).eval(), self.codec_.spec)
        density = {name[6:]: t for name, t in tensors.items() if name.startswith("prior.")}
        self.prior_ = restore(header.get("prior", "mixture"), density, self.module_, self.latent_)
        if header["features"] is not None:
            self.n_features_in_ = int(header["features"])
        if header["feature_names"] is not None:
            self.feature_names_in_ = np.array(header["feature_names"], dtype=object)
        return self

    def _told(self, spec: Spec) -> Spec:
        """`spec`, with the number of labels that the decoder is told apart by."""
        return replace(spec, classes=len(self.classes_)) if self.conditional else spec


def settled(module: Autoencoder, spec: Spec) -> Autoencoder:
    """The module as it evaluates: a table's in float64 on the CPU, where one row and many give the same digits."""
    return module.cpu().double() if spec.kind == "table" else module
