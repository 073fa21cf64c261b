//! (d) Memory while notebooks wait in a cell, as Linux counts it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::Result;
use super::contest::{Measured, Unit};
use super::notebooks::names;
use super::options::Options;
use super::programs::cannot;
use super::setting::Setting;

/// The case of one notebook.
pub const ONE: &str = "memory while one notebook waits in a cell";
/// The case of four.
pub const FOUR: &str = "memory while four notebooks wait in a cell";
/// Penny's own process, resident.
pub const PENNY_RSS: &str = "penny, resident (RSS)";
/// Its fair share of what is shared.
pub const PENNY_PSS: &str = "penny, its share (PSS)";
/// The process that kernels are forked from.
pub const TEMPLATE_PSS: &str = "the template, its share (PSS)";
/// All kernels, divided by their number.
pub const KERNEL_PSS: &str = "each kernel, its share (PSS)";

/// How long notebooks may take to come to their last cell.
const READY_MAX: Duration = Duration::from_secs(180);

/// Looks once at each case in each round.
pub fn measure(setting: &Setting, options: &Options) -> Result<Vec<Measured>> {
    if !Path::new("/proc/self/smaps_rollup").exists() {
        eprintln!("part d is left out: only Linux tells how memory is shared");
        return Ok(Vec::new());
    }
    let mut measured: Vec<Measured> = Vec::new();
    for _ in 0..options.rounds {
        for (case, count) in [(ONE, 1), (FOUR, 4)] {
            eprint!("{case} … ");
            let found = look(setting, &names("idle", count))?;
            eprintln!("done");
            for (by, megabytes) in found {
                let same = |m: &&mut Measured| m.case == case && m.by == by;
                match measured.iter_mut().find(same) {
                    Some(present) => present.values.push(megabytes),
                    None => measured.push(Measured {
                        case: case.to_owned(),
                        by: by.to_owned(),
                        unit: Unit::Megabytes,
                        values: vec![megabytes],
                        failure: None,
                    }),
                }
            }
        }
    }
    Ok(measured)
}

fn look(setting: &Setting, notebooks: &[String]) -> Result<Vec<(&'static str, f64)>> {
    let workspace = if notebooks.len() > 1 { setting.four() } else { setting.sequence() };
    let marks: Vec<_> =
        notebooks.iter().map(|n| workspace.join(format!("notebooks/{n}.idle"))).collect();
    let log = setting.log("d-penny");
    let words = fs::File::create(&log).map_err(|e| cannot("write", &log, &e))?;
    let mut command = setting.penny(&workspace);
    command.arg("run").args(notebooks).stdin(Stdio::null()).stdout(Stdio::null()).stderr(words);
    let mut penny = command.spawn().map_err(|e| cannot("start", &setting.penny, &e))?;
    let found = await_marks(&mut penny, &marks).map(|()| weigh(penny.id()));
    // The notebooks end when their marks have gone.
    for mark in &marks {
        let _ = fs::remove_file(mark);
    }
    let status = penny.wait().map_err(|e| cannot("wait for", &setting.penny, &e))?;
    match status.success() {
        true => found?,
        false => Err(format!("penny ended with {status}, see {}", log.display())),
    }
}

fn await_marks(penny: &mut Child, marks: &[std::path::PathBuf]) -> Result<()> {
    let started = Instant::now();
    while !marks.iter().all(|mark| mark.exists()) {
        if started.elapsed() > READY_MAX || penny.try_wait().is_ok_and(|ended| ended.is_some()) {
            let _ = penny.kill();
            return Err("the notebooks did not come to their last cell".to_owned());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Penny, its template and its kernels: a process below Penny that has processes of its own that are forks of
/// it (the same command line) is the template, and what stands below it are kernels.
fn weigh(penny: u32) -> Result<Vec<(&'static str, f64)>> {
    let processes = processes();
    let below = |parent: u32| {
        let mut below: Vec<u32> =
            processes.iter().filter(|(_, p)| p.parent == parent).map(|(pid, _)| *pid).collect();
        below.sort_unstable();
        below
    };
    let (mut templates, mut kernels) = (Vec::new(), Vec::new());
    for child in below(penny) {
        let is_template = processes[&child].command.contains("_template");
        if is_template {
            kernels.extend(below(child));
            templates.push(child);
        } else {
            kernels.push(child);
        }
    }
    let mut found =
        vec![(PENNY_RSS, megabytes(penny, "Rss:")?), (PENNY_PSS, megabytes(penny, "Pss:")?)];
    let total = |pids: &[u32]| pids.iter().map(|pid| megabytes(*pid, "Pss:")).sum::<Result<f64>>();
    if !templates.is_empty() {
        found.push((TEMPLATE_PSS, total(&templates)?));
    }
    if !kernels.is_empty() {
        found.push((KERNEL_PSS, total(&kernels)? / kernels.len() as f64));
    }
    Ok(found)
}

struct Process {
    parent: u32,
    command: String,
}

fn processes() -> HashMap<u32, Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return HashMap::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
        let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).into_owned();
        Some((pid, Process { parent: parent.trim().parse().ok()?, command }))
    })
    .collect()
}

fn megabytes(pid: u32, what: &str) -> Result<f64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = fs::read_to_string(&path).map_err(|e| cannot("read", Path::new(&path), &e))?;
    let line = text.lines().find_map(|line| line.strip_prefix(what));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.map(|kb| kb * 1024.0 / 1e6).ok_or_else(|| format!("{path} has no line {what}"))
}
