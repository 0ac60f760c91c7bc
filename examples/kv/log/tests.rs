//! The log as a whole: written, rolled, rewritten, broken, and replayed.

use std::{fs, path::Path, process::Command, sync::Arc};

use super::{Directory, LogError, Replay, Rewrite, Status, Tail, frame, status::OpenLog};
use tokio::runtime::{Builder, Runtime};

use crate::{
    data::{Change, Key, Table},
    resp::{BYTES, Writer},
    scratch::Scratch,
    settings::Fsync,
};

fn key(name: &'static str) -> Key {
    Key::new(name.as_bytes().into())
}

fn record(change: &Change<'_>) -> Vec<u8> {
    let mut records = Writer::default();
    change.write(&mut records);
    records.into_bytes()
}

fn set(key: &Key, value: &str) -> Vec<u8> {
    let value = value.as_bytes();
    let deadline = Some(7);
    record(&Change::Set {
        key,
        value,
        deadline,
    })
}

/// Replays all there is, and gives the values of `a` to `d`, and the tail.
fn open(directory: &Directory) -> Result<(String, Tail), LogError> {
    open_with(directory, &Arc::new(Status::new(u64::MAX)))
}

fn open_with(directory: &Directory, status: &Arc<Status>) -> Result<(String, Tail), LogError> {
    let (mut replay, mut table) = (Replay::all(directory)?, Table::default());
    while replay.step(&mut table)? {}
    let tail = Tail::after(&replay, directory, status, Fsync::No)?;
    let values = ["a", "b", "c", "d"].map(|name| match table.get(&key(name)) {
        Some(entry) => String::from_utf8(entry.value.clone()).unwrap(),
        None => "-".into(),
    });
    Ok((values.join(" "), tail))
}

fn values(directory: &Directory) -> Result<String, String> {
    match open(directory) {
        Ok((values, _)) => Ok(values),
        Err(error) => Err(error.to_string()),
    }
}

/// A directory with a base up to log 1, the finished log 2 and the open log 3.
fn filled() -> (Scratch, Directory) {
    let scratch = Scratch::new();
    let directory = Directory::lock(scratch.path()).unwrap();
    let (_, mut tail) = open(&directory).unwrap();
    tail.append(&set(&key("a"), "1")).unwrap();
    tail.append(&set(&key("b"), "1")).unwrap();
    assert_eq!(tail.roll().unwrap(), 1);
    rewrite(&directory, 1).unwrap();
    tail.append(&set(&key("b"), "2")).unwrap();
    tail.append(&set(&key("c"), "2")).unwrap();
    assert_eq!(tail.roll().unwrap(), 2);
    tail.append(&record(&Change::Del(&key("a")))).unwrap();
    tail.append(&set(&key("d"), "3")).unwrap();
    (scratch, directory)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn rewrite(directory: &Directory, finished: u64) -> Result<(), LogError> {
    let runtime = runtime();
    let alone = runtime.block_on(directory.alone());
    let mut rewrite = Rewrite::up_to(finished, directory, alone)?;
    while rewrite.step()? {}
    runtime.block_on(rewrite.finish(Arc::new(Status::new(0))))
}

fn names(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "lock").collect();
    names.sort();
    names
}

#[test]
fn base_and_logs_make_the_data_and_a_rewrite_changes_nothing() {
    let (scratch, directory) = filled();
    let files = ["base-00000001", "log-00000002", "log-00000003"];
    assert_eq!(names(scratch.path()), files);
    assert_eq!(values(&directory).unwrap(), "- 2 2 3");
    // The key that is deleted later is in the base all the same: the log that goes on says so.
    rewrite(&directory, 2).unwrap();
    assert_eq!(names(scratch.path()), ["base-00000002", "log-00000003"]);
    assert_eq!(values(&directory).unwrap(), "- 2 2 3");
    // A base that counts already can be made again.
    rewrite(&directory, 2).unwrap();
    assert_eq!(values(&directory).unwrap(), "- 2 2 3");
}

#[test]
fn a_rewrite_that_is_given_up_leaves_nothing() {
    let (scratch, directory) = filled();
    let before = names(scratch.path());
    let alone = runtime().block_on(directory.alone());
    let mut rewrite = Rewrite::up_to(2, &directory, alone).unwrap();
    assert!(rewrite.step().unwrap());
    assert!(names(scratch.path()).contains(&"base-00000002.tmp".into()));
    drop(rewrite);
    assert_eq!(names(scratch.path()), before);
}

#[test]
fn a_log_without_records_is_not_rolled() {
    let (_scratch, directory) = filled();
    let (_, mut tail) = open(&directory).unwrap();
    assert_eq!(tail.roll().unwrap(), 3);
    assert_eq!(tail.roll().unwrap(), 3);
    assert_eq!(values(&directory).unwrap(), "- 2 2 3");
}

#[test]
fn a_log_without_records_is_rolled_all_the_same_when_it_is_suspect() {
    let (_scratch, directory) = filled();
    let status = Arc::new(Status::new(u64::MAX));
    let (_, mut tail) = open_with(&directory, &status).unwrap();
    assert_eq!(tail.roll().unwrap(), 3);
    status.suspect(4);
    assert_eq!(tail.roll().unwrap(), 4);
    rewrite(&directory, 4).unwrap();
    assert_eq!(values(&directory).unwrap(), "- 2 2 3");
}

#[test]
fn a_rewrite_is_alone_until_its_last_step() {
    let (_scratch, directory) = filled();
    runtime().block_on(async {
        let alone = directory.alone().await;
        let rewrite = Rewrite::up_to(2, &directory, alone).unwrap();
        let is_alone = async |directory: &Directory| {
            tokio::select! {
                biased;
                _ = directory.alone() => true,
                () = std::future::ready(()) => false,
            }
        };
        assert!(!is_alone(&directory).await);
        drop(rewrite);
        assert!(is_alone(&directory).await);
    });
}

#[test]
fn a_log_that_is_finished_is_not_gone_on_with() {
    let (scratch, directory) = filled();
    let (_, mut tail) = open(&directory).unwrap();
    tail.roll().unwrap();
    // As if the process had ended between finishing the one and beginning the other.
    fs::remove_file(directory.log(4)).unwrap();
    let (_, mut tail) = open(&directory).unwrap();
    tail.append(&set(&key("a"), "4")).unwrap();
    assert!(names(scratch.path()).contains(&"log-00000004".into()));
    assert_eq!(values(&directory).unwrap(), "4 2 2 3");
}

#[test]
fn what_is_not_the_last_log_must_be_finished() {
    for (file, length) in [
        ("base-00000001", 20),
        ("log-00000002", 20),
        ("log-00000002", 1),
    ] {
        let (scratch, directory) = filled();
        let path = scratch.path().join(file);
        let content = fs::read(&path).unwrap();
        // The closing mark is the last frame; without all of it, or with a part of it.
        let kept = content.len() - frame::HEAD - 1 + length;
        for kept in [kept, content.len() - frame::HEAD - 1] {
            fs::write(&path, &content[..kept]).unwrap();
            let error = values(&directory).unwrap_err();
            assert!(
                error.contains("is damaged") && error.contains(file),
                "{error}"
            );
        }
        fs::write(&path, [&content[..], b"#"].concat()).unwrap();
        let error = values(&directory).unwrap_err();
        assert!(error.contains("behind the closing mark"), "{error}");
    }
}

#[test]
fn records_that_were_never_written_are_damage() {
    let twice = record(&Change::Del(&key("b"))).repeat(2);
    for (records, what) in [
        (&b"PING\r\n"[..], "expected '*', got 'P'"),
        (b"*1\r\n$4\r\nPING\r\n", "a record that is no change"),
        (b"*2\r\n$3\r\nDEL\r\n$1\r\n", "a record that breaks off"),
        (&twice, "a change that changes nothing"),
    ] {
        let (_scratch, directory) = filled();
        let (_, mut tail) = open(&directory).unwrap();
        tail.append(records).unwrap();
        let error = values(&directory).unwrap_err();
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn what_an_error_advises_can_be_done_and_keeps_what_was_before_the_damage() {
    for (file, kept) in [
        ("base-00000001", "1 - - -"),
        ("log-00000002", "1 2 - -"),
        ("log-00000003", "- 2 2 -"),
    ] {
        let (scratch, directory) = filled();
        let path = scratch.path().join(file);
        let mut content = fs::read(&path).unwrap();
        // In the second frame; a base has one frame for all that fits, so it is made of two here.
        if file.starts_with("base") {
            let mut base = Vec::new();
            for records in [&set(&key("a"), "1")[..], &set(&key("b"), "1"), b""] {
                let mut sealed = Vec::new();
                frame::seal(records, &mut sealed);
                base.extend_from_slice(&sealed);
            }
            content = base;
        }
        let second = 1 + content[1..]
            .windows(2)
            .position(|window| window == b"\n#")
            .unwrap();
        content[second + 1 + frame::HEAD] ^= 1;
        fs::write(&path, content).unwrap();
        let error = values(&directory).unwrap_err();
        assert!(
            error.contains(&format!("at byte {}", second + 1)),
            "{error}"
        );
        let (_, advice) = error.split_once("run: ").unwrap();
        let done = Command::new("sh").args(["-c", advice]).status().unwrap();
        assert!(done.success(), "{advice}");
        assert_eq!(values(&directory).unwrap(), kept, "{advice}");
    }
}

#[test]
fn a_value_as_large_as_can_be_is_rewritten_and_read() {
    let scratch = Scratch::new();
    let directory = Directory::lock(scratch.path()).unwrap();
    let (_, mut tail) = open(&directory).unwrap();
    let (a, half) = (key("a"), vec![b'x'; BYTES / 2]);
    tail.append(&record(&Change::Append(&a, &half))).unwrap();
    tail.append(&record(&Change::Append(&a, &half))).unwrap();
    tail.append(&record(&Change::Expire(&a, i64::MAX))).unwrap();
    tail.roll().unwrap();
    rewrite(&directory, 1).unwrap();
    let (values, _) = open(&directory).unwrap();
    assert_eq!(values.len(), BYTES + " - - -".len());
}

#[test]
fn a_log_that_could_not_be_begun_is_as_good_as_not_there() {
    let (scratch, directory) = filled();
    fs::write(directory.log(4), "").unwrap();
    let (values, mut tail) = open(&directory).unwrap();
    assert_eq!(values, "- 2 2 3");
    tail.append(&set(&key("a"), "3")).unwrap();
    assert_eq!(tail.roll().unwrap(), 3);
    assert!(names(scratch.path()).contains(&"log-00000004".into()));
    assert_eq!(open(&directory).unwrap().0, "3 2 2 3");
}

/// A file that is written and cannot be flushed: a pipe is one.
#[cfg(unix)]
#[test]
fn a_log_that_could_not_be_flushed_is_suspect_until_it_is_replaced() {
    let scratch = Scratch::new();
    let pipe = scratch.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let file = fs::OpenOptions::new().read(true).write(true).open(&pipe);
    let status = Status::new(u64::MAX);
    let log = OpenLog {
        number: 3,
        file: Arc::new(file.unwrap()),
    };
    assert!(status.sync(&log).is_err());
    assert!(status.facts().is_suspect());
    status.rewrote(2, 0);
    assert!(status.facts().is_suspect());
    status.rewrote(3, 0);
    assert!(!status.facts().is_suspect());
}
