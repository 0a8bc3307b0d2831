"""Denoising autoencoder (Vincent et al., 2008)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast
from warnings import warn

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import validation

from ..autoencoder import Autoencoder
from ..compute import kept_memory
from ..data import ImageCodec, TableCodec, TableSource
from ..data import open as open_data
from ..data.filling import filled
from ..data.photographs import Photographs, level, mosaic
from ..errors import InputError, LatentlyWarning, ParameterError
from ..estimator import Latent, model, passes
from ..estimator.accepted import READS, accepted
from ..params import param
from ..parts import Augmentation, Chain, Masking, Noise, Plain
from ..spec import Spec

untyped: Any = validation
NEAR = 1.5  # times the noise that was taught, up or down, within which a photograph's noise counts as alike


@model
class DenoisingAE(Latent):
    r"""Sees a spoiled item and is asked for the clean one.

    .. math:: L(x) = -\log p(x \mid g(f(\tilde x))), \quad \tilde x = \text{mask}(x + \sigma\epsilon)

    Use it to clean pictures, to fill in missing cells, and for codes that do not hang on single entries.
    `reconstruct` cleans items of the size it was fitted to, `denoise` photographs of any size; `impute` fills in the
    missing cells of a table. See `Latent` for the other verbs and the fitted attributes.

    References
    ----------
    "Extracting and Composing Robust Features with Denoising Autoencoders" (Vincent et al., 2008).

    Examples
    --------
    >>> import numpy as np, latently
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> latently.DenoisingAE(latent=2, mask=0.2, epochs=2).fit(X).reconstruct(X).shape
    (60, 4)
    """

    noise: float = param(0.3, "standard deviation of the noise: of 0 to 1 in pictures, of a column's spread", low=0)
    least_noise: float | None = param(
        None, "each item's noise is drawn from this to noise, for photographs of unknown noise; by default all have it",
        low=0,
    )  # fmt: skip
    clipped: bool = param(
        False, "the noise leaves no value darker than black or brighter than white, as in photographs of 8 bits"
    )
    mask: float = param(0.0, "share of the entries that are hidden", low=0, high=1)
    augment: str | None = param(
        None,
        "random moves that enlarge a set of pictures, such as 'rotate30 zoom0.1 shear0.1 shift0.1 hflip vflip turns "
        "channels light0.1'",
    )

    name: ClassVar[str] = "denoising"

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        if self.augment and spec.kind != "image":
            raise ParameterError(
                f"augment={self.augment!r} moves pictures and these data are a {spec.kind}; leave it out."
            )
        if self.augment and "turns" in self.augment and spec.shape[1] != spec.shape[2]:
            raise ParameterError(
                f"augment={self.augment!r}: quarter turns are for square pictures and these are {spec.shape[1]} x "
                f"{spec.shape[2]}; leave turns out, or cut square tiles with latently.tiles."
            )
        if self.least_noise is not None and self.least_noise > self.noise:
            raise ParameterError(
                f"least_noise={self.least_noise:g} is more than noise={self.noise:g}; noise is drawn between the two, "
                "so choose a smaller least_noise."
            )
        if self.mask and spec.missing:
            spec = replace(spec, missing=(True,) * len(spec.missing))  # the encoder is told which cells are hidden
        return self.assemble(
            spec,
            Plain(latent),
            corruption=Chain(Noise(self.noise, spec, self.least_noise, self.clipped), Masking(self.mask, spec)),
            augmentation=Augmentation(self.augment) if self.augment else None,
        )

    def denoise(self, photos: Any, *, noise: float | Sequence[float] | None = None, overlap: int | None = None) -> Any:
        """Photographs of any size, cleaned in tiles that overlap and give way to one another smoothly.

        The tiles have the size of the items in `fit`, such as `latently.tiles` cuts; a photograph smaller than one is
        continued as if in mirrors.

        Parameters
        ----------
        photos
            A path of a picture or a folder, one picture (H, W) or (H, W, C), a list or a stack of them.
        noise
            The standard deviation of the noise in the range of 0 to 1, for all or one each; None: it is estimated
            (`latently.noise_level`). The network sees for itself how much there is: this is for a warning where it is
            far from what was taught.
        overlap
            Pixels that neighbouring tiles share at least; by default a quarter of a tile.

        Returns
        -------
        The same form, sizes, channels and type; a folder as a list, in the order of its names.

        Raises
        ------
        InputError
            These are no pictures, or the model is none of pictures.
        ParameterError
            `noise` or `overlap` is out of bounds.
        """
        found = Photographs.of(photos)
        return found.gathered([picture for _, picture in self.denoised(found, noise=noise, overlap=overlap)])

    def impute(self, X: Any) -> Any:
        """`X` with its missing cells filled in, all others as they were: the same type and columns.

        What is expected of a missing cell given the others is learned where cells are hidden in training: choose `mask`
        above the share that is missing, and `noise=0`.

        Parameters
        ----------
        X
            A table as in `fit`: an array, a DataFrame, a path.

        Raises
        ------
        InputError
            The model was not fitted to a table.
        """
        untyped.check_is_fitted(self)
        if not isinstance(self.codec_, TableCodec):
            raise InputError(
                f"this {type(self).__name__} was fitted to {READS[self.codec_.spec.kind]} and cannot fill in a table; "
                "fit one to the table."
            )
        given = cast(
            TableSource, open_data(X, kind="table", memory=self.memory)
        )  # with the labels, if they are a column
        return filled(self.codec_, given, passes.restored(self.module_, self.codec_, accepted(self, given)))

    def denoised(
        self, photos: Any, *, noise: float | Sequence[float] | None = None, overlap: int | None = None
    ) -> Iterator[tuple[str, NDArray[Any]]]:
        """As `denoise`, one photograph after the other as they are done, each with its name."""
        untyped.check_is_fitted(self)
        if not isinstance(self.codec_, ImageCodec):
            raise InputError(
                f"this {type(self).__name__} was fitted to {READS[self.codec_.spec.kind]} and cannot clean photographs;"
                " fit one to pictures, such as latently.tiles cuts."
            )
        codec, sides = self.codec_, (self.codec_.shape[1], self.codec_.shape[2])
        found = photos if isinstance(photos, Photographs) else Photographs.of(photos)
        levels = self._levels(found, codec, noise)
        shared = min(sides) // 4 if overlap is None else overlap
        if not 0 <= shared < min(sides):
            raise ParameterError(
                f"denoise: overlap={overlap!r} is not allowed; it is a whole number from 0 to {min(sides) - 1}, below "
                f"the tile's side."
            )
        self._warn_if_strange(found.names, levels)

        def clean(tiles: NDArray[Any]) -> NDArray[Any]:
            packed = torch.from_numpy(np.ascontiguousarray(codec.unit(tiles).transpose(0, 3, 1, 2)))
            return passes.run(self.module_, packed, lambda x, _: self.module_.restore(x)).transpose(0, 2, 3, 1)

        for name, picture in zip(found.names, found.pictures, strict=True):
            with kept_memory():
                whole = mosaic(picture, sides, shared, clean)
            x = whole.transpose(2, 0, 1)[None]
            yield name, codec.values(x, picture.shape[:2], found.dtype, picture.shape[2], flat=False)[0]

    def _levels(self, found: Photographs, codec: ImageCodec, noise: float | Sequence[float] | None) -> list[float]:
        """The noise of each photograph, as it was said or as it is estimated."""
        if noise is None:
            return [level(codec.unit(picture)) for picture in found.pictures]
        given, count = np.atleast_1d(np.asarray(noise, np.float64)), len(found.pictures)
        if given.shape not in ((1,), (count,)):
            raise ParameterError(
                f"denoise: noise has {given.size} numbers for {count} photograph{'s' * (count != 1)}; give one, or one "
                "each."
            )
        levels = np.broadcast_to(given, count).tolist()
        if not all(0 <= one <= 1 for one in levels):
            raise ParameterError(f"denoise: noise={noise!r} is not allowed; it is of 0 to 1, or None to estimate it.")
        return levels

    def _warn_if_strange(self, names: Sequence[str], levels: Sequence[float]) -> None:
        least = self.noise if self.least_noise is None else self.least_noise
        strange = [
            (n, one) for n, one in zip(names, levels, strict=True) if not least / NEAR <= one <= self.noise * NEAR
        ]
        if not strange:
            return
        taught = f"{self.noise:g}" if self.least_noise is None else f"{self.least_noise:g} to {self.noise:g}"
        name, one = strange[0]
        more = f" (and {len(strange) - 1} more)" if len(strange) > 1 else ""
        warn(
            f"photograph {name}{more} has noise of about {one:.3f} and the model was taught {taught}: "
            + ("details may be lost" if one < least else "noise will be left")
            + "; train one with least_noise and noise around it.",
            LatentlyWarning,
            stacklevel=4,
        )
