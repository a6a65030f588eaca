"""What the demo says in the terminal: progress on standard error, so that standard output stays an answer."""

import sys


def say(text: str) -> None:
    print(f"\033[1m==>\033[0m {text}" if sys.stderr.isatty() else f"==> {text}", file=sys.stderr, flush=True)
