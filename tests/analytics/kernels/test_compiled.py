import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SAYING = "compiling for this machine, this first time only\n"
TIMED = """
import json, time
import numpy as np, scipy.linalg
from analytics.kernels.compiled import compiled  # numba itself, whoever uses it
from numba import njit
njit(lambda x: x)(1)  # and its own setting up
from analytics.kernels.arcs import backwards
from analytics.kernels.reversed_sets import draw
from scipy.sparse import csr_array
arcs = csr_array(np.eye(30, k=1) * 0.5)
before = time.process_time()
found = draw(backwards(arcs, "ic"), np.arange(1.0, 31.0), 1, 0, 100, 2)
print(json.dumps([time.process_time() - before, found.members.tolist()]))
"""
WATCHED = """
from analytics.kernels.compiled import watched
from analytics.kernels.draws import stream
with watched(lambda *step: print(*step)):
    stream(1, 2)
    stream(1, 2)
"""


def run(program: str, kept: Path, *path: Path) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env |= {
        "NUMBA_CACHE_DIR": str(kept),
        "PYTHONPATH": os.pathsep.join(map(str, [*path, ROOT])),
        "PYTHONPYCACHEPREFIX": str(kept / "pyc"),
    }
    return subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=env
    )


def test_the_first_process_says_that_it_compiles_and_the_second_pays_nothing(tmp_path: Path) -> None:
    cold, warm = run(TIMED, tmp_path), run(TIMED, tmp_path)
    assert cold.stderr == SAYING
    assert warm.stderr == ""
    (cold_seconds, cold_found), (seconds, found) = json.loads(cold.stdout), json.loads(warm.stdout)
    assert found == cold_found
    assert seconds < 0.5 < cold_seconds


def test_whoever_watches_is_told_instead(tmp_path: Path) -> None:
    cold = run(WATCHED, tmp_path)
    assert (cold.stdout, cold.stderr) == (f"{SAYING.strip()} 0 1\n", "")


def test_a_change_in_a_file_beside_it_compiles_a_kernel_anew(tmp_path: Path) -> None:
    kernels = tmp_path / "kernels_of_a_test"
    kernels.mkdir()
    (kernels / "__init__.py").touch()
    head = "from analytics.kernels.compiled import compiled\n"
    inner = f"{head}@compiled\ndef one():\n    return 1\n"
    (kernels / "inner.py").write_text(inner)
    (kernels / "outer.py").write_text(
        f"{head}from kernels_of_a_test.inner import one\n@compiled\ndef two():\n    return 2 * one()\n"
    )
    program = "from kernels_of_a_test.outer import two; print(two())"
    assert run(program, tmp_path / "kept", tmp_path).stdout == "2\n"
    (kernels / "inner.py").write_text(inner.replace("return 1", "return 1 + 20"))
    assert run(program, tmp_path / "kept", tmp_path).stdout == "42\n"
