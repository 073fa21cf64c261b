//! (a) Notebooks that only execute.

use std::path::PathBuf;
use std::process::Command;

use super::contest::{Contestant, Measured, contest};
use super::notebooks::{MANY, SERVED, names};
use super::options::Options;
use super::programs::timed;
use super::service::Service;
use super::setting::Setting;
use super::{Result, targets};

/// The contestants' names.
pub const PENNY: &str = "penny run";
/// Four notebooks at a time.
pub const PENNY_FOUR: &str = "penny run, four at a time";
/// The same, where a service is at work: it is asked to.
pub const PENNY_SERVED: &str = "penny run beside penny start, four at a time";
/// One process for each notebook.
pub const PAPERMILL: &str = "papermill, a command each";
/// One process for all.
pub const PAPERMILL_LOOP: &str = "papermill, a loop in one process";
/// What papermill stands on.
pub const NBCLIENT: &str = "nbclient, a loop in one process";
/// The same code without any notebook.
pub const SCRIPTS: &str = "python, a script each";

/// The cases.
pub const ONE_EMPTY: &str = "one empty notebook";
/// Twelve of them.
pub const EMPTY: &str = "twelve empty notebooks";
/// The usual libraries.
pub const IMPORTS: &str = "twelve that import pandas, SQLAlchemy, requests, psycopg2";
/// The long one.
pub const LONG: &str = "one of 400 cells";
/// Computed: what each more notebook costs in a sync of many.
pub const WARM: &str = "an empty notebook more, once warm";

/// Measures all cases.
pub fn measure(setting: &Setting, options: &Options) -> Result<Vec<Measured>> {
    let cases = [
        (ONE_EMPTY, names("empty", 1), usize::MAX),
        (EMPTY, names("empty", MANY), usize::MAX),
        (IMPORTS, names(SERVED, MANY), usize::MAX),
        // papermill writes the whole notebook twice a cell: more than a minute.
        (LONG, names("cells", 1), 1),
    ];
    let mut service = serve(setting)?;
    let mut contestants = Vec::new();
    for (case, notebooks, slow_turns) in &cases {
        let add = &mut |by, turns_max, turn| {
            contestants.push(Contestant { case: (*case).to_owned(), by, turns_max, turn });
        };
        let looped = |program| turn(move || in_one_process(setting, program, notebooks));
        add(PENNY, usize::MAX, turn(|| penny(setting, setting.sequence(), notebooks)));
        if notebooks.len() > 1 {
            add(PENNY_FOUR, usize::MAX, turn(|| penny(setting, setting.four(), notebooks)));
        }
        add(PAPERMILL, *slow_turns, turn(|| papermill(setting, notebooks)));
        add(PAPERMILL_LOOP, *slow_turns, looped("papermill_loop.py"));
        add(NBCLIENT, usize::MAX, looped("nbclient_loop.py"));
        add(SCRIPTS, usize::MAX, turn(|| scripts(setting, notebooks)));
    }
    contestants.push(Contestant {
        case: IMPORTS.to_owned(),
        by: PENNY_SERVED,
        turns_max: usize::MAX,
        turn: turn(|| {
            let seconds = penny(setting, setting.served(), &names(SERVED, MANY))?;
            // Without it, `penny run` would have done it itself.
            match service.is_alive() {
                true => Ok(seconds),
                false => Err("`penny start` has ended".to_owned()),
            }
        }),
    });
    let mut measured = contest(options.rounds, contestants);
    measured.extend(targets::once_warm(&measured));
    Ok(measured)
}

/// The service, once it has executed the notebooks for the first time, as it does when it starts.
fn serve(setting: &Setting) -> Result<Service> {
    eprintln!("starting a service");
    let mut service = Service::start(setting.penny(&setting.served()), &setting.log("a-start"))?;
    service.until(|said| said.contains("sync 1 ended").then_some(()))?;
    Ok(service)
}

fn turn<'a>(turn: impl FnMut() -> Result<f64> + 'a) -> Box<dyn FnMut() -> Result<f64> + 'a> {
    Box::new(turn)
}

fn penny(setting: &Setting, workspace: PathBuf, notebooks: &[String]) -> Result<f64> {
    timed(setting.penny(&workspace).arg("run").args(notebooks), &setting.log("a-penny"))
}

fn papermill(setting: &Setting, notebooks: &[String]) -> Result<f64> {
    each(notebooks, |name| {
        let mut command = Command::new(&setting.python);
        command.args(["-m", "papermill", "--no-progress-bar"]).current_dir(setting.sequence());
        let input = format!("notebooks/{name}.ipynb");
        timed(command.args([&input, "papermill.ipynb"]), &setting.log("a-papermill"))
    })
}

fn scripts(setting: &Setting, notebooks: &[String]) -> Result<f64> {
    each(notebooks, |name| {
        let mut command = Command::new(&setting.python);
        command.arg(format!("notebooks/{name}.py")).current_dir(setting.sequence());
        timed(&mut command, &setting.log("a-script"))
    })
}

fn each(notebooks: &[String], run: impl FnMut(&String) -> Result<f64>) -> Result<f64> {
    notebooks.iter().map(run).sum()
}

fn in_one_process(setting: &Setting, program: &str, notebooks: &[String]) -> Result<f64> {
    let files = notebooks.iter().map(|name| format!("notebooks/{name}.ipynb"));
    timed(setting.program(program).args(files), &setting.log(&format!("a-{program}")))
}
