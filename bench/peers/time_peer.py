"""Times a Python statement: reads {setup, run, seconds, threads} as JSON, prints {samples, peakBytes}."""

import json
import resource
import sys
import time

job = json.load(sys.stdin)
scope = {"threads": job["threads"]}
if "torch" in job["setup"]:
    import torch

    torch.set_num_threads(job["threads"])
exec(job["setup"], scope)
run = compile(job["run"], "peer", "exec")


def once():
    start = time.perf_counter()
    exec(run, scope)
    return time.perf_counter() - start


samples = [once()]
if samples[0] < 3:  # a slow call counts; otherwise the first one warmed up
    begin = time.perf_counter()
    samples = [once()]
    while len(samples) < 3 or (time.perf_counter() - begin < job["seconds"] and len(samples) < 200):
        samples.append(once())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"samples": samples, "peakBytes": peak}))
