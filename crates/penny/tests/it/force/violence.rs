//! What is done to the service.

use std::cell::Cell;
use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use super::{Place, number};
use crate::processes::descendants;
use crate::support::Workspace;

/// One thing that happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violence {
    /// Penny is killed, and started again.
    Penny,
    /// A kernel is killed, or the process that kernels are forked from.
    Kernel,
    /// PostgreSQL is killed, its guard left alive.
    Server,
    /// PostgreSQL's guard is killed, and with it the server.
    Guard,
    /// Everything is killed at once, as when the power fails.
    Everything,
    /// Not a byte is left on the disk, for a while.
    Disk,
    /// Penny stands still for a while, as in a computer that sleeps.
    Sleep,
    /// The clock is set forward by hours.
    Forward,
    /// The clock is set back by hours.
    Back,
}

const ALL: [Violence; 9] = [
    Violence::Penny,
    Violence::Kernel,
    Violence::Server,
    Violence::Guard,
    Violence::Everything,
    Violence::Disk,
    Violence::Sleep,
    Violence::Forward,
    Violence::Back,
];

/// What is left to chance, the same again for the same seed.
pub struct Chance {
    state: Cell<u64>,
    begun: Cell<usize>,
}

impl Chance {
    pub fn new() -> Chance {
        let random =
            || u64::from(std::process::id()) ^ jiff::Timestamp::now().as_nanosecond() as u64;
        let seed = number("PENNY_FORCE_SEED").unwrap_or_else(random);
        eprintln!("PENNY_FORCE_SEED={seed}");
        Chance { state: Cell::new(seed), begun: Cell::new(0) }
    }

    /// A number from 0 on, below another (SplitMix64).
    pub fn below(&self, end: u64) -> u64 {
        let state = self.state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.state.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// Each kind once, then any.
    pub fn violence(&self, has_disk: bool) -> Violence {
        let place = self.begun.replace(self.begun.get() + 1);
        let any = || ALL[self.below(ALL.len() as u64) as usize];
        let chosen = ALL.get(place).copied().unwrap_or_else(any);
        if chosen == Violence::Disk && !has_disk { Violence::Penny } else { chosen }
    }
}

impl Violence {
    pub fn happens(self, place: &mut Place<'_>, chance: &Chance) {
        match self {
            Violence::Penny => place.killed(),
            Violence::Kernel => {
                let all = descendants(place.pid());
                let kernels: Vec<_> = all.iter().filter(|(_, args)| is_kernel(args)).collect();
                if !kernels.is_empty() {
                    kill("-KILL", kernels[chance.below(kernels.len() as u64) as usize].0);
                }
            }
            Violence::Server => {
                if let Some(server) = server(place.workspace) {
                    kill("-KILL", server);
                }
            }
            Violence::Guard => {
                for (guard, _) in found(place.workspace, "db guard") {
                    kill("-KILL", guard);
                }
            }
            Violence::Everything => {
                let all = found(place.workspace, "");
                place.killed();
                all.iter().for_each(|(pid, _)| kill("-KILL", *pid));
            }
            Violence::Disk => {
                fill(place.workspace);
                std::thread::sleep(Duration::from_millis(500 + chance.below(3_000)));
                let _ = fs::remove_file(place.workspace.root().join("filler"));
            }
            Violence::Sleep => {
                kill("-STOP", place.pid());
                std::thread::sleep(Duration::from_millis(500 + chance.below(2_500)));
                place.set_clock(3600);
                kill("-CONT", place.pid());
            }
            Violence::Forward => place.set_clock(3600 * 30),
            Violence::Back => place.set_clock(-3600 * 7),
        }
    }
}

/// Sends a signal to a process that may be gone already.
fn kill(signal: &str, pid: u32) {
    let _ = Command::new("kill").args([signal, &pid.to_string()]).output();
}

fn is_kernel(args: &str) -> bool {
    args.contains("_kernel.py") || args.contains("_template.py")
}

/// The workspace's processes whose command line has that.
fn found(workspace: &Workspace, part: &str) -> Vec<(u32, String)> {
    let all = workspace.processes().into_iter().filter(|line| line.contains(part));
    let split = all.filter_map(|line| {
        let (pid, args) = line.trim().split_once(' ')?;
        Some((pid.parse().ok()?, args.to_owned()))
    });
    split.collect()
}

/// The server's first process.
fn server(workspace: &Workspace) -> Option<u32> {
    let file = workspace.root().join(".penny/postgres/data/postmaster.pid");
    fs::read_to_string(file).ok()?.lines().next()?.trim().parse().ok()
}

/// A disk of its own under the workspace's folder, where this user may mount one; it goes when this is dropped.
/// It has room for what so many rounds leave behind.
pub fn small_disk(workspace: &Workspace, rounds: u32) -> Option<SmallDisk> {
    let size = format!("size={}m,mode=755", 400 + 4 * rounds);
    let root = workspace.root().to_owned();
    let aside = root.with_extension("aside");
    let on = |program: &str, arguments: &[&str]| {
        let path = root.display().to_string();
        let done = Command::new(program).args(arguments).arg(path).output();
        done.is_ok_and(|done| done.status.success())
    };
    let tmpfs = ["-t", "tmpfs", "-o", &size, "tmpfs"];
    if !on("mount", &tmpfs) {
        eprintln!("no disk is filled: this user may not mount a small one");
        return None;
    }
    // What was in the folder is under the mount: it is brought to light by another way to the same place.
    on("umount", &[]);
    let copied = Command::new("cp").arg("-a").arg(&root).arg(&aside).status();
    assert!(copied.is_ok_and(|status| status.success()), "the workspace can be copied");
    assert!(on("mount", &tmpfs));
    let back = Command::new("cp").arg("-a").arg(aside.join(".")).arg(&root).status();
    assert!(back.is_ok_and(|status| status.success()), "the workspace can be copied back");
    Some(SmallDisk(root))
}

/// A mounted disk.
pub struct SmallDisk(std::path::PathBuf);

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Writes until nothing more can be written.
fn fill(workspace: &Workspace) {
    let path = workspace.root().join("filler");
    let Ok(mut file) = fs::File::create(path) else { return };
    for size in [1 << 20, 1 << 12, 1] {
        let block = vec![7_u8; size];
        while file.write_all(&block).is_ok() {}
    }
}
