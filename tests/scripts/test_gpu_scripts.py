"""Claims: scripts/gpu_check and scripts/profile say what is missing and exit with 69; scripts/profile asks nsys for ranges,
graph nodes and cuBLAS calls, for one epoch, of the program with the arguments given."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"


class GpuScripts(unittest.TestCase):
    def setUp(self):
        top = tempfile.TemporaryDirectory(prefix="handgrad-test-")
        self.addCleanup(top.cleanup)
        self.top = pathlib.Path(top.name)

    def command(self, name, text):
        """A program that stands before those of the machine."""
        path = self.top / name
        path.write_text("#!/bin/bash\n" + text)
        path.chmod(0o755)

    def run_script(self, name, *arguments, path=None):
        environment = dict(os.environ, PATH=path or f"{self.top}:{os.environ['PATH']}", HANDGRAD=str(self.top / "handgrad"))
        return subprocess.run([SCRIPTS / name, *arguments], env=environment, cwd=self.top, capture_output=True, text=True,
                              timeout=60)

    def test_gpu_check_without_a_gpu(self):
        self.command("nvidia-smi", "echo 'NVIDIA-SMI has failed'; exit 9\n")
        result = self.run_script("gpu_check")
        self.assertEqual(result.returncode, 69, result.stderr)
        self.assertIn("no GPU answers on this machine", result.stderr)

    def test_gpu_check_without_a_compiler(self):
        self.command("nvidia-smi", "echo 'NVIDIA H100, 9.0, 580.00, 81559 MiB'\n")
        os.environ["CUDACXX"] = str(self.top / "nowhere")
        self.addCleanup(os.environ.pop, "CUDACXX")
        result = self.run_script("gpu_check")
        self.assertEqual(result.returncode, 69, result.stderr)
        self.assertIn("no nvcc to build for it", result.stderr)

    @unittest.skipIf(any(pathlib.Path("/opt/nvidia").glob("nsight-systems*")) or os.path.exists("/usr/local/cuda/bin/nsys"),
                     "nsys is here")
    def test_profile_without_nsys(self):
        self.command("handgrad", "")
        result = self.run_script("profile", path=f"{self.top}:/usr/bin:/bin")
        self.assertEqual(result.returncode, 69, result.stderr)
        self.assertIn("nsight-systems-cli", result.stderr)

    def test_profile(self):
        self.command("handgrad", "echo \"handgrad $*\"\n")
        self.command("nsys", "echo \"nsys $*\"\n")
        result = self.run_script("profile", "--output", "p", "train", "autoencoder", "--out", "r")
        self.assertEqual(result.returncode, 0, result.stderr)
        profile, stats = result.stdout.splitlines()
        self.assertIn("nsys profile --output p ", profile)
        for option in ("--trace cuda,nvtx,cublas", "--cuda-graph-trace node", "--capture-range nvtx",
                       "--nvtx-capture epoch@handgrad"):
            self.assertIn(option, profile)
        self.assertTrue(profile.endswith(f"{self.top}/handgrad train autoencoder --out r"), profile)
        self.assertTrue(stats.startswith("nsys stats ") and stats.endswith("p.nsys-rep"), stats)

    def test_profile_without_a_program(self):
        result = self.run_script("profile")
        self.assertEqual(result.returncode, 66)
        self.assertIn(f"no program at {self.top}/handgrad", result.stderr)

    def test_measurements(self):
        """A program that says it trained 10 steps an epoch, in 200 and 100 us, to 97 and 98.5 %; one that streams fails."""
        self.command("handgrad", """
[[ "$*" != *--stream-data* ]] || exit 70
while [ "$1" != --out ]; do shift; done
mkdir "$2"
echo '{"step": 10, "seconds": 200e-6, "test_accuracy": 0.97}' >"$2/metrics.jsonl"
echo '{"step": 20, "seconds": 100e-6, "test_accuracy": 0.985}' >>"$2/metrics.jsonl"
""")
        command = [sys.executable, SCRIPTS / "peers" / "gpu.py", "--handgrad", self.top / "handgrad", "--gpu", "a GPU",
                   "--seconds", "0", "--results", self.top]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 1, result.stderr)
        (report,) = self.top.glob("*-gpu.md")
        self.assertIn("| mlp 256, batch 128 | 16 | 10.00 | 10.00 | 10.00 |  |", report.read_text())
        self.assertIn("98 % on MNIST's test set with the defaults: 0.000 s", report.read_text())
        self.assertIn("--stream-data", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
