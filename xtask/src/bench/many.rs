//! Ten thousand notebooks in penny.toml: what Penny costs the processor before it runs any.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::contest::{Contestant, Measured, Unit, contest};
use super::options::Options;
use super::programs::{cannot, timed};
use super::service::Service;
use super::setting::{Setting, write};
use super::{Result, notebooks, processor};

/// The case.
pub const MANY: &str = "10,000 notebooks in penny.toml, by the processor's time";
/// Nothing runs, and nothing has run.
pub const STATUS: &str = "penny status";
/// With its first look at penny.toml, and without any history.
pub const FIRST_START: &str = "penny start for the first time, and its end";
/// With the due times of before.
pub const START: &str = "penny start again, and its end";
/// When nothing is due.
pub const TICK: &str = "a tick of the service";

/// How many notebooks there are.
const NOTEBOOKS: usize = 10_000;
/// The service looks around so often.
const TICKS_PER_SECOND: u32 = 4;
/// How long its ticks are measured.
const TICKING: Duration = Duration::from_secs(10);

/// Measures it.
pub fn measure(setting: &Setting, options: &Options) -> Result<Vec<Measured>> {
    if processor::of_ended_programs().is_none() {
        eprintln!("`many` is left out: this system does not tell the processor's time of programs");
        return Ok(Vec::new());
    }
    let workspace = workspace(setting)?;
    // So that there is a history, whoever has the first turn.
    serve(setting, &workspace, Duration::ZERO)?;
    let at_once = || serve(setting, &workspace, Duration::ZERO);
    let first = || {
        forget(&workspace)?;
        at_once()
    };
    let contestants = vec![
        contestant(STATUS, || status(setting, &workspace)),
        contestant(FIRST_START, first),
        contestant(START, at_once),
        contestant(TICK, || tick(setting, &workspace)),
    ];
    let mut measured = contest(options.rounds, contestants);
    for measured in &mut measured {
        measured.unit = Unit::ProcessorSeconds;
    }
    Ok(measured)
}

fn contestant<'a>(by: &'static str, turn: impl FnMut() -> Result<f64> + 'a) -> Contestant<'a> {
    Contestant { case: MANY.to_owned(), by, turns_max: usize::MAX, turn: Box::new(turn) }
}

fn workspace(setting: &Setting) -> Result<PathBuf> {
    eprintln!("writing {NOTEBOOKS} notebooks");
    let workspace = setting.folder.join("many");
    if workspace.exists() {
        fs::remove_dir_all(&workspace).map_err(|e| cannot("remove", &workspace, &e))?;
    }
    // Nothing is due while it is measured.
    let mut text =
        "[schedule]\nevery = \"24h\"\nat_start = false\n\n[web]\nenabled = false\n".to_owned();
    let cells = notebooks::notebook(&["1 + 1".to_owned()]).to_string();
    for number in 1..=NOTEBOOKS {
        let name = format!("import_{number:05}");
        write(&workspace.join(format!("notebooks/{name}.ipynb")), &cells)?;
        text.push_str(&section(&name, number));
    }
    write(&workspace.join("penny.toml"), &text)?;
    write(&workspace.join(".env"), "POSTGRES_PORT=1\nPOSTGRES_USER=u\nPOSTGRES_PASSWORD=p\n")?;
    Ok(workspace)
}

/// As people write them: one in ten has times of its own, one in ten comes after another.
fn section(name: &str, number: usize) -> String {
    let own = match number % 10 {
        3 => format!("daily_at = [\"{:02}:30\", \"18:00\"]\n", number / 10 % 12),
        7 => format!("after = [\"import_{:05}\"]\ntimeout = \"20m\"\n", number - 1),
        _ => String::new(),
    };
    format!(
        "\n[[notebook]]\nname = \"{name}\"\nfile = \"notebooks/{name}.ipynb\"\n\
         description = \"Les écritures de la société {number}\"\n{own}"
    )
}

/// The history goes, and with it what is known of due times.
fn forget(workspace: &Path) -> Result<()> {
    let own = workspace.join(".penny");
    fs::remove_dir_all(&own).map_err(|e| cannot("remove", &own, &e))
}

/// Seconds of the processor while something is done.
fn cost(what: impl FnOnce() -> Result<()>) -> Result<f64> {
    let before = processor::of_ended_programs().unwrap_or_default();
    what()?;
    Ok((processor::of_ended_programs().unwrap_or_default() - before).as_secs_f64())
}

fn status(setting: &Setting, workspace: &Path) -> Result<f64> {
    cost(|| timed(setting.penny(workspace).arg("status"), &setting.log("many-status")).map(drop))
}

/// What a tick costs: the difference between a service that stays for a while and one that ends at once.
fn tick(setting: &Setting, workspace: &Path) -> Result<f64> {
    let short = serve(setting, workspace, Duration::ZERO)?;
    let long = serve(setting, workspace, TICKING)?;
    Ok((long - short).max(0.0) / (TICKING * TICKS_PER_SECOND).as_secs_f64())
}

/// The service, which is told to end a while after it is at work.
fn serve(setting: &Setting, workspace: &Path, stays: Duration) -> Result<f64> {
    let sign = workspace.join(".penny/service.json");
    cost(|| {
        let mut service = Service::start(setting.penny(workspace), &setting.log("many-start"))?;
        service.until(|_| sign.exists().then_some(()))?;
        std::thread::sleep(stays);
        service.end()
    })
}
