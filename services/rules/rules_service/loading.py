"""Reads `unit.toml` and `knowledge/*.md` into facts, or says in one message everything that is wrong with them."""

import hashlib
import re
import string
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from chassis.errors import BadConfiguration
from pydantic import ValidationError

from rules_service.claims import flaw_in_knowledge
from rules_service.facts import Facts, Piece, UnitFile
from rules_service.reasons import complaints, toml_complaint
from rules_service.wording import fillings

VERSION_DIGITS = 12
FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---\s*\n(.*)\Z", re.DOTALL)


def load_facts(unit_file: Path, knowledge_dir: Path) -> Facts:
    """Read and check everything.

    Raises `BadConfiguration` with one line `file: key: reason` (in Portuguese, for the owner) for each mistake.
    """
    content = hashlib.sha256()
    file = _read_unit(unit_file, content)
    pieces, wrong = [], []
    for path in _knowledge_files(knowledge_dir):
        try:
            pieces.append(_read_piece(path, file, content))
        except BadConfiguration as error:
            wrong.append(str(error))
    wrong += _repeated_ids(pieces)
    if wrong:
        raise BadConfiguration("\n".join(wrong))
    return Facts(version=content.hexdigest()[:VERSION_DIGITS], file=file, knowledge=tuple(pieces))


def found(name: str) -> Path:
    """Return the file or folder of that name in the working directory, else the project's own."""
    places = (Path(), *Path(__file__).resolve().parents)
    return next((folder / name for folder in places if (folder / name).exists()), Path(name))


def _read(path: Path, content: "hashlib._Hash") -> str:
    try:
        # Windows editors change line ends and may put a byte order mark in front: neither is a change of facts.
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise BadConfiguration(f"{path.name}: (arquivo): não existe em {path.parent.resolve()}") from error
    except UnicodeDecodeError as error:
        raise BadConfiguration(f"{path.name}: (arquivo): não está em UTF-8; salve o texto nessa codificação") from error
    except OSError as error:
        raise BadConfiguration(f"{path.name}: (arquivo): não pôde ser lido ({error.strerror})") from error
    content.update(f"{path.name}\0{text}\0".encode())
    return text


def _read_unit(path: Path, content: "hashlib._Hash") -> UnitFile:
    text = _read(path, content)
    try:
        file = UnitFile.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise BadConfiguration(toml_complaint(error, text, path.name)) from error
    except ValidationError as error:
        raise BadConfiguration("\n".join(complaints(error, path.name, UnitFile))) from error
    reminder = file.templates.reminder
    if reminder and (flaw := flaw_in_knowledge(reminder.without_variables, file)):
        raise BadConfiguration(f"{path.name}: templates.reminder.body: {flaw}")
    return file


def _knowledge_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise BadConfiguration(f"{folder.name}: (pasta): não existe em {folder.parent.resolve()}")
    return sorted(path for path in folder.glob("*.md") if path.name != "README.md")


def _read_piece(path: Path, file: UnitFile, content: "hashlib._Hash") -> Piece:
    name = f"{path.parent.name}/{path.name}"
    try:
        front, text = _split(_read(path, content), name)
        piece = Piece.model_validate({**front, "text": _filled(text, file, name)})
    except ValidationError as error:
        raise BadConfiguration("\n".join(complaints(error, name, Piece))) from error
    if flaw := flaw_in_knowledge(piece.text, file):
        raise BadConfiguration(f"{name}: text: {flaw}")
    return piece


def _split(text: str, name: str) -> tuple[dict[str, Any], str]:
    match = FRONT_MATTER.match(text)
    if match is None:
        raise BadConfiguration(
            f"{name}: (arquivo): precisa começar com as linhas entre --- (id, topic, title, questions)"
        )
    try:
        front = yaml.safe_load(match[1])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1  # the marks count from zero, after the first ---
        raise BadConfiguration(f"{name}: (linha {line}): não pôde ser lida; textos com : ficam entre aspas") from error
    if not isinstance(front, dict) or "text" in front:
        raise BadConfiguration(f"{name}: (arquivo): entre as linhas --- ficam id, topic, title e questions")
    return {str(key): value for key, value in front.items()}, match[2]


def _filled(text: str, file: UnitFile, name: str) -> str:
    values = fillings(file)
    try:
        named = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except ValueError as error:
        raise BadConfiguration(f"{name}: text: uma chave {{ }} não foi fechada") from error
    if unknown := named - values.keys():
        raise BadConfiguration(f"{name}: text: {{{min(unknown)}}} não existe; existem: {', '.join(sorted(values))}")
    return text.format(**values)


def _repeated_ids(pieces: list[Piece]) -> list[str]:
    ids = [piece.id for piece in pieces]
    return [
        f"knowledge: id: {name} está em mais de um arquivo" for name in sorted({i for i in ids if ids.count(i) > 1})
    ]
