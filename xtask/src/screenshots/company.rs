//! A company that has used Penny for some days: a demo workspace whose clock a service is taken through.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};
use serde_json::Value;

use crate::bench::{Result, cannot, timed};

/// So many days have gone by.
const DAYS: i32 = 7;
/// The notebooks run at these times of the day: hour and minute.
const TIMES: [(i8, i8); 2] = [(8, 0), (13, 30)];
/// On that day, from the first, a user has added a column.
const COLUMN_ADDED: i32 = 4;
/// On that day something was wrong for half a day.
const SPOILT: i32 = 2;
/// The column that a user adds, and the line that spoils it.
const BEFORE: &str = r##"# df[\"Trimestre\"] = "##;
const ADDED: &str = r##"df[\"Trimestre\"] = "##;
const WRONG: &str =
    r##"df[\"Retard\"] = pd.Timestamp.now() > df[\"dateline\"]\n\ndf[\"Trimestre\"] = "##;
/// The one that is edited.
const EDITED: &str = "data/API Publique/Import_customer_invoices.ipynb";
/// No sync takes longer.
const SYNC_MAX: Duration = Duration::from_secs(180);

/// A workspace and what it needs.
pub struct Company {
    penny: PathBuf,
    root: PathBuf,
    /// The workspace's time zone.
    zone: TimeZone,
}

/// A running `penny start`; its end ends it.
pub struct Service<'a> {
    company: &'a Company,
    child: Child,
    said: PathBuf,
}

impl Company {
    /// The company in `folder`, on a build of this repository: the one of the last time, or a new one, which is taken
    /// through its days.
    pub fn found(root: &Path, folder: &Path) -> Result<Company> {
        let penny = build(root, folder)?;
        let root = folder.join("atelier-lumen");
        let zone = TimeZone::get("Europe/Paris").map_err(|e| e.to_string())?;
        let company = Company { penny, root, zone };
        let lived = folder.join("lived");
        let known = fs::read_to_string(&lived).ok().and_then(|day| day.trim().parse().ok());
        if known.is_none() {
            company.begin(folder)?;
        }
        company.live(known.map_or(0, |day: i32| day + 1), &lived)?;
        Ok(company)
    }

    fn begin(&self, folder: &Path) -> Result<()> {
        if self.root.exists() {
            fs::remove_dir_all(&self.root).map_err(|e| cannot("remove", &self.root, &e))?;
        }
        self.set_clock(self.moment(0, (7, 0))?)?;
        eprintln!("penny demo");
        let mut command = Command::new(&self.penny);
        command.args(["demo", "atelier-lumen"]).current_dir(folder);
        timed(self.with_clock(&mut command), &folder.join("demo.log"))?;
        self.replace(
            "penny.toml",
            "every = \"2h\"              # or: daily_at = [\"08:00\", \"13:30\"]\n# timezone = \"Europe/Paris\"",
            "daily_at = [\"08:00\", \"13:30\"]\ntimezone = \"Europe/Paris\"\nat_start = false",
        )?;
        let listen = format!("[web]\nlisten = \"127.0.0.1:{}\"\n\n[pennylane]", free_port()?);
        self.replace("penny.toml", "[pennylane]", &listen)
    }

    /// Takes it through its days from that one on, to the last time that has passed; each that was lived is noted in a
    /// file, so that what was stopped goes on.
    fn live(&self, from: i32, lived: &Path) -> Result<()> {
        for day in from..=DAYS {
            eprintln!("day {day} of {DAYS}");
            if day > 0 {
                self.run(&["sandbox", "advance", "--days", "1"])?;
            }
            self.set_clock(self.moment(day, (7, 50))?)?;
            let service = self.start()?;
            for (ended, time) in (1..).zip(TIMES) {
                let due = self.moment(day, time)?;
                if due > Timestamp::now() {
                    break;
                }
                let is_morning = time == TIMES[0];
                match (day, is_morning) {
                    (COLUMN_ADDED, true) => self.replace(EDITED, BEFORE, ADDED)?,
                    (SPOILT, true) => self.replace(EDITED, BEFORE, WRONG)?,
                    (SPOILT, false) => self.replace(EDITED, WRONG, BEFORE)?,
                    _ => {}
                }
                self.set_clock(due + SignedDuration::from_secs(2))?;
                service.wait_for_syncs(ended)?;
            }
            fs::write(lived, day.to_string()).map_err(|e| cannot("write", lived, &e))?;
        }
        fs::write(self.clock(), "0").map_err(|e| cannot("write", &self.clock(), &e))
    }

    /// What was added works.
    pub fn mend(&self) -> Result<()> {
        self.replace(EDITED, WRONG, ADDED).or_else(|_| self.replace(EDITED, ADDED, ADDED))
    }

    /// What was added is wrong from now on.
    pub fn spoil(&self) -> Result<()> {
        self.replace(EDITED, ADDED, WRONG)
    }

    /// Starts its service, and waits until its pages answer.
    pub fn start(&self) -> Result<Service<'_>> {
        let said = self.root.with_file_name("service.txt");
        let file = File::create(&said).map_err(|e| cannot("write", &said, &e))?;
        let mut command = Command::new(&self.penny);
        command.arg("start").current_dir(&self.root);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let child = self.with_clock(&mut command).spawn();
        let child = child.map_err(|e| cannot("start", &self.penny, &e))?;
        let service = Service { company: self, child, said };
        service.wait("a page", |said| said.contains("/login?token="))?;
        Ok(service)
    }

    /// What a command prints.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.penny);
        command.args(arguments).current_dir(&self.root).stdin(Stdio::null());
        let output = self.with_clock(&mut command).output();
        let output = output.map_err(|e| cannot("start", &self.penny, &e))?;
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The newest runs of a notebook with that outcome, newest first.
    pub fn runs(&self, notebook: &str, outcome: &str) -> Result<Vec<i64>> {
        let told = self.run(&["history", notebook, "--outcome", outcome, "--json"])?;
        let told: Value = serde_json::from_str(&told).map_err(|e| e.to_string())?;
        let runs = told["runs"].as_array().into_iter().flatten();
        Ok(runs.filter_map(|run| run["run"].as_i64()).collect())
    }

    fn replace(&self, file: &str, old: &str, new: &str) -> Result<()> {
        let path = self.root.join(file);
        let text = fs::read_to_string(&path).map_err(|e| cannot("read", &path, &e))?;
        if !text.contains(old) {
            return Err(format!("{} has no `{old}` any more", path.display()));
        }
        fs::write(&path, text.replacen(old, new, 1)).map_err(|e| cannot("write", &path, &e))
    }

    /// A time of a day, counted from the first.
    fn moment(&self, day: i32, (hour, minute): (i8, i8)) -> Result<Timestamp> {
        let today = Zoned::now().with_time_zone(self.zone.clone());
        // Before the first time of a day, the last day is yesterday.
        let late = if today.hour() <= TIMES[0].0 { 1 } else { 0 };
        let date =
            today.date().checked_add((day - DAYS - late).days()).map_err(|e| e.to_string())?;
        let moment = date.to_datetime(time(hour, minute, 0, 0)).to_zoned(self.zone.clone());
        Ok(moment.map_err(|e| e.to_string())?.timestamp())
    }

    fn set_clock(&self, at: Timestamp) -> Result<()> {
        let shift = shift(at).min(0).to_string();
        fs::write(self.clock(), shift).map_err(|e| cannot("write", &self.clock(), &e))
    }

    fn clock(&self) -> PathBuf {
        self.root.with_file_name("clock.txt")
    }

    fn with_clock<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("PENNY_TEST_CLOCK", self.clock())
    }
}

impl Service<'_> {
    /// A link to its dashboard.
    pub fn link(&self) -> Result<String> {
        let told = self.company.run(&["dashboard", "--json"])?;
        let told: Value = serde_json::from_str(&told).map_err(|e| e.to_string())?;
        told["url"].as_str().map(str::to_owned).ok_or_else(|| format!("no link in {told}"))
    }

    /// Waits until so many syncs have ended since the start.
    fn wait_for_syncs(&self, count: usize) -> Result<()> {
        let is_end = |line: &&str| line.contains("sync ") && line.contains(" ended");
        self.wait("the end of a sync", |said| said.lines().filter(is_end).count() >= count)
    }

    fn wait(&self, what: &str, is_there: impl Fn(&str) -> bool) -> Result<()> {
        let begun = Instant::now();
        while !is_there(&fs::read_to_string(&self.said).unwrap_or_default()) {
            if begun.elapsed() > SYNC_MAX {
                return Err(format!("{what} was waited for in vain; see {}", self.said.display()));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Service<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How many seconds it is to a moment.
fn shift(at: Timestamp) -> i64 {
    at.duration_since(Timestamp::now()).as_secs()
}

fn build(root: &Path, folder: &Path) -> Result<PathBuf> {
    eprintln!("building penny");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--package", "penny"]).current_dir(root);
    // What cargo tells of this program makes C libraries be built again.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            command.env_remove(name);
        }
    }
    timed(&mut command, &folder.join("build.log"))?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("debug").join(format!("penny{}", std::env::consts::EXE_SUFFIX)))
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    Ok(listener.map_err(|e| e.to_string())?.port())
}
