//! Handing open files to another process, over a Unix socket.

use std::io;
use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net::UnixStream;

/// Writes `bytes` with open files, of which the receiver gets copies; returns how many bytes were taken.
pub(super) fn send_with(
    socket: &UnixStream,
    bytes: &[u8],
    files: [BorrowedFd<'_>; 2],
) -> io::Result<usize> {
    let numbers: [RawFd; 2] = files.map(|file| file.as_raw_fd());
    let payload = u32::try_from(mem::size_of_val(&numbers)).expect("two numbers are small");
    // Aligned as its header wants it, and larger than two numbers with a header.
    let mut control = [0_u64; 16];
    let mut slice =
        libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // SAFETY: msghdr is plain data, for which zeros are valid; all that it points to are locals that
    // outlive the call, and the macros stay within `control`, which is larger than CMSG_SPACE of this.
    let sent = unsafe {
        let mut message: libc::msghdr = mem::zeroed();
        message.msg_iov = &raw mut slice;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = libc::CMSG_SPACE(payload) as _;
        let header = libc::CMSG_FIRSTHDR(&raw const message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(payload) as _;
        std::ptr::copy_nonoverlapping(numbers.as_ptr(), libc::CMSG_DATA(header).cast(), 2);
        libc::sendmsg(socket.as_raw_fd(), &raw const message, NO_SIGNAL)
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// A receiver that is gone is an error and no signal (which Rust programs ignore in any case).
const NO_SIGNAL: libc::c_int = if cfg!(target_os = "linux") { 0x4000 } else { 0 };

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::fd::AsFd;

    #[test]
    fn files_travel_with_the_bytes() {
        let (here, mut there) = UnixStream::pair().unwrap();
        let (mut reader, writer) = io::pipe().unwrap();
        let sent = send_with(&here, b"four", [writer.as_fd(), writer.as_fd()]).unwrap();
        drop(writer);
        assert_eq!(sent, 4);
        // Received by nobody who asks for files, the copies are closed, and the pipe with them.
        let mut bytes = [0; 4];
        there.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"four");
        assert_eq!(reader.read(&mut bytes).unwrap(), 0);
    }

    #[test]
    fn a_receiver_that_is_gone_is_an_error() {
        let (mut here, there) = UnixStream::pair().unwrap();
        drop(there);
        assert!(here.write(b"x").is_err());
        let (_reader, writer) = io::pipe().unwrap();
        assert!(send_with(&here, b"x", [writer.as_fd(), writer.as_fd()]).is_err());
    }
}
