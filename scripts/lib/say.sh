# How a script talks: progress on standard error, so that standard output stays an answer. Sourced first.

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

# seconds_since START: of bash's own clock, to say how long a step took.
seconds_since() { echo "$((SECONDS - $1)) s"; }
