"""Several services in one process: `python -m chassis.together ingress_service dialogue_service …`.

Each keeps its own port, from `<NAME>_PORT` (`LLM_GATEWAY_PORT`, …), its own connections and its own schema, and, where
`<NAME>_DATABASE_URL` and `<NAME>_RABBITMQ_URL` are given, its own users there.
"""

import asyncio
import os
import signal
import sys
from importlib import import_module

from pydantic import ValidationError

from chassis import logging, telemetry
from chassis.errors import BadConfiguration
from chassis.service import Service, refuse, uvicorn_loop
from chassis.settings import complaints


def build(package: str) -> Service:
    """Make one service of a package that has `app.build` and `settings.Settings`."""
    name = package.removesuffix("_service")
    settings = import_module(f"{package}.settings").Settings
    own = {
        field: value
        for field in ("database_url", "rabbitmq_url")
        if (value := os.environ.get(f"{name}_{field}".upper())) and field in settings.model_fields
    }
    port = os.environ.get(f"{name.upper()}_PORT") or "0"
    service: Service = import_module(f"{package}.app").build(settings(service_port=int(port), **own))
    return service


async def serve_all(services: list[Service]) -> None:
    """Run until a signal, or until one of them cannot go on; then stop all."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    tasks = [asyncio.create_task(service.serve(), name=service.name) for service in services]
    await asyncio.sleep(0)
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
    for service in services:
        service.server.should_exit = True
    stopping.cancel()
    await asyncio.gather(*tasks)


def main(packages: list[str]) -> None:
    """Run these packages' services together."""
    logging.configure("receptionist", os.environ.get("LOG_LEVEL") or "INFO")
    telemetry.configure("receptionist")
    services: list[Service] = []
    for package in packages:
        try:
            services.append(build(package))
        except ValidationError as error:
            refuse(package, complaints(error))
        except BadConfiguration as error:
            refuse(package, [str(error)])
    try:
        uvicorn_loop(serve_all(services))
    except BadConfiguration as error:
        refuse("together", [str(error)])
    finally:
        telemetry.close()


if __name__ == "__main__":
    main(sys.argv[1:])
