"""`python -m dialogue_service`."""

from chassis.service import main

from dialogue_service.app import build
from dialogue_service.settings import Settings

if __name__ == "__main__":
    main(build, Settings)
