"""The spaces of codes of an AE and of a VAE, seen side by side, and measured.

Both have codes of 4 numbers; PCA turns each space to its two widest axes. The AE lets classes drift apart as they like;
the VAE is paid to keep all codes near N(0, I), so that they lie densely about the origin and one can draw from there.
"""

import numpy as np
from _common import asked, digits, headline, legend, look, save, scatter, table
from sklearn.decomposition import PCA

import latently


def main() -> None:
    args = asked("See and measure the codes of an AE beside those of a VAE.")
    pictures, labels = digits(args, some=1500)
    held_out = min(5000, len(pictures) // 3)
    seen, unseen, digit = pictures[:-held_out], pictures[-held_out:], labels[-held_out:]
    asked_for = {"latent": 4, "encoder": "dense256 relu dense64 relu", "epochs": 30}
    models = {"AE": latently.AE(**asked_for), "VAE": latently.VAE(**asked_for)}
    codes = {name: model.fit(seen).transform(unseen) for name, model in models.items()}

    rows = [(name, *measured(z, unseen, digit)) for name, z in codes.items()]
    table(("codes of 4", "spread", "silhouette", "within / between", "kNN accuracy", "trustworthiness"), rows)
    restored = [
        (name, latently.metrics.mse(unseen / 255, model.reconstruct(unseen) / 255)) for name, model in models.items()
    ]
    table(("restored", "MSE of a pixel"), restored)
    save(args, "codes", side_by_side(codes, digit))


def measured(codes: np.ndarray, items: np.ndarray, labels: np.ndarray) -> tuple[float, ...]:
    """How far the codes spread, how tight and how separate the classes are, and what is kept of neighbourhoods."""
    of = latently.metrics
    return (
        float(codes.std(0).mean()),
        of.silhouette(codes, labels),
        of.variance_ratio(codes, labels),
        of.knn_accuracy(codes, labels),
        of.trustworthiness(items.reshape(len(items), -1), codes),
    )


def side_by_side(codes: dict[str, np.ndarray], labels: np.ndarray) -> object:
    """Both spaces on their two widest axes, one colour a digit."""
    figure = look.blank(10, 4.9)
    headline(figure, "Unseen digits by their codes of 4 numbers, turned by PCA to two axes")
    for axes, (name, z) in zip(figure.subplots(1, 2), codes.items(), strict=True):
        pca = PCA(2, random_state=0)
        scatter(axes, pca.fit_transform(z), labels, name)
        axes.set(aspect="equal", adjustable="datalim")
        axes.set_xlabel(f"{pca.explained_variance_ratio_.sum():.0%} of the codes' variance")
    legend(figure, axes, np.unique(labels))
    return look.dress(figure)


if __name__ == "__main__":
    main()
