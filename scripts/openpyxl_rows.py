"""Reads every row of a workbook with openpyxl, in the way meant for large files, and prints what it took: what `make bench` compares an import with."""

import resource
import sys
import time

import openpyxl

began = time.perf_counter()
book = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True)
rows = sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{rows} rows, {(time.perf_counter() - began) * 1000:.0f} ms, {peak} MiB at most")
