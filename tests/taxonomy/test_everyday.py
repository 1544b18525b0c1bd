"""The word list that names scenes and gives searches their baseline."""

from ansa.taxonomy.everyday import everyday_prompts, everyday_words


def test_words_are_plain_and_distinct() -> None:
    words = everyday_words()
    assert len(words) >= 300
    assert len(set(words)) == len(words)
    assert all(word == word.strip() and not word.startswith(("a ", "an ", "#")) for word in words)


def test_every_word_has_its_prompt_with_the_right_article() -> None:
    prompts = dict(zip(everyday_words(), everyday_prompts(), strict=True))
    assert prompts["dog"] == "a photo of a dog"
    assert prompts["owl"] == "a photo of an owl"
    assert prompts["snow"] == "a photo of snow"
    assert prompts["sea"] == "a photo of the sea"
