import re
from pathlib import Path

import pytest
from dialogue_service.speech.templates import TEMPLATES, BadTemplateError, Template, first_variant, read

FORBIDDEN = re.compile(r"\b(human[oa]s?|atendentes?|agentes?|equipes?|consultor(?:a|es|as)?)\b", re.IGNORECASE)
GENDERED = re.compile(
    r"\b(bem-vind[oa]|senhora?|mamãe|papai|mãe|pai|obrigado|seu filho|sua filha|tranquilo|preparado)\b"
)
VARIANTS = [
    pytest.param(text, id=f"{template.name}-{nth}")
    for template in TEMPLATES.values()
    for nth, text in enumerate(template.variants)
]


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.name)
def test_a_template_has_variants_that_differ(template: Template) -> None:
    assert len(template.variants) >= 2
    assert len(set(template.variants)) == len(template.variants)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.name)
def test_all_variants_of_a_template_ask_or_none_does(template: Template) -> None:
    assert len({text.count("?") for text in template.variants}) == 1
    assert template.variants[0].count("?") <= 1


@pytest.mark.parametrize("text", VARIANTS)
def test_a_text_keeps_to_the_style_of_the_reception(text: str) -> None:
    assert not FORBIDDEN.search(text)
    assert not GENDERED.search(text.lower())
    assert not re.search(r"\*\*|__|^#|\[.*\]\(", text)
    assert text.count("*") % 2 == 0
    assert "?" not in text or text.endswith("?")
    assert not re.search(r"\b(te|ti|contigo|tu|teu|tua)\b", text.lower())
    assert len(text) < 400 - 100  # room for a greeting
    assert text[0] in "{*🔒" or text[0].isupper()
    assert text[-1] in ".!?}😊📍🙏🕘"


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("handover") or name == "gap"])
def test_a_handover_and_a_gap_give_the_contact_number(name: str) -> None:
    assert "phone" in TEMPLATES[name].variables


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("handover")])
def test_a_handover_apologises_and_says_that_she_cannot_help_now(name: str) -> None:
    for text in TEMPLATES[name].variants:
        assert re.search(r"[Dd]esculpe|desculpas", text)
        assert re.search(r"[Nn]ão consigo|não estou conseguindo", text)
        assert "agora" in text


def test_a_text_that_lacks_a_variable_is_refused_when_read(tmp_path: Path) -> None:
    file = tmp_path / "texts.toml"
    file.write_text('[hello]\nvariables = ["name"]\nvariants = ["Oi, {name}!", "Oi!"]\n')
    with pytest.raises(BadTemplateError):
        read(file)


def test_a_template_without_variants_is_refused() -> None:
    with pytest.raises(BadTemplateError):
        Template(name="hello", variables=frozenset(), variants=())


@pytest.mark.parametrize("values", [{}, {"name": "Ana", "age": "8"}])
def test_a_template_takes_its_own_variables_only(values: dict[str, str]) -> None:
    with pytest.raises(BadTemplateError):
        Template(name="hello", variables=frozenset({"name"}), variants=("Oi, {name}!",)).filled(0, values)


def test_braces_in_a_value_are_no_variables() -> None:
    template = Template(name="hello", variables=frozenset({"name"}), variants=("Oi, {name}!",))
    assert template.filled(0, {"name": "{x}"}) == "Oi, {x}!"


def test_conversations_begin_with_different_variants_and_always_with_the_same() -> None:
    firsts = [first_variant(f"cnv_{nth}", "greeting") % 2 for nth in range(50)]
    assert set(firsts) == {0, 1}
    assert firsts == [first_variant(f"cnv_{nth}", "greeting") % 2 for nth in range(50)]
