"""What the page says, in the unit's language: names of stages, grades, days, times, reasons."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from zlib import crc32

import phonenumbers
from babel.dates import format_date, format_time
from babel.lists import format_list
from markupsafe import Markup, escape

from frontdesk_service.domain import CONFLICT, local
from frontdesk_service.week import Row
from frontdesk_service.wording.wishes import LOCALE, hour

STAGES = {
    "greeting": "Primeiro contato",
    "discovery": "Conhecendo",
    "scheduling": "Marcando visita",
    "booked": "Visita marcada",
    "closed": "Encerrada",
    "handed_over": "Com a unidade",
}
REASONS = {
    "person_request": "pediu para falar com uma pessoa",
    "beyond_knowledge": "pergunta que a assistente não sabe responder",
    "class_admin": "assunto de aluno matriculado",
    "complaint": "reclamação",
    "abuse": "ofensa ou ameaça",
    "negotiation": "insiste em negociar o preço",
    "no_slots": "não há horário livre",
    "not_understood": "não foi entendido",
    "repeated_question": "repetiu a mesma pergunta",
    "sensitive": "assunto delicado",
    "failure": "falha do sistema",
}
SHORT_REASONS = {
    "person_request": "Quer uma pessoa",
    "beyond_knowledge": "Pergunta sem resposta",
    "class_admin": "Aluno matriculado",
    "complaint": "Reclamação",
    "abuse": "Ofensa",
    "negotiation": "Negocia o preço",
    "no_slots": "Sem horário livre",
    "not_understood": "Não foi entendido",
    "repeated_question": "Repetiu a pergunta",
    "sensitive": "Assunto delicado",
    "failure": "Falha do sistema",
}
GRADES = {
    "infantil": "Educação infantil",
    **{f"ef{year}": f"{year}º ano" for year in range(1, 10)},
    **{f"em{year}": f"{year}ª série do médio" for year in range(1, 4)},
    "eja": "EJA",
    "faculdade": "Faculdade",
    "nao_estuda": "Não estuda",
}
SUBJECTS = {"matematica": "Matemática", "portugues": "Português", "ingles": "Inglês"}
VISITS = {
    "requested": "pedida",
    "booked": "marcada",
    "cancelled": "cancelada",
    "rescheduled": "remarcada",
    "came": "veio",
    "missed": "não veio",
}
STATUSES = {
    "queued": "na fila",
    "unknown": "envio em verificação",
    "sent": "enviada",
    "failed": "não enviada",
    "delivered": "entregue",
    "read": "lida",
}
FAILURES = {
    "not_on_whatsapp": "o número não tem WhatsApp",
    "expired": "passou da hora",
    "taken_over": "a unidade assumiu antes",
    "rejected": "o WhatsApp recusou",
    "instance_missing": "o WhatsApp da unidade não está configurado",
    "exhausted": "o WhatsApp não respondeu",
    "outside_window": "mais de 24 horas sem mensagem da família, e nenhum modelo aprovado",
}
NOTES = {
    "rate_limited": "Mensagens demais em pouco tempo: a assistente não respondeu.",
    "opted_out": "Pediu para não receber mensagens: a assistente não respondeu.",
    "empty": "Mensagem vazia.",
    "spam": "Parece spam: a assistente não respondeu.",
    "unidentified": "Remetente não identificado: a assistente não respondeu.",
}
KINDS = {
    "image": "Foto",
    "audio": "Áudio",
    "video": "Vídeo",
    "document": "Documento",
    "sticker": "Figurinha",
    "location": "Localização",
    "contact": "Contato",
    "reaction": "Reação",
    "poll": "Enquete",
    "call": "Ligação",
    "unsupported": "Mensagem não suportada",
}
CHANNEL_NAMES = {"evolution": "WhatsApp", "cloud_api": "WhatsApp pela Meta", "twilio": "WhatsApp pela Twilio"}
CHANNELS = {"open": "WhatsApp conectado", "connecting": "WhatsApp conectando", "closed": "WhatsApp desconectado"}


def why(reason: str, summary: Sequence[str]) -> str:
    """Why a conversation was handed over: a conflict by its name, else by the reason."""
    return CONFLICT.rstrip(".") if CONFLICT in summary else REASONS[reason]


def clock(at: datetime) -> str:
    """`14h30` → the way a message's time is shown: `14:30`."""
    return format_time(local(at), "HH:mm", locale=LOCALE)


def day(at: datetime, now: datetime) -> str:
    """`Hoje`, `Ontem`, or `terça-feira, 24/11`; with the year when it is another one."""
    its, today = local(at).date(), local(now).date()
    if its == today:
        return "Hoje"
    if its == today - timedelta(days=1):
        return "Ontem"
    return format_date(its, "EEEE, dd/MM" if its.year == today.year else "EEEE, dd/MM/yyyy", locale=LOCALE)


def when(at: datetime, now: datetime) -> str:
    """When the last message was: the time today, else `ontem`, the weekday, or the date."""
    its, today = local(at).date(), local(now).date()
    if its == today:
        return clock(at)
    if its == today - timedelta(days=1):
        return "ontem"
    if today - timedelta(days=7) < its < today:
        return format_date(its, "EEE", locale=LOCALE).rstrip(".")
    return format_date(its, "dd/MM/yy", locale=LOCALE)


def visit_time(at: datetime) -> str:
    """`ter., 24/11, 14h30`."""
    its = local(at)
    return f"{format_date(its, 'EEE, dd/MM', locale=LOCALE)}, {hour(f'{its:%H:%M}')}"


def visit_in_words(at: datetime) -> str:
    """`terça-feira, 24 de novembro, às 14h30`."""
    its = local(at)
    day_in_words = format_date(its, "EEEE, d 'de' MMMM", locale=LOCALE)
    return f"{day_in_words}, às {hour(f'{its:%H:%M}')}"


def day_name(its: date) -> str:
    """`terça, 24/11`."""
    return format_date(its, "EEEE, dd/MM", locale=LOCALE).replace("-feira", "")


def short_day(its: date) -> str:
    """`ter`."""
    return format_date(its, "EEE", locale=LOCALE).rstrip(".")


def week_name(first: date, last: date) -> str:
    """`23 a 28 de novembro`, or `30 de nov. a 5 de dez.` over the end of a month."""
    if first.month == last.month:
        return f"{first.day} a {_day_of_month(last, 'MMMM')}"
    return " a ".join(_day_of_month(each, "MMM") for each in (first, last))


def _day_of_month(its: date, month: str) -> str:
    return format_date(its, f"d 'de' {month}", locale=LOCALE)


def days_on(its: date, days: int) -> date:
    """Return the day so many days later."""
    return its + timedelta(days=days)


def visits_count(visits: int) -> str:
    """`nenhuma visita`, `1 visita`, `2 visitas`."""
    return f"{visits} visita{'s' if visits > 1 else ''}" if visits else "nenhuma visita"


def names(several: Iterable[str]) -> str:
    """`Pedro`, `Bia` → `Pedro e Bia`."""
    return format_list(list(several), locale=LOCALE)


def by_kind(rows: Iterable[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Put neighbours of one kind together: free times stand side by side."""
    return ((kind, list(those)) for kind, those in groupby(rows, key=lambda row: row.kind))


def phone(e164: str) -> str:
    """`+5551996921999` → `(51) 99692-1999`; a foreign one keeps its country."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    national = number.country_code == 55
    form = phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def initials(name: str | None) -> str:
    """At most two letters for the picture; nothing for somebody without a name."""
    words = [word for word in re.split(r"\W+", name or "") if word[:1].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def subjects(names: Iterable[str]) -> str:
    """`matematica`, `ingles` → `Matemática e Inglês`."""
    return format_list([SUBJECTS[name] for name in names], locale=LOCALE)


def tint(path: str) -> int:
    """Which of the colours 0–7 a person's picture has: always the same one."""
    return crc32(path.encode()) % 8


def sentence(text: str) -> str:
    """Begin with a capital letter, and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def preview(kind: str | None, text: str | None, deleted: bool | None) -> str:
    """Show what a message says in one line of the list."""
    if deleted:
        return "Mensagem apagada"
    said = " ".join(re.sub(r"(?<!\w)[*_~](?=\S)|(?<=\S)[*_~](?!\w)", "", text or "").split())
    return said[:160] or KINDS.get(kind or "text", "")


FORMATS = (("*", "strong"), ("_", "em"), ("~", "s"))


def whatsapp(text: str | None) -> Markup:
    """Show a message with WhatsApp's own formatting; whatever else it contains is only text."""
    shown = str(escape(text or ""))
    for mark, tag in FORMATS:
        sign = re.escape(mark)
        shown = re.sub(
            rf"(?<![\w{sign}]){sign}(?=[^\s{sign}])([^{sign}\n]*[^\s{sign}]){sign}(?![\w{sign}])",
            rf"<{tag}>\1</{tag}>",
            shown,
        )
    return Markup(shown)  # noqa: S704  # escaped above; what was added are the tags of FORMATS


def lasted(begins: datetime, ends: datetime) -> str:
    """`menos de 1 min`, `12 min`, `3 h 20 min`."""
    minutes = int((ends - begins).total_seconds() // 60)
    if minutes < 1:
        return "menos de 1 min"
    hours, rest = divmod(minutes, 60)
    return " ".join(([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest else []))


def waited(since: datetime, now: datetime) -> str:
    """`agora`, `há 12 min`, `há 3 h`, `há 2 dias`; `list.js` says the same as time goes on."""
    minutes = int((now - since).total_seconds() // 60)
    if minutes < 1:
        return "agora"
    if minutes < 60:
        return f"há {minutes} min"
    hours = minutes // 60
    if hours < 24:
        return f"há {hours} h"
    return "há 1 dia" if hours // 24 == 1 else f"há {hours // 24} dias"


CLAIMS = {
    "price": "preço",
    "date": "data",
    "time": "horário",
    "phone": "telefone",
    "email": "e-mail",
    "link": "link",
    "address": "endereço",
    "number": "número",
    "promise": "promessa",
    "language": "idioma",
    "style": "estilo",
    "unsupported": "afirmação sem base",
}
ROUTES = {
    "template": "com as respostas prontas",
    "llm": "com ajuda da IA",
    "fallback": "sem a IA, que não respondeu",
}
PURPOSES = {
    "reminder": "lembrete da visita",
    "notice": "aviso",
    "confirmation": "confirmação do que a agenda respondeu",
    "offer": "oferta de horários",
    "handoff": "aviso de que a unidade vai responder",
    "closing": "despedida",
}
GROUNDS = {
    "prices": "os preços da unidade",
    "hours": "o horário de funcionamento",
    "address": "o endereço",
    "holidays": "os feriados e dias fechados",
    "visit": "a visita marcada",
    "slots": "os horários livres da agenda",
}
RECEIPTS = {"delivered": "entregue", "read": "lida pela família", "played": "lida pela família", "error": "recusada"}
REFUSALS = {
    "no_provider": "nenhuma IA configurada",
    "budget": "limite de gasto do dia",
    "breakers_open": "IA fora do ar",
    "deadline": "não haveria tempo",
    "failed": "a IA falhou",
    "unusable_answer": "resposta sem utilidade",
}
IGNORED = {
    "served_by_unit": "a unidade está atendendo",
    "opted_out": "pediu para não receber mensagens",
    "nothing_to_say": "não pedia resposta",
    "superseded": "a família mandou outra mensagem antes",
    "stale_reminder": "a visita mudou",
    "another_visit": "já havia outra visita",
    **{reason: note.rstrip(".").lower() for reason, note in NOTES.items() if reason != "opted_out"},
}


ROLES = {"receptionist": "Recepção", "owner": "Direção", "operator": "Técnico"}
ACTS = {
    "entrou": "entrou",
    "GET /": "viu a lista de conversas",
    "GET /conversas/{path}": "abriu uma conversa",
    "GET /conversas/{path}/dados.json": "exportou os dados de uma pessoa",
    "POST /conversas/{path}/apagar": "apagou os dados de uma pessoa",
    "POST /conversas/{path}/assumir": "assumiu uma conversa",
    "POST /conversas/{path}/devolver": "devolveu uma conversa",
    "POST /conversas/{path}/responder": "respondeu a uma família",
    "POST /conversas/{path}/ficha": "corrigiu a ficha de uma família",
    "GET /conversas/{path}/audios/{message_id}": "ouviu o áudio de uma família",
    "GET /conversas/{path}/porque/{message_id}": "viu por que a assistente respondeu assim",
    "POST /conversas/{path}/visitas/{visit_id}": "registrou o resultado de uma visita",
    "GET /agenda": "viu a agenda",
    "GET /agenda/imprimir": "imprimiu as visitas de um dia",
    "GET /agenda/horario": "abriu um horário",
    "GET /agenda/visitas/{visit_id}": "abriu uma visita",
    "POST /agenda/visitas": "marcou uma visita",
    "POST /agenda/visitas/{visit_id}/resultado": "registrou o resultado de uma visita",
    "POST /agenda/visitas/{visit_id}/remarcar": "remarcou uma visita",
    "POST /agenda/visitas/{visit_id}/cancelar": "cancelou uma visita",
    "POST /agenda/bloqueios": "bloqueou um horário",
    "POST /agenda/bloqueios/{block_id}/liberar": "liberou um horário",
    "GET /mudancas": "acompanhou a lista de conversas",
    "GET /respostas": "viu as respostas rápidas",
    "POST /respostas": "escreveu uma resposta rápida",
    "POST /respostas/{reply_id}/apagar": "apagou uma resposta rápida",
    "GET /numeros": "viu os números",
    "GET /numeros.csv": "baixou os números",
    "GET /perguntas": "viu as perguntas sem resposta",
    "POST /perguntas/{gap_id}": "ensinou uma resposta",
    "POST /perguntas/respostas/{answer_id}/retirar": "retirou uma resposta",
    "GET /avisos": "viu os avisos",
    "POST /avisos/{alert_id}/ciente": "assumiu um aviso",
    "GET /mensagens/{message_id}": "viu o caminho de uma mensagem",
    "GET /sistema": "viu o sistema",
    "GET /conta": "abriu o próprio acesso",
    "POST /conta/senha": "trocou a senha",
    "POST /conta/codigo": "ligou o código no celular",
    "POST /conta/codigo/desligar": "desligou o código no celular",
    "POST /conta/acessos/{login}/encerrar": "encerrou um acesso",
    "GET /contas": "viu as contas",
    "POST /contas": "criou uma conta",
    "POST /contas/{username}/{act}": "mudou uma conta",
    "GET /auditoria": "viu quem fez o quê",
}


def act(noted: str) -> str:
    """Say what somebody did; of the API by its route, for whoever knows it."""
    return ACTS.get(noted, f"usou a API: {noted}")


DEVICES = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "celular Android"), ("Windows", "computador Windows")),
    *(("Macintosh", "Mac"), ("Linux", "computador Linux")),
)


def device(agent: str) -> str:
    """Name the kind of device that a browser runs on."""
    return next((name for sign, name in DEVICES if sign in agent), "programa ou outro aparelho")
