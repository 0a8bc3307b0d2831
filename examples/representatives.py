"""The ideal member of a class, and new members: the mean of the class's codes, decoded, and codes around it.

A convolutional autoencoder with codes of 100 numbers never hears of classes. Still the mean code of one of them decodes
to a member of it, the representative; disturbed in the ways in which the class's codes differ, it decodes to new ones.
With Fashion-MNIST (--data) class 3 is the dress.
"""

import numpy as np
from _common import asked, digits, gallery, save, table
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import KNeighborsClassifier

import latently

ENCODER = "conv16:k3:valid elu conv16:k3:valid elu flatten dense100 elu"
DECODER = "dense9216 elu reshape24x24x16 convt16:k3:valid elu convt1:k3:valid elu"
WANTED = 3
STRENGTHS = (0.25, 0.5, 0.75, 1.0)  # of the disturbance; 1 is as much as the members of the class themselves differ


def main() -> None:
    args = asked("Find the representatives of classes, and vary one.")
    pictures, labels = digits(args, some=600)
    epochs = 20 if args.full else 8
    model = latently.AE(latent=100, encoder=ENCODER, decoder=DECODER, likelihood="normal", epochs=epochs, lr=2e-3)
    model.fit(pictures)
    parameters = latently.anatomy(model).parameters
    judge = KNeighborsClassifier(5).fit(flat(pictures), labels)  # knows real pictures only

    classes = np.unique(labels)
    ideal = latently.class_means(model, pictures, labels=labels, variations=0).items
    told = judge.predict(flat(ideal))
    print(
        f"{parameters:,} parameters; {np.sum(told == classes)} of {len(classes)} mean codes decode to their own class"
    )
    save(args, "representatives", beside_the_mean_picture(pictures, labels, ideal))

    rows, shown, count = [], {}, 1000 if args.full else 200
    for strength in STRENGTHS:
        asked_for = {"of": WANTED, "variations": count, "strength": strength}
        new = latently.class_means(model, pictures, labels=labels, **asked_for).items[1:]
        share = np.mean(judge.predict(flat(new)) == WANTED)
        rows.append((f"disturbed by {strength:g}", f"{share:.1%}", apart(new)))
        shown[f"{strength:g}"] = new[:10]
    real = pictures[labels == WANTED]
    rows.append(("real members", "-", apart(real)))
    table((f"class {WANTED}", f"called {WANTED}", "mean distance of two"), rows)
    shown["real"] = real[:10]
    title = f"New members of class {WANTED}: its mean code, disturbed more and more, and real members"
    save(args, "variations", gallery(title, shown, note="left: strength; 1 is as much as the members' codes differ"))


def beside_the_mean_picture(pictures: np.ndarray, labels: np.ndarray, ideal: np.ndarray) -> object:
    """One column a class: a member, the mean of all its pictures, and its mean code decoded."""
    groups = [pictures[labels == c] for c in np.unique(labels)]
    shown = {
        "a member": [group[0] for group in groups],
        "mean of the\npictures": [group.mean(0).astype(np.uint8) for group in groups],
        "mean of the\ncodes, decoded": ideal,
    }
    return gallery("One column a class: a member, the mean of all its pictures, and its mean code, decoded", shown)


def apart(pictures: np.ndarray) -> float:
    """The mean distance of two of the pictures, grey values from 0 to 1."""
    return float(pairwise_distances(flat(pictures) / 255).sum() / (len(pictures) * (len(pictures) - 1)))


def flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1).astype(float)


if __name__ == "__main__":
    main()
