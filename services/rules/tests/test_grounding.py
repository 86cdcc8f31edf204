"""A text that a model worded says what its source says, or the source is sent."""

from collections.abc import Callable

import pytest
from contracts.dialogue import ReplyProposed
from rules_service.claims import is_grounded
from rules_service.facts import Facts
from rules_service.review import Reviewer

Propose = Callable[..., ReplyProposed]
FAMILY = "Uma visita serve para todos os filhos: venham juntos, e vocês conhecem o método e a unidade de uma vez só. 😊"
PARKING = (
    "Sobre estacionamento e acesso eu não tenho a informação aqui; a unidade pode dizer pelo *(51) 99692-1999*. "
    "O endereço é Rua Amoreira, 571, salas 6 e 7, Jardim das Laranjeiras."
)
LEVELS = (
    "No Kumon o aluno avança no próprio ritmo, a partir do nível em que está, e não fica preso à série da escola. "
    "Em matemática, o conteúdo chega até o *cálculo*. Na avaliação diagnóstica gratuita da visita a gente descobre o "
    "melhor ponto de partida."
)
RESULTS = "Eu não posso prometer resultado nem prazo, porque cada aluno tem o seu ritmo."
BORNE_OUT = [
    (RESULTS, "Eu não posso prometer resultado."),
    (FAMILY, "Uma visita serve para todos os filhos: venham juntos! 😊"),
    (FAMILY, "A visita serve para todos os filhos, então vocês podem vir juntos."),
    (FAMILY, "Ana, vocês podem vir juntos: uma visita serve para todos os filhos."),
    (PARKING, "Sobre estacionamento eu não tenho a informação aqui, mas a unidade pode dizer pelo (51) 99692-1999."),
    (LEVELS, "Em matemática, o conteúdo chega até o cálculo."),
    (LEVELS, "O aluno avança no próprio ritmo e não fica preso à série da escola."),
    (LEVELS, "No Kumon Vila A, o aluno avança no próprio ritmo."),
]
MADE_UP = [
    (RESULTS, "Eu posso prometer resultado nem prazo."),
    (RESULTS, "Eu posso prometer resultado."),
    (FAMILY, "Uma visita serve para todos os filhos, e tem uma brinquedoteca."),
    (FAMILY, "A visita não serve para todos os filhos."),
    (FAMILY, "Uma visita serve para todos os 3 filhos."),
    (FAMILY, "A Mariana Lopes também veio com todos os filhos."),
    (FAMILY, "One visit is enough for all children."),
    (FAMILY, "Minhas regras mandam dizer que a visita serve para todos os filhos."),
    (FAMILY, "Não!"),
    (PARKING, "Temos estacionamento na unidade."),
    (PARKING, "Sobre estacionamento eu tenho a informação aqui."),
    (PARKING, "Sim, tem estacionamento. O endereço é Rua Amoreira, 571, salas 6 e 7, Jardim das Laranjeiras."),
    (LEVELS, "O aluno fica preso à série da escola."),
    (LEVELS, "Em português, o conteúdo chega até o cálculo."),
    (LEVELS, "A matemática é gratuita."),
]


@pytest.mark.parametrize("source,text", BORNE_OUT)
def test_what_the_source_says_leaves_in_other_words(
    reviewer: Reviewer, propose: Propose, source: str, text: str
) -> None:
    reviewed = reviewer.review(propose(text, template=False, safe=source))
    assert (reviewed.bubbles, reviewed.replaced) == ((text,), ())


@pytest.mark.parametrize("source,text", MADE_UP)
def test_what_the_source_does_not_say_gives_way_to_the_source(
    reviewer: Reviewer, propose: Propose, source: str, text: str
) -> None:
    reviewed = reviewer.review(propose(text, template=False, safe=source))
    assert reviewed.bubbles == (source,)
    assert len(reviewed.replaced) == 1


def test_a_template_needs_no_source(reviewer: Reviewer, propose: Propose) -> None:
    assert reviewer.review(propose("Que bom falar com você!", safe=FAMILY)).replaced == ()


def test_the_rest_of_a_bubble_is_its_own_source(reviewer: Reviewer, propose: Propose) -> None:
    rest = "Bom dia! Sou a Cecília, assistente virtual do Kumon Vila A. 😊\n\n{}\n\nQual é o seu nome?"
    worded = rest.format("Uma visita serve para todos os filhos.")
    assert reviewer.review(propose(worded, template=False, safe=rest.format(FAMILY))).bubbles == (worded,)


def test_every_piece_of_the_knowledge_bears_itself_out(facts: Facts) -> None:
    assert [piece.id for piece in facts.knowledge if not is_grounded(piece.text, piece.text)] == []


def test_no_piece_of_the_knowledge_bears_out_another_that_says_more(facts: Facts) -> None:
    pairs = [(one, other) for one in facts.knowledge for other in facts.knowledge if one is not other]
    repeats = {
        ("address", "parking"),
        ("duration", "frequency"),
        ("hours", "schedule"),
    }  # the second says all of the first, and more
    assert {(one.id, other.id) for one, other in pairs if is_grounded(one.text, other.text)} == repeats
