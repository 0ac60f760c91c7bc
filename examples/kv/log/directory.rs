//! The directory that the log is kept in: its lock, and which files there are.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use fs4::{FileExt, TryLockError};

use super::error::{DirectoryError, LogError};

/// The directory, locked for as long as this or a clone of it lives.
#[derive(Clone)]
pub(crate) struct Directory {
    path: Arc<Path>,
    _lock: Arc<File>,
}

/// The files that count.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) base: Option<u64>,
    /// In order, without a gap, the first one next to the base.
    pub(crate) logs: Vec<u64>,
}

impl Directory {
    /// Makes the directory if it is not there, makes sure that it can be written, and locks it.
    ///
    /// # Errors
    ///
    /// What the file system says, or that another server has it.
    pub(crate) fn lock(path: &Path) -> Result<Self, DirectoryError> {
        let io = |source| DirectoryError::Io {
            path: path.into(),
            source,
        };
        fs::create_dir_all(path).map_err(io)?;
        let mut options = OpenOptions::new();
        let lock = options.create(true).truncate(false).write(true);
        let lock = lock.open(path.join("lock")).map_err(io)?;
        match FileExt::try_lock(&lock) {
            Ok(()) => Ok(Self {
                path: path.into(),
                _lock: Arc::new(lock),
            }),
            Err(TryLockError::WouldBlock) => Err(DirectoryError::InUse { path: path.into() }),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }

    pub(crate) fn log(&self, number: u64) -> PathBuf {
        self.path.join(format!("log-{number:08}"))
    }

    pub(crate) fn base(&self, number: u64) -> PathBuf {
        self.path.join(format!("base-{number:08}"))
    }

    /// A base that is not finished.
    pub(crate) fn draft(&self, number: u64) -> PathBuf {
        self.path.join(format!("base-{number:08}.tmp"))
    }

    /// Makes the names in the directory outlive a loss of power.
    pub(crate) fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// The files that count: the newest base, and all logs after it. What a rewrite has replaced or left unfinished is removed.
    ///
    /// # Errors
    ///
    /// What the file system says, or that a log is missing.
    pub(crate) fn files(&self) -> Result<Files, LogError> {
        let (mut bases, mut logs, mut useless) = (Vec::new(), Vec::new(), Vec::new());
        for entry in fs::read_dir(&self.path).map_err(|source| self.io(source))? {
            let path = entry.map_err(|source| self.io(source))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let Some(number) = number(&name, "base-") {
                bases.push(number);
            } else if let Some(number) = number(&name, "log-") {
                logs.push(number);
            } else if name.starts_with("base-") && name.ends_with(".tmp") {
                useless.push(path);
            }
        }
        let base = bases.iter().copied().max();
        let replaced = |number: &u64| base.is_some_and(|base| *number <= base);
        useless.extend(
            logs.iter()
                .filter(|log| replaced(log))
                .map(|log| self.log(*log)),
        );
        let older = bases.iter().filter(|number| Some(**number) < base);
        useless.extend(older.map(|number| self.base(*number)));
        for path in useless {
            fs::remove_file(&path).map_err(|source| LogError::Io { path, source })?;
        }
        logs.retain(|log| !replaced(log));
        logs.sort_unstable();
        self.complete(Files { base, logs })
    }

    fn complete(&self, files: Files) -> Result<Files, LogError> {
        let first = files.base.map_or(1, |base| base + 1);
        let gap = (first..)
            .zip(&files.logs)
            .find(|(wanted, log)| wanted != *log);
        let Some((missing, _)) = gap else {
            return Ok(files);
        };
        let later = files.logs.iter().filter(|log| **log > missing);
        Err(LogError::Missing {
            path: self.log(missing),
            advice: remove(later.map(|log| self.log(*log))),
        })
    }

    fn io(&self, source: io::Error) -> LogError {
        LogError::Io {
            path: (*self.path).into(),
            source,
        }
    }
}

/// The command that removes these files.
pub(crate) fn remove(paths: impl Iterator<Item = PathBuf>) -> String {
    let paths = paths.map(|path| format!(" '{}'", path.display()));
    format!("rm{}", paths.collect::<String>())
}

fn number(name: &str, kind: &str) -> Option<u64> {
    let digits = name.strip_prefix(kind)?;
    let number = digits.parse().ok()?;
    (digits == format!("{number:08}")).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn listed(names: &[&str]) -> (Result<Files, String>, Vec<String>) {
        let scratch = Scratch::new();
        for name in names {
            fs::write(scratch.path().join(name), "").unwrap();
        }
        let files = Directory::lock(scratch.path()).unwrap().files();
        let left = fs::read_dir(scratch.path()).unwrap();
        let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut left: Vec<String> = left.filter(|name| name != "lock").collect();
        left.sort();
        (files.map_err(|error| error.to_string()), left)
    }

    #[test]
    fn the_newest_base_and_all_logs_after_it_count() {
        let (files, left) = listed(&[
            "base-00000002",
            "base-00000003",
            "base-00000007.tmp",
            "log-00000003",
            "log-00000004",
            "log-00000005",
            "log-4",
            "notes.txt",
        ]);
        let expected = Files {
            base: Some(3),
            logs: vec![4, 5],
        };
        assert_eq!(files, Ok(expected));
        let kept = [
            "base-00000003",
            "log-00000004",
            "log-00000005",
            "log-4",
            "notes.txt",
        ];
        assert_eq!(left, kept);
    }

    #[test]
    fn a_log_that_is_missing_is_told() {
        for names in [
            &["log-00000002"][..],
            &["log-00000001", "log-00000003"],
            &["base-00000001", "log-00000004"],
        ] {
            let (files, left) = listed(names);
            let error = files.unwrap_err();
            assert!(
                error.contains("is missing") && error.contains("rm '"),
                "{error}"
            );
            assert_eq!(left, names);
        }
    }

    #[test]
    fn a_directory_has_one_server() {
        let scratch = Scratch::new();
        let first = Directory::lock(scratch.path()).unwrap();
        let second = Directory::lock(scratch.path()).map(|_| ()).unwrap_err();
        assert!(second.to_string().contains("in use"), "{second}");
        drop(first);
        Directory::lock(scratch.path()).unwrap();
    }
}
