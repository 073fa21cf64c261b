"""Starts a kernel for Jupyter as `penny run` starts one: with the variables of the workspace's .env."""

import os
import sys


def _load_variables():
    workspace = os.environ.get("PENNY_WORKSPACE")
    if not workspace:
        return
    try:
        from dotenv import load_dotenv
    except ImportError:
        # An interpreter of the user's own may lack python-dotenv: `penny` reads .env by itself.
        return
    load_dotenv(os.path.join(workspace, ".env"))


if __name__ == "__main__":
    # Python put this file's folder first on its path: the notebook's own folder belongs there.
    sys.path.pop(0)
    _load_variables()
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()
