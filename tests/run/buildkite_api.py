"""The receiving side of a Buildkite agent, for tests: hands out one job, and keeps what the agent
says of it.

  buildkite_api.py PORT-FILE OUT-FILE REPOSITORY COMMAND

OUT-FILE gets the job's log, then a line `finished STATUS`.
"""

import gzip
import http.server
import json
import os
import sys

port_file, out_file, repository, command = sys.argv[1:]
JOB = "01900000-0000-4000-8000-000000000001"
given = False


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, body):
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def take(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip" or body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        return body

    def job(self, state):
        here = f"http://127.0.0.1:{self.server.server_port}/v3"
        return {
            "id": JOB,
            "state": state,
            "endpoint": here,
            "token": "x",
            "chunks_max_size_bytes": 100000,
            "env": {
                "BUILDKITE": "true",
                "BUILDKITE_JOB_ID": JOB,
                "BUILDKITE_COMMAND": command,
                "BUILDKITE_REPO": repository,
                "BUILDKITE_COMMIT": "HEAD",
                "BUILDKITE_BRANCH": "main",
                "BUILDKITE_BUILD_NUMBER": "12",
                "BUILDKITE_PIPELINE_SLUG": "app",
                "BUILDKITE_ORGANIZATION_SLUG": "o",
                "BUILDKITE_PIPELINE_PROVIDER": "git",
                "BUILDKITE_AGENT_NAME": "runner-1",
            },
        }

    def do_GET(self):
        global given
        if self.path.endswith("/ping") and not given:
            given = True
            self.answer({"job": self.job("assigned")})
        elif "/jobs/" in self.path:
            self.answer(self.job("running"))
        else:
            self.answer({})

    def do_POST(self):
        body = self.take()
        if self.path.endswith("/register"):
            here = f"http://127.0.0.1:{self.server.server_port}/v3"
            self.answer(
                {
                    "id": "a",
                    "name": "runner-1",
                    "access_token": "y",
                    "endpoint": here,
                    "ping_interval": 1,
                    "job_status_interval": 5,
                    "heartbeat_interval": 60,
                }
            )
            return
        if "/chunks" in self.path:
            with open(out_file, "ab") as out:
                out.write(body)
        self.answer({})

    def do_PUT(self):
        body = self.take()
        if self.path.endswith("/finish"):
            with open(out_file, "a", encoding="utf-8") as out:
                out.write(f"\nfinished {json.loads(body).get('exit_status')}\n")
        self.answer(self.job("accepted"))


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(port_file + ".new", "w", encoding="utf-8") as f:
    f.write(str(server.server_port))
os.rename(port_file + ".new", port_file)
server.serve_forever()
