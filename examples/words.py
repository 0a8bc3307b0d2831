"""Words to vectors: an embedding as a table that tokens look up, and what it learns when a model tells word by word.

Two texts of five tokens each become (2, 5, 32): for each token a vector of 32 numbers, a row of a table of 1,000.
Before training they mean nothing. A language model that tells each word from those before it moves words that are
used alike together; words that are not among the 1,000 are one token, `<unk>`.
"""

import numpy as np
import torch
from _common import PLAYS, asked, save, table, texts

import latently

VOCABULARY, SIZE = 1000, 32
SHOWN = ("king", "thou", "father", "love", "night", "my", "come")


def main() -> None:
    args = asked("Give words vectors and see which are alike.", data="a .txt with a text a line; by default plays")
    shapes()
    source = latently.open(texts(args, PLAYS), clean="latin", vocabulary=VOCABULARY, length=20)
    source = source if args.full else source[:4000]
    print(f"\n{source.summary}, cut into words; {VOCABULARY:,} tokens told apart at most, all other words are <unk>")
    model = latently.LanguageModel(
        network=f"embed{SIZE} lstm128", epochs=8 if args.full else 3, lr=0.001 if args.full else 0.005
    ).fit(source)
    event = latently.kept(model.history_)
    before, after = model.untrained_["loss"], event["validation"]["loss"]
    print(f"held-out loss: {before:.1f} nats a text before training, {after:.1f} after")

    vectors = latently.WordVectors.of(model)
    rows = []
    for word in [word for word in SHOWN if word in vectors] or vectors.words[:5]:
        near = vectors.nearest(word, 5)
        rows.append((word, ", ".join(one for one, _ in near), near[0][1]))
    table(("word", "most like it", "likeness of the first"), rows)
    args.out.mkdir(parents=True, exist_ok=True)
    print(f"-> {vectors.save(args.out / 'vectors.txt')}")
    save(args, "words", vectors.map(300, how="tsne" if args.full else "pca"))


def shapes() -> None:
    """What an embedding does to shapes, before it has learned anything."""
    tokens = torch.tensor([[4, 8, 15, 16, 23], [42, 3, 999, 0, 0]])  # 3 is <unk>, 0 the padding behind a shorter text
    (embedding,) = latently.nets.build(latently.nets.parse(f"embed{SIZE}:v{VOCABULARY}"), (5,), "network")
    found = embedding(tokens)
    count = sum(weights.numel() for weights in embedding.parameters())
    print(f"embed{SIZE}:v{VOCABULARY} has {count:,} weights and makes {tuple(tokens.shape)} -> {tuple(found.shape)}")
    same = np.array_equal(found[0, 0].detach(), embedding(torch.tensor([[4]]))[0, 0].detach())
    print(f"a token has the same vector wherever it stands: {same}")


if __name__ == "__main__":
    main()
