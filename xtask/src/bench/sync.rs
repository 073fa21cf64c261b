//! (b) The twelve Import notebooks, from Pennylane to PostgreSQL.

use super::Result;
use super::contest::{Contestant, Measured, contest};
use super::options::Options;
use super::programs::timed;
use super::setting::Setting;

/// The case.
pub const SYNC: &str = "the twelve Import notebooks";
/// With its own simulated Pennylane, which it starts each time.
pub const PENNY: &str = "penny run, the simulated Pennylane included";
/// The same notebooks.
pub const PAPERMILL_LOOP: &str = "papermill, a loop in one process";
/// The same tables without any notebook.
pub const PROGRAM: &str = "one Python program: requests, psycopg2, to_sql";

/// Measures it.
pub fn measure(setting: &Setting, options: &Options) -> Result<Vec<Measured>> {
    let company = setting.company();
    let notebooks = company.join("data/API Publique");
    let papermill = || {
        let mut files: Vec<_> = std::fs::read_dir(&notebooks)
            .map_err(|e| super::programs::cannot("read", &notebooks, &e))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "ipynb"))
            .collect();
        files.sort();
        timed(setting.program("papermill_loop.py").args(files), &setting.log("b-papermill"))
    };
    let contestants = vec![
        contestant(PENNY, || timed(setting.penny(&company).arg("run"), &setting.log("b-penny"))),
        contestant(PAPERMILL_LOOP, papermill),
        contestant(PROGRAM, || {
            let program = &mut setting.program("twelve_tables.py");
            timed(program.arg(&setting.url), &setting.log("b-program"))
        }),
    ];
    Ok(contest(options.rounds, contestants))
}

fn contestant<'a>(by: &'static str, turn: impl FnMut() -> Result<f64> + 'a) -> Contestant<'a> {
    Contestant { case: SYNC.to_owned(), by, turns_max: usize::MAX, turn: Box::new(turn) }
}
