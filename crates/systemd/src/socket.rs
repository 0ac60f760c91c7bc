//! The socket of the service manager.
use regrow_tasks::shielded;
use std::{
    ffi::OsStr,
    io,
    os::unix::{
        ffi::OsStrExt,
        net::{SocketAddr, UnixDatagram},
    },
};
use tracing::warn;

/// A socket that never blocks.
#[derive(Debug)]
pub(crate) struct Socket(UnixDatagram);

impl Socket {
    /// Connects to a path, or to an abstract name that is written with `@`.
    pub(crate) fn connect(address: &OsStr) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        match address.as_bytes() {
            [b'@', name @ ..] => socket.connect_addr(&abstract_name(name)?)?,
            [b'/', ..] => socket.connect(address)?,
            _ => {
                let unknown = "neither a path nor an abstract name";
                return Err(io::Error::new(io::ErrorKind::Unsupported, unknown));
            }
        }
        Ok(Self(socket))
    }

    /// Sends one datagram; one that cannot be sent is logged, and lost.
    pub(crate) fn send(&self, text: &str) {
        if let Err(error) = self.0.send(text.as_bytes()) {
            let what = text.lines().next().unwrap_or_default();
            shielded(|| warn!(target: "regrow", what, %error, "systemd was not told"));
        }
    }
}

#[cfg(target_os = "linux")]
fn abstract_name(name: &[u8]) -> io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    SocketAddr::from_abstract_name(name)
}

#[cfg(not(target_os = "linux"))]
fn abstract_name(_: &[u8]) -> io::Result<SocketAddr> {
    let only = "abstract names are known to Linux only";
    Err(io::Error::new(io::ErrorKind::Unsupported, only))
}
