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
STEPS = np.linspace(0, 1, 9)


def main() -> None:
    args = asked("Do sums with codes and see what they decode to.")
    pictures, labels = digits(args, some=1500)
    spelled = {} if args.full else {"encoder": "dense256 relu dense64 relu"}
    model = latently.VAE(latent=8, beta=0.5, epochs=30 if args.full else 60, **spelled).fit(pictures)
    codes = model.transform(pictures)
    judge = KNeighborsClassifier(5).fit(pictures.reshape(len(pictures), -1), labels)  # knows real pictures only

    def called(new: np.ndarray, label: int) -> float:
        """The share of pictures that a classifier of real digits takes for `label`."""
        return float(np.mean(judge.predict(new.reshape(len(new), -1)) == label))

    save(args, "axes", along_axes(model, codes))
    ends = {f"{a} to {b}": [codes[np.flatnonzero(labels == c)[2]] for c in (a, b)] for a, b in PAIRS}
    ways = {name: model.inverse_transform(np.stack([a + t * (b - a) for t in STEPS])) for name, (a, b) in ends.items()}
    save(args, "between", gallery("From one item to another, in equal steps of the code", ways, written(STEPS)))

    mine, difference = labels == FROM, codes[labels == TO].mean(0) - codes[labels == FROM].mean(0)
    moved = {f"t = {t:g}": model.inverse_transform(codes[mine] + t * difference) for t in (0, 0.25, 0.5, 0.75, 1, 1.25)}
    title = f"code of a {FROM} + t x (mean code of {TO} - mean code of {FROM})"
    rows = [(name, *(f"{called(new, label):.0%}" for label in (FROM, TO))) for name, new in moved.items()]
    table((title, f"called {FROM}", f"called {TO}"), rows)
    shown = {"original": pictures[mine][:10], **{name: new[:10] for name, new in moved.items()}}
    save(args, "difference", gallery(f"From {FROM} to {TO}: {title}", shown))


def along_axes(model: latently.VAE, codes: np.ndarray) -> object:
    """From the mean code along each axis, as far as the codes reach; axes that vary most come first."""
    spread = codes.std(0)
    far = np.linspace(-2.4, 2.4, 9)
    rows = {}
    for axis in np.argsort(-spread)[:6]:
        way = np.tile(codes.mean(0), (len(far), 1))
        way[:, axis] += far * spread[axis]
        rows[f"number {axis + 1}"] = model.inverse_transform(way)
    title = "The mean code with one of its numbers moved: what each number stands for"
    return gallery(title, rows, written(far), "above: how far, in standard deviations of that number")


def written(numbers: np.ndarray) -> list[str]:
    return [f"{number:.4g}".replace("-", "−") for number in numbers]


if __name__ == "__main__":
    main()
