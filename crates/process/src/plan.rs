//! All that a life of a process is made from.
use crate::{error::ProcessStartError, ready::Ready, roster::Roster, signal::Signal, stdin::Stdin};
use regrow_core::RuntimeName;
use std::{
    ffi::OsString,
    fmt,
    io::{self, ErrorKind},
    path::PathBuf,
    process::Stdio,
    sync::Arc,
};
use tokio::process::Command;

/// What is run, how it is seen to be up, how it is stopped; and who runs now.
#[derive(Clone, Default)]
pub(crate) struct Plan {
    pub(crate) program: OsString,
    pub(crate) args: Vec<OsString>,
    /// None leaves a variable out.
    pub(crate) env: Vec<(OsString, Option<OsString>)>,
    pub(crate) is_env_clear: bool,
    pub(crate) directory: Option<PathBuf>,
    pub(crate) stdin: Stdin,
    pub(crate) ready: Ready,
    pub(crate) stop_signal: Signal,
    pub(crate) roster: Arc<Roster>,
}

impl Plan {
    pub(crate) fn program(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    /// The command of one life, in a process group of its own.
    pub(crate) fn command(&self, child: &RuntimeName) -> Result<Command, ProcessStartError> {
        let mut command = Command::new(&self.program);
        command.args(&self.args);
        if self.is_env_clear {
            command.env_clear();
        }
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command.stdin(self.stdin.open(child)?);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        Ok(command)
    }

    /// What the system's refusal means.
    pub(crate) fn refused(&self, child: &RuntimeName, source: io::Error) -> ProcessStartError {
        let (child, program) = (child.clone(), self.program());
        match (&self.directory, source.kind()) {
            (Some(directory), _) if !directory.is_dir() => ProcessStartError::NoDirectory {
                child,
                program,
                directory: directory.clone(),
            },
            (_, ErrorKind::NotFound) => ProcessStartError::NotFound { child, program },
            (_, ErrorKind::PermissionDenied) => ProcessStartError::NotExecutable { child, program },
            _ => ProcessStartError::Refused {
                child,
                program,
                source,
            },
        }
    }
}

/// Without the values of the environment, which may be secrets.
impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Plan")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("env", &names)
            .field("directory", &self.directory)
            .field("stdin", &self.stdin)
            .field("ready", &self.ready)
            .field("stop_signal", &self.stop_signal)
            .finish_non_exhaustive()
    }
}
