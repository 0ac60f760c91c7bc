//! The directory that the log is kept in: its lock, and which files there are.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use fs4::{FileExt, TryLockError};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::error::{DirectoryError, LogError};

/// The directory, locked for as long as this or a clone of it lives.
#[derive(Clone)]
pub(crate) struct Directory {
    path: Arc<Path>,
    /// The directory itself, open: there may be no file to be had when it is to be flushed.
    own: Arc<File>,
    _lock: Arc<File>,
    /// Held by who reads or changes which files there are.
    changing: Arc<Mutex<()>>,
}

/// Nobody else reads or changes which files there are, as long as this lives.
pub(crate) type Alone = OwnedMutexGuard<()>;

/// What there is.
#[derive(Default)]
struct Listed {
    bases: Vec<u64>,
    logs: Vec<u64>,
    drafts: Vec<PathBuf>,
}

/// The files that count.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) base: Option<u64>,
    /// In order, without a gap, the first one next to the base.
    pub(crate) logs: Vec<u64>,
}

impl Directory {
    /// Makes the directory if it is not there, and locks it.
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
        let own = File::open(path).map_err(io)?;
        // Its own name, too, is to outlive a loss of power, as far as the directory above may be opened.
        let _ = File::open(path.join("..")).and_then(|above| above.sync_all());
        match FileExt::try_lock(&lock) {
            Ok(()) => Ok(Self {
                path: path.into(),
                own: Arc::new(own),
                changing: Arc::default(),
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
        self.own.sync_all()
    }

    /// The files that count: the newest base, and all logs after it. An empty log at the end was not begun.
    ///
    /// # Errors
    ///
    /// What the file system says, or that a log is missing.
    pub(crate) fn files(&self) -> Result<Files, LogError> {
        let listed = self.list()?;
        let base = listed.bases.iter().copied().max();
        let mut logs = listed.logs;
        logs.retain(|log| base.is_none_or(|base| *log > base));
        logs.sort_unstable();
        let is_empty = |log: &u64| fs::metadata(self.log(*log)).is_ok_and(|meta| meta.len() == 0);
        if logs.last().is_some_and(is_empty) {
            logs.pop();
        }
        self.complete(Files { base, logs })
    }

    /// Removes what a base has replaced, once that will outlive a loss of power.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn remove_replaced(&self) -> Result<(), LogError> {
        let listed = self.list()?;
        let Some(base) = listed.bases.iter().copied().max() else {
            return Ok(());
        };
        self.sync().map_err(|source| self.io(source))?;
        let older = listed.bases.iter().filter(|number| **number < base);
        let older = older.map(|number| self.base(*number));
        let logs = listed.logs.iter().filter(|number| **number <= base);
        let logs = logs.map(|number| self.log(*number));
        remove_all(older.chain(logs))
    }

    /// Resolves when nobody else reads or changes which files there are: a rewrite whose life has ended may still be at its last
    /// steps, on a thread of its own.
    ///
    /// # Cancel safety
    ///
    /// Nothing has happened if this is dropped.
    pub(crate) async fn alone(&self) -> Alone {
        Arc::clone(&self.changing).lock_owned().await
    }

    /// Removes what a rewrite left that did not come to its end. None may be under way.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn remove_drafts(&self) -> Result<(), LogError> {
        remove_all(self.list()?.drafts.into_iter())
    }

    fn list(&self) -> Result<Listed, LogError> {
        let mut listed = Listed::default();
        for entry in fs::read_dir(&self.path).map_err(|source| self.io(source))? {
            let path = entry.map_err(|source| self.io(source))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let Some(number) = number(&name, "base-") {
                listed.bases.push(number);
            } else if let Some(number) = number(&name, "log-") {
                listed.logs.push(number);
            } else if name.starts_with("base-") && name.ends_with(".tmp") {
                listed.drafts.push(path);
            }
        }
        Ok(listed)
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
        let mut what = self.log(missing).display().to_string();
        if let (None, 1, Some(first)) = (files.base, missing, files.logs.first()) {
            let base = self.base(first - 1);
            what = format!("{what}, or {} in place of it,", base.display());
        }
        Err(LogError::Missing {
            what,
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

fn remove_all(mut paths: impl Iterator<Item = PathBuf>) -> Result<(), LogError> {
    let remove = |path: PathBuf| match fs::remove_file(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(|source| LogError::Io { path, source }),
    };
    paths.try_for_each(remove)
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
            fs::write(scratch.path().join(name), "content").unwrap();
        }
        let directory = Directory::lock(scratch.path()).unwrap();
        let files = directory.files();
        directory.remove_replaced().unwrap();
        directory.remove_drafts().unwrap();
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
