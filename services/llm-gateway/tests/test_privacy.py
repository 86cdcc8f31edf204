"""Nobody's name, phone or e-mail leaves, in whatever way it is written; and everybody is back in the answer."""

import re
from typing import Any

import pytest
from contracts.llm_gateway import PersonalValue
from hypothesis import given
from hypothesis import strategies as st
from llm_gateway_service.privacy import Mask
from llm_gateway_service.privacy.masking import GONE, PLACEHOLDER, UnknownPlaceholder
from llm_gateway_service.privacy.names import plain

ANA = PersonalValue(kind="name", value="Ana Maria de Souza")
JOAO = PersonalValue(kind="name", value="João Pedro")
PHONE = PersonalValue(kind="phone", value="+5551996921999")
EMAIL = PersonalValue(kind="email", value="ana.souza@gmail.com")
PEOPLE = (ANA, JOAO, PHONE, EMAIL)


def hidden(text: str, *personal: PersonalValue) -> str:
    return Mask(personal or PEOPLE).hide(text)


@pytest.mark.parametrize(
    "name, said",
    [
        ("Ana", "ana"),
        ("Ana", "ANA"),
        ("Ana", "Anas"),
        ("Ana", "Aninha"),
        ("Ana", "Anna"),
        ("João", "joao"),
        ("João", "Joãozinho"),
        ("João", "joaozinho"),
        ("João", "Joa\u0303o"),
        ("João", "J\u200boão"),
        ("João", "Jão"),
        ("João", "joaooo"),
        ("Pedro", "Pedrinho"),
        ("Pedro", "pedrão"),
        ("Carlos", "Carlinhos"),
        ("Marcos", "Marquinhos"),
        ("Lucas", "Luquinhas"),
        ("Diego", "Dieguinho"),
        ("Luís", "Luiz"),
        ("Luiz", "Luisinho"),
        ("Thiago", "Tiago"),
        ("Thiago", "tiaguinho"),
        ("Sophia", "Sofia"),
        ("Helena", "Elena"),
        ("José", "Zé"),
        ("Beatriz", "Bia"),
        ("Isabel", "Isabelzinha"),
        ("Ana Maria de Souza", "ana maria de souza"),
        ("Ana Maria de Souza", "ANA MARIA DE SOUZA"),
        ("Ana Maria de Souza", "Ana Souza"),
        ("Ana Maria de Souza", "anasouza"),
        ("Vitória", "vitoria"),
        ("Luz", "luz"),
        ("Rosa", "ROSA"),
        ("Sol", "Sol"),
        ("Zoë D'Ávila", "zoe d'avila"),
    ],
)
def test_a_name_is_hidden_in_whatever_way_it_is_written(name: str, said: str) -> None:
    text = f"oi, sou mãe da {said}, tudo bem? ela ({said}) tem 8 anos"
    told = hidden(text, PersonalValue(kind="name", value=name))
    assert plain(said) not in {plain(word) for word in re.findall(r"[^\W\d_]+", told)}
    assert told.count("[NOME_1]") == 2
    assert "tem 8 anos" in told


@pytest.mark.parametrize(
    "name, text",
    [
        ("Ana", "semana que vem como banana no Anatomia"),
        ("Vitória", "foi uma vitoriosa, duas vitórias"),
        ("Luz", "Luzia, luzes, reluz"),
        ("Sol", "solução no solzinho, soltar"),
        ("Rosa", "um rosal cor-de-rosinha, rosas"),
        ("Lia", "liam e liamos"),
        ("Mãe do Pedro", "sou mãe do aluno"),
        ("Ana de Souza", "a casa de cima"),
        ("Davi", "dá vida, o dia, havia"),
        ("Ana", "Quanto custa? Qual o horário? Meu filho vai para a escola."),
    ],
)
def test_other_words_stay(name: str, text: str) -> None:
    assert hidden(text, PersonalValue(kind="name", value=name)) == text


@pytest.mark.parametrize(
    "said",
    [
        "51996921999",
        "+55 51 99692-1999",
        "(51) 99692-1999",
        "51 9 9692 1999",
        "5 1 9 9 6 9 2 1 9 9 9",
        "51-996-921-999",
        "51.99692.1999",
        "99692 1999",
        "9692-1999",
        "5551996921999",
        "005551996921999",
        "0 51 99692 1999",
        "51\n99692\n1999",
        "51/99692/1999",
    ],
)
def test_a_known_phone_is_hidden_in_any_grouping(said: str) -> None:
    assert hidden(f"meu zap é {said}, pode chamar") == "meu zap é [TELEFONE_1], pode chamar"


@pytest.mark.parametrize(
    "said",
    [
        "(11) 98765-4321",
        "11987654321",
        "11 9 8765 4321",
        "+1 415 555 0100",
        "+351 912 345 678",
        "51 3222-1999",
        "3222-1999",
        "32221999",
        "98765-4321",
        "0800 722 1234",
        "cinco um nove nove meia nove dois um nove nove nove",
    ],
)
def test_a_phone_that_nobody_knows_is_hidden_too(said: str) -> None:
    assert hidden(f"liga {said} por favor") == "liga [TELEFONE_1] por favor"


@pytest.mark.parametrize(
    "text",
    [
        "dia 24/11/2026 às 14h30",
        "24-11-2026, 24.11.26",
        "2026-11-24T14:30:00-03:00",
        "24112026",
        "R$ 375,00 ou R$ 12.345.678,90",
        "de 2019 2020 a 2021",
        "tem 8 e 10 anos, são 3 filhos",
        "Rua Amoreira, 571, salas 6 e 7, CEP 90000-000",
        "das 9:00 às 12:00 e das 14:00-17:00",
        "d9428888-122b-11e1-b85c-61cd3cbb3210",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert hidden(text) == text


@pytest.mark.parametrize(
    "said, meant",
    [
        ("ana.souza@gmail.com", "ana.souza@gmail.com"),
        ("ANA.SOUZA@GMAIL.COM", "ana.souza@gmail.com"),
        ("ana ponto souza arroba gmail ponto com", "ana.souza@gmail.com"),
        ("ana . souza @ gmail . com", "ana.souza@gmail.com"),
        ("fulana_2@hotmail.com.br", "fulana_2@hotmail.com.br"),
        ("fulana arroba hotmail ponto com ponto br", "fulana@hotmail.com.br"),
        ("fulana(at)uol.com.br", "fulana@uol.com.br"),
        ("fulana arroba gmail", "fulana arroba gmail"),
    ],
)
def test_an_email_is_hidden_written_or_spoken_and_comes_back_written(said: str, meant: str) -> None:
    mask = Mask(PEOPLE)
    assert mask.hide(f"Oi. {said}. Obrigada") == "Oi. [EMAIL_1]. Obrigada"
    assert mask.restore("É [EMAIL_1]?") == f"É {meant}?"


@pytest.mark.parametrize(
    "text, told",
    [
        ("cpf 529.982.247-25", f"cpf {GONE}"),
        ("cpf 52998224725", f"cpf {GONE}"),
        ("cpf 123.456.789-00", f"cpf {GONE}"),  # wrong, and still somebody's
        ("cartão 4111 1111 1111 1111 vence", f"cartão {GONE} vence"),
        ("cartão 4111111111111111", f"cartão {GONE}"),
        ("a chave é segredo-da-casa!", f"a chave é {GONE}!"),
        ("sk-proj-abcdefghijklmnop1234", GONE),
        ("sou 1111 2222 1111 1112", "sou 1111 [TELEFONE_1] 1112"),  # no card's sum; rather too much than too little
    ],
)
def test_what_is_never_sent_is_gone(text: str, told: str) -> None:
    mask = Mask((), ("segredo-da-casa",))
    assert mask.hide(text) == told
    with pytest.raises(UnknownPlaceholder):
        mask.restore(f"Seu documento é {GONE}.")


def test_the_same_value_has_the_same_placeholder_and_its_right_spelling_comes_back() -> None:
    mask = Mask(PEOPLE)
    assert mask.hide("sou a ana, Ana mesmo") == "sou a [NOME_1], [NOME_1] mesmo"
    assert mask.hide("a ANA do Joãozinho e o joao pedro") == "a [NOME_1] do [NOME_2] e o [NOME_3]"
    assert mask.restore("[NOME_1], [nome_2] e [NOME 3]: NOME_1!") == "Ana, Joãozinho e João Pedro: Ana!"


def test_data_comes_back_in_every_string_of_it() -> None:
    mask = Mask(PEOPLE)
    mask.hide("Ana, mãe do João Pedro, ana.souza@gmail.com")
    data = {"parent": "[NOME_1]", "students": [{"name": "[NOME_2]", "age": 8}], "email": "[EMAIL_1]", "none": None}
    assert mask.restore(data) == {
        "parent": "Ana",
        "students": [{"name": "João Pedro", "age": 8}],
        "email": "ana.souza@gmail.com",
        "none": None,
    }


def test_a_schema_tells_of_nobody_and_keeps_its_keys() -> None:
    schema: Any = {
        "type": "object",
        "properties": {"Ana": {"enum": ["Ana", "João Pedro"], "description": "de quem fala a Ana"}},
        "required": ["Ana"],
    }
    told = Mask(PEOPLE).hide_in(schema)
    assert told["properties"]["Ana"] == {"enum": ["[NOME_1]", "[NOME_2]"], "description": "de quem fala a [NOME_1]"}
    assert told["required"] == ["Ana"]


def test_a_placeholder_that_somebody_writes_is_nobody_else() -> None:
    mask = Mask((ANA,))
    assert mask.hide("oi, sou [NOME_2] e a Ana") == "oi, sou [NOME_1] e a [NOME_2]"
    assert mask.restore("Oi, [NOME_1] e [NOME_2]!") == "Oi, [NOME_2] e Ana!"


@pytest.mark.parametrize("said", ["[NOME_9]", "[TELEFONE_1]", "oi [EMAIL_3]"])
def test_a_placeholder_that_was_never_given_is_an_error(said: str) -> None:
    mask = Mask((ANA,))
    mask.hide("Ana")
    with pytest.raises(UnknownPlaceholder):
        mask.restore({"text": said})


# The eight fields of a lead, as they may be and as they may be said.
FIRST = ["Ana", "João", "Mariana", "Thiago", "Vitória", "Luz", "Conceição", "Antônio", "Íris", "Zoë", "Luís", "Sophia"]
LAST = ["Souza", "de Lima", "da Conceição", "Araújo", "Gonçalves dos Santos", "D'Ávila", "Brandão"]
NAMES = st.builds(lambda first, last: f"{first} {last}".strip(), st.sampled_from(FIRST), st.sampled_from(["", *LAST]))
PHONES = st.builds(
    lambda area, number: f"+55{area}9{number:08d}", st.sampled_from([11, 51, 85]), st.integers(10**7, 10**8 - 1)
)
EMAILS = st.from_regex(r"[a-z]{3,8}\.[a-z]{3,8}@[a-z]{3,8}\.com(\.br)?", fullmatch=True)
CASES = st.sampled_from([str, str.lower, str.upper, str.title, lambda text: _without_accents(text)])
WRAPS = st.sampled_from(["{}", "oi, sou {}!", "({})", "*{}*", "é {}, viu", "nome:{}", "{}\n", "“{}”", "…{}…"])
OTHERS = st.lists(
    st.sampled_from(
        ["tem 8 anos", "7º ano", "matemática e inglês", "terça às 14h30", "R$ 375,00", "24/11/2026", "quanto custa?"]
    ),
    max_size=4,
)


def _without_accents(text: str) -> str:
    return "".join(plain(each) if each.isalpha() else each for each in text)


@given(NAMES, NAMES, CASES, WRAPS, OTHERS)
def test_no_name_of_a_lead_is_left(parent: str, student: str, case: Any, wrap: str, others: list[str]) -> None:
    text = " ".join([wrap.format(case(parent)), *others, wrap.format(case(student))])
    told = hidden(text, *(PersonalValue(kind="name", value=name) for name in (parent, student)))
    left = {plain(word) for word in re.findall(r"[^\W\d_]+", PLACEHOLDER.sub("", told))}
    parts = {plain(word) for name in (parent, student) for word in re.findall(r"[^\W\d_]{2,}", name)}
    assert left & parts <= {"de", "da", "dos"}
    assert all(other in told for other in others)


@given(PHONES, st.text("() .-\n", max_size=2), WRAPS, OTHERS)
def test_no_phone_of_a_lead_is_left(phone: str, gap: str, wrap: str, others: list[str]) -> None:
    text = " ".join([wrap.format(gap.join(phone[3:])), *others])
    told = hidden(text, PersonalValue(kind="phone", value=phone))
    assert phone[-8:] not in re.sub(r"\D", "", told)
    assert all(other in told for other in others)


@given(EMAILS, st.booleans(), WRAPS, OTHERS)
def test_no_email_of_a_lead_is_left(email: str, spoken: bool, wrap: str, others: list[str]) -> None:
    said = email.replace(".", " ponto ").replace("@", " arroba ") if spoken else email
    mask = Mask((PersonalValue(kind="email", value=email),))
    told = mask.hide(" ".join([wrap.format(said), *others]))
    assert told.count("[EMAIL_1]") == 1
    assert mask.restore("[EMAIL_1]") == email
    assert all(other in told for other in others)


@given(st.text(max_size=300), st.lists(NAMES, max_size=3), PHONES)
def test_what_is_hidden_comes_back(text: str, names: list[str], phone: str) -> None:
    mask = Mask([*(PersonalValue(kind="name", value=name) for name in names), PersonalValue(kind="phone", value=phone)])
    told = mask.hide(f"{text} {' e '.join(names)} {phone} {text}")
    if GONE not in told:
        assert mask.restore(told) == f"{text} {' e '.join(names)} {phone} {text}"


@given(st.text(st.sampled_from("ana@. ponto arroba0519-()[]NOME_"), max_size=400))
def test_no_text_takes_long_or_fails(text: str) -> None:
    Mask(PEOPLE).hide(text)
