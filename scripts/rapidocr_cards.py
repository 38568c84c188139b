"""Reads pictures of cards with RapidOCR, for comparison: python3 rapidocr_cards.py {640|default} < list-of-files > lines-of-json

One thread. Each line of output: the file, every line of text that was found from top to bottom, and the time from the file's bytes to them: of the
processor and on the wall. The last line is the process's peak memory. Started by `make bench-vision`; see benches/vision.
"""

import json
import os
import resource
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import cv2  # noqa: E402
import numpy  # noqa: E402
from rapidocr import RapidOCR  # noqa: E402

SETTINGS = {
    "default": {},
    "640": {"Det.limit_type": "max", "Det.limit_side_len": 640},
}


def main() -> None:
    cv2.setNumThreads(1)
    threads = {"EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1}
    engine = RapidOCR(params={"Global.log_level": "critical", **threads, **SETTINGS[sys.argv[1]]})
    files = [line.strip() for line in sys.stdin if line.strip()]
    engine(cv2.imread(files[0]))
    for file in files:
        with open(file, "rb") as opened:
            data = numpy.frombuffer(opened.read(), numpy.uint8)
        processor, wall = time.process_time(), time.perf_counter()
        result = engine(cv2.imdecode(data, cv2.IMREAD_COLOR))
        processor, wall = time.process_time() - processor, time.perf_counter() - wall
        lines = list(result.txts or [])
        print(json.dumps({"file": file, "lines": lines, "processor_ms": processor * 1000, "wall_ms": wall * 1000}, ensure_ascii=False), flush=True)
    print(json.dumps({"peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


main()
