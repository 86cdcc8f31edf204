from chassis.service import main

from frontdesk_service.app import build
from frontdesk_service.settings import Settings

main(build, Settings)
