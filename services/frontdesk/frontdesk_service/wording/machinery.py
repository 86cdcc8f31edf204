"""The services and what they depend on, as those who look after the system read of them."""

from frontdesk_service.machinery import ServiceNow
from frontdesk_service.wording.words import CHANNEL_NAMES

SERVICES = {
    "ingress": "Recebe o que chega do WhatsApp",
    "preprocessor": "Reconhece quem escreve e ouve os áudios",
    "dialogue": "Conduz a conversa",
    "rules": "Confere preços, horários e cada resposta",
    "llm-gateway": "Fala com a inteligência artificial",
    "calendar": "Cuida das visitas",
    "postprocessor": "Entrega as mensagens",
    "frontdesk": "Esta página",
}
DEPENDENCIES = {
    **CHANNEL_NAMES,
    **{f"{name}.messages": f"{title}, consulta" for name, title in CHANNEL_NAMES.items()},
    "google": "Google Agenda",
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "local": "Transcritor desta máquina",
    "redis": "Redis",
    "qdrant": "Qdrant",
    "meta": "Arquivos da Meta",
    "media": "Arquivos do WhatsApp",
}
BREAKERS = {
    "closed": "respondendo",
    "open": "falhou várias vezes; é deixado de lado por enquanto",
    "half_open": "sendo experimentado de novo",
}
CHECKS = {"started": "Ainda está começando", "rabbitmq": "Sem o RabbitMQ", "postgresql": "Sem o PostgreSQL"}


def tone(service: ServiceNow) -> str:
    """Return the colour of its dot."""
    if service.how == "silent":
        return "critical"
    leaves_alone = any(state != "closed" for _, state in service.breakers)
    return "warning" if service.how == "troubled" or leaves_alone else "fine"


def state(service: ServiceNow) -> str:
    """`Funcionando`, or what is wrong."""
    if service.how == "silent":
        return "Não responde"
    return " · ".join(CHECKS.get(check, f"Sem {check}") for check in service.lacks) or "Funcionando"
