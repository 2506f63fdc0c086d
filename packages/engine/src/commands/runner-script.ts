/**
 * The parent of every command: a POSIX shell in a session of its own that outlives the daemon, so that the exit code is
 * not lost and a later daemon finds the command again. It is given the state directory, the program and its arguments
 * as positional parameters; no data is ever part of the script.
 *
 * - It claims the command by creating `record` exclusively before it starts the program. A second runner, started by a
 *   daemon that did not yet see the first, loses the claim and leaves.
 * - Only builtins are used, so a PATH without coreutils does no harm and nothing is forked but the command.
 * - `outcome` exists already and is full of blanks: it is written over in place, because a command that filled the disk
 *   must still be able to say how it ended. A reader takes it for whole when it ends in a dot.
 * - Its own standard error is closed, or the shell would write "Terminated" into the log of a command that was.
 * - Signals to the group are caught and waited out; the command itself gets them in their default form.
 */
export const runnerScript = `
state=$1
shift
set -C
read -r boot </proc/sys/kernel/random/boot_id
read -r _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ start _ <"/proc/$$/stat"
printf '%s %s %s .' "$$" "$start" "$boot" 2>/dev/null >"$state/record" || exit 0
set +C
trap : HUP INT QUIT TERM USR1 USR2
exec 3>&2 2>/dev/null
(exec "$@" 2>&3 3>&-)
code=$?
read -r now _ </proc/uptime
printf '%s %s .' "$code" "$now" 1<>"$state/outcome"
`;
