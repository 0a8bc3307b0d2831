"""Pictures pressed into 64 numbers and brought back: a dense autoencoder and a convolutional one.

The dense one has 117,840 parameters, the convolutional one 1,193,873. The code is shown as a picture of 8 x 8 between
the original and what comes back. PCA with as many numbers is the plain method that both have to beat;
it does well on scikit-learn's digits, which were 8 x 8 before they were enlarged: they are 64 numbers.
"""

import numpy as np
from _common import asked, digits, gallery, save, table
from sklearn.decomposition import PCA

import latently

DENSE = {"encoder": "dense64 elu dense64 elu dense64 elu", "decoder": "dense64 elu dense64 elu dense784 elu"}
CONVOLUTIONAL = {
    "encoder": "conv16:k3:valid elu conv16:k3:valid elu flatten dense64 elu",
    "decoder": "dense9216 elu reshape24x24x16 convt16:k3:valid elu convt1:k3:valid elu",
}
SHOWN = 10


def main() -> None:
    args = asked("Compress pictures into 64 numbers and restore them.")
    pictures, _ = digits(args, some=800)
    held_out = len(pictures) // 8
    seen, unseen = pictures[:-held_out], pictures[-held_out:]
    asked_for = {"latent": 64, "likelihood": "normal"}
    models = {
        "dense": latently.AE(**DENSE, **asked_for, epochs=30 if args.full else 60),
        "convolutional": latently.AE(**CONVOLUTIONAL, **asked_for, epochs=20 if args.full else 8, lr=2e-3),
    }
    rows = [("PCA", "-", *errors(unseen, through_pca(seen, unseen)))]
    for name, model in models.items():
        model.fit(seen)
        print(f"\n{name}\n{latently.anatomy(model)}")
        restored = model.reconstruct(unseen)
        rows.append((name, latently.anatomy(model).parameters, *errors(unseen, restored)))
        codes = model.transform(unseen[:SHOWN]).reshape(-1, 8, 8)
        shown = {"original\n784 numbers": unseen[:SHOWN], "code\n64 numbers": codes, "restored": restored[:SHOWN]}
        title = f"A {name} autoencoder: unseen pictures, their codes as pictures, and what comes back"
        save(args, name, gallery(title, shown, note="codes: dark is the code's least number, bright its largest"))
    table(("64 numbers for 784", "parameters", "MSE", "PSNR, dB"), rows)


def through_pca(seen: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    """The unseen pictures, pressed into the 64 straight directions in which the seen ones differ most."""
    pca = PCA(64, random_state=0).fit(seen.reshape(len(seen), -1))
    back = pca.inverse_transform(pca.transform(unseen.reshape(len(unseen), -1)))
    return back.reshape(unseen.shape).clip(0, 255)


def errors(before: np.ndarray, after: np.ndarray) -> tuple[str, str]:
    """The mean squared error of a pixel from 0 to 1, and the same in decibels: 10 more are a tenth of the error."""
    before, after = before / 255, after / 255
    return f"{latently.metrics.mse(before, after):.5f}", f"{latently.metrics.psnr(before, after):.1f}"


if __name__ == "__main__":
    main()
