"""Executes a notebook with papermill and records every message that it was given, to be replayed.

usage: record.py FOLDER, which holds input.ipynb and options.json (keyword arguments of papermill's
execute_notebook); output.ipynb and messages.json are written into it.
"""
import base64
import copy
import faulthandler
import json
import os
import sys

import papermill
from nbclient import NotebookClient
from nbclient.output_widget import OutputWidget

# papermill may wait for ever for a kernel that did not get its ports.
faulthandler.dump_traceback_later(60, exit=True)
folder = sys.argv[1]
messages = []
fold = NotebookClient.process_message
check = NotebookClient._check_raise_for_error


def process_message(self, message, cell, cell_index):
    messages.append({
        "cell": cell_index,
        "msg_type": message["msg_type"],
        "content": copy.deepcopy(message["content"]),
        "buffers": [base64.b64encode(b).decode() for b in message.get("buffers") or []],
    })
    return fold(self, message, cell, cell_index)


async def check_raise_for_error(self, cell, cell_index, reply):
    if reply is not None:
        messages.append({"cell": cell_index, "msg_type": "reply", "content": copy.deepcopy(reply["content"])})
    return await check(self, cell, cell_index, reply)


# What nbclient tells the kernel about an output widget makes it wait for ever in one run of three; the
# notebook is the same without it.
OutputWidget.sync_state = lambda self: None
NotebookClient.process_message = process_message
NotebookClient._check_raise_for_error = check_raise_for_error
with open(os.path.join(folder, "options.json"), encoding="utf-8") as file:
    options = json.load(file)
try:
    papermill.execute_notebook(
        os.path.join(folder, "input.ipynb"),
        os.path.join(folder, "output.ipynb"),
        progress_bar=False,
        cwd=folder,
        **options,
    )
except papermill.PapermillExecutionError as error:
    print(error.ename)
with open(os.path.join(folder, "messages.json"), "w", encoding="utf-8") as file:
    json.dump(messages, file)
