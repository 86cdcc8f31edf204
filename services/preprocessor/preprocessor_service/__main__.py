"""`python -m preprocessor_service`."""

from chassis.service import main

from preprocessor_service.app import build
from preprocessor_service.settings import Settings

if __name__ == "__main__":
    main(build, Settings)
