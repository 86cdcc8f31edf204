"""`python -m rules_service`."""

from chassis.service import main

from rules_service.app import build
from rules_service.settings import Settings

if __name__ == "__main__":
    main(build, Settings)
