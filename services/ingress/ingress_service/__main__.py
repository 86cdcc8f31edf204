"""`python -m ingress_service` runs ingress."""

from chassis.service import main

from ingress_service.app import build
from ingress_service.settings import Settings

if __name__ == "__main__":
    main(build, Settings)
