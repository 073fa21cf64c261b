"""What is imported before a kernel is there, and what is not."""

import importlib
import os
import subprocess
import sys
import tempfile
import unittest

import context  # noqa: F401

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "penny")


def _module(name):
    sys.path.insert(0, _FOLDER)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(_FOLDER)


@unittest.skipUnless(sys.platform == "linux", "kernels are forked on Linux")
class Origins(unittest.TestCase):
    def setUp(self):
        self.preload = _module("_preload")
        self.roots = self.preload.trusted_roots()

    def refusal(self, name):
        try:
            self.preload.check_origin(name, self.roots)
        except self.preload.LeftOut as reason:
            self.assertFalse(reason.imported)
            return reason.why
        return None

    def test_the_standard_library_and_site_packages_are_trusted(self):
        for name in ("json", "sys", "os.path", "_socket", "pip"):
            with self.subTest(name):
                self.assertIsNone(self.refusal(name))

    def test_names_that_are_none_are_refused(self):
        for name in ("", "a b", "a.", ".a", "1a", "a;b", "a\nb", "a-b"):
            with self.subTest(name):
                self.assertEqual(self.refusal(name), "it is not the name of a module")

    def test_what_is_not_installed_is_told_so(self):
        self.assertEqual(self.refusal("nothing_of_that_name.at_all"), "it is not installed")

    def test_modules_of_other_folders_are_not_trusted(self):
        with tempfile.TemporaryDirectory() as folder:
            open(os.path.join(folder, "neighbour.py"), "w").close()
            os.mkdir(os.path.join(folder, "space"))
            sys.path.insert(0, folder)
            try:
                importlib.invalidate_caches()
                for name in ("neighbour", "space", "space.below"):
                    with self.subTest(name):
                        self.assertIn("not in site-packages", self.refusal(name))
            finally:
                sys.path.remove(folder)

    def test_a_folder_beside_a_trusted_one_is_not_trusted(self):
        root = self.roots[0].rstrip(os.sep)
        self.assertTrue(self.preload.is_trusted(os.path.join(root, "x.py"), self.roots))
        self.assertFalse(self.preload.is_trusted(root + "-mine/x.py", (root + os.sep,)))


class Shadows(unittest.TestCase):
    def check(self, entry, expected, folder=False):
        preload = _module("_preload")
        with tempfile.TemporaryDirectory() as parent:
            path = os.path.join(parent, entry)
            if folder:
                os.mkdir(path)
            else:
                open(path, "w").close()
            found = preload.shadowing(["/nowhere/at/all", parent], {"requests", "matplotlib"})
            self.assertEqual(found, path if expected else None, entry)

    def test_files_that_an_import_would_find_first_are_found(self):
        self.check("requests.py", True)
        self.check("requests.pyc", True)
        self.check("requests.cpython-311-x86_64-linux-gnu.so", True)
        self.check("requests", True, folder=True)
        self.check("matplotlibrc", True)

    def test_other_files_are_none_of_its_business(self):
        self.check("requests.ipynb", False)
        self.check("requests.csv", False)
        self.check("requests_of_mine.py", False)
        self.check("pandas.py", False)


@unittest.skipUnless(sys.platform == "linux", "kernels are forked on Linux")
class ThreadsAndFiles(unittest.TestCase):
    """In processes of their own: that of the tests has threads and files that are none of theirs."""

    def run_there(self, code):
        code = f"import sys; sys.path.insert(0, {_FOLDER!r}); import _preload\n{code}"
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout.split()

    def test_a_thread_that_lasts_is_found_and_one_that_ended_is_not(self):
        code = """
import threading, time
print(len(_preload.lasting_threads()))
done = threading.Event()
thread = threading.Thread(target=done.wait); thread.start()
print(len(_preload.lasting_threads()))
done.set(); thread.join()
print(len(_preload.lasting_threads()))"""
        self.assertEqual(self.run_there(code), ["0", "1", "0"])

    def test_an_open_connection_is_found_and_a_device_is_not(self):
        code = """
import socket
before = _preload.open_files()
device = open('/dev/null')
print(len(_preload.open_files() - before))
pair = socket.socketpair()
print(len(_preload.open_files() - before))"""
        self.assertEqual(self.run_there(code), ["0", "2"])

    def test_what_is_written_is_taken_whichever_way(self):
        code = """
import os, sys
with _preload.captured() as written:
    print('a'); os.write(1, b'b'); print('c', file=sys.stderr)
print('all', ''.join(sorted(written().replace('\\n', ''))))"""
        self.assertEqual(self.run_there(code), ["all", "abc"])

    def test_a_slow_import_is_broken_off(self):
        code = """
import time
try:
    with _preload.time_limit(0.05):
        time.sleep(30)
except _preload.ImportTimeout:
    print('broken')"""
        self.assertEqual(self.run_there(code), ["broken"])


if __name__ == "__main__":
    unittest.main()
