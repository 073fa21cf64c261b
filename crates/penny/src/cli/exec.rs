//! `penny exec`.

use std::time::Duration;

use super::exec_options::ExecOptions;
use super::{Context, print};
use crate::error::Result;
use crate::exec::{self, Around, Given, Request};
use crate::run::Saving;

pub async fn exec(context: &Context, options: ExecOptions) -> Result<u8> {
    if options.version {
        print(&format!("penny {}", env!("CARGO_PKG_VERSION")));
        return Ok(0);
    }
    let around = Around {
        surroundings: &context.surroundings,
        console: &context.console,
        stop: &context.stop,
        workspace: context.workspace_option.as_deref(),
    };
    let json = options.json;
    let report = exec::exec(&around, request(options)).await?;
    match (report, json) {
        (exec::Done::Shown(text, status), _) => {
            print(&text);
            Ok(status)
        }
        (exec::Done::Executed(report), true) => {
            print(&format!("{:#}", report.json()));
            Ok(report.status())
        }
        (exec::Done::Executed(report), false) => Ok(report.status()),
    }
}

fn request(options: ExecOptions) -> Request {
    let [stdout_file, stderr_file] = options.stream_files();
    let seconds = |seconds: u64| (seconds > 0).then(|| Duration::from_secs(seconds));
    Request {
        progress: options.progress(),
        given: Given {
            base64: options.parameters_base64,
            input_path: options.inject_input_path || options.inject_paths,
            output_path: options.inject_output_path || options.inject_paths,
            ..options.parameters.given()
        },
        input: options.input,
        output: options.output,
        help: options.help_notebook,
        kernel: options.kernel,
        language: options.language,
        cwd: options.cwd,
        start_timeout: Duration::from_secs(options.start_timeout),
        cell_timeout: options.execution_timeout.and_then(seconds),
        prepare_only: options.prepare_only,
        engine: options.engine,
        saving: match options.no_request_save_on_cell_execute {
            true => Saving { between_cells: false, within_cells: None },
            false => Saving {
                between_cells: true,
                within_cells: seconds(options.autosave_cell_every.unwrap_or(1)),
            },
        },
        report_mode: options.report_mode,
        log_output: options.log_output,
        stdout_file,
        stderr_file,
        log_level: options.log_level,
        show_secrets: options.show_secrets,
        json: options.json,
    }
}
