"""A reminder as the template that WhatsApp approved, for where it takes nothing else (outside its 24-hour window)."""

from contracts.dialogue import ApprovedTemplate

from dialogue_service.decision.acts import Remind
from dialogue_service.speech.lines import Telling


def approved_template(telling: Telling) -> ApprovedTemplate | None:
    """Return the owner's template filled in; `None` when the reply is no reminder, or the owner has none."""
    template = telling.unit.reminder_template
    reminder = next((act for act in telling.acts if isinstance(act, Remind)), None)
    if template is None or reminder is None:
        return None
    values = {
        "when": telling.when(reminder.slot),
        "address": telling.unit.address,
        "unit": telling.unit.name,
        "phone": telling.unit.contact_phone,
    }
    parameters = tuple(values[parameter] for parameter in template.parameters)
    return ApprovedTemplate(name=template.name, language=template.language, parameters=parameters)
