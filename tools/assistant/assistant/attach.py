"""What `up` becomes in the foreground: a small process that waits for the supervisor, and ends it when told to end.

`python -m assistant.attach PID`: PID is a child of this very process (`up` has become it by exec).
"""

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Exit 0 after an ordered end, 1 when the supervisor died."""
    supervisor = int(sys.argv[1])
    asked = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        os.kill(supervisor, signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    os.waitpid(supervisor, 0)
    sys.exit(0 if asked else 1)


if __name__ == "__main__":
    main()
