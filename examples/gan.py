"""A game of two: GAN, LSGAN and a conditional GAN learn to draw digits.

The generator is judged by the critic, and the critic by how well it tells drawn from real. Both losses and their sum
are logged. For a GAN the sum rests at 3 log 2 = 2.08 when the critic can only guess (log 2 for the generator, twice
that for the critic); for an LSGAN at 1/8 + 1/4 = 0.375.
"""

from typing import Any

import numpy as np
from _common import asked, digits, gallery, headline, look, save, table
from sklearn.neighbors import KNeighborsClassifier

import latently

PLAYERS = {
    "adversary": "generator",
    "critic": "critic",
    "game": "their sum",
}  # as the history calls them, and what they are
QUICK = {
    "encoder": "dense128 leaky",
    "decoder": "dense128 relu dense256 relu",
    "critic": "dense256 leaky drop0.4 dense128 leaky drop0.4",  # without dropout it sees through everything, too soon
    "lr": 2e-3,
    "epochs": 50,
}
REST = {
    "GAN": 3 * np.log(2),
    "LSGAN": 3 / 8,
    "conditional GAN": 3 * np.log(2),
}  # of the sum, when the critic can only guess


def main() -> None:
    args = asked("Draw digits with a GAN, an LSGAN and a conditional GAN.")
    pictures, labels = digits(args, some=1000)
    pictures = pictures if args.full else pictures[:, ::2, ::2]  # every other pixel is enough for a quick look
    asked_for: dict[str, Any] = {"latent": 16, "likelihood": "bernoulli", **({"epochs": 30} if args.full else QUICK)}
    games = {
        "GAN": latently.GAN(**asked_for),
        "LSGAN": latently.LSGAN(**asked_for),
        "conditional GAN": latently.ConditionalGAN(**asked_for),
    }
    rows = []
    for name, model in games.items():
        model.fit(pictures, labels)  # only the conditional one listens to the labels
        losses = model.history_[-1]["train"]
        precision, recall = latently.metrics.precision_recall(flat(pictures[:500]), flat(model.sample(500, seed=0)))
        rows.append((name, *(losses[player] for player in PLAYERS), precision, recall))
        if name != "conditional GAN":
            drawn = model.sample(50, seed=1).reshape(5, 10, *pictures.shape[1:])
            grid = {" " * i: row for i, row in enumerate(drawn)}
            save(args, name.lower(), gallery(f"{name}: drawn after {len(model.history_)} epochs", grid))
    table(("after the last epoch", *PLAYERS.values(), "precision", "recall"), rows)

    wanted = games["conditional GAN"]
    grid = {f"label {name}": wanted.sample(10, seed=2, label=name) for name in wanted.classes_}
    judge = KNeighborsClassifier(5).fit(flat(pictures), labels)
    right = np.mean([judge.predict(flat(drawn)) == int(name.split()[1]) for name, drawn in grid.items()])
    print(f"\ndrawn by label, and called so by a classifier of real digits: {right:.0%}")
    save(args, "conditional_gan", gallery("Drawn by a conditional GAN: a label was asked for in each row", grid))
    save(args, "losses", curves({name: model.history_ for name, model in games.items()}))


def curves(histories: dict[str, list[dict[str, Any]]]) -> object:
    """Both players' losses and their sum, epoch by epoch, and where the sum rests when neither can gain."""
    figure = look.blank(10.4, 3.4)
    headline(figure, "The losses of both players, and their sum")
    for axes, (name, history) in zip(figure.subplots(1, len(histories)), histories.items(), strict=True):
        for (player, label), colour in zip(PLAYERS.items(), look.CLASSES[1::3], strict=False):
            axes.plot([e["epoch"] for e in history], [e["train"][player] for e in history], color=colour, label=label)
        axes.axhline(REST[name], color=look.MUTED, linewidth=1, linestyle=(0, (2, 3)), label="sum at rest")
        axes.set_title(name, fontsize=10, color=look.INK, loc="left")
        axes.set(xlabel="epoch", ylim=(0, None))
    drawn = axes.get_legend_handles_labels()
    figure.legend(*drawn, loc="outside lower center", ncols=4, frameon=False, fontsize=9, labelcolor=look.INK)
    return look.dress(figure)


def flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1) / 255


if __name__ == "__main__":
    main()
