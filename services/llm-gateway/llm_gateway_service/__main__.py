"""`python -m llm_gateway_service`."""

from chassis.service import main

from llm_gateway_service.app import build
from llm_gateway_service.settings import Settings

if __name__ == "__main__":
    main(build, Settings)
