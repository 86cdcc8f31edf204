"""Recognising the question whether a machine answers."""

import re

from dialogue_service.decision.lead import plain
from dialogue_service.decision.turn import Turn

_MACHINE = re.compile(
    r"\b(robos?|bot|chatbot|maquina|inteligencia artificial|chatgpt|atendimento automatico|ia)\b"
    r"|\b(pessoa|gente) (real|de verdade)|\b(voce|vc|tu) (e|eh) (real|de verdade)|\b(robo|maquina|bot) ou (uma )?pessoa"
    r"|\b(falando|conversando) com (uma )?(pessoa|gente|human[oa])\b"
    r"|\b(voce|vc|tu) (e|eh) (um |uma )?(human[oa]|pessoa)\b"
    r"|\be (uma )?pessoa que (esta |ta )?(respond|atend|escrev)"
)
_PLAINLY = re.compile(
    r"^\W*(voce|vc|tu) (e|eh|es) (um |uma |a )?(robo|bot|chatbot|maquina|ia|inteligencia artificial)\b"
)
_ADDRESSED = re.compile(r"\b(voce|vc|falando|conversando|respondendo|atendendo|isso|aqui|tu|e|sao)\b")


def asks_about_machine(turn: Turn) -> bool:
    """Whether somebody asks if they talk to a machine; who then plainly wants a person still gets one."""
    said = plain(turn.text)
    asks = "?" in said and bool(_MACHINE.search(said)) and bool(_ADDRESSED.search(said))
    return (asks or bool(_PLAINLY.search(said))) and "quero falar" not in said
