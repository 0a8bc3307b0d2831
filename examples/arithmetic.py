"""Sums with codes: along an axis, between two items, and by the difference of two classes; then decoded.

A VAE learns codes of 8 numbers. Near codes decode to alike digits, so a straight way between two codes is a way from
digit to digit. A class difference is the mean code of one class less that of another.
"""

import numpy as np
from _common import asked, digits, gallery, save, table
from sklearn.neighbors import KNeighborsClassifier

import latently

FROM, TO = 4, 9
PAIRS = (0, 6), (1, 7), (3, 8), (5, 2)


def main() -> None:
    args = asked("Do sums with codes and see what they decode to.")
    pictures, labels = digits(args, some=1500)
    spelled = {} if args.full else {"encoder": "dense256 relu dense64 relu"}
    model = latently.VAE(latent=8, beta=0.5, epochs=30 if args.full else 60, **spelled).fit(pictures)
    judge = KNeighborsClassifier(5).fit(pictures.reshape(len(pictures), -1), labels)  # knows real pictures only

    def called(new: np.ndarray, label: int) -> float:
        """The share of pictures that a classifier of real digits takes for `label`."""
        return float(np.mean(judge.predict(new.reshape(len(new), -1)) == label))

    save(args, "axes", latently.traverse(model, data=pictures).figure())
    ends = {f"{a} to {b}": [pictures[labels == c][2] for c in (a, b)] for a, b in PAIRS}
    ways = {name: latently.interpolate(model, *pair, 9).items for name, pair in ends.items()}
    save(args, "between", gallery("From one item to another, in equal steps of the code", ways))

    data, mine = latently.open(pictures, labels=labels), pictures[labels == FROM]
    sheet = latently.analogy(model, mine, TO, FROM, 6, data=data, strength=1.25)
    moved = dict(zip(sheet.columns, sheet.items.reshape(len(mine), 6, *mine.shape[1:]).swapaxes(0, 1), strict=True))
    title = f"code of a {FROM} + t x (mean code of {TO} - mean code of {FROM})"
    rows = [(name, *(f"{called(new, label):.0%}" for label in (FROM, TO))) for name, new in moved.items()]
    table((title, f"called {FROM}", f"called {TO}"), rows)
    shown = {"original": mine[:10], **{name: new[:10] for name, new in moved.items()}}
    save(args, "difference", gallery(f"From {FROM} to {TO}: {title}", shown))


if __name__ == "__main__":
    main()
