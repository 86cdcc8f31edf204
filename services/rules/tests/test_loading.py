"""The owner's files: what is read of them, and how a mistake is named (file, key, reason)."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
import rules_service
from chassis.errors import BadConfiguration
from rules_service.facts import TOPICS, Facts
from rules_service.loading import found, load_facts

ROOT = next(folder for folder in Path(rules_service.__file__).parents if (folder / "unit.toml").is_file())

# (what stands in the shipped file, what the owner makes of it, the complaint)
MISTAKES = [
    ("monthly_per_subject = 375.00", "", "prices.monthly_per_subject: falta este valor"),
    ("monthly_per_subject = 375.00", "monthly_per_subject = 375,00", "prices.monthly_per_subject: a linha 18 não pôde"),
    (
        "monthly_per_subject = 375.00",
        'monthly_per_subject = "375.00"',
        "prices.monthly_per_subject: escreva o valor em",
    ),
    (
        "monthly_per_subject = 375.00",
        "monthly_per_subject = -1",
        "prices.monthly_per_subject: não pode ser menor que 0",
    ),
    ("monthly_per_subject = 375.00", "monthly_per_subject = 0", "prices.monthly_per_subject: precisa ser maior que 0"),
    (
        "monthly_per_subject = 375.00",
        "monthly_per_subject = 3.755",
        "prices.monthly_per_subject: um valor em reais tem",
    ),
    ("monthly_per_subject = 375.00", "monthly_per_subject = true", "prices.monthly_per_subject: escreva o valor em"),
    (
        "monthly_per_subject = 375.00",
        "monthly_per_subject = 37500.00",
        "prices.monthly_per_subject: não pode ser maior",
    ),
    (
        "monthly_per_subject",
        "montly_per_subject",
        "prices.montly_per_subject: chave desconhecida; seria monthly_per_subj",
    ),
    (
        "enrolment_per_student = 100.00",
        "enrolment_per_student = [100]",
        "prices.enrolment_per_student: precisa ser um val",
    ),
    ("material_included = true", 'material_included = "sim"', "prices.material_included: precisa ser true (sim) ou"),
    ("[prices]", "[precos]", "precos: chave desconhecida; seria prices?"),
    ("[prices]", "[precos]", "prices: falta este valor"),
    ('name = "Kumon Vila A"', 'name = ""', "unit.name: não pode ficar vazio"),
    ('name = "Kumon Vila A"', "name = Kumon Vila A", "unit.name: a linha 8 não pôde ser lida"),
    ('name = "Kumon Vila A"', 'name = "Kumon Vila A', "unit.name: a linha 8 não pôde ser lida"),
    ('name = "Kumon Vila A"', "name = 5", "unit.name: precisa ser um texto entre aspas"),
    ('name = "Kumon Vila A"', f'name = "{"x" * 201}"', "unit.name: é longo demais (no máximo 200 caracteres)"),
    ("(51) 99692-1999", "99692-1999", "unit.contact_phone: não é um telefone válido com DDD"),
    ("(51) 99692-1999", "ligue", "unit.contact_phone: não é um telefone"),
    ("kumonvilaa@gmail.com", "kumonvilaa.gmail.com", "unit.email: não é um endereço de e-mail"),
    ("America/Sao_Paulo", "Brasilia", "unit.timezone: não é um fuso horário conhecido"),
    ("links = []", 'links = ["kumon.com.br"]', "unit.links[1]: um endereço de página começa com https://"),
    ("links = []", 'links = "https://kumon.com.br"', "unit.links: precisa ser uma lista entre colchetes"),
    ('"portugues", "ingles"]', '"portugues", "japones"]', "subjects.offered[3]: só pode ser 'matematica', 'portugues'"),
    ('"portugues", "ingles"]', '"portugues", "portugues"]', "subjects.offered: há um valor repetido na lista"),
    (
        'offered = ["matematica", "portugues", "ingles"]',
        "offered = []",
        "subjects.offered: a lista não pode ficar vazia",
    ),
    ("min = 2", "min = 2.5", "ages.min: precisa ser um número inteiro"),
    ("min = 2", "min = 150", "ages.min: não pode ser maior que 99"),
    ('weekdays = ["mon"', 'weekdays = ["seg"', "hours.weekdays[1]: só pode ser 'mon', 'tue'"),
    ('["09:00", "12:00"]', '["9h", "12:00"]', "hours.periods[1].start: um horário se escreve entre aspas"),
    ('["09:00", "12:00"]', '["09:00", "25:00"]', "hours.periods[1].end: um horário se escreve entre aspas"),
    ('["09:00", "12:00"]', '["12:00", "09:00"]', "hours.periods[1]: o período termina antes de começar"),
    ('["09:00", "12:00"]', '["09:00"]', "hours.periods[1]: um período tem dois horários"),
    (
        '["14:00", "17:00"]',
        '["11:00", "17:00"]',
        "hours.periods: os períodos precisam estar em ordem e não podem se sobrepor",
    ),
    ('["09:00", "12:00"]', "[09:00, 12:00]", "hours.periods: a linha 34 não pôde ser lida"),
    ("\nminutes = 30", "\nminutes = 0", "visits.minutes: não pode ser menor que 5"),
    ("\nminutes = 30", "\nminutes = 200", "visits.minutes: nenhum período de visita comporta uma visita"),
    ("notice_h = 2", 'notice_h = "2h"', "visits.notice_h: precisa ser um número"),
    ("horizon_days = 14", "horizon_days = 365", "visits.horizon_days: não pode ser maior que 90"),
    ('state = "RS"', 'state = "XX"', "holidays.state: não é a sigla de um estado brasileiro"),
    ("closed = []", "closed = [{ date = 2026-13-24 }]", "holidays.closed: a linha 49 não pôde ser lida"),
    ("closed = []", 'closed = [{ date = "natal", name = "x" }]', "holidays.closed[1].date: precisa ser uma data"),
    ("closed = []", "closed = [{ date = 2026-12-24 }]", "holidays.closed[1].name: falta este valor"),
    (
        "blocked = []",
        'blocked = [{ start = 2026-12-01T15:00:00, end = 2026-12-01T14:00:00, name = "obra" }]',
        "holidays.blocked: um horário bloqueado precisa terminar depois de começar",
    ),
    ("blocked = []", 'blocked = [{ start = 2026-12-01T15:00:00, name = "x" }]', "holidays.blocked[1].end: falta"),
    (
        "blocked = []",
        'blocked = [{ start = "amanhã", end = "depois", name = "x" }]',
        "holidays.blocked[1].start: precisa",
    ),
    ("silence_h = 2", "silence_h = 0", "session.silence_h: precisa ser maior que 0"),
    ("booked_days = 30", "booked_days = 0", "retention.booked_days: não pode ser menor que 1"),
    ("messages_per_hour = 50", "messages_per_hour = -1", "limits.messages_per_hour: não pode ser menor que 0"),
    ("limit_brl = 5.00", "limit_brl = 3.00", "ai_budget: os avisos precisam vir antes do limite"),
    ('"lembrete_de_visita"', '"Lembrete de visita"', "templates.reminder.name: só letras minúsculas sem acento"),
    ('language = "pt_BR"', 'language = "pt-br"', "templates.reminder.language: não é um código de idioma"),
    (
        '"unit", "when", "address"]',
        '"unit", "when", "endereco"]',
        "templates.reminder.parameters[3]: só pode ser 'when'",
    ),
    ('"unit", "when", "address"]', '"unit", "when"]', "templates.reminder: o texto (body) precisa usar {{1}}, {{2}}…"),
    ("Endereço: {{3}}", "Endereço: {{4}}", "templates.reminder: o texto (body) precisa usar {{1}}, {{2}}…"),
    ('"Lembrete da sua visita ao {{1}}', '"{{1}}', "templates.reminder: o texto (body) não pode começar nem terminar"),
    ("ou 2 para remarcar.", "ou 2 para remarcar. A matrícula custa R$ 90,00.", "templates.reminder.body: um preço não"),
    ("[templates.reminder]", "[templates.lembrete]", "templates.lembrete: chave desconhecida"),
]
KNOWLEDGE_MISTAKES = [
    ("id: material", "id: Material Didático", "id: só letras minúsculas sem acento, números e hífen"),
    ("id: material", "", "id: falta este valor"),
    ("id: material", "id: price", "id: price está em mais de um arquivo"),
    ("topic: ask_material", "topic: ask_books", "topic: assunto desconhecido; os que existem: ask_price"),
    ("title: O material didático", "titulo: O material", "titulo: chave desconhecida; seria title?"),
    ("title: O material didático", "title: O material: didático", "(linha 4): não pôde ser lida"),
    ("questions:", "perguntas:", "questions: falta este valor"),
    ("---\nid", "id", "(arquivo): precisa começar com as linhas entre ---"),
    ("O material já está", "O {material} já está", "text: {material} não existe; existem: address"),
    ("O material já está", "O {material já está", "text: uma chave { } não foi fechada"),
    ("O material já está", "Por R$ 350,00 o material já está", "text: um preço não é o de unit.toml; escreva {monthly"),
    (
        "O material já está",
        "Das 8h às 18h o material já está",
        "text: um horário não é o de unit.toml; escreva {hours}",
    ),
    ("O material já está", "No dia 24/11 o material já está", "text: uma data não se escreve aqui"),
    ("O material já está", "Ligue (51) 3333-4444: o material já está", "text: um telefone não é o de unit.toml"),
    ("O material já está", "Escreva a a@b.com.br: o material já está", "text: um e-mail não é o de unit.toml"),
    ("O material já está", "Na Rua das Flores, 12, o material já está", "text: um endereço não é o de unit.toml"),
    ("O material já está", "Em www.kumon.com.br o material já está", "text: uma página que não está em unit.toml"),
    ("O material já está", "Com desconto especial, o material já está", "text: uma promessa"),
    ("O material já está", "Nossa equipe diz: o material já está", "text: uma palavra ou formatação"),
    ("*incluído na mensalidade*", "**incluído na mensalidade**", "text: uma palavra ou formatação"),
    ("O material já está", "The material is your own: please", "text: não está em português"),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the owner's files."""
    shutil.copy(ROOT / "unit.toml", tmp_path)
    shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    return tmp_path


def complaints(home: Path) -> list[str]:
    with pytest.raises(BadConfiguration) as raised:
        load_facts(home / "unit.toml", home / "knowledge")
    return str(raised.value).splitlines()


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def load(home: Path) -> Facts:
    return load_facts(home / "unit.toml", home / "knowledge")


def test_the_shipped_files_are_the_units(facts: Facts) -> None:
    file = facts.file
    assert (file.prices.monthly_per_subject, file.prices.enrolment_per_student) == (Decimal(375), Decimal(100))
    assert file.unit.address == "Rua Amoreira, 571, salas 6 e 7, Jardim das Laranjeiras"
    assert [f"{period.start:%H:%M}-{period.end:%H:%M}" for period in file.hours.periods] == [
        "09:00-12:00",
        "14:00-17:00",
    ]
    assert (file.unit.contact_phone, file.unit.email) == ("(51) 99692-1999", "kumonvilaa@gmail.com")
    assert (file.visits.minutes, file.visits.notice_h, file.visits.horizon_days) == (30, 2, 14)


def test_every_topic_has_a_main_piece_named_like_it(facts: Facts) -> None:
    topics = [topic for topic in TOPICS if topic != "general"]
    assert [(facts.main_piece(topic) or facts.knowledge[0]).id for topic in topics] == [
        topic.removeprefix("ask_").replace("_", "-") for topic in topics
    ]


def test_every_text_of_the_knowledge_fits_in_a_bubble_and_has_its_facts_filled_in(facts: Facts) -> None:
    assert len(facts.knowledge) >= 25
    assert [piece.id for piece in facts.knowledge if len(piece.text) >= 400 or "{" in piece.text] == []
    assert [piece.id for piece in facts.knowledge if piece.text.endswith("?") or len(piece.questions) < 4] == []


@pytest.mark.parametrize("before,after,complaint", MISTAKES)
def test_a_mistake_in_unit_toml_is_named(home: Path, before: str, after: str, complaint: str) -> None:
    change(home / "unit.toml", before, after)
    assert [line for line in complaints(home) if line.startswith(f"unit.toml: {complaint}")], complaints(home)


@pytest.mark.parametrize("before,after,complaint", KNOWLEDGE_MISTAKES)
def test_a_mistake_in_the_knowledge_is_named(home: Path, before: str, after: str, complaint: str) -> None:
    change(home / "knowledge" / "material.md", before, after)
    lines = complaints(home)
    name = "knowledge" if "mais de um arquivo" in complaint else "knowledge/material.md"
    assert [line for line in lines if line.startswith(f"{name}: {complaint}")], lines


def test_every_mistake_has_its_line(home: Path) -> None:
    change(home / "unit.toml", "min = 2", "min = -1")
    change(home / "unit.toml", 'state = "RS"', 'state = "Rio Grande do Sul"')
    change(home / "unit.toml", "silence_h = 2", "silence_h = 100")
    keys = [line.split(": ")[1] for line in complaints(home)]
    assert keys == ["ages.min", "holidays.state", "session.silence_h"]


def test_mistakes_in_several_answers_are_named_together(home: Path) -> None:
    change(home / "knowledge" / "material.md", "topic: ask_material", "topic: nada")
    change(home / "knowledge" / "price.md", "{monthly_per_subject}", "R$ 390,00")
    assert [line.split(": ")[0] for line in complaints(home)] == ["knowledge/material.md", "knowledge/price.md"]


def test_a_price_written_into_the_knowledge_stops_the_start_when_unit_toml_changes(home: Path) -> None:
    change(home / "knowledge" / "price.md", "{monthly_per_subject}", "R$ 375,00")
    load(home)
    change(home / "unit.toml", "= 375.00", "= 390.00")
    assert complaints(home)[0].startswith("knowledge/price.md: text: um preço não é o de unit.toml")


def test_missing_files_are_named(home: Path, tmp_path: Path) -> None:
    (home / "unit.toml").unlink()
    assert complaints(home) == [f"unit.toml: (arquivo): não existe em {tmp_path}"]
    shutil.copy(ROOT / "unit.toml", home)
    shutil.rmtree(home / "knowledge")
    assert complaints(home) == [f"knowledge: (pasta): não existe em {tmp_path}"]


def test_a_file_in_another_encoding_is_named(home: Path) -> None:
    (home / "unit.toml").write_bytes("[unit]\nname = 'São'".encode("latin-1"))
    assert complaints(home) == ["unit.toml: (arquivo): não está em UTF-8; salve o texto nessa codificação"]


def test_the_version_changes_with_any_fact_and_with_nothing_else(home: Path) -> None:
    shipped = load(home).version
    assert len(shipped) == 12
    (home / "knowledge" / "README.md").write_text("outra explicação")
    (home / "unit.toml").write_bytes(b"\xef\xbb\xbf" + (home / "unit.toml").read_bytes().replace(b"\n", b"\r\n"))
    assert load(home).version == shipped
    change(home / "unit.toml", "= 375.00", "= 390.00")
    dearer = load(home)
    assert dearer.version != shipped
    assert "R$ 390,00" in (dearer.main_piece("ask_price") or dearer.knowledge[0]).text
    change(home / "knowledge" / "material.md", "😊", "")
    assert load(home).version not in {shipped, dearer.version}


def test_money_may_be_written_as_people_write_it(home: Path) -> None:
    change(home / "unit.toml", "monthly_per_subject = 375.00", 'monthly_per_subject = "1.375,50"')
    assert load(home).file.prices.monthly_per_subject == Decimal("1375.50")


def test_the_files_of_the_working_directory_come_before_the_projects(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    assert found("unit.toml").resolve() == home / "unit.toml"
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    assert found("unit.toml") == ROOT / "unit.toml"
    assert found("nada.toml") == Path("nada.toml")
