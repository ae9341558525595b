#!/usr/bin/env python3
"""Plays a CI system with a snippet of scripts/ci, as its README shows it.

ci_play.py github|gitlab|jenkins|buildkite|none PROJECT COMMAND PREFIX...

COMMAND takes the place of `npm ci` in the README. What the system would run is run in PROJECT,
by the program PREFIX (which becomes the user of the job). "none" runs COMMAND alone, and reads it
as all of them. One JSON object is printed: the status; what the system would have taken for commands
in the output, in order; what is in the files of commands; and the artifacts that it would keep.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import yaml

HERE = "scripts/ci"
COLOUR = re.compile(r"\x1b\[([;\d]+)?[mK]")
RUNNER_COMMANDS = {
    "set-env", "set-output", "save-state", "add-mask", "add-path", "warning", "error", "notice",
    "debug", "group", "endgroup", "echo", "add-matcher", "remove-matcher", "stop-commands",
    "internal-set-repo-path"}


def example(provider):
    """The part of the README that people copy."""
    with open(f"{HERE}/{provider}/README.md") as f:
        return re.search(r"^```\w+\n(.*?)^```$", f.read(), re.M | re.S).group(1)


def github_commands(text, known, state):
    """state: the token that ends a pause, or None. Two forms: ::name args::, ##[name args]."""
    for line in re.split(r"\r\n|\r|\n", text):
        m = re.match(r"\s*::([^: ]+)(?: [^:]*|[^:]*)::(.*)", line) or re.search(
            r"##\[([^\] ]+)[^\]]*\](.*)", line)
        if not m or m.group(1).lower() not in known:
            continue
        name, data = m.group(1).lower(), m.group(2)
        if state["token"]:
            if name == state["token"]:
                state["token"] = None
                yield "(resume)"
            continue
        if name == "stop-commands":
            state["token"] = data.lower()
            known.add(data.lower())
        yield name


def gitlab_commands(text):
    return re.findall(r"section_(?:start|end):\d+:[\w.-]+", text)


def buildkite_commands(text):
    # the agent looks at lines without colours; a terminal also begins anew at a return, and the
    # frontend after the sequence of a timestamp
    for line in re.split(r"\n|\r|\x1b_[^\x07]*\x07", text):
        line = COLOUR.sub("", line)
        if re.match(r"(---|\+\+\+|~~~)\s|\^\^\^\s+\+\+\+", line):
            yield line


class Play:
    def __init__(self, project, command, prefix):
        self.project, self.command, self.prefix = project, command, prefix
        self.env = dict(os.environ)
        self.temp = os.path.join(project, "..", "temp")
        self.out = self.err = ""

    def fill(self, text):
        assert "npm ci" in text
        return text.replace("npm ci", self.command)

    def run(self, argv, script):
        """Run script by argv, which gets its file as the last argument."""
        with tempfile.NamedTemporaryFile("w", suffix=".sh") as f:
            f.write(script)
            f.flush()
            os.chmod(f.name, 0o755)
            done = subprocess.run([*self.prefix, *argv, f.name], cwd=self.project, env=self.env,
                                  capture_output=True, stdin=subprocess.DEVNULL)
        self.out = done.stdout.decode(errors="replace")
        self.err = done.stderr.decode(errors="replace")
        return done.returncode

    def artifacts(self, *patterns):
        return sorted(name for p in patterns for name in glob.glob(os.path.join(self.project, p))
                      if os.path.getsize(name))

    def runner_files(self):
        """What the runner makes for a step: a file for each kind of command."""
        names = {"GITHUB_ENV": "set_env_1", "GITHUB_PATH": "add_path_1",
                 "GITHUB_OUTPUT": "set_output_1", "GITHUB_STATE": "save_state_1",
                 "GITHUB_STEP_SUMMARY": "step_summary_1"}
        where = os.path.join(self.temp, "_runner_file_commands")
        for name, file in names.items():
            self.env[name] = os.path.join(where, file)
            with open(self.env[name], "w"):
                pass
            os.chown(self.env[name], os.stat(self.temp).st_uid, os.stat(self.temp).st_gid)
        return names

    def github(self):
        steps = yaml.safe_load(example("github"))["steps"]
        step = next(s for s in steps if "with" in s and "run" in s["with"])
        kept = next(s for s in steps if "upload-artifact" in s["uses"])["with"]["path"]
        with open(os.path.join(step["uses"], "action.yml")) as f:
            action = yaml.safe_load(f)
        inputs = {k: str(v.get("default", "")) for k, v in action["inputs"].items()}
        inputs |= {k: self.fill(v) for k, v in step["with"].items()}

        def value(text):
            return re.sub(r"\$\{\{ *inputs\.([\w-]+) *\}\}", lambda m: inputs[m.group(1)], text)

        (one,) = action["runs"]["steps"]
        # what a run: takes in by ${{ }} is part of the script
        assert "${{" not in one["run"] and one["shell"] == "bash"
        names = self.runner_files()
        self.env |= {k: value(v) for k, v in one["env"].items()}
        self.env |= {"RUNNER_TEMP": self.temp, "GITHUB_ACTIONS": "true",
                     "GITHUB_ACTION_PATH": os.path.abspath(step["uses"])}
        assert value(one["working-directory"]) == "."
        status = self.run(["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"], one["run"])
        state, known = {"token": None}, set(RUNNER_COMMANDS)
        # the two streams are read by two threads: at worst, all of one comes before the other
        commands = [*github_commands(self.out, known, state),
                    *github_commands(self.err, known, state)]
        files = {}
        for name in names:
            with open(self.env[name]) as f:
                files[name] = f.read()
        return status, commands, files, self.artifacts(
            kept.replace("${{ runner.temp }}", self.temp))

    def gitlab(self):
        jobs = yaml.safe_load(example("gitlab"))
        for include in jobs.pop("include"):
            with open(include["local"]) as f:
                jobs |= yaml.safe_load(f)
        job = jobs["install"]
        job = jobs[job["extends"]] | job
        self.env |= {"CI_PROJECT_DIR": self.project, "GITLAB_CI": "true"}
        lines = job["before_script"] + [self.fill(line) for line in job["script"]]
        status = self.run(["bash"], "set -eo pipefail\n" + "\n".join(lines) + "\n")
        return (status, gitlab_commands(self.out + self.err), {},
                self.artifacts(*job["artifacts"]["paths"]))

    def jenkins(self):
        text = example("jenkins")
        (step,) = re.findall(r"\bsh '([^']*)'", text)
        self.env |= {"BUILD_NUMBER": "7", "JENKINS_URL": "https://jenkins.example.com/"}
        # one argument of the example: a shell's script stays one
        status = self.run(["sh", "-xe"], self.fill(step))
        # what Jenkins takes from a log are notes that it has signed itself
        return status, [], {}, self.artifacts(re.search(r"artifacts: '([^']*)'", text).group(1))

    def buildkite(self):
        hook = re.search(r"install -m 755 (\S+) /etc/buildkite-agent/hooks/command",
                         example("buildkite")).group(1)
        self.env |= {"BUILDKITE": "true", "BUILDKITE_COMMAND": self.command}
        with open(hook) as f:
            status = self.run(["bash"], f.read())
        return (status, list(buildkite_commands(self.out + self.err)), {},
                self.artifacts("wormsign-*.jsonl"))

    def none(self):
        names = self.runner_files()
        self.env["RUNNER_TEMP"] = self.temp
        status = self.run(["bash", "-e"], self.command)
        text = self.out + "\n" + self.err
        files = {}
        for name in names:
            with open(self.env[name]) as f:
                files[name] = f.read()
        return (status, [*github_commands(text, set(RUNNER_COMMANDS), {"token": None}),
                         *gitlab_commands(text), *buildkite_commands(text)], files, [])


def main():
    provider, project, command, *prefix = sys.argv[1:]
    play = Play(project, command, prefix)
    status, commands, files, artifacts = getattr(play, provider)()
    json.dump({"status": status, "commands": commands, "files": files, "artifacts": artifacts,
               "log": play.out + play.err}, sys.stdout)


main()
