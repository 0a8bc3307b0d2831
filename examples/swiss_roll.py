"""A rolled-up sheet in space, laid flat: two small autoencoders beside PCA, Isomap, LLE and t-SNE.

The first autoencoder has 17 parameters (3 -> 2 -> 3), the second 41. Neither is large enough to unroll the sheet: they
look at it from a good side, as PCA does, but with the way back to space, which t-SNE and LLE do not have.
"""

import numpy as np
from _common import asked, headline, look, save, scatter, table
from sklearn.datasets import make_swiss_roll
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, Isomap, LocallyLinearEmbedding
from sklearn.metrics import r2_score

import latently


def autoencoders(epochs: int) -> dict[str, latently.Latent]:
    """The two networks, spelled: an encoder from 3 numbers to 2 and a decoder back."""
    asked_for = {"latent": 2, "epochs": epochs, "lr": 0.01, "batch_size": 64, "patience": 0}
    deep = {"encoder": "dense2 elu dense2 elu dense2 elu", "decoder": "dense2 elu dense2 elu dense3 elu"}
    return {
        "AE": latently.AE(encoder="dense2 elu", decoder="dense3 elu", **asked_for),
        "deep AE": latently.AE(**deep, **asked_for),
    }


def main() -> None:
    args = asked("Lay a swiss roll flat, in six ways.")
    roll, position = make_swiss_roll(4000 if args.full else 700, noise=0.1, random_state=0)
    models = autoencoders(epochs=200 if args.full else 60)
    methods = {
        "PCA": PCA(2),
        **models,
        "Isomap": Isomap(n_neighbors=10, n_components=2),
        "LLE": LocallyLinearEmbedding(n_neighbors=12, n_components=2, random_state=0),
        "t-SNE": TSNE(2, random_state=0),
    }
    flat = {name: method.fit_transform(roll) for name, method in methods.items()}
    kept = {name: latently.metrics.trustworthiness(roll, points, k=10) for name, points in flat.items()}
    rows = []
    for name, method in methods.items():
        size = latently.anatomy(method).parameters if name in models else "-"
        back = hasattr(method, "inverse_transform")
        restored = r2_score(roll, method.inverse_transform(flat[name])) if back else "no way back"
        rows.append((name, size, kept[name], restored))
    table(("method", "parameters", "trustworthiness", "restored, R2"), rows)
    save(args, "swiss_roll", picture(roll, position, flat, kept))


def picture(roll: np.ndarray, position: np.ndarray, flat: dict, kept: dict) -> object:
    """The roll from its side, the six maps of it, and how far each can be trusted."""
    figure = look.blank(10, 5.2)
    headline(figure, "One swiss roll on six maps, coloured by the position on the rolled-up sheet")
    grid = figure.subplots(2, 4).ravel()
    scatter(grid[0], roll[:, [0, 2]], position, "the roll, from its side")
    for axes, (name, points) in zip(grid[1:], flat.items(), strict=False):
        scatter(axes, points, position, name)
    bars = grid[7]
    bars.barh(list(kept), list(kept.values()), height=0.66, color=look.ACCENT)
    for i, (name, value) in enumerate(kept.items()):
        bars.text(0.52, i, name, fontsize=9, color=look.PAPER, va="center")
        bars.text(value - 0.02, i, f"{value:.3f}", fontsize=9, color=look.PAPER, va="center", ha="right")
    bars.set(xlim=(0.5, 1), xticks=[], yticks=[])
    bars.invert_yaxis()
    bars.set_title("trustworthiness", fontsize=10, color=look.INK, loc="left")
    bars.spines[:].set_visible(False)
    return look.dress(figure)


if __name__ == "__main__":
    main()
