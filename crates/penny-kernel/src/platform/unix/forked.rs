//! Kernels that a template forks, each below a process that ends all that the kernel started.
//!
//! What is said on the sockets is told in `python/penny/_template.py` and `_forked.py`.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, PipeWriter, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::group::{Group, Running};
use super::{family, passing};
use crate::platform::{ForkError, ForkRequest, Status};

/// A template that does nothing else answers within milliseconds.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// The longest line a template says is a list of modules.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Penny's end of a template: its socket, which nobody else has.
#[derive(Debug)]
pub(crate) struct Mold {
    control: Mutex<UnixStream>,
}

/// A kernel that was forked.
#[derive(Debug)]
pub(crate) struct Forked {
    pid: u32,
    group: Arc<Group>,
    /// The process above the kernel, which tells its end.
    told: BufReader<UnixStream>,
    mark: String,
}

#[derive(Debug)]
pub(crate) struct ForkedGroup {
    leader: libc::pid_t,
    /// Closing it, which the system does when Penny ends, kills the kernel and all that it started.
    above: Mutex<Option<UnixStream>>,
}

impl Mold {
    /// A socket, and the template's end of it, to be its input.
    pub(crate) fn new() -> io::Result<(Mold, Stdio)> {
        let (control, other) = UnixStream::pair()?;
        control.set_write_timeout(Some(ANSWER_PATIENCE))?;
        Ok((Mold { control: Mutex::new(control) }, Stdio::from(OwnedFd::from(other))))
    }

    /// Blocks until the template has said a line; an empty one if it ended instead.
    pub(crate) fn first_line(&self, patience: Duration) -> io::Result<String> {
        let control = self.lock().try_clone()?;
        control.set_read_timeout(Some(patience.max(Duration::from_millis(1))))?;
        let mut line = String::new();
        // A byte at a time costs nothing here: the template says one line in its life.
        io::Read::take(BufReader::with_capacity(1, control), LINE_BYTES_MAX)
            .read_line(&mut line)?;
        Ok(line)
    }

    /// Has a kernel forked, whose standard output and error are `output`.
    pub(crate) fn fork(
        &self,
        request: &ForkRequest<'_>,
        output: PipeWriter,
    ) -> Result<Running, ForkError> {
        let body = encoded(request).map_err(ForkError::System)?;
        let (above, its) = UnixStream::pair().map_err(ForkError::System)?;
        self.send(&body, &its, &output).map_err(|_| ForkError::Gone)?;
        drop((its, output));
        above.set_read_timeout(Some(ANSWER_PATIENCE)).map_err(ForkError::System)?;
        let mut told = BufReader::new(above.try_clone().map_err(ForkError::System)?);
        let line = line(&mut told).map_err(|_| ForkError::Gone)?;
        if let Some(why) = line.strip_prefix("refused ") {
            return Err(ForkError::Refused(why.to_owned()));
        }
        let pid: u32 =
            line.strip_prefix("pid ").and_then(|pid| pid.parse().ok()).ok_or(ForkError::Gone)?;
        above.set_read_timeout(None).map_err(ForkError::System)?;
        let leader = pid.cast_signed();
        let group = Group::Forked(ForkedGroup { leader, above: Mutex::new(Some(above)) });
        Ok(Running::Forked(Forked {
            pid,
            group: Arc::new(group),
            told,
            mark: request.mark.to_owned(),
        }))
    }

    fn send(&self, body: &[u8], its: &UnixStream, output: &PipeWriter) -> io::Result<()> {
        let length = u32::try_from(body.len()).map_err(io::Error::other)?.to_le_bytes();
        let mut control = self.lock();
        let sent = passing::send_with(&control, &length, [its.as_fd(), output.as_fd()])?;
        if sent != length.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        control.write_all(body)
    }

    fn lock(&self) -> MutexGuard<'_, UnixStream> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Forked {
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn group(&self) -> Arc<Group> {
        Arc::clone(&self.group)
    }

    /// Blocks until the kernel has ended and all that it started.
    pub(crate) fn wait(mut self) -> Status {
        let mut status = Status::default();
        let mut is_told = false;
        while let Ok(line) = line(&mut self.told) {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["lost"] => status.template_ended = true,
                ["exit", code, signal, peak] => {
                    is_told = true;
                    status.code = code.parse().ok();
                    status.signal = signal.parse().ok();
                    status.peak_memory_bytes = peak.parse().ok();
                    break;
                }
                _ => break,
            }
        }
        if let Group::Forked(group) = &*self.group {
            *group.lock() = None;
        }
        if !is_told {
            // The process above was killed, and the kernel with it: nobody has ended the rest.
            family::end(None, &self.mark);
        }
        status
    }
}

impl ForkedGroup {
    pub(super) fn interrupt(&self) -> io::Result<()> {
        self.say(b"i")
    }

    pub(super) fn terminate(&self) {
        self.say(b"t").ok();
    }

    pub(super) fn kill(&self) {
        self.say(b"k").ok();
    }

    pub(super) fn memory_bytes(&self, enough: u64) -> Option<u64> {
        self.lock().as_ref()?;
        family::memory_bytes(self.leader, enough)
    }

    fn say(&self, wish: &[u8]) -> io::Result<()> {
        match &mut *self.lock() {
            // Whoever has ended needs not be told.
            Some(above) => match above.write_all(wish) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                said => said,
            },
            None => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<UnixStream>> {
        self.above.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line without its end; the end of the socket is an error.
fn line(told: &mut BufReader<UnixStream>) -> io::Result<String> {
    let mut line = String::new();
    io::Read::take(told, LINE_BYTES_MAX).read_line(&mut line)?;
    match line.strip_suffix('\n') {
        Some(whole) => Ok(whole.to_owned()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// The request's fields, each with a NUL at its end.
fn encoded(request: &ForkRequest<'_>) -> io::Result<Vec<u8>> {
    let limit = request.memory_limit_bytes.map_or(0, family::data_limit_bytes);
    let mut body = Vec::new();
    let mut field = |bytes: &[&[u8]]| {
        for part in bytes {
            if part.contains(&0) {
                return Err(io::Error::from(io::ErrorKind::InvalidInput));
            }
            body.extend_from_slice(part);
        }
        body.push(0);
        Ok(())
    };
    field(&[request.cwd.as_os_str().as_bytes()])?;
    field(&[request.mark.as_bytes()])?;
    field(&[limit.to_string().as_bytes()])?;
    field(&[request.arguments.len().to_string().as_bytes()])?;
    for argument in request.arguments {
        field(&[argument.as_bytes()])?;
    }
    let named = |name: &OsString| !name.is_empty();
    for (name, value) in request.env.iter().filter(|(name, _)| named(name)) {
        field(&[name.as_bytes(), b"=", value.as_bytes()])?;
    }
    Ok(body)
}
