//! One execution, from its parameters to its marks.

use penny_notebook::{CellEnd, Execution, Failure, Limits, Notebook, Parameters, RunInfo};
use serde_json::{Value, json};

use crate::notebooks::{
    END, LATER, START, code, execution, markdown, notebook, outputs, saved, stream,
};

pub const OK: fn() -> Value = || json!({ "status": "ok", "execution_count": 1 });

fn ids(execution: &Execution) -> Vec<String> {
    let cells = saved(execution)["cells"].clone();
    cells.as_array().unwrap().iter().map(|cell| cell["id"].as_str().unwrap().to_owned()).collect()
}

pub fn statuses(execution: &Execution) -> Vec<String> {
    let cells = saved(execution)["cells"].clone();
    let status =
        |cell: &Value| cell["metadata"]["papermill"]["status"].as_str().unwrap_or("-").to_owned();
    cells.as_array().unwrap().iter().map(status).collect()
}

pub fn error(ename: &str, evalue: &str) -> Value {
    json!({ "status": "error", "ename": ename, "evalue": evalue, "traceback": [format!("{ename}: {evalue}")] })
}

/// A notebook as the twelve are: a title, parameters, two sections.
pub fn customers() -> Notebook {
    notebook(json!([
        markdown("title", "# Clients"),
        code("parameters", "limite = None", &["parameters"]),
        markdown("section", "## Extraction"),
        code("extract", "df = penny.pennylane('customers')\ndf['dateline']", &[]),
        code("blank", "  \n", &[]),
        code("export", "penny.publish(df, 'customers')", &[]),
        markdown("end", "Fin."),
    ]))
}

#[test]
fn parameters_go_after_the_cell_that_declares_them() {
    let execution =
        execution(customers(), json!({ "limite": 10, "societe": "L'Été" }), Limits::default());
    assert_eq!(ids(&execution)[..3], ["title", "parameters", "injected-parameters"]);
    insta::assert_snapshot!(cell_text(&execution, 2), @r###"
    {
     "cell_type": "code",
     "execution_count": null,
     "id": "injected-parameters",
     "metadata": {
      "tags": [
       "injected-parameters"
      ],
      "papermill": {
       "duration": null,
       "end_time": null,
       "exception": null,
       "start_time": null,
       "status": "pending"
      }
     },
     "outputs": [],
     "source": [
      "# Parameters\n",
      "limite = 10\n",
      "societe = \"L'Été\"\n"
     ]
    },
    "###);
    let numbers: Vec<_> =
        (0..execution.notebook().cell_count()).map(|cell| execution.input_cell(cell)).collect();
    assert_eq!(numbers, [Some(0), Some(1), None, Some(2), Some(3), Some(4), Some(5), Some(6)]);
    assert_eq!(execution.cells_to_run(), [1, 2, 4, 6]);
    assert_eq!(
        saved(&execution)["metadata"]["papermill"]["parameters"],
        json!({ "limite": 10, "societe": "L'Été" })
    );
}

fn cell_text(execution: &Execution, cell: usize) -> String {
    let text = String::from_utf8(execution.notebook().to_bytes()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let starts: Vec<usize> = (0..lines.len()).filter(|&line| lines[line] == "  {").collect();
    let end = starts[cell]
        + lines[starts[cell]..].iter().position(|line| line.starts_with("  }")).unwrap();
    lines[starts[cell]..=end].join("\n")
}

#[test]
fn parameters_take_the_place_of_those_injected_earlier() {
    let cells = json!([
        code("parameters", "a = 1", &["parameters"]),
        markdown("between", "text"),
        code("old", "# Parameters\na = 2\n", &["injected-parameters"]),
    ]);
    let execution = execution(notebook(cells), json!({ "a": 3 }), Limits::default());
    assert_eq!(ids(&execution), ["parameters", "between", "injected-parameters"]);
    assert_eq!(execution.notebook().source(2), "# Parameters\na = 3\n");
    assert_eq!(execution.input_cell(2), None);
}

#[test]
fn parameters_go_to_the_top_when_no_cell_declares_any() {
    let cells = json!([code("injected-parameters", "a", &[])]);
    let execution = execution(notebook(cells), json!({ "a": 3 }), Limits::default());
    assert_eq!(ids(&execution), ["injected-parameters-2", "injected-parameters"]);
}

#[test]
fn without_parameters_nothing_is_injected_in_any_language() {
    let info = RunInfo {
        input_path: String::new(),
        output_path: String::new(),
        version: String::new(),
        environment_variables: Parameters::new(),
    };
    let prepare = |parameters: Value| {
        let parameters = parameters.as_object().unwrap();
        Execution::new(customers(), parameters, "cobol", info.clone(), Limits::default(), START)
    };
    assert_eq!(prepare(json!({})).unwrap().notebook().cell_count(), 7);
    let error = prepare(json!({ "a": 1 })).unwrap_err().to_string();
    assert!(
        error.starts_with("parameters cannot be given to a notebook in cobol (kernel `python3`)"),
        "{error}"
    );
}

#[test]
fn a_number_that_is_not_finite_is_recorded_as_a_text() {
    let parameters = json!({ "seuil": penny_notebook::parameter_value("nan") });
    let execution = execution(customers(), parameters, Limits::default());
    assert_eq!(execution.notebook().source(2), "# Parameters\nseuil = float('nan')\n");
    assert_eq!(saved(&execution)["metadata"]["papermill"]["parameters"], json!({ "seuil": "NaN" }));
}

#[test]
fn what_an_earlier_execution_left_is_taken_out() {
    let mut first = execution(customers(), json!({ "limite": 1 }), Limits::default());
    for cell in [1, 2] {
        first.start_cell(cell, START);
        first.apply(cell, "stream", &stream("stdout", "old"), START);
        first.finish_cell(cell, &OK(), LATER);
    }
    first.start_cell(4, LATER);
    let CellEnd::Failed(failure) = first.finish_cell(4, &error("KeyError", "'dateline'"), END)
    else {
        panic!("the cell failed");
    };
    first.finish(Some(&failure), END);
    assert_eq!(first.notebook().cell_count(), 10);

    let again = execution(first.into_notebook(), json!({}), Limits::default());
    assert_eq!(ids(&again).len(), 8);
    for cell in again.cells_to_run() {
        assert_eq!(outputs(&again, cell), json!([]));
        assert_eq!(saved(&again)["cells"][cell]["execution_count"], Value::Null);
        assert_eq!(saved(&again)["cells"][cell]["metadata"].get("execution"), None);
    }
    assert!(statuses(&again).iter().all(|status| status == "pending"));
    assert_eq!(
        again.input_cell(0),
        Some(1),
        "the marker at the top was the first cell of the file"
    );
    assert_eq!(saved(&again)["metadata"]["papermill"]["exception"], Value::Null);
}

#[test]
fn a_notebook_that_ran_well_is_completed_in_every_cell() {
    let mut execution = execution(customers(), json!({}), Limits::default());
    for cell in execution.cells_to_run() {
        execution.start_cell(cell, START);
        assert_eq!(execution.finish_cell(cell, &OK(), LATER), CellEnd::Succeeded);
    }
    execution.set_language_info(&json!({ "name": "python", "version": "3.11.9" }));
    execution.finish(None, END);
    assert!(statuses(&execution).iter().all(|status| status == "completed"));
    insta::assert_snapshot!(serde_json::to_string_pretty(&saved(&execution)["metadata"]).unwrap(), @r###"
    {
      "kernelspec": {
        "display_name": "Python",
        "language": "python",
        "name": "python3"
      },
      "papermill": {
        "default_parameters": {},
        "duration": 4.25,
        "end_time": "2026-10-15T10:00:04.250000Z",
        "environment_variables": {},
        "exception": null,
        "input_path": "data/customers.ipynb",
        "output_path": "data/outputs/customers_20261015_100000.ipynb",
        "parameters": {},
        "start_time": "2026-10-15T10:00:00.000000Z",
        "version": "0.1.0"
      },
      "language_info": {
        "name": "python",
        "version": "3.11.9"
      }
    }
    "###);
    insta::assert_snapshot!(cell_text(&execution, 3), @r###"
    {
     "cell_type": "code",
     "execution_count": 1,
     "id": "extract",
     "metadata": {
      "tags": [],
      "papermill": {
       "duration": 1.5,
       "end_time": "2026-10-15T10:00:01.500000Z",
       "exception": false,
       "start_time": "2026-10-15T10:00:00.000000Z",
       "status": "completed"
      },
      "execution": {
       "shell.execute_reply": "2026-10-15T10:00:01.500000Z"
      }
     },
     "outputs": [],
     "source": "df = penny.pennylane('customers')\ndf['dateline']"
    },
    "###);
    insta::assert_snapshot!(cell_text(&execution, 2), @r###"
    {
     "cell_type": "markdown",
     "id": "section",
     "metadata": {
      "tags": [],
      "papermill": {
       "duration": 0.0,
       "end_time": "2026-10-15T10:00:00.000000Z",
       "exception": false,
       "start_time": "2026-10-15T10:00:00.000000Z",
       "status": "completed"
      }
     },
     "source": "## Extraction"
    },
    "###);
}

#[test]
fn a_failure_is_pointed_at_as_papermill_does() {
    let mut execution = execution(customers(), json!({}), Limits::default());
    execution.start_cell(1, START);
    execution.finish_cell(1, &OK(), START);
    execution.start_cell(3, START);
    execution.apply(3, "execute_input", &json!({ "execution_count": 2 }), START);
    let traceback = json!([
        "\u{1b}[31m------------\u{1b}[39m",
        "\u{1b}[31mKeyError\u{1b}[39m         Traceback (most recent call last)",
        "\u{1b}[36mCell\u{1b}[39m\u{1b}[36m \u{1b}[39m\u{1b}[32mIn[2]\u{1b}[39m\u{1b}[32m, line 2\u{1b}[39m\n\
         \u{1b}[32m      1\u{1b}[39m df = penny.pennylane('customers')\n\u{1b}[32m----> 2\u{1b}[39m df['dateline']",
        "File /venv/pandas/core/frame.py:4102, in DataFrame.__getitem__(self, key)\n-> 4102 indexer = …",
        "\u{1b}[31mKeyError\u{1b}[39m: 'dateline'",
    ]);
    let content = json!({ "ename": "KeyError", "evalue": "'dateline'", "traceback": traceback });
    execution.apply(3, "error", &content, LATER);
    let mut reply = content;
    reply["status"] = json!("error");
    let end = execution.finish_cell(3, &reply, LATER);
    let CellEnd::Failed(failure) = end else { panic!("{end:?}") };
    assert_eq!(
        (failure.cell, failure.ename.as_str(), failure.evalue.as_str()),
        (3, "KeyError", "'dateline'")
    );
    assert_eq!(failure.line, Some((2, "df['dateline']".to_owned())));
    assert_eq!(outputs(&execution, 3).as_array().unwrap().len(), 1, "the error is there once");

    execution.finish(Some(&failure), END);
    assert_eq!(
        ids(&execution),
        [
            "papermill-error-marker",
            "title",
            "parameters",
            "section",
            "papermill-error-anchor",
            "extract",
            "blank",
            "export",
            "end"
        ]
    );
    assert_eq!(
        statuses(&execution),
        [
            "-",
            "completed",
            "completed",
            "completed",
            "-",
            "failed",
            "pending",
            "pending",
            "pending"
        ]
    );
    insta::assert_snapshot!(cell_text(&execution, 0), @r###"
    {
     "cell_type": "markdown",
     "id": "papermill-error-marker",
     "metadata": {
      "tags": [
       "papermill-error-cell-tag"
      ]
     },
     "source": [
      "<span style=\"color:red; font-family:Helvetica Neue, Helvetica, Arial, sans-serif; font-size:2em;\">An Exception was encountered at '<a href=\"#papermill-error-cell\">In [2]</a>'.</span>"
     ]
    },
    "###);
    insta::assert_snapshot!(cell_text(&execution, 4), @r###"
    {
     "cell_type": "markdown",
     "id": "papermill-error-anchor",
     "metadata": {
      "tags": [
       "papermill-error-cell-tag"
      ]
     },
     "source": [
      "<span id=\"papermill-error-cell\" style=\"color:red; font-family:Helvetica Neue, Helvetica, Arial, sans-serif; font-size:2em;\">Execution using papermill encountered an exception here and stopped:</span>"
     ]
    },
    "###);
    let mark = &saved(&execution)["metadata"]["papermill"];
    assert_eq!(
        (&mark["exception"], &mark["duration"], &mark["end_time"]),
        (&json!(true), &json!(4.25), &json!(END))
    );
    assert_eq!(
        saved(&execution)["cells"][5]["metadata"]["papermill"],
        json!({
            "duration": 1.5, "end_time": LATER, "exception": true, "start_time": START, "status": "failed",
        })
    );
}

#[test]
fn a_cell_whose_kernel_died_is_failed_and_the_rest_stays_pending() {
    let mut execution = execution(customers(), json!({}), Limits::default());
    execution.start_cell(1, START);
    execution.apply(1, "stream", &stream("stdout", "before"), START);
    let failure =
        execution.break_off(1, "DeadKernelError", "the kernel was killed by SIGKILL (9)", LATER);
    execution.finish(Some(&failure), END);
    assert_eq!(
        statuses(&execution),
        ["-", "completed", "-", "failed", "pending", "pending", "pending", "pending", "pending"]
    );
    assert_eq!(
        outputs(&execution, 3),
        json!([
            { "name": "stdout", "output_type": "stream", "text": ["before"] },
            {
                "ename": "DeadKernelError", "evalue": "the kernel was killed by SIGKILL (9)", "output_type": "error",
                "traceback": ["DeadKernelError: the kernel was killed by SIGKILL (9)"],
            },
        ])
    );
    assert!(execution.notebook().source(0).contains("In [ ]"), "the cell never had a count");
}

#[test]
fn a_cell_tagged_skip_execution_is_left_out_and_counts_as_a_text() {
    let cells = json!([
        code("a", "1", &[]),
        code("b", "penny.publish(df, 'clients')", &["skip-execution", "export"]),
        code("c", "3", &[]),
        code("d", "4", &["skip-execution"]),
    ]);
    let notebook = notebook(cells);
    assert_eq!(notebook.cells_with_code(), 2);
    let mut execution = execution(notebook, json!({}), Limits::default());
    assert_eq!(execution.cells_to_run(), [0, 2]);
    for cell in [0, 2] {
        execution.start_cell(cell, START);
        execution.finish_cell(cell, &OK(), LATER);
    }
    execution.finish(None, END);
    assert!(statuses(&execution).iter().all(|status| status == "completed"));
    assert_eq!(saved(&execution)["cells"][1]["execution_count"], Value::Null);
}

#[test]
fn a_failure_in_no_cell_is_marked_at_the_top_only() {
    let mut execution = execution(customers(), json!({}), Limits::default());
    let failure = Failure {
        cell: 99,
        ename: "E".to_owned(),
        evalue: String::new(),
        traceback: Vec::new(),
        line: None,
    };
    execution.finish(Some(&failure), END);
    assert_eq!(ids(&execution)[..2], ["papermill-error-marker", "title"]);
    assert_eq!(execution.notebook().cell_count(), 8);
}
