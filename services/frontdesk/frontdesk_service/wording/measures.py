"""How numbers are written for people: `R$ 1.225,00`, `80 %`, `2,4 s`, `12 a 18 de outubro`."""

from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from frontdesk_service.hours import Period
from frontdesk_service.indicators import Measure
from frontdesk_service.wording import words
from frontdesk_service.wording.wishes import LOCALE

NOTHING = "–"
WHOLE_REAIS = 1000
STAGES = {
    "conversations": "Escreveram",
    "leads": "Contaram algo da família",
    "qualified": "Ficha completa",
    "booked": "Marcaram visita",
    "came": "Vieram",
}
TASKS = {
    "understand": "Entender mensagens",
    "phrase": "Escrever respostas",
    "check": "Conferir respostas",
    "transcribe": "Ouvir áudios",
}
QUESTIONS = {
    "ask_price": "Preço",
    "ask_hours": "Horários",
    "ask_address": "Endereço",
    "ask_method": "Método",
    "ask_subjects": "Matérias",
    "ask_age_range": "Idade",
    "ask_duration": "Duração",
    "ask_material": "Material",
    "ask_payment": "Formas de pagamento",
    "ask_results": "Resultados",
    "ask_trial": "Aula experimental",
    "ask_special_needs": "Necessidades especiais",
    "ask_online": "Aulas on-line",
    "ask_difference": "Diferença do reforço",
    "ask_holidays": "Feriados",
    "ask_visit_info": "Como é a visita",
    "object_price": "Acha caro",
    "object_distance": "Acha longe",
    "object_time": "Sem tempo",
    "object_child": "A criança não quer",
}


def measure(value: float | None, unit: Measure) -> str:
    """Write a value; a dash when there is none."""
    if value is None:
        return NOTHING
    match unit:
        case "count":
            return format_decimal(value, format="#,##0", locale=LOCALE)
        case "share":
            return format_percent(value, format="#,##0.#%", locale=LOCALE).replace("%", " %")
        case "seconds":
            return f"{format_decimal(value, format='#,##0.0', locale=LOCALE)} s"
        case "brl":
            whole = abs(value) >= WHOLE_REAIS
            return format_currency(
                value, "BRL", format="¤ #,##0" if whole else None, locale=LOCALE, currency_digits=not whole
            )


def price(brl: Decimal) -> str:
    """Write a price to the cent: `R$ 375,00`."""
    return format_currency(brl, "BRL", locale=LOCALE).replace("\xa0", " ")


def span(period: Period) -> str:
    """Name a period: `terça, 24/11`, `23 a 29 de novembro`, `novembro de 2026`."""
    if period.name == "day":
        return words.day_name(period.first_day)
    if period.name == "week":
        return words.week_name(period.first_day, period.last_day)
    return format_date(period.first_day, "MMMM 'de' y", locale=LOCALE)


UNITS: dict[str, Measure] = {
    "spent_today_brl": "brl",
    "unresolved_rate": "share",
    "delivery_failures": "share",
    "booking_rate": "share",
    "error_rate": "share",
    "response_s": "seconds",
}
MINUTES = "_min"


def alert_value(value: float, of: str) -> str:
    """Write what an alert measured."""
    return f"{value:.0f} min" if of.endswith(MINUTES) else measure(value, UNITS.get(of, "count"))
