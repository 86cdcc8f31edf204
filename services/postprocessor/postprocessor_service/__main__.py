"""`python -m postprocessor_service`."""

from chassis.service import main

from postprocessor_service.app import build
from postprocessor_service.settings import Settings

if __name__ == "__main__":
    main(build, Settings)
