#!/usr/bin/env python3
"""Clients that do not keep to user/agent/protocol.h: agent_clients.py SOCKET UID OTHER_UID

Each case forks, becomes UID, and speaks to the agent; the answer must be a refusal or a closed
connection, never STARTED. One line a case; status 1 if one is wrong.
"""
import array
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

START, GUARD, HURRY, STARTED, REFUSED, GUARDED = 1, 2, 3, 4, 5, 6
STATUS, STOP, RELOAD, PART = 11, 12, 13, 15
KNOW, PLACE = 17, 18
path, uid, other = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
program = os.environ["WORMSIGN"]
version = subprocess.check_output([program, "--version"]).split()[1]


def start(mode=0, grace=200, places=(), v=version, kind=START, home_tree=0, tools=0):
    kinds = list(places) + [0] * (48 - len(places))
    return struct.pack(
        "=II32sIIII48II", kind, 0, v, mode, tools, grace, len(places), *kinds, home_tree)


def connect():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(path)
    s.settimeout(10)
    return s


def send(s, data, fds=()):
    s.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds
              else [])


def answer(s):
    try:
        data = s.recv(65536)
    except (ConnectionError, socket.timeout) as e:
        return type(e).__name__, ""
    if len(data) < 8:
        return "closed", ""
    kind = struct.unpack("=I", data[:4])[0]
    text = data[8:].split(b"\0")[0].decode() if kind == REFUSED else ""
    names = {STARTED: "STARTED", REFUSED: "REFUSED", PART: "PART"}
    return names.get(kind, str(kind)), text


def child(sleep=30):
    pid = os.fork()
    if pid == 0:
        os.closerange(3, 256)  # not the connection: its end must be seen
        time.sleep(sleep)
        os._exit(0)
    return pid


def passing(fds, data=None):
    s = connect()
    send(s, data if data is not None else start(), fds)
    return answer(s)


def honest():
    pid = child()
    got = passing([os.pidfd_open(pid)])
    os.kill(pid, signal.SIGKILL)
    return got


def of_pid_1():
    return passing([os.pidfd_open(1)])


def zombie():
    pid = child(0)
    fd = os.pidfd_open(pid)
    time.sleep(0.2)
    return passing([fd])


def dead():
    pid = child(0)
    fd = os.pidfd_open(pid)
    os.waitpid(pid, 0)
    return passing([fd])


def own():
    return passing([os.pidfd_open(os.getpid())])


def parents():
    return passing([os.pidfd_open(os.getppid())])


def grandchild():
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(w, str(child()).encode())
        time.sleep(30)
    return passing([os.pidfd_open(int(os.read(r, 20)))])


def another_users():
    return passing([foreign])


def setuid_program():
    p = subprocess.Popen(["su", "-c", "true"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    time.sleep(0.2)
    return passing([os.pidfd_open(p.pid)])


def a_file():
    return passing([os.open("/etc/passwd", os.O_RDONLY)])


def a_socket():
    return passing([socket.socket().fileno()])


def many_threads():
    pid = os.fork()
    if pid == 0:
        threading.Thread(target=time.sleep, args=(30,)).start()
        time.sleep(30)
    time.sleep(0.5)
    return passing([os.pidfd_open(pid)])


def no_descriptor():
    return passing([])


def too_many_descriptors():
    return passing([os.open("/", os.O_RDONLY)] * 200)


def fewer_than_said():
    return passing([os.pidfd_open(child(5))], start(places=(5, 5)))


def bad_place():
    return passing([os.pidfd_open(child(5)), os.open("/tmp", os.O_RDONLY)], start(places=(1,)))


def another_version():
    return passing([os.pidfd_open(child(5))], start(v=b"9.9.9"))


def version_without_end():
    return passing([os.pidfd_open(child(5))], start(v=b"9" * 32))


def bad_mode():
    return passing([os.pidfd_open(child(5))], start(mode=7))


def bad_grace():
    return passing([os.pidfd_open(child(5))], start(grace=0xffffffff))


def truncated():
    return passing([os.pidfd_open(child(5))], start()[:40])


def one_byte():
    return passing([], b"x")


def oversize():
    return passing([], b"\1\0\0\0" + b"x" * 100000)


def starts_with_hurry():
    return passing([], struct.pack("=II", HURRY, 0))


def starts_with_guard():
    return passing([os.open("/", os.O_RDONLY)], struct.pack("=II", GUARD, 0))


def starts_twice():
    s = connect()
    send(s, start(), [os.pidfd_open(child(30))])
    first = answer(s)[0]
    send(s, start(), [os.pidfd_open(child(30))])
    s.recv(65536)  # whatever: it must end the session
    while answer(s)[0] not in ("closed", "ConnectionResetError"):
        pass
    return "closed" if first == "STARTED" else first, ""


def know(what="credentials", size=(1 << 64) - 1):
    return struct.pack("=IIQ24s", KNOW, 0, size, what.encode())


def place(kind):
    return struct.pack("=IIII", PLACE, 0, kind, 0)


def after_start(data, fds):
    """What becomes of a session whose client sends this: "closed" if it is over."""
    s = connect()
    command = child(30)
    send(s, start(), [os.pidfd_open(command)])
    first = answer(s)[0]
    if first != "STARTED":
        return first, ""
    for d, f in zip(data, fds):
        send(s, d, f)
    try:
        send(s, struct.pack("=II", GUARD, 0), [os.open("/dev/null", os.O_WRONLY)])
        while True:
            kind = answer(s)[0]
            if kind in ("6", "closed", "ConnectionResetError"):
                return kind, ""
    except BrokenPipeError:
        return "closed", ""


def root_dir():
    return os.open("/", os.O_PATH)


def know_no_descriptor():
    return after_start([know()], [[]])


def know_two_descriptors():
    return after_start([know()], [[root_dir(), root_dir()]])


def know_odd_class():
    return after_start([know("session-log")], [[root_dir()]])


def know_class_without_end():
    return after_start([know("c" * 24)], [[root_dir()]])


def know_truncated():
    return after_start([know()[:-1]], [[root_dir()]])


def place_own():
    return after_start([place(1)], [[root_dir()]])


def know_odd_files():
    fds = [os.pipe()[0], os.memfd_create("x"), os.pidfd_open(os.getpid()), 0,
           os.open("/dev/null", os.O_RDONLY), os.open("/proc/self/status", os.O_RDONLY)]
    return after_start([know()] * len(fds), [[f] for f in fds])


def place_a_file():
    return after_start([place(6)], [[os.open("/etc/passwd", os.O_RDONLY)]])


def know_too_many():
    fd = os.open("/etc/passwd", os.O_PATH)
    return after_start([know()] * 20000, [[fd]] * 20000)


def ask(kind=STATUS, v=version, session=0):
    return struct.pack("=II32sQ", kind, 0, v, session)


def status():
    return passing([], ask())


def status_of_another_version():
    return passing([], ask(v=b"9.9.9"))


def status_without_end():
    return passing([], ask(v=b"9" * 32))


def status_with_descriptor():
    return passing([os.open("/", os.O_RDONLY)], ask())


def stop_truncated():
    return passing([], ask(STOP)[:-1])


def stop_too_long():
    return passing([], ask(STOP) + b"x")


def stop_none():
    return passing([], ask(STOP, session=12345))


def reload_of_a_user():
    return passing([], ask(RELOAD))


def an_answer():
    return passing([], struct.pack("=II", STARTED, 0))


def no_kind():
    return passing([], struct.pack("=II", 0, 0))


def says_nothing():
    return answer(connect())


refused = ("REFUSED", "closed", "ConnectionResetError", "BrokenPipeError")
cases = [(f, refused) for f in (
    of_pid_1, zombie, dead, own, parents, grandchild, another_users, setuid_program, a_file,
    a_socket, many_threads, no_descriptor, too_many_descriptors, fewer_than_said, bad_place,
    another_version, version_without_end, bad_mode, bad_grace, truncated, one_byte, oversize,
    starts_with_hurry, starts_with_guard, starts_twice, says_nothing, status_of_another_version,
    status_without_end, status_with_descriptor, stop_truncated, stop_too_long, stop_none,
    reload_of_a_user, an_answer, no_kind)]
cases.insert(0, (honest, ("STARTED",)))
cases += [(f, refused) for f in (know_no_descriptor, know_two_descriptors, know_odd_class,
                                 know_class_without_end, know_truncated, place_own)]
# what is not entered ends no session
cases += [(f, ("6",)) for f in (know_odd_files, place_a_file, know_too_many)]
cases.append((status, ("PART", "14")))  # of which the honest one's session may come first

# A process of another user, to be passed.
victim = os.fork()
if victim == 0:
    os.setresuid(other, other, other)
    time.sleep(300)
    os._exit(0)
time.sleep(0.1)
foreign = os.pidfd_open(victim)


def run(f):
    """What f returns, as text, of a process of the user."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        try:
            kind, text = f()
        except (ConnectionError, OSError) as e:
            kind, text = type(e).__name__, str(e)
        os.write(w, f"{kind} {text}".encode())
        os._exit(0)
    os.close(w)
    got = os.read(r, 4096)
    os.close(r)
    os.killpg(pid, signal.SIGKILL)  # with the children it has made
    os.waitpid(pid, 0)
    return got.decode()


wrong = 0
for f, wanted in cases:
    got = run(f)
    good = got.split(" ")[0] in wanted
    wrong += not good
    print("ok" if good else "failed:", f.__name__, "->", got)


# ---- clients that leave, or do not read ----
def leave_after(step):
    s = connect()
    if step == 0:
        os._exit(0)
    send(s, start(), [os.pidfd_open(child(30))])
    if step == 1:
        os._exit(0)
    answer(s)
    if step == 2:
        os._exit(0)
    send(s, struct.pack("=II", GUARD, 0), [os.open("/dev/null", os.O_WRONLY)])
    if step == 3:
        os._exit(0)
    answer(s)
    os._exit(0)


def never_reads():
    gate = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(gate[0], 1)
        os.execvp("sh", ["sh", "-c", "i=0; while [ $i -lt 1000 ]; do /bin/true; i=$((i+1)); done"])
    s = connect()
    send(s, start(), [os.pidfd_open(pid)])
    got = answer(s)
    os.write(gate[1], b"x")
    os.waitpid(pid, 0)
    return got


for step in range(5):
    run(lambda: leave_after(step))
    print("ok left after step", step)
got = run(never_reads)
good = got.startswith("STARTED")
wrong += not good
print("ok" if good else "failed:", "never reads ->", got)
if os.waitpid(victim, os.WNOHANG) != (0, 0):
    print("failed: another user's process has died")
    wrong += 1
os.kill(victim, signal.SIGKILL)
os.waitpid(victim, 0)
sys.exit(1 if wrong else 0)
