# How a script talks: progress on standard error, so that standard output stays an answer. Sourced first.

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

# seconds_since START: of bash's own clock, to say how long a step took.
seconds_since() { echo "$((SECONDS - $1)) s"; }

FAILED_STEPS=()

# step NAME COMMAND...: run it, say how it went, and go on, so that one run shows everything there is to mend.
step() {
    local name=$1 started=$SECONDS
    shift
    say "$name"
    if "$@"; then
        say "$name: good ($(seconds_since "$started"))"
    else
        FAILED_STEPS+=("$name")
        say "$name: FAILED ($(seconds_since "$started"))"
    fi
}

# all_steps_passed: say what did not, if anything did.
all_steps_passed() {
    [ ${#FAILED_STEPS[@]} -eq 0 ] && return
    printf -v names '%s, ' "${FAILED_STEPS[@]}"
    say "failed: ${names%, }"
    return 1
}
