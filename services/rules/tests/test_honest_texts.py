"""Honest replies leave word for word: a false alarm is as bad as a miss."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from contracts.dialogue import ReplyProposed, Slot
from rules_service.facts import Facts
from rules_service.review import Reviewer

Propose = Callable[..., ReplyProposed]
NOW = datetime(2026, 11, 23, 10, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))

HONEST = [
    "Bom dia! Eu sou a Cecília, a assistente virtual do Kumon Vila A. 😊 Como posso ajudar?",
    "Oi, Ana! Que bom falar com você de novo. 😊",
    (
        "A mensalidade é de *R$ 375,00* por matéria, com o material incluído. A matrícula é de R$ 100,00, uma "
        "única vez por aluno."
    ),
    (
        "Para *2 matérias* (Matemática e Português), a mensalidade fica em R$ 750,00. Com a matrícula de R$ "
        "100,00, o primeiro mês sai por R$ 850,00."
    ),
    "Com 3 matérias, o primeiro mês fica em R$ 1.225,00 (R$ 1.125,00 de mensalidade + R$ 100,00 de matrícula).",
    "Pedro, 1 matéria: R$ 375,00 por mês + R$ 100,00 de matrícula = R$ 475,00 no primeiro mês",
    (
        "Júlia (Matemática e Inglês): R$ 750,00 por mês\nPedro (Matemática): R$ 375,00 por mês\n*Total: R$ "
        "1.125,00 por mês*, mais R$ 200,00 de matrículas. No primeiro mês, R$ 1.325,00."
    ),
    "São R$ 375,00 por mês por matéria, e o material já está incluído.",
    "O valor é o mesmo para todas as famílias: não há descontos, e eu não posso negociar.",
    (
        "Entendo, Ana. O valor é o mesmo para todos e não temos desconto; a visita e a avaliação diagnóstica "
        "são gratuitas."
    ),
    "Ficamos na *Rua Amoreira, 571, salas 6 e 7, Jardim das Laranjeiras*. 📍",
    "O endereço é Rua Amoreira, 571, salas 6 e 7, Jardim das Laranjeiras.",
    "As visitas são de segunda a sexta-feira, das 9h às 12h e das 14h às 17h.",
    (
        "Atendemos de segunda a sexta, das 9h às 12h e das 14h às 17h. No almoço, das 12h às 14h, a unidade "
        "fica fechada."
    ),
    (
        "No sábado a unidade está fechada. 😕 Tenho estes horários:\n1) terça-feira, 24/11, 14h30\n2) "
        "quarta-feira, 25/11, 9h00\n3) quinta-feira, 26/11, 16h30\nQual fica melhor para você?"
    ),
    (
        "Tenho estes horários livres:\n1) terça-feira, 24/11, 14h30\n2) quarta-feira, 25/11, 9h00\n3) "
        "quinta-feira, 26/11, 16h30\nQual prefere?"
    ),
    "Fica então *terça-feira, 24 de novembro, às 14h30* — confirma?",
    "Posso marcar na quarta-feira, 25 de novembro, às 9h? E qual é o seu e-mail?",
    "Ou terça, 24/11, às 14h30, ou quinta, 26/11, às 16h30: qual é melhor?",
    "Amanhã, terça-feira, 24/11, às 14h30, está ótimo!",
    "Amanhã às 14h30 ou quarta às 9h?",
    (
        "Visita marcada! ✅ *Terça-feira, 24 de novembro, às 14h30*, na Rua Amoreira, 571, salas 6 e 7, Jardim "
        "das Laranjeiras. Eu mando um lembrete 2 horas antes. Qualquer coisa, o contato é (51) 99692-1999."
    ),
    "1 confirmo\n2 quero remarcar",
    ("Peço desculpas, não consigo ajudar com isso agora. Por favor, fale direto com a unidade pelo *(51) 99692-1999*."),
    "Desculpe, Ana. Fale com a unidade: (51) 99692-1999. O e-mail é kumonvilaa@gmail.com.",
    "O contato da unidade é o *(51) 99692-1999*, e o e-mail é kumonvilaa@gmail.com.",
    "Anotei: o e-mail é ana@example.com. Certo?",
    "Anotei: Pedro, 8 anos, 3º ano do ensino fundamental, Matemática e Português.",
    "Prazer, Ana! E qual é o nome do aluno ou da aluna?",
    "Quantos anos o Pedro tem?",
    "Em que ano da escola ele está? (por exemplo: 2º ano, 1ª série do ensino médio)",
    "Qual é a idade da segunda criança?",
    "Que dia e horário são melhores para você? De manhã ou de tarde?",
    (
        "Só uma informação: uso estes dados apenas para o seu atendimento e a visita; se quiser apagar tudo, é "
        "só pedir. (LGPD)"
    ),
    "Recebi o seu áudio, mas não consegui ouvir. Pode me escrever, por favor?",
    "Recebi a sua ligação, mas por aqui não atendo chamadas. Pode escrever, ou ligar para (51) 99692-1999.",
    "De nada, Ana! Até terça. 👋",
    "Seja bem-vindo(a) ao Kumon Vila A!",
    "Não entendi bem. Pode me dizer de outro jeito?",
    "Eu só posso ajudar com assuntos do Kumon. 😊 Quer conhecer o método ou marcar uma visita?",
    "A visita dura 30 minutos, é gratuita e sem compromisso.",
    (
        "São duas idas por semana à unidade, cada uma de 30 a 60 minutos, e de 20 a 30 minutos de estudo por "
        "dia em casa."
    ),
    "O Kumon nasceu no Japão, em 1958.",
    "Recebemos alunos a partir de 2 anos, e não há idade máxima.",
    "No dia 25/12 a unidade não abre, por causa do Natal.",
    "Pronto, cancelei a sua visita. Se quiser marcar de novo, é só me chamar.",
    "Apaguei os seus dados. Se precisar, estou por aqui.",
    "Você já tem uma visita marcada para terça-feira, 24 de novembro, às 14h30. Quer mudar?",
    "Depois das 15h eu tenho:\n1) quinta-feira, 26/11, 16h30",
    "Nas próximas duas semanas não há horário livre nesse período.",
    "Na terça-feira, 1º de dezembro, não tenho horário livre.",
    "Combinado: Pedro e Júlia, uma visita para os dois. Pedro tem 8 anos e Júlia, 6 anos.",
    "A matrícula é paga uma única vez, R$ 100,00 por aluno; para 2 alunos, R$ 200,00.",
    "A unidade está fechada agora e abre hoje às 14h.",
    "A unidade abre amanhã, terça-feira, às 9h.",
    "A unidade volta a atender na quarta-feira, 25 de novembro, às 9h.",
    "O atendimento abre na terça-feira, 24/11, às 9h00.",
    "Na quarta-feira, 25/11, a unidade abre às 9h e às 14h.",
    "Hoje a unidade atende até as 17h.",
    "Atendemos de segunda a sexta, exceto feriados.",
    "Nos feriados a unidade não abre.",
    "Às 18h a unidade já está fechada.",
    "No sábado às 10h a unidade está fechada.",
    "Não abrimos aos sábados nem aos domingos.",
    "Não abrimos nos fins de semana.",
    "Você prefere vir de manhã, entre 9h e 12h, ou à tarde, entre 14h e 17h?",
    "A partir das 14h ou até as 12h?",
    "Que bom que você perguntou! No Kumon, o Pedro começa no nível em que está hoje e avança no próprio ritmo. 😊",
    "Sim, adultos também podem estudar, e muita gente estuda inglês.",
    "O estudo em casa leva de 20 a 30 minutos por dia, e as idas à unidade são duas por semana.",
    "Ela pode fazer as duas matérias juntas, Matemática e Português.",
    "Sobre estacionamento eu não tenho a informação; a unidade responde pelo (51) 99692-1999.",
    "O tablet é usado no Kumon Connect, com o mesmo método.",
    "Não é reforço escolar, e não dá para prometer nota, mas o método cria o hábito de estudar.",
    "Não existe prova de entrada: a avaliação diagnóstica só mostra o ponto de partida.",
    "Entendi, a Júlia está no 2º ano e tem dificuldade com a tabuada. O método parte do que ela já sabe.",
    "Posso marcar para os dois filhos no mesmo horário.",
    "Se quiser, já podemos marcar a visita. Qual dia é melhor para você?",
    "Claro! De segunda a sexta, de manhã ou à tarde.",
    "O método foi criado no Japão em 1958 por um professor.",
    "A segunda matéria custa o mesmo que a primeira: R$ 375,00 por mês.",
    "São R$ 750,00 por mês para duas matérias.",
    "A matrícula é só no início, R$ 100,00.",
    "Total do primeiro mês: R$ 475,00 (R$ 375,00 + R$ 100,00).",
    "Você pode vir na terça ou na quarta?",
    "Prefere segunda, terça ou quinta-feira?",
    "Certo, Ana, nos vemos na quarta às 9h!",
    "Depois das 15h só tenho quinta-feira, 26/11, às 16h30.",
    "De manhã tenho quarta, 25/11, às 9h.",
    "A unidade abre às 9h e fecha às 17h, com intervalo das 12h às 14h.",
    "Fechamos para o almoço das 12h às 14h.",
    "A última visita do dia começa às 16h30.",
    "O seu telefone é (51) 98765-0001, certo?",
    "A visita é para 1 adulto e 2 crianças.",
    "Vocês serão recebidos pela instrutora ou pelo instrutor.",
    "Uma visita por família é suficiente.",
    "Kumon Connect é feito no tablet; não é um aplicativo de vídeo.",
    "Em matemática, o conteúdo vai das primeiras contas até o cálculo.",
    "Cada aluno tem o seu ritmo, por isso não dá para dizer em quantos meses ele conclui.",
    "Pode deixar, já anotei: prefere depois das 15h.",
    "Que pena! Se mudar de ideia, é só me chamar.",
    "O Pedro vai gostar da visita! 😊",
    "Ele vai fazer a avaliação enquanto você conversa com a instrutora.",
    "A mensalidade é por matéria; então, com duas, o valor dobra.",
]


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026; days past 30 are December's."""
    return NOW.replace(day=1, hour=hour, minute=minute) + timedelta(days=day - 1)


def slot(day: int, hour: int, minute: int = 0) -> Slot:
    start = on(day, hour, minute)
    return Slot(start=start, end=start + timedelta(minutes=30))


NIGHT = NOW.replace(hour=21)
# What is true only at a moment, or of a visit: (text, when it is composed, the booked visit).
OF_THE_MOMENT = [
    ("Lembrete: a sua visita é hoje, às 14h30. Podemos esperar você?", on(24, 12, 30), slot(24, 14, 30)),
    ("Até amanhã, às 11h30!", NOW, slot(24, 11, 30)),
    ("Sua visita está marcada para *segunda-feira, 30 de novembro, às 9h*.", NOW, slot(30, 9)),
    ("Sua visita é na terça-feira, 1 de dezembro, às 16h30.", NOW, slot(31, 16, 30)),
    ("A unidade volta a abrir amanhã, às 9h.", NIGHT, None),
    ("A unidade abre de novo na terça-feira, 24 de novembro, às 9h.", NIGHT, None),
    ("A unidade abre de novo na segunda-feira, 30 de novembro, às 9h.", on(28, 10), None),
    ("A unidade volta a abrir hoje, às 14h.", NOW.replace(hour=12, minute=30), None),
    ("Nos próximos dias, a unidade não abre:\n• sexta-feira, 25/12 (Natal)", NOW + timedelta(days=25), None),
]


@pytest.mark.parametrize("template", [True, False])
@pytest.mark.parametrize("text", HONEST)
def test_an_honest_text_is_not_touched(reviewer: Reviewer, propose: Propose, text: str, template: bool) -> None:
    reviewed = reviewer.review(propose(text, template=template))
    assert (reviewed.bubbles, reviewed.replaced) == ((text,), ())


@pytest.mark.parametrize("text,at,booked", OF_THE_MOMENT)
def test_what_is_true_at_its_moment_is_not_touched(
    reviewer: Reviewer, propose: Propose, text: str, at: datetime, booked: Slot | None
) -> None:
    reviewed = reviewer.review(propose(text, at=at, booked_slot=booked, offered_slots=()))
    assert (reviewed.bubbles, reviewed.replaced) == ((text,), ())


@pytest.mark.parametrize("text,at,booked", [each for each in OF_THE_MOMENT if each[2]])
def test_a_visit_is_not_named_when_there_is_none(
    reviewer: Reviewer, propose: Propose, text: str, at: datetime, booked: Slot | None
) -> None:
    del booked
    assert reviewer.review(propose(text, at=at, booked_slot=None, offered_slots=())).replaced


def test_every_text_of_the_knowledge_may_be_said(reviewer: Reviewer, propose: Propose, facts: Facts) -> None:
    texts = [piece.text for piece in facts.knowledge]
    for template in (True, False):
        assert reviewer.review(propose(*texts, template=template)).bubbles == tuple(texts)


def test_a_slot_that_is_not_among_the_offered_ones_is_found_in_a_list(reviewer: Reviewer, propose: Propose) -> None:
    text = "1) terça-feira, 24/11, 14h30\n2) quarta-feira, 25/11, 9h00\n3) quinta-feira, 26/11, 16h30"
    offered = (slot(24, 14, 30), slot(25, 9), slot(26, 16, 30))
    assert reviewer.review(propose(text, offered_slots=offered)).bubbles == (text,)
    assert reviewer.review(propose(text, offered_slots=offered[:2])).replaced[0].claim == "date"


def test_the_last_resort_may_always_be_said(reviewer: Reviewer, propose: Propose) -> None:
    assert reviewer.review(propose(reviewer.last_resort, template=False, own_data=(), offered_slots=())).replaced == ()
