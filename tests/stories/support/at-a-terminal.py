"""Runs a command at a terminal, types answers when it asks for them, and prints what was seen there as JSON."""

import fcntl
import json
import os
import pty
import re
import select
import struct
import sys
import termios
import time

command, answers = json.loads(sys.argv[1]), json.loads(sys.argv[2])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))

seen, read_until, deadline = b"", 0, time.monotonic() + 60
while time.monotonic() < deadline:
    ready, _, _ = select.select([terminal], [], [], 0.5)
    if not ready:
        continue
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    seen += part
    if answers and answers[0][0].encode() in seen[read_until:]:
        read_until = len(seen)
        os.write(terminal, answers.pop(0)[1].encode() + b"\r")
else:
    os.kill(pid, 9)
_, status = os.waitpid(pid, 0)
text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode(errors="replace"))
print(json.dumps({"code": os.waitstatus_to_exitcode(status), "seen": text, "unasked": len(answers)}))
