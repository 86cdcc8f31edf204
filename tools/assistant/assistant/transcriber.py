"""`transcriber`: installs what llm-gateway needs to hear voice notes on this machine, and fetches a model for it.

A file in `.local` says that the extra is wanted: the shell script `assistant` then installs it with everything else,
from its own lock with hashes, now and after every update.
"""

import subprocess
import sys
from pathlib import Path

FETCH = """
import sys
try:
    from faster_whisper import download_model
    download_model(sys.argv[1], output_dir=sys.argv[2])
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


class TranscriberError(Exception):
    """It could not be installed, or its model not be fetched; the message says what to do."""


def install(project: Path) -> None:
    """Install the extra. Raises `TranscriberError`."""
    wanted = project / ".local" / "transcriber"
    wanted.touch()
    if subprocess.run([str(project / "assistant"), "--help"], check=False, stdout=subprocess.DEVNULL).returncode:
        wanted.unlink()
        raise TranscriberError("the transcriber could not be installed; the lines above say why")


def fetch(model: str, to: Path) -> Path:
    """Fetch a model by its name ("base", "small", …) or leave one that is there. Raises `TranscriberError`."""
    folder = to / model
    if (folder / "model.bin").exists():
        return folder
    if subprocess.run([sys.executable, "-c", FETCH, model, str(folder)], check=False).returncode:
        raise TranscriberError(
            f"the model {model} could not be fetched; where the network does not allow it, put the files of a Whisper"
            f" model in CTranslate2's format into {folder}"
        )
    return folder
