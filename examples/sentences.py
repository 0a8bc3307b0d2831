"""A code for each sentence: what comes back of it, its neighbours, and the way from one sentence to another.

A writer can tell a sentence word by word without any code, and a VAE of texts tends to do just that. So its code has
some nats for nothing (`free_nats`), what it costs beyond them rises slowly, and the table says how much codes tell.
"""

import random

from _common import asked, save, table

import latently

SUBJECTS = ("the cat", "a dog", "my sister", "the old king", "one of us", "a bird")
VERBS = ("sat", "slept", "sang", "waited", "fell down")
PLACES = ("in the garden", "on the road", "by the sea", "under a tree", "at home", "in the long night")
MADE_UP = "made-up sentences of three parts"


def made_up(n: int) -> list[str]:
    """Sentences such as "the cat sat by the sea"."""
    drawn = random.Random(0)
    return [" ".join(drawn.choice(part) for part in (SUBJECTS, VERBS, PLACES)) for _ in range(n)]


def main() -> None:
    args = asked("Give sentences codes.", data=f"a .txt with a text a line; by default {MADE_UP}")
    source = latently.open(args.data, clean="latin", length=20) if args.data else latently.open(made_up(1200))
    network, epochs = ("embed128 drop0.4 lstm256 drop0.4", 15) if args.full else ("embed16 gru48", 30)
    train, test = source[: -len(source) // 10], source[-len(source) // 10 :]
    model = latently.TextVAE(
        latent=32 if args.full else 8, encoder=network, free_nats=8 if args.full else 6, epochs=epochs, lr=0.005
    ).fit(train)
    found = latently.evaluate(model, test)
    told = {
        "KL, nats": found["kl"],
        "mutual information, nats": found["mutual_information"],
        "numbers in use": found["active_units"],
        "words that come back": found["restored_words"],
        "and of another sentence": found["restored_words_guess"],
    }
    table((f"{len(test):,} sentences it has not seen", "value"), told.items())

    a, b = test.data[0], test.data[1]
    print(f"\nback through the code:\n{a} -> {model.reconstruct([a])[0]}\n{b} -> {model.reconstruct([b])[0]}")
    print("\nfrom one to the other:")
    print("\n".join(latently.interpolate(model, a, b, 7).items))
    print(f"\nlike {a!r}:")
    print(latently.neighbors(model, train, a, k=5))
    print("\nnew ones:")
    print("\n".join(model.sample(5, seed=0)))
    save(args, "health", latently.figures.health(latently.health(model, test)))


if __name__ == "__main__":
    main()
