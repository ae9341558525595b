"""zsh_complete.py DIR LINE: what zsh, with the completion functions of DIR, offers after LINE.

Its lists are taken from compadd itself, so that no screen has to be read.
"""
import os
import pty
import sys

directory, line = sys.argv[1:]
setup = r'''
fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D
zstyle ':completion:*' verbose no
compadd() {
    local -a found
    builtin compadd -O found "$@"
    print -rl -- $found >&9
    builtin compadd "$@"
}
bindkey '^I' complete-word; zle -C offer complete-word _main_complete; bindkey '^X' offer
stop() { exit }; zle -N stop; bindkey '^G' stop
PS1='ready> '
''' % directory
out, into = os.pipe()
pid, terminal = pty.fork()
if pid == 0:
    os.dup2(into, 9)
    os.environ["TERM"] = "dumb"
    os.execvp("zsh", ["zsh", "-f", "-i"])
os.close(into)
path = "/tmp/zsh-complete.%d" % os.getpid()
with open(path, "w") as f:
    f.write(setup)
os.write(terminal, ("source %s\n" % path).encode())
seen = b""
while seen.count(b"ready> ") < 1:
    seen += os.read(terminal, 65536)
os.unlink(path)
os.write(terminal, line.encode() + b"\x18\x07")
try:
    while os.read(terminal, 65536):
        pass
except OSError:  # the terminal is closed: zsh has ended
    pass
os.waitpid(pid, 0)
with os.fdopen(out) as f:
    sys.stdout.write(f.read())
