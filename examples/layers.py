"""What layers do to shapes: parameters, receptive fields, and the effect of stride, padding and pooling.

Nothing is allocated for it: a batch of 64 photographs of 1920 x 1080 is listed in a moment.
"""

from time import perf_counter

import numpy as np
from _common import asked, digits, headline, look, save, show, table

import latently

LISTED = {
    "4x2": ("dense1:nobias flatten dense1:nobias", "dense3:nobias dense1:nobias flatten dense1:nobias"),
    "1920x1080x3": ("conv16:k5:s5:nobias flatten dense1:nobias",),
}
STEPS = {  # one layer each, seen on one digit
    "conv1:k3:same": "padded: sides stay",
    "conv1:k3:valid": "not padded: a rim is lost",
    "conv1:k3:s2:same": "stride 2: half the sides",
    "conv1:k3:s3:same": "stride 3: a third",
    "pool2": "the largest of 2 x 2",
    "pool4": "the largest of 4 x 4",
}
STACKS = {  # five layers each, on a picture of 64 x 64
    "kernels of 3": "conv8:k3 conv8:k3 conv8:k3 conv8:k3 conv8:k3",
    "kernels of 5": "conv8:k5 conv8:k5 conv8:k5 conv8:k5 conv8:k5",
    "kernels of 3, pools between": "conv8:k3 pool2 conv8:k3 pool2 conv8:k3",
    "kernels of 3, every other stride 2": "conv8:k3:s2 conv8:k3 conv8:k3:s2 conv8:k3 conv8:k3:s2",
}


def main() -> None:
    args = asked("List layers, and see what stride, padding and pooling do.")
    for shape, spellings in LISTED.items():
        for spelling in spellings:
            started = perf_counter()
            listing = str(latently.anatomy(spelling, input=shape, batch=64))
            seconds = perf_counter() - started
            print(f"\n{spelling}\n{listing}")
    print(f"\nlisted in {seconds:.2f} s: the memory is what a batch of 64 would take, and none of it was taken")

    pictures, _ = digits(args, some=10)
    rows, seen = [], {}
    for spelling, effect in STEPS.items():
        found = latently.anatomy(spelling, input=(28, 28, 1), item=pictures[0] / 255)
        (layer,) = found.rows
        field, shape = layer.receptive_field[0], " x ".join(map(str, layer.shape))
        rows.append((spelling, shape, layer.parameters, layer.multiply_adds, f"{field} x {field}", effect))
        seen[f"{spelling}\n{shape}"] = found.activations[0][..., 0]
    table(("28 x 28 x 1 through", "output", "parameters", "multiply-adds", "sees", "effect"), rows)
    save(args, "layers", effects(pictures[0], seen))

    fields = {name: [1, *(row.receptive_field[0] for row in reach(words))] for name, words in STACKS.items()}
    table(("receptive field after layer", *"12345"), [(name, *sides[1:]) for name, sides in fields.items()])
    save(args, "receptive_fields", growth(fields))
    save(args, "hourglass", latently.figures.hourglass(latently.anatomy(latently.AE(latent=16), input=(28, 28, 1))))


def reach(spelling: str) -> tuple:
    return latently.anatomy(spelling, input=(64, 64, 1)).rows


def effects(picture: np.ndarray, seen: dict[str, np.ndarray]) -> object:
    """One digit, and what each layer makes of it, all pixels drawn equally large."""
    figure = look.blank(11.5, 2.35)
    headline(figure, "One digit after one layer: pixels are drawn equally large; all convolutions have the same kernel")
    seen = {"input\n28 x 28 x 1": picture, **seen}
    for axes, (name, values) in zip(figure.subplots(1, len(seen)), seen.items(), strict=True):
        show(axes, values)
        axes.set(xlim=(-0.5, 27.5), ylim=(27.5, -0.5))
        axes.set_title(name, fontsize=9, color=look.INK, loc="left")
    return look.dress(figure)


def growth(fields: dict[str, list[int]]) -> object:
    """The side of the receptive field, layer by layer."""
    figure = look.blank(6.8, 3.6)
    headline(figure, "How much of the picture one number sees")
    axes = figure.subplots()
    for (name, sides), colour in zip(fields.items(), look.CLASSES, strict=False):
        axes.plot(sides, marker="o", color=colour, linewidth=1.8)
        axes.text(5.15, sides[-1], name, fontsize=9, color=colour, va="center")
    axes.set(xlabel="layers", ylabel="side of the receptive field, pixels", xticks=range(6), xlim=(0, 8.2))
    return look.dress(figure)


if __name__ == "__main__":
    main()
