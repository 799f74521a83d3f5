"""Runs tests of libseccomp one after the other, each in a process of its own, and prints a line of JSON for each:
{"name": ..., "way": "-b", "status": N, "output": HEX}.

Arguments: FOLDER WAY NAME...; FOLDER holds util.py too. WAY is -b (program), -p (pseudo filter code) or "" (none).
"""

import json
import os
import runpy
import sys
import tempfile

folder, way, *names = sys.argv[1:]
sys.path.insert(0, folder)


def run(name, output):
    child = os.fork()
    if child != 0:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        os.dup2(output.fileno(), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.argv = [name] + ([way] if way else [])
        runpy.run_path(os.path.join(folder, name + ".py"), run_name="__main__")
        sys.stdout.flush()
        status = 0
    except SystemExit as end:
        status = end.code or 0
    finally:
        os._exit(status)


for name in names:
    with tempfile.TemporaryFile() as output:
        status = run(name, output)
        output.seek(0)
        print(json.dumps({"name": name, "status": status, "output": output.read().hex()}), flush=True)
