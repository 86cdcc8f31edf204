"""The knowledge answers what it knows, in other words than its examples, and knows what it does not."""

import asyncio
import threading
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chassis.breaker import Breakers
from chassis.encoder import SentenceEncoder
from pydantic import SecretStr
from rules_service.asked import asked
from rules_service.facts import Facts
from rules_service.index import Example, MatrixIndex, QdrantIndex, Scores, qdrant_index
from rules_service.search import KnowledgeSearch

QUESTIONS = tomllib.loads((Path(__file__).parent / "questions.toml").read_text(encoding="utf-8"))
HELD_BACK = QUESTIONS["held_back"]
ON_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")
"""For the tests that ask one search, which reads the knowledge in once, in a task."""


class AwayIndex:
    """A Qdrant server that cannot be reached, until it can."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_away = True
        self._inner = MatrixIndex()

    def prepare(self, examples: Sequence[Example], vectors: Any) -> None:
        self.asked += 1
        if self.is_away:
            raise ConnectionError("nobody answers")
        self._inner.prepare(examples, vectors)

    def nearest(self, vector: Any) -> Scores:
        if self.is_away:
            raise ConnectionError("nobody answers")
        return self._inner.nearest(vector)


class BrokenEncoder:
    def encode(self, _: Sequence[str]) -> Any:
        raise MemoryError

    def forget(self) -> None: ...


class SlowEncoder:
    """Takes as long as the test wants."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self.may_go_on = threading.Event()
        self._encoder = encoder

    def encode(self, sentences: Sequence[str]) -> Any:
        self.may_go_on.wait(timeout=10)
        return self._encoder.encode(sentences)

    def forget(self) -> None: ...


class ForgettingEncoder:
    """Counts how often its memory is given back."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self.times = 0
        self._encoder = encoder

    def encode(self, sentences: Sequence[str]) -> Any:
        return self._encoder.encode(sentences)

    def forget(self) -> None:
        self.times += 1


@pytest.fixture(scope="module")
def search(facts: Facts, encoder: SentenceEncoder) -> KnowledgeSearch:
    return KnowledgeSearch(facts.knowledge, encoder, qdrant_index(None), Breakers())


def known(part: dict[str, Any]) -> list[tuple[str, str]]:
    return [(piece, question) for piece, questions in part["known"].items() for question in questions]


@ON_ONE_LOOP
async def test_questions_in_other_words_find_their_piece(search: KnowledgeSearch, facts: Facts) -> None:
    examples = {asked(text) for piece in facts.knowledge for text in piece.questions}
    questions = known(HELD_BACK)
    assert len(questions) >= 60
    assert [question for _, question in questions if asked(question) in examples] == []
    found = [(await search.find(question))[0].id for _, question in questions]
    # Two of them are answered as well by a piece beside their own.
    also = {("frequency", "duration"), ("own-level", "assessment")}
    wrong = [
        each for each, best in zip(questions, found, strict=True) if best != each[0] and (each[0], best) not in also
    ]
    assert len(wrong) <= 0.06 * len(questions), wrong
    sure = [search.is_confident(question, await search.find(question)) for _, question in questions]
    assert sum(sure) >= 0.85 * len(questions)


@ON_ONE_LOOP
async def test_questions_beyond_the_knowledge_are_not_answered_with_confidence(search: KnowledgeSearch) -> None:
    questions = HELD_BACK["beyond"]["questions"]
    assert len(questions) >= 20
    confident = [question for question in questions if search.is_confident(question, await search.find(question))]
    assert len(confident) <= 1, confident


@ON_ONE_LOOP
@pytest.mark.parametrize("question", ["tem piscina?", "vocês vendem uniforme?", "aceitam cachorro?"])
async def test_what_resembles_a_known_question_is_not_taken_for_it(search: KnowledgeSearch, question: str) -> None:
    assert not search.is_confident(question, await search.find(question))


@ON_ONE_LOOP
@pytest.mark.parametrize(
    "question",
    [
        "tem estacionamento?",
        "TEM ESTACIONAMENTO",
        "voces tem estacionamento",
        "vcs tem estacionamento?",
        "Oi, bom dia! Tudo bem? Gostaria de saber se tem estacionamento, por favor",
        "tem estacionamento aí 🚗?",
    ],
)
async def test_case_accents_short_forms_and_courtesy_do_not_matter(search: KnowledgeSearch, question: str) -> None:
    passages = await search.find(question)
    assert passages[0].id == "parking"
    assert search.is_confident(question, passages)


@ON_ONE_LOOP
async def test_passages_come_best_first_with_scores_between_0_and_1(search: KnowledgeSearch) -> None:
    passages = await search.find("qual a duração de cada aula?")
    assert (passages[0].id, passages[0].score) == ("duration", 1.0)
    assert len(passages) == len({passage.id for passage in passages}) == 5
    assert all(0 <= passage.score <= 1 for passage in passages)


async def prepared(search: KnowledgeSearch) -> None:
    """Wait until the index has been prepared, or has failed to be."""
    async with asyncio.timeout(60):
        await search.find("aceita pix?")
        assert search._preparing
        await search._preparing


async def test_the_embedded_qdrant_and_the_matrix_agree(facts: Facts, encoder: SentenceEncoder) -> None:
    searches = [
        KnowledgeSearch(facts.knowledge, encoder, index, Breakers()) for index in (QdrantIndex(), MatrixIndex())
    ]
    for search in searches:
        await prepared(search)
        assert search._is_prepared
    for _, question in known(HELD_BACK)[::6]:
        one, two = [await search.find(question) for search in searches]
        assert [each.id for each in one[:3]] == [each.id for each in two[:3]]
        assert [each.score for each in one[:3]] == pytest.approx([each.score for each in two[:3]], abs=1e-3)


async def test_an_index_that_is_away_is_replaced_and_taken_again_when_it_is_back(
    facts: Facts, encoder: SentenceEncoder
) -> None:
    index, breakers = AwayIndex(), Breakers(threshold=2, ttl_s=0.05)
    search = KnowledgeSearch(facts.knowledge, encoder, index, breakers)
    for _ in range(2):
        await prepared(search)
    assert (index.asked, await breakers.states()) == (2, [{"dependency": "qdrant", "state": "open"}])
    assert (await search.find("tem estacionamento?"))[0].id == "parking"
    index.is_away = False
    async with asyncio.timeout(10):
        while not search._is_prepared:
            await prepared(search)
    assert (await search.find("tem estacionamento?"))[0].id == "parking"
    assert await breakers.states() == [{"dependency": "qdrant", "state": "closed"}]


async def test_an_index_that_goes_away_later_is_replaced(facts: Facts, encoder: SentenceEncoder) -> None:
    index = AwayIndex()
    index.is_away = False
    search = KnowledgeSearch(facts.knowledge, encoder, index, Breakers())
    await prepared(search)
    index.is_away = True
    assert (await search.find("tem estacionamento?"))[0].id == "parking"
    assert not search._is_prepared


async def test_an_address_where_no_qdrant_is_does_not_matter(facts: Facts, encoder: SentenceEncoder) -> None:
    search = KnowledgeSearch(facts.knowledge, encoder, qdrant_index(SecretStr("http://127.0.0.1:9")), Breakers())
    await prepared(search)
    assert not search._is_prepared
    assert (await search.find("aceita pix?"))[0].id == "payment"


async def test_a_search_that_cannot_work_finds_nothing(facts: Facts) -> None:
    search = KnowledgeSearch(facts.knowledge, BrokenEncoder(), MatrixIndex(), Breakers())
    assert await search.find("aceita pix?") == ()
    assert not search.is_confident("aceita pix?", ())


async def test_who_asks_while_the_knowledge_is_read_waits_a_little_and_the_next_one_is_answered(
    facts: Facts, encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rules_service.search.PATIENCE_S", 0.05)
    slow = SlowEncoder(encoder)
    search = KnowledgeSearch(facts.knowledge, slow, MatrixIndex(), Breakers())
    assert await search.find("aceita pix?") == ()
    monkeypatch.setattr("rules_service.search.PATIENCE_S", 60.0)
    slow.may_go_on.set()
    async with asyncio.timeout(60):
        while not (passages := await search.find("aceita pix?")):
            await asyncio.sleep(0)
    assert passages[0].id == "payment"


async def test_the_encoder_is_forgotten_after_a_while_and_loaded_again(
    facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rules_service.search.FORGET_AFTER_S", 0.0)
    encoder = SentenceEncoder()
    search = KnowledgeSearch(facts.knowledge, encoder, MatrixIndex(), Breakers())
    for _ in range(2):
        assert (await search.find("aceita pix?"))[0].id == "payment"
        async with asyncio.timeout(5):
            while encoder._model is not None:
                await asyncio.sleep(0)


async def test_of_many_questions_at_once_only_the_last_has_the_encoder_forgotten(
    facts: Facts, encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rules_service.search.FORGET_AFTER_S", 1.0)
    forgetting = ForgettingEncoder(encoder)
    search = KnowledgeSearch(facts.knowledge, forgetting, MatrixIndex(), Breakers())
    await asyncio.gather(*(search.find(question) for question in ["aceita pix?", "tem estacionamento?"] * 10))
    async with asyncio.timeout(30):
        while not forgetting.times:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    assert forgetting.times == 1


def test_a_servers_key_is_the_password_of_its_url() -> None:
    index = qdrant_index(SecretStr("https://:chave@qdrant.example:6333/x"))
    assert (index._url, index._api_key) == ("https://qdrant.example:6333/x", "chave")
    assert qdrant_index(None)._url is None


def test_vectors_are_of_length_one(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode(["quanto custa?", "onde fica?"])
    assert vectors.shape == (2, 512)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-3)


@pytest.mark.parametrize(
    "text,wording",
    [
        ("Oi, boa tarde! vcs tem piscina?", "vocês tem piscina?"),
        ("queria saber se aceitam pix", "aceitam pix"),
        ("oi", "oi"),
        ("Qto custa?", "quanto custa?"),
        ("me diz uma coisa, tem vaga", "tem vaga"),
    ],
)
def test_a_question_is_brought_to_its_point(text: str, wording: str) -> None:
    assert asked(text) == wording
