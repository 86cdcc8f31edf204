"""`python -m calendar_service`."""

from chassis.service import main

from calendar_service.app import build
from calendar_service.settings import Settings

if __name__ == "__main__":
    main(build, Settings)
