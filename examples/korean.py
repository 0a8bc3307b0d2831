"""A writer of Korean: film reviews, learned and written syllable by syllable, and the syllables as vectors.

Korean glues endings to its words, so that most words are rare and the syllables are not: a character is the token here.
`unit="bpe"` would learn pieces in between (it needs the package tokenizers).
"""

from _common import asked, save, table, texts

import latently

REVIEWS = (
    """정말 재미있는 영화였다. 다시 보고 싶다.
배우들의 연기가 아주 좋았다. 음악도 좋았다.
이야기가 너무 길고 지루했다. 시간이 아깝다.
마지막 장면에서 많이 울었다. 감동적인 영화다.
기대를 많이 했는데 조금 아쉬웠다.
가족과 함께 보기 좋은 따뜻한 영화.""".splitlines()
    * 20
)  # where no corpus is there
PROMPTS = ("", "이 영화", "정말 ", "배우")
SHOWN = ("다", "영", "좋", "은", "ㅋ", "!")


def main() -> None:
    args = asked("Learn to write Korean.", data="a .txt with a text a line; by default film reviews")
    source = latently.open(texts(args, "korean.txt") or REVIEWS, unit="character", length=60)
    source = source if args.full else source[:1500]
    network, epochs = ("embed128 lstm512", 6) if args.full else ("embed32 lstm96", 4)
    model = latently.LanguageModel(network=network, epochs=epochs, lr=0.001 if args.full else 0.01).fit(source)
    found = latently.evaluate(model, source[-500:])
    bits = found["bits_per_character"]
    print(f"{source.summary}; {network}: {bits:.2f} bits a character of the last, partly learned from")

    print("\nwritten:")
    for seed, prompt in enumerate(PROMPTS):
        print(f"{prompt!r:<10}{model.write(prompt, max_words=40, temperature=0.7, seed=seed)}")
    vectors = latently.WordVectors.of(model)
    some = [sign for sign in SHOWN if sign in vectors]
    table(("syllable", "most like it"), [(sign, " ".join(one for one, _ in vectors.nearest(sign, 6))) for sign in some])
    save(args, "loss", latently.figures.curves(model.history_))


if __name__ == "__main__":
    main()
