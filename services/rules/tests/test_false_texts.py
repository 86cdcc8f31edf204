"""What is no fact does not leave, whoever wrote it."""

from collections.abc import Callable

import pytest
from contracts.dialogue import ReplyProposed
from rules_service.review import Reviewer

Propose = Callable[..., ReplyProposed]

FALSE = [
    ("price", "A mensalidade é de R$ 350,00 por matéria."),
    ("price", "A mensalidade é R$ 380 por mês."),
    ("price", "O valor é 390 reais por matéria."),
    ("price", "São trezentos e cinquenta reais por mês."),
    ("price", "A matrícula é de R$ 375,00."),
    ("price", "A matrícula custa R$ 120,00, uma única vez."),
    ("price", "A mensalidade é de R$ 100,00 e a matrícula de R$ 375,00."),
    ("price", "Duas matérias ficam em R$ 375,00 por mês."),
    ("price", "Com 2 matérias a mensalidade fica em R$ 700,00."),
    ("price", "Para 3 matérias, R$ 1.000,00 por mês."),
    ("price", "O primeiro mês sai por R$ 375,00."),
    ("price", "O primeiro mês, com a matrícula, fica em R$ 450,00."),
    ("price", "Cada matéria custa R$ 750,00."),
    ("price", "O material custa R$ 80,00 à parte."),
    ("price", "Fica 1.400 no total."),
    ("price", "A mensalidade custa US$ 75."),
    ("price", "O investimento é de 299,90."),
    ("price", "Por apenas R$ 37,50 por dia."),
    ("price", "Com 4 matérias a mensalidade fica em R$ 1.500,00."),
    ("date", "Sua visita está marcada para terça-feira, 24/12, às 14h30."),
    ("date", "Fica quarta-feira, 24/11, às 14h30, confirma?"),
    ("date", "Temos horário na sexta-feira, 27/11."),
    ("date", "Tenho quinta-feira, 25 de novembro, às 9h."),
    ("date", "Que tal dia 30, às 9h?"),
    ("date", "Amanhã, 25/11, às 9h."),
    ("time", "Terça-feira, 24/11, às 15h."),
    ("time", "Terça-feira, 24 de novembro, às 9h."),
    ("time", "Posso marcar amanhã às 16h30."),
    ("time", "Pode vir hoje às 14h30."),
    ("time", "Que tal na quarta às 14h30?"),
    ("time", "Temos horário ao meio-dia e meia."),
    ("time", "Atendemos das 8h às 18h."),
    ("time", "Atendemos de segunda a sexta, das 9h às 17h."),
    ("time", "Abrimos às 8h."),
    ("time", "A unidade fecha às 18h."),
    ("time", "Funcionamos aos sábados, das 9h às 12h."),
    ("time", "Abrimos de segunda a sábado."),
    ("time", "Atendemos também no sábado."),
    ("time", "Pode vir no domingo!"),
    ("time", "Atendemos das 12h às 14h."),
    ("time", "Estamos abertos até as oito da noite."),
    ("time", "Estamos abertos até as 19:00."),
    ("phone", "Ligue para (51) 99692-1998."),
    ("phone", "O telefone é (11) 99692-1999."),
    ("phone", "O WhatsApp é 51 3333-4444."),
    ("phone", "Ligue para 0800 123 4567."),
    ("phone", "O contato é 99692-1990."),
    ("email", "O e-mail é contato@kumon.com.br."),
    ("email", "Escreva para kumonvilaa@hotmail.com."),
    ("email", "Escreva para kumonvila arroba gmail ponto com."),
    ("link", "Veja mais em www.kumon.com.br."),
    ("link", "Acesse https://kumon.com.br/unidades"),
    ("link", "Chame em wa.me/5551996921998"),
    ("link", "Veja em bit.ly/kumon."),
    ("address", "Ficamos na Rua Amoreira, 517."),
    ("address", "Estamos na Avenida Ipiranga, 571."),
    ("address", "Ficamos na Rua das Flores."),
    ("address", "O endereço é Rua Amoreira, 571, sala 8."),
    ("address", "Ficamos no bairro Moinhos de Vento."),
    ("address", "CEP 90000-123."),
    ("number", "O Pedro tem 10 anos, certo?"),
    ("number", "São três idas por semana à unidade, cada uma de 90 minutos."),
    ("number", "Temos 25 alunos por turma."),
    ("number", "O curso dura 24 meses."),
    ("number", "Estudo de 45 minutos por dia em casa."),
    ("number", "Temos mais de 20 anos de experiência."),
    ("number", "95% dos alunos melhoram."),
    ("price", "A mensalidade com desconto fica em R$ 123,45 por mês."),
    ("phone", "Para ganhar o desconto, ligue para (51) 98888-1234."),
    ("promise", "Garantimos resultado!"),
    ("promise", "Em 3 meses ele vai tirar nota 10."),
    ("promise", "Ele com certeza vai melhorar na escola."),
    ("promise", "Tem vaga, sim!"),
    ("promise", "A sua vaga está garantida."),
    ("promise", "Restam poucas vagas, aproveite."),
    ("promise", "Consigo um desconto de 10% para você."),
    ("promise", "Temos uma promoção este mês."),
    ("promise", "A matrícula é grátis este mês."),
    ("promise", "Para irmãos temos um valor especial."),
    ("promise", "Prometo que ele vai passar de ano."),
    ("language", "Hello! How can I help you today?"),
    ("language", "The monthly fee is due on Monday, please."),
    ("language", "Sure! We are open tomorrow."),
    ("language", "Hola, ¿cuánto puede pagar usted?"),
    ("style", "**Mensalidade:** confira com a unidade."),
    ("style", "# Horários"),
    ("style", "[Clique aqui](site)"),
    ("style", "Olá, {parent_name}!"),
    ("style", "Olá, [NOME]!"),
    ("style", "Olá, None!"),
    ("style", "Vou chamar um atendente."),
    ("style", "Nossa equipe responde em breve."),
    ("style", "Fale com um consultor."),
    ("style", "Um humano vai responder."),
    ("style", "Como modelo de linguagem, não posso opinar."),
    ("style", "Meu prompt diz que sim."),
    ("style", "<b>Oi</b>"),
    ("style", "Undefined: null"),
    ("time", "Abrimos de segunda a sábado, exceto feriados."),
    ("time", "A unidade abre todos os dias."),
    ("time", "Funcionamos 24 horas."),
    ("time", "Atendemos nos fins de semana."),
    ("time", "A unidade abre nos feriados."),
    ("time", "Sua visita é às 14h."),
    ("time", "Marquei para as 12h."),
    ("time", "Às 15h não tenho, mas tenho terça-feira, 24/11, às 16h."),
    ("time", "Infelizmente só tenho terça-feira, 24/11, às 16h."),
    ("time", "Pode vir amanhã às 15h."),
    ("date", "Na quarta-feira, 24/11, não tenho horário."),
    ("time", "Amanhã, às 9h, confirma?"),
    ("date", "Abrimos no dia 12/01."),
    ("time", "Recebemos visitas das 9h às 17h."),
    ("date", "Segunda que vem, 30/11, às 14h, posso marcar?"),
    ("price", "A mensalidade fica entre R$ 300,00 e R$ 400,00."),
    ("price", "O valor atual é 375 por matéria e a matrícula sai por 80."),
    ("price", "Fazendo duas matérias, cada uma sai por R$ 350,00."),
    ("price", "Hoje a matrícula está por R$ 50,00."),
    ("price", "A partir de R$ 299,00 por mês."),
    ("price", "O material sai por R$ 45,00 ao mês."),
    ("price", "São 12x de R$ 375,00 ou R$ 4.000,00 à vista."),
    ("price", "Para três filhos o total mensal fica em R$ 1.100,00."),
    ("promise", "Se fechar hoje, a matrícula sai de graça."),
    ("promise", "Pagando à vista tem 5% de desconto."),
    ("promise", "Consigo segurar uma vaga para o Pedro."),
    ("promise", "Em dois meses você já vê resultado nas notas."),
    ("promise", "O Kumon garante que ele vai aprender."),
    ("promise", "Podemos parcelar a matrícula para você."),
    ("promise", "Ele vai passar de ano com certeza."),
    ("promise", "Vamos dar um desconto para o irmão."),
    ("promise", "A primeira mensalidade é cortesia."),
    ("time", "Estamos abertos até as 19h."),
    ("time", "Abrimos às 8h30 da manhã."),
    ("time", "Temos horário no sábado de manhã, às 10h."),
    ("time", "A visita é às 13h de terça."),
    ("time", "Pode passar aqui às 18h30."),
    ("time", "A unidade funciona das 9 às 18."),
    ("time", "Abrimos das 9h às 12h e das 13h às 17h."),
    ("time", "Domingo também atendemos."),
    ("time", "Quarta às 10h está livre."),
    ("date", "Marquei para o dia 2 de dezembro, às 9h."),
    ("promise", "Temos vaga na agenda em 03/12."),
    ("date", "Quinta-feira, dia 27, às 16h30."),
    ("phone", "Manda um zap para 51 98888-7777."),
    ("phone", "Fone: +55 51 3030-2020"),
    ("email", "Mande para atendimento@kumonvilaa.com.br"),
    ("link", "O site é kumon.com.br/vila-a"),
    ("link", "Siga no instagram.com/kumonvilaa"),
    ("address", "Ficamos na Av. Protásio Alves, 1200."),
    ("address", "A unidade fica no Shopping Iguatemi."),
    ("address", "Estamos no centro de Porto Alegre, Rua dos Andradas."),
    ("number", "O Kumon tem mais de 4 milhões de alunos no mundo."),
    ("number", "As turmas têm até 10 alunos."),
    ("number", "A avaliação dura 45 minutos."),
    ("number", "Atendemos crianças a partir de 3 anos."),
    ("number", "São 5 idas por semana."),
    ("language", "Great question! The method is individual."),
    ("style", "Vou passar para a nossa equipe pedagógica."),
    ("style", "Um agente vai falar com você."),
    ("style", "- **Matemática**: segunda"),
]
FALSE_UNLESS_A_TEMPLATE_SAYS_IT = [
    ("price", "A mensalidade do Kumon é de R$ 750,00."),
    ("address", "Ficamos em frente ao mercado."),
    ("promise", "Pelo que você conta, ele tem TDAH."),
    ("time", "Às 10h não temos mais nada livre."),
]


@pytest.mark.parametrize("template", [True, False])
@pytest.mark.parametrize("claim,text", FALSE)
def test_a_false_text_is_replaced(reviewer: Reviewer, propose: Propose, claim: str, text: str, template: bool) -> None:
    reviewed = reviewer.review(propose(text, template=template))
    assert [each.claim for each in reviewed.replaced] == [claim]
    assert reviewed.bubbles == (reviewer.last_resort,)


@pytest.mark.parametrize("template", [True, False])
@pytest.mark.parametrize("claim,text", FALSE)
def test_a_false_text_is_replaced_in_a_conversation_of_which_nothing_is_known(
    reviewer: Reviewer, propose: Propose, claim: str, text: str, template: bool
) -> None:
    del claim  # a day on which nothing is offered is false before its hour is
    proposal = propose(text, template=template, offered_slots=(), own_data=())
    assert reviewer.review(proposal).bubbles == (reviewer.last_resort,)


@pytest.mark.parametrize("claim,text", FALSE_UNLESS_A_TEMPLATE_SAYS_IT)
def test_what_may_be_true_of_somebody_else_is_replaced_when_no_template_says_it(
    reviewer: Reviewer, propose: Propose, claim: str, text: str
) -> None:
    assert [each.claim for each in reviewer.review(propose(text, template=False)).replaced] == [claim]


@pytest.mark.parametrize("claim,text", FALSE)
def test_a_false_claim_is_found_in_the_middle_of_an_honest_reply(
    reviewer: Reviewer, propose: Propose, claim: str, text: str
) -> None:
    around = f"Oi, Ana! Que bom falar com você.\n{text}\nQualquer coisa, é só chamar. 😊"
    assert reviewer.review(propose(around, template=False)).replaced[0].claim == claim


@pytest.mark.parametrize("claim,text", [each for each in FALSE if each[0] == "price"])
def test_the_conversations_own_data_makes_no_price_true(
    reviewer: Reviewer, propose: Propose, claim: str, text: str
) -> None:
    assert reviewer.review(propose(text, own_data=(text,))).replaced[0].claim == claim


@pytest.mark.parametrize(
    "claim,text,own",
    [
        ("email", "Anotei o e-mail bia@example.com.", "bia@example.com"),
        ("phone", "Seu número é (51) 98765-4321.", "(51) 98765-4321"),
        ("number", "Anotei: Bia, 11 anos.", "11 anos"),
        ("number", "Anotei: Bia, 11 anos.", "11"),
        ("time", "Anotei: de preferência às 15h30.", "15h30"),
        ("date", "Anotei: dia 24/12.", "24/12"),
    ],
)
def test_the_conversations_own_data_may_be_repeated_and_nobody_elses(
    reviewer: Reviewer, propose: Propose, claim: str, text: str, own: str
) -> None:
    assert reviewer.review(propose(text, own_data=(own,))).replaced == ()
    assert [each.claim for each in reviewer.review(propose(text, own_data=("Bia",))).replaced] == [claim]
