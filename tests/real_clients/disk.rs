//! A small disk for one test, gone at its end.

use std::{path::PathBuf, process::Command};

use crate::{directory::Directory, skip::skip};

/// A file system of a megabyte, in the memory. It is to be dropped before its directory, and after the server on it.
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// Mounts the disk on a directory, if it can be: the test is to end here if not, it is skipped.
    ///
    /// # Panics
    ///
    /// When it cannot be mounted and `REGROW_REQUIRE_SERVICES=1` asks for it.
    pub(crate) fn mount(directory: &Directory, test: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]);
        let outcome = mount.arg(directory.path()).output();
        let why = match outcome {
            Ok(output) if output.status.success() => return Some(Self(directory.path().into())),
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        skip(test, &format!("no small disk can be mounted: {why}"));
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
