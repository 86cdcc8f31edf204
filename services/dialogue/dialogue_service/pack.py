"""What the unit reads when a conversation is handed over: five lines, the open question, a way to begin."""

from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.dialogue import HandoffPack, HandoffReason, Student

from dialogue_service import words
from dialogue_service.decision.state import Conversation

WHY: dict[HandoffReason, str] = {
    "person_request": "Pediu para falar com uma pessoa.",
    "beyond_knowledge": "Insistiu em uma pergunta que as informações da unidade não respondem.",
    "class_admin": "Assunto de família já matriculada (aulas, material, cobrança ou saída).",
    "complaint": "Fez uma reclamação.",
    "abuse": "Escreveu com ofensas ou ameaças.",
    "negotiation": "Insistiu em negociar o preço.",
    "no_slots": "Não há horário de visita livre que sirva.",
    "not_understood": "A assistente não entendeu três mensagens seguidas.",
    "repeated_question": "Fez a mesma pergunta quatro vezes.",
    "sensitive": "Tocou em saúde, questão legal ou segurança de uma criança.",
    "failure": "A assistente teve um problema técnico e não pôde continuar.",
}
_BEGIN: dict[HandoffReason, str] = {
    "beyond_knowledge": "Já vi a sua pergunta e respondo em seguida.",
    "class_admin": "Já estou vendo o seu caso e respondo em seguida.",
    "complaint": "Sinto muito pelo que aconteceu. Pode me contar um pouco mais para eu resolver?",
    "negotiation": "Vi que você tem uma dúvida sobre os valores. Podemos conversar?",
    "no_slots": "Vamos encontrar um horário para a sua visita. Quais dias e horários são melhores para você?",
    "sensitive": "Li a sua mensagem com atenção. Podemos conversar por telefone?",
}
_OTHERWISE = "Estou à disposição. Como posso ajudar?"
_ZONE = ZoneInfo("America/Sao_Paulo")
_OPEN: frozenset[HandoffReason] = frozenset({"beyond_knowledge", "class_admin", "complaint", "sensitive", "failure"})


def handoff_pack(state: Conversation, reason: HandoffReason, question: str | None, now: datetime) -> HandoffPack:
    """Return the pack; `question` is what the parent wrote last."""
    lines = (WHY[reason], _who(state), _students(state), _visit(state, now), _missing(state))
    return HandoffPack(
        summary=tuple(line for line in lines if line),
        lead=state.lead,
        open_question=question if question and (reason in _OPEN or "?" in question) else None,
        suggested_reply=f"{_hello(state)} Aqui é da unidade. {_BEGIN.get(reason, _OTHERWISE)}",
    )


def _hello(state: Conversation) -> str:
    name = state.lead.parent_name
    return f"Olá, {name.split()[0]}!" if name else "Olá!"


def _who(state: Conversation) -> str:
    who = state.lead.parent_name or state.contact.profile_name or "Sem nome"
    phone = state.lead.phone or state.contact.phone
    known = (words.phone(phone) if phone else None, state.lead.email)
    return f"Responsável: {', '.join((who, *(each for each in known if each)))}."


def _students(state: Conversation) -> str:
    told = [_student(student) for student in state.lead.students if student != Student()]
    return f"Para: {'; '.join(told)}." if told else ""


def _student(student: Student) -> str:
    name = student.name or ("a própria pessoa" if student.is_self else "nome não informado")
    parts = (
        words.years(student.age) if student.age else None,
        words.grade(student.grade) if student.grade else None,
        words.subjects(student.subjects) if student.subjects else None,
    )
    return ", ".join((name, *(part for part in parts if part)))


def _visit(state: Conversation, now: datetime) -> str:
    zone = ZoneInfo(state.hours.timezone) if state.hours else _ZONE
    if visit := state.visit_ahead(now):
        return f"Visita marcada: {words.moment(visit.slot.start, zone)}."
    if state.requested:
        return f"Visita pedida, ainda sem confirmação: {words.moment(state.requested.slot.start, zone)}."
    return "Ainda sem visita marcada."


def _missing(state: Conversation) -> str:
    return f"Cadastro: {state.lead.completeness} de 8 campos."
