"""A writer of prose: it learns plays word by word, and writes on behind "i love".

Texts are cleaned by the rule for Latin letters: small letters, .,!?;:' set apart as words of their own, lines that end
in a colon (who speaks) left out. How bold the writer is is chosen when it writes, not when it learns.
"""

from _common import PLAYS, asked, save, table, texts

import latently

PROMPT = "i love"
WAYS = {
    "always the likeliest word": {"temperature": 0},
    "as likely as it thinks": {"temperature": 1.0},
    "bolder, of the 40 likeliest": {"temperature": 1.2, "top_k": 40},
    "of the likeliest nine tenths": {"top_p": 0.9},
    "the likeliest text of 8 beams": {"beams": 8},
}


def main() -> None:
    args = asked("Learn to write plays.", data="a .txt with a text a line; by default plays")
    source = latently.open(texts(args, PLAYS), clean="latin", length=20)
    source = source if args.full else source[:4000]
    network, epochs = ("embed256 lstm512", 5) if args.full else ("embed32 lstm64", 3)
    model = latently.LanguageModel(network=network, epochs=epochs, lr=0.001 if args.full else 0.005).fit(source)
    found = latently.evaluate(model, source[-1000:])
    print(f"{source.summary}; {network}: perplexity {found['perplexity']:.0f} of the last 1,000, partly learned from")

    rows = []
    for name, how in WAYS.items():
        seed = {} if "beams" in how or how.get("temperature") == 0 else {"seed": 0}
        rows.append((name, model.write(PROMPT, max_words=14, **how, **seed)))
    print(f"\n{PROMPT!r} and on:")
    for name, text in rows:
        print(f"{name:<31}{text}")
    table((f"after {PROMPT!r} comes", "probability"), model.next_words(PROMPT, 6))
    save(args, "loss", latently.figures.curves(model.history_))


if __name__ == "__main__":
    main()
