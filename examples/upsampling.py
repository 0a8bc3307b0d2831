"""From a small picture to a large one: two autoencoders of 3,369 parameters, and the four ways to enlarge.

The pooling autoencoder enlarges by repeating pixels, the other one with transposed convolutions. A transposed
convolution is what its name says: as a matrix it is the convolution's matrix, transposed.
"""

import numpy as np
import torch
from _common import asked, digits, gallery, headline, look, save, table

import latently

POOLING = {
    "encoder": "conv16 relu pool2 conv8 relu pool2 conv4 relu pool2",
    "decoder": "conv4 relu up2 conv8 relu up2 conv16:valid relu up2 conv1 sigmoid",
}
TRANSPOSED = {
    "encoder": "conv16:valid relu pool2:valid conv8:valid relu pool2:valid conv4:valid relu",
    "decoder": "convt4 relu up2 convt8 relu up2 convt16:valid relu up2 convt1 sigmoid",
}
KERNEL = np.array([[4.0, 2.0], [2.0, 1.0]])
SMALL = np.array([[9, 1, 3, 2], [4, 2, 6, 8], [1, 5, 1, 1], [3, 2, 4, 2]], float)


def main() -> None:
    args = asked("Autoencoders that pool and enlarge again, and the four upsamplings.")
    pictures, _ = digits(args, some=900)
    held_out = len(pictures) // 9
    seen, unseen = pictures[:-held_out], pictures[-held_out:]
    shown, rows = {"original": unseen[:10]}, []
    for name, networks in {"pooling": POOLING, "transposed": TRANSPOSED}.items():
        asked_for = {"optimizer": "adadelta", "lr": 1.0} if args.full else {"lr": 1e-2, "batch_size": 16}
        model = latently.AE(**networks, **asked_for, likelihood="bernoulli", epochs=50 if args.full else 15).fit(seen)
        restored = model.reconstruct(unseen)
        shown[f"{name},\ncode of {model.latent_}"] = restored[:10]
        error = latently.metrics.bce(unseen / 255, restored / 255)
        rows.append((name, latently.anatomy(model).parameters, model.latent_, error))
    table(("autoencoder", "parameters", "code", "cross-entropy a pixel"), rows)
    save(args, "autoencoders", gallery("Unseen digits, restored by two networks of 3,369 parameters", shown))

    for name, grid in enlarged().items():
        print(f"\n{name}\n{grid}")
    save(args, "upsamplings", numbers(enlarged()))
    there, back = matrices()
    print(f"\nthe transposed convolution's matrix is the convolution's, transposed: {np.array_equal(back, there.T)}")
    save(args, "matrices", as_matrices(there, back))


def enlarged() -> dict[str, np.ndarray]:
    """A picture of 4 x 4, its maxima of each 2 x 2, and those enlarged in four ways."""
    ways = {"nearest": "up2", "bed of nails": "nails2", "max unpooling": "unpool2"}
    steps = {name: latently.anatomy("pool2", (4, 4, 1), word, SMALL).activations for name, word in ways.items()}
    pooled = steps["nearest"][0]
    network = latently.nets.build(latently.nets.parse("convt1:k2:s2:nobias"), (1, 2, 2), "decoder")
    network[0].weight.data = torch.from_numpy(KERNEL)[None, None]
    with torch.no_grad():
        transposed = network(torch.from_numpy(pooled.astype(float))[None, None, :, :, 0])[0, 0].numpy()
    found = {"picture": SMALL, "pooled": pooled, **{name: made[-1] for name, made in steps.items()}}
    return {name: grid.squeeze().astype(int) for name, grid in {**found, "transposed conv.": transposed}.items()}


def matrices() -> tuple[np.ndarray, np.ndarray]:
    """A convolution of 4 x 4 to 3 x 3 and the transposed one of 3 x 3 to 4 x 4, same kernel: (9, 16) and (16, 9)."""
    kernel = torch.tensor([[1.0, 2.0], [3.0, 4.0]])[None, None]
    there, back = torch.nn.Conv2d(1, 1, 2, bias=False), torch.nn.ConvTranspose2d(1, 1, 2, bias=False)
    there.weight.data, back.weight.data = kernel, kernel
    return latently.nets.matrix(there, (4, 4, 1)), latently.nets.matrix(back, (3, 3, 1))


def numbers(grids: dict[str, np.ndarray]) -> object:
    """Small pictures with their numbers written in."""
    figure = look.blank(10.4, 2.5)
    headline(figure, "The maximum of each 2 x 2 window, enlarged in four ways")
    for axes, (name, grid) in zip(figure.subplots(1, len(grids)), grids.items(), strict=True):
        written(axes, grid, 11)
        axes.set_title(name, fontsize=10, color=look.INK, loc="left")
    figure.supxlabel(
        "transposed convolution: each pixel times the kernel [4 2; 2 1], set side by side", fontsize=8, color=look.MUTED
    )
    return look.dress(figure)


def as_matrices(there: np.ndarray, back: np.ndarray) -> object:
    figure = look.blank(9.2, 5.2)
    headline(figure, "Kernel [1 2; 3 4] as a matrix: a convolution, and the transposed convolution")
    left, right = figure.subplots(1, 2, width_ratios=(16, 9))
    titles = "convolution: 4 x 4 = 16 numbers to 9", "transposed: 9 numbers to 16"
    for axes, grid, title in zip((left, right), (there, back), titles, strict=True):
        written(axes, grid.astype(int), 9)
        axes.set_title(title, fontsize=10, color=look.INK, loc="left")
        axes.set(xlabel="a column for each number that comes in", ylabel="a row for each that goes out")
    return look.dress(figure)


def written(axes: object, grid: np.ndarray, size: float) -> None:
    """A grid of numbers, the darker the larger; nothing is written where there is nothing."""
    axes.imshow(grid, cmap="Blues", vmin=0, vmax=1.25 * grid.max())
    axes.set_xticks(np.arange(grid.shape[1] + 1) - 0.5, [])
    axes.set_yticks(np.arange(grid.shape[0] + 1) - 0.5, [])
    axes.grid(color=look.HAIR, linewidth=0.8)
    axes.spines[:].set_visible(False)
    for (row, column), value in np.ndenumerate(grid):
        if value:
            white = value > 0.75 * grid.max()
            colour = look.PAPER if white else look.INK
            axes.text(column, row, str(value), ha="center", va="center", fontsize=size, color=colour)


if __name__ == "__main__":
    main()
