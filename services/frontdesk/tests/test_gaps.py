"""What nobody could answer is answered once."""

from datetime import timedelta
from typing import Any

import pytest
from contracts.dialogue import KnowledgeGapFound
from contracts.frontdesk import KnowledgeAnswered, Taught
from frontdesk_service.gaps import gist

pytestmark = pytest.mark.stores


async def gaps(frontdesk: Any, **filters: str) -> list[dict[str, Any]]:
    async with frontdesk.client() as client:
        return list((await client.get("/api/v1/gaps", params=filters)).raise_for_status().json()["items"])


async def teach(frontdesk: Any, gap: str, **body: str) -> dict[str, Any]:
    async with frontdesk.client() as client:
        answer = await client.post(f"/api/v1/gaps/{gap}/answer", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def taught(frontdesk: Any, clock: Any) -> list[str]:
    return [each.answer for each in (await frontdesk.probe.ask(Taught(now=clock()))).answers]


@pytest.mark.parametrize(
    "one,other",
    [
        ("Tem piscina?", "oi, vocês têm piscina aí?"),
        ("aceita cartão de crédito?", "Aceitam cartão de crédito"),
        ("TEM ESTACIONAMENTO", "vcs tem estacionamento pra carro grande?"[:22]),
    ],
)
def test_questions_in_other_words_about_the_same_are_one(one: str, other: str) -> None:
    assert gist(one) == gist(other)


def test_questions_about_different_things_are_two() -> None:
    assert gist("tem piscina?") != gist("tem estacionamento?")
    assert gist("e aí?") != gist("como assim?")


async def test_gaps_are_grouped_and_the_most_asked_comes_first(frontdesk: Any, family: Any) -> None:
    ana, bia = family(), family(phone="+5551987650002")
    for who, question in [(ana, "tem lanche?"), (ana, "tem piscina?"), (bia, "oi, vocês têm piscina?")]:
        await frontdesk.deliver(who.fact(KnowledgeGapFound(question=question)))
    pool, snack = await gaps(frontdesk)
    assert (pool["question"], pool["times"], pool["people"], pool["status"]) == ("tem piscina?", 2, 2, "open")
    assert snack["question"] == "tem lanche?"


async def test_an_answer_is_said_with_owner_and_date_and_kept_for_who_asks_later(
    frontdesk: Any, ana: Any, clock: Any
) -> None:
    await frontdesk.deliver(ana.fact(KnowledgeGapFound(question="tem piscina?")))
    (gap,) = await gaps(frontdesk)
    answer = await teach(frontdesk, gap["id"], answer="Não temos piscina.")
    assert (answer["by"], answer["question"], answer["expires_at"]) == ("maria", "tem piscina?", None)
    (said,) = frontdesk.probe.of(KnowledgeAnswered)
    assert (said.answer.answer, said.answer.by, said.answer.answered_at) == ("Não temos piscina.", "maria", clock())
    assert await taught(frontdesk, clock) == ["Não temos piscina."]
    assert [each["answer"]["answer"] for each in await gaps(frontdesk, status="answered")] == ["Não temos piscina."]
    assert await gaps(frontdesk, status="open") == []


async def test_a_changed_answer_replaces_the_former(frontdesk: Any, ana: Any, clock: Any) -> None:
    await frontdesk.deliver(ana.fact(KnowledgeGapFound(question="tem piscina?")))
    (gap,) = await gaps(frontdesk)
    await teach(frontdesk, gap["id"], answer="Não temos piscina.")
    clock.on(minutes=1)
    await teach(frontdesk, gap["id"], answer="Agora temos!", question="Tem onde nadar?")
    assert await taught(frontdesk, clock) == ["Agora temos!"]
    assert len(await gaps(frontdesk)) == 1


async def test_an_answer_ends_with_its_last_day_and_the_gap_is_open_again(frontdesk: Any, ana: Any, clock: Any) -> None:
    await frontdesk.deliver(ana.fact(KnowledgeGapFound(question="vão abrir no dia 24?")))
    (gap,) = await gaps(frontdesk)
    await teach(frontdesk, gap["id"], answer="Dia 24 não abrimos.", expires_on="2026-11-24")
    clock.at = clock.at.replace(day=24, hour=23, minute=59)
    assert await taught(frontdesk, clock) == ["Dia 24 não abrimos."]
    clock.at += timedelta(minutes=2)
    assert await taught(frontdesk, clock) == []
    assert len(await gaps(frontdesk, status="open")) == 1


async def test_an_answer_that_was_taken_back_is_taught_no_more(frontdesk: Any, ana: Any, clock: Any) -> None:
    await frontdesk.deliver(ana.fact(KnowledgeGapFound(question="tem piscina?")))
    (gap,) = await gaps(frontdesk)
    answer = await teach(frontdesk, gap["id"], answer="Não temos piscina.")
    clock.on(minutes=1)
    async with frontdesk.client() as client:
        assert (await client.delete(f"/api/v1/answers/{answer['id']}")).status_code == 204
        assert (await client.delete(f"/api/v1/answers/{answer['id']}")).status_code == 404
        assert (await client.get("/api/v1/answers")).json() == {"items": []}
    assert frontdesk.probe.of(KnowledgeAnswered)[-1].answer.expires_at == clock()
