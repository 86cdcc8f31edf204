"""When simulated parents would like to come, and how they say so."""

from random import Random

DAYS = ("segunda", "terça", "quarta", "quinta", "sexta")
HOURS = ("9h", "9:30", "10h", "10h30", "11h", "14h", "14:30", "15h", "15h30", "16h")
_PERIODS = ("de manhã", "de tarde", "à tarde", "pela manhã")


def a_wish(rng: Random) -> str:
    """Say a day, a part of the day, an hour, or how free one is."""
    day, hour, period = rng.choice(DAYS), rng.choice(HOURS), rng.choice(_PERIODS)
    other = rng.choice([each for each in DAYS if each != day])
    return rng.choice(
        (
            f"{day} {period}",
            f"amanhã {period}",
            f"{day} às {hour}",
            f"{day} ou {other}",
            f"qualquer dia {period}",
            f"semana que vem {period}",
            f"{day} que vem às {hour}",
            f"amanhã às {hour}",
            "depois das 15h",
            "de manhã, sem ser segunda",
            "essa semana ainda",
            f"pode ser {day}",
            f"{period}",
            "sábado de manhã",
            "depois das 18h",
            "o mais rápido possível",
        )
    )
