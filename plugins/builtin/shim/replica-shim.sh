#!/bin/sh
# The parent of one replica. It outlives the daemon, passes SIGTERM on, and keeps the exit code, which would be lost with
# a daemon that is gone when its child ends. Usage:
#   replica-shim.sh HOME [--join CGROUP_PROCS_FILE]... [--files COUNT] -- COMMAND [ARGUMENT...]
#
# Everything stands in a function, so that the whole file is read before anything runs: an upgrade may replace the file
# while shims of the old one live on. `exec` and "$@" keep the command an argv from end to end.

# Holds the service to its limits, and not this shell, which must live to tell how it ended. 126: it may not be run.
enter() {
  IFS='
'
  set -f
  for group in $groups; do echo 0 >"$group" || exit 126; done
  [ -z "$files" ] || ulimit -n "$files" || exit 126
}

main() {
  home=$1
  shift
  groups=
  files=
  while [ "$1" != -- ]; do
    case $1 in
      # One to a line; what a group is called holds no line's end.
      --join) groups="$groups$2
" ;;
      --files) files=$2 ;;
    esac
    shift 2
  done
  shift
  told=
  # The first SIGTERM goes to the whole group, this shell included, which must not pass it on again: many services take
  # a second one as "at once".
  trap 'told=yes; trap : TERM; kill -TERM 0' TERM
  trap : INT HUP

  # SIGTERM is lost on a child that was forked and has not yet put its traps back; `begun` tells that it has.
  (: >"$home/begun" && enter && exec "$@") &
  service=$!
  echo "$service" >"$home/pid"
  # The log belongs to the service; the shell would write "Terminated" into it.
  exec >/dev/null 2>&1
  # SIGTERM came before there was anybody to pass it on to.
  [ -z "$told" ] || kill -TERM "$service"

  # `wait` also returns when a signal came; then the service is still there.
  while :; do
    wait "$service"
    code=$?
    [ "$code" -ne 127 ] && kill -0 "$service" || break
  done

  echo "$code" >"$home/exit.new" && command -p mv -f "$home/exit.new" "$home/exit"
  # What the service left behind in its group has nobody to work for.
  trap : TERM
  kill -TERM 0
  exit "$code"
}

main "$@"
exit
