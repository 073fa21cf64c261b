//! A kernel's processes, however the kernel came to be.

use std::io;
use std::sync::Arc;

use super::forked::{Forked, ForkedGroup};
use super::spawned::{Spawned, SpawnedGroup};
use crate::platform::Status;

/// A process that was started, with its group.
#[derive(Debug)]
pub(crate) enum Running {
    Spawned(Spawned),
    Forked(Forked),
}

/// The kernel's process group, which its children belong to, and what has left it.
#[derive(Debug)]
pub(crate) enum Group {
    Spawned(SpawnedGroup),
    Forked(ForkedGroup),
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        match self {
            Running::Spawned(spawned) => spawned.pid(),
            Running::Forked(forked) => forked.pid(),
        }
    }

    pub(crate) fn group(&self) -> Arc<Group> {
        match self {
            Running::Spawned(spawned) => spawned.group(),
            Running::Forked(forked) => forked.group(),
        }
    }

    /// Blocks until the leader has ended and nothing is left of its group.
    pub(crate) fn wait(self) -> Status {
        match self {
            Running::Spawned(spawned) => spawned.wait(),
            Running::Forked(forked) => forked.wait(),
        }
    }
}

impl Group {
    /// Interrupts every process of the group, as Ctrl-C in a terminal does.
    pub(crate) fn interrupt(&self) -> io::Result<()> {
        match self {
            Group::Spawned(group) => group.send(libc::SIGINT),
            Group::Forked(group) => group.interrupt(),
        }
    }

    /// Asks every process of the group to end.
    pub(crate) fn terminate(&self) {
        match self {
            Group::Spawned(group) => drop(group.send(libc::SIGTERM)),
            Group::Forked(group) => group.terminate(),
        }
    }

    /// Notes what the kernel has started, before it is asked to end: what left the group is killed after it. Above a
    /// forked kernel is a process that all of it falls to.
    pub(crate) fn note(&self) {
        match self {
            Group::Spawned(group) => group.note(),
            Group::Forked(_) => {}
        }
    }

    /// Kills every process of the group, and what has left it.
    pub(crate) fn kill(&self) {
        match self {
            Group::Spawned(group) => group.kill(),
            Group::Forked(group) => group.kill(),
        }
    }

    /// The memory that the kernel uses with all that it started, in bytes; that which it shares with
    /// others counts in part. None where it is not known, or is known to be `enough` or less.
    pub(crate) fn memory_bytes(&self, enough: u64) -> Option<u64> {
        match self {
            Group::Spawned(group) => group.memory_bytes(enough),
            Group::Forked(group) => group.memory_bytes(enough),
        }
    }
}
