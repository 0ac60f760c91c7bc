//! Programs as children: real processes. Numbers in comments are those of `docs/semantics.md`.
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regrow::process::{Line, Process, ProcessExit, ProcessStartError, Ready, Signal, Stdin};
use regrow::{
    Change, ChildState, ExitReason, Restart, SharedError, Shutdown, StartChildError, StartError,
    StartFailure, Subscription, Supervisor, SupervisorFailure, Tree, Worker,
};
use tokio::time::sleep;

use crate::{MS, bounded};

/// A folder of one test, for what its processes write.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Relaxed);
        let name = format!("regrow-process-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What a process wrote there, when it did: a whole line.
    async fn line(&self, name: &str) -> String {
        let file = self.file(name);
        let mut text = String::new();
        bounded(until(|| {
            text = fs::read_to_string(&file).unwrap_or_default();
            text.ends_with('\n')
        }))
        .await;
        text.trim().to_owned()
    }

    async fn pid(&self, name: &str) -> Pid {
        Pid(self.line(name).await.parse().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pid(u32);

impl Pid {
    /// Its state, as the system has it: `Z` is a zombie. None when it is not there at all.
    fn state(self) -> Option<String> {
        let mut ps = Command::new("ps");
        ps.args(["-o", "stat=", "-p", &self.0.to_string()]);
        let told = ps.output().unwrap();
        let text = String::from_utf8(told.stdout).unwrap().trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// Whether it is dead; a zombie that is another's to reap may be left of it.
    fn is_dead(self) -> bool {
        self.state().is_none_or(|state| state.starts_with('Z'))
    }

    async fn dies(self) {
        bounded(until(|| self.is_dead())).await;
    }

    /// Not even a zombie is left.
    async fn is_reaped(self) {
        bounded(until(|| self.state().is_none())).await;
    }

    fn kill(self, signal: &str) {
        let mut kill = Command::new("kill");
        let sent = kill.args([signal, &self.0.to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        sleep(5 * MS).await;
    }
}

fn sh(script: &str) -> Process {
    Process::new("sh").args(["-c", script])
}

fn sh_in(folder: &Folder, script: &str) -> Process {
    sh(script).current_dir(&folder.0)
}

async fn start(child: Worker) -> (Tree, Subscription) {
    let mut events = None;
    let root = Supervisor::new("root").child(child);
    let tree = bounded(root.start_observed(|all| events = Some(all))).await;
    (tree.unwrap(), events.unwrap())
}

/// The next change of the child that is wanted.
async fn next<T>(events: &mut Subscription, want: impl Fn(&Change) -> Option<T>) -> T {
    loop {
        let event = bounded(events.next()).await.expect("the tree goes on");
        let event = event.expect("nothing is missed");
        if event.runtime_name != "root" {
            if let Some(wanted) = want(&event.change) {
                return wanted;
            }
        }
    }
}

fn failed(change: &Change) -> Option<SharedError> {
    match change {
        Change::Failed(ExitReason::Failed(error)) => Some(error.clone()),
        _ => None,
    }
}

fn is_up(change: &Change) -> Option<()> {
    matches!(change, Change::Started).then_some(())
}

async fn start_failure(child: Worker) -> (StartError, StartFailure) {
    let root = Supervisor::new("root").child(child);
    let error = bounded(root.start()).await.unwrap_err();
    let StartError::Child { cause, .. } = &error else {
        panic!("{error:?}");
    };
    let failure = cause.clone();
    (error, failure)
}

fn exit_in(failure: &StartFailure) -> &ProcessExit {
    let StartFailure::Failed(error) = failure else {
        panic!("{failure:?}");
    };
    error.find().expect("it is the end of a process")
}

/// 29.1, 29.4: a crash is a failure with its status and the last lines, and the child regrows.
#[tokio::test]
async fn a_program_that_crashes_regrows() {
    let folder = Folder::new();
    let script = "echo $$ >> lives; test $(wc -l < lives) -gt 1 || { for i in 1 2 3; do echo word $i >&2; done; exit 7; }; exec sleep 1000";
    let (tree, mut events) = start(sh_in(&folder, script).worker("a")).await;
    let error = next(&mut events, failed).await;
    let exit = error.find::<ProcessExit>().unwrap();
    assert_eq!(
        (exit.program(), exit.code(), exit.signal()),
        ("sh", Some(7), None)
    );
    assert_eq!(exit.last_lines(), ["word 1", "word 2", "word 3"]);
    let text = "`sh` exited with code 7; its stderr ends with: word 1 | word 2 | word 3";
    assert_eq!(error.to_string(), text);
    next(&mut events, is_up).await;
    assert_eq!(tree.child("a").unwrap().restarts(), 1);
    let exit = bounded(tree.shutdown()).await;
    assert!(exit.report().is_clean(), "{exit}");
}

/// 29.4: what codes and signals are.
#[tokio::test]
async fn exit_codes_and_signals() {
    let temporary = |script: &str| sh(script).worker("a").restart(Restart::Temporary);
    let (_tree, mut events) = start(temporary("exit 0")).await;
    let completed = |change: &Change| matches!(change, Change::Completed).then_some(());
    next(&mut events, completed).await;

    let (_tree, mut events) = start(temporary("exit 255")).await;
    let error = next(&mut events, failed).await;
    assert_eq!(error.find::<ProcessExit>().unwrap().code(), Some(255));

    let (_tree, mut events) = start(temporary("kill -9 $$")).await;
    let error = next(&mut events, failed).await;
    let exit = error.find::<ProcessExit>().unwrap();
    assert_eq!((exit.code(), exit.signal()), (None, Some(9)));
    assert_eq!(error.to_string(), "`sh` was ended by signal 9");

    // The stop signal, but from somebody else: nobody had asked.
    let (_tree, mut events) = start(temporary("kill -15 $$")).await;
    let error = next(&mut events, failed).await;
    assert_eq!(error.find::<ProcessExit>().unwrap().signal(), Some(15));
}

/// 29.5: `-a` for one that obeys, by the signal, by 128 + it, or with 0; another code is a stop failure.
#[tokio::test]
async fn stops_of_all_sorts() {
    let stopped = |change: &Change| match change {
        Change::Stopped => Some("-"),
        Change::StopFailed(_) => Some("!"),
        _ => None,
    };
    for (script, told) in [
        ("echo up; exec sleep 1000", "-"),
        ("trap 'exit 0' TERM; echo up; sleep 1000 & wait", "-"),
        ("trap 'exit 143' TERM; echo up; sleep 1000 & wait", "-"),
        ("trap 'exit 3' TERM; echo up; sleep 1000 & wait", "!"),
    ] {
        let child = sh(script).ready(Ready::line("up")).worker("a");
        let (tree, mut events) = start(child).await;
        let exit = bounded(tree.shutdown()).await;
        assert_eq!(next(&mut events, stopped).await, told, "{script}");
        assert_eq!(exit.report().is_clean(), told == "-", "{script}: {exit}");
    }
}

/// 29.5: the signal is chosen; what is suspended is woken to hear it.
#[tokio::test]
async fn a_stop_signal_of_its_own() {
    let folder = Folder::new();
    let script = "trap 'echo usr1 > told; exit 0' USR1; trap '' TERM; echo $$ > pid; while :; do sleep 0.01; done";
    let child = sh_in(&folder, script).stop_signal(Signal::User1);
    let (tree, _events) = start(child.worker("a")).await;
    let pid = folder.pid("pid").await;
    pid.kill("-STOP");
    let exit = bounded(tree.shutdown()).await;
    assert!(exit.report().is_clean(), "{exit}");
    assert_eq!(folder.line("told").await, "usr1");
    pid.is_reaped().await;
}

/// 29.2: one that takes longer than its shutdown, or does not hear, is killed with its group, and is a stop failure.
#[tokio::test]
async fn a_program_that_does_not_stop_is_killed() {
    for script in [
        "trap 'sleep 1000' TERM; echo $$ > pid; echo up; sleep 1000",
        "trap '' TERM; echo $$ > pid; echo up; while :; do sleep 0.01; done",
    ] {
        let folder = Folder::new();
        let child = sh_in(&folder, script).ready(Ready::line("up"));
        let (tree, mut events) = start(child.worker("a").shutdown(50 * MS)).await;
        let pid = folder.pid("pid").await;
        let exit = bounded(tree.shutdown()).await;
        assert!(!exit.report().is_clean(), "{exit}");
        let killed = |change: &Change| match change {
            Change::StopFailed(reason) => Some(reason.clone()),
            _ => None,
        };
        let reason = next(&mut events, killed).await;
        assert!(matches!(reason, ExitReason::Killed), "{reason:?}");
        pid.is_reaped().await;
    }
}

/// 29.2: what a program spawned ends with its life, however that ends.
#[tokio::test]
async fn grandchildren_die_with_the_group() {
    let script = "sleep 1000 & echo $! > grandchild; echo $$ > pid; echo up; wait";
    let deaf = "trap '' TERM; sleep 1000 & echo $! > grandchild; echo $$ > pid; echo up; wait";
    let left = "trap 'exit 0' TERM; (trap '' TERM; echo up; while :; do sleep 0.01; done) & echo $! > grandchild; echo $$ > pid; wait";

    // Asked to stop; killed after its time; killed by its spec; and one that leaves something behind.
    for (script, shutdown) in [
        (script, Shutdown::Indefinitely),
        (deaf, Shutdown::Timeout(50 * MS)),
        (script, Shutdown::Kill),
        (left, Shutdown::Indefinitely),
    ] {
        let folder = Folder::new();
        let child = sh_in(&folder, script).ready(Ready::line("up"));
        let (tree, _events) = start(child.worker("a").shutdown(shutdown)).await;
        let (pid, grandchild) = (folder.pid("pid").await, folder.pid("grandchild").await);
        bounded(tree.shutdown()).await;
        pid.is_reaped().await;
        grandchild.dies().await;
    }

    // It ends by itself.
    let folder = Folder::new();
    let script = "sleep 1000 & echo $! > grandchild; exit 0";
    let child = sh_in(&folder, script).worker("a");
    let (_tree, mut events) = start(child.restart(Restart::Temporary)).await;
    let completed = |change: &Change| matches!(change, Change::Completed).then_some(());
    next(&mut events, completed).await;
    folder.pid("grandchild").await.dies().await;
}

/// 29.2, 29.3: a kill leaves nothing, and the next life begins when the process of the last is gone.
#[tokio::test]
async fn a_kill_leaves_nothing_behind() {
    let folder = Folder::new();
    let script = "for last in $(cat pids); do kill -0 $last 2>/dev/null && echo $last > twin; done; echo $$ >> pids; echo up; exec sleep 1000";
    fs::write(folder.file("pids"), "").unwrap();
    let child = sh_in(&folder, script).ready(Ready::line("up")).worker("a");
    let root = Supervisor::new("root").tolerance((1000, Duration::from_secs(1)));
    let tree = bounded(root.child(child).start()).await.unwrap();
    let mut events = tree.subscribe();
    for _ in 0..20 {
        tree.kill("a").unwrap();
        next(&mut events, is_up).await;
    }
    bounded(tree.shutdown()).await;
    let pids = fs::read_to_string(folder.file("pids")).unwrap();
    assert_eq!(pids.lines().count(), 21);
    for pid in pids.lines() {
        Pid(pid.parse().unwrap()).is_reaped().await;
    }
    // Killed is not yet dead: without the wait, some life would meet the one before.
    assert!(!folder.file("twin").exists());
}

/// 29.2: a tree that is dropped with its runtime leaves no process either.
#[test]
fn a_runtime_that_goes_takes_its_processes_along() {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    let folder = Folder::new();
    let child = sh_in(&folder, "echo $$ > pid; exec sleep 1000").worker("a");
    let (tree, pid) = runtime.block_on(async {
        let (tree, _) = start(child).await;
        (tree, folder.pid("pid").await)
    });
    drop(runtime);
    let bound = std::time::Instant::now() + Duration::from_secs(30);
    while !pid.is_dead() {
        assert!(std::time::Instant::now() < bound);
    }
    drop(tree);
}

/// 29.6: its lines are logged with its runtime name, in the span of the life; long ones cut, what is no UTF-8 replaced.
#[tokio::test]
async fn output_is_logged_by_line() {
    let log = Log::default();
    let _guard = log.listens();
    let long = "head -c 20000 /dev/zero | tr '\\0' x; echo y";
    let script = format!("echo out; echo err >&2; printf 'a\\377b\\n'; {long}; printf last");
    let (tree, mut events) = start(sh(&script).worker("a").restart(Restart::Transient)).await;
    let completed = |change: &Change| matches!(change, Change::Completed).then_some(());
    next(&mut events, completed).await;
    drop(tree);
    let lines = log.lines_of("root/a");
    let has = |stream: &str, text: &str| {
        let wanted = format!("regrow: {text} name=root/a stream=\"{stream}\"");
        lines
            .iter()
            .any(|line| line.contains(&wanted) && line.contains("child{name=root/a incarnation=1}"))
    };
    assert!(has("stdout", "out") && has("stderr", "err"), "{lines:?}");
    assert!(
        has("stdout", "a\u{fffd}b") && has("stdout", "last"),
        "{lines:?}"
    );
    let cut = format!("{} … (the rest of this line is cut)", "x".repeat(8192));
    assert!(has("stdout", &cut), "{lines:?}");
    assert_eq!(lines.len(), 5, "{lines:?}");
}

/// 29.6: a million lines that nobody wants hold nobody up: not the program, and not the tree.
#[tokio::test]
async fn a_million_lines() {
    let folder = Folder::new();
    let script = "seq 1000000; echo done > done; exec sleep 1000";
    let (tree, _events) = start(sh_in(&folder, script).worker("a")).await;
    assert_eq!(folder.line("done").await, "done");
    let other = Worker::new("b", |ctx| async move { ctx.stopped().await });
    bounded(tree.start_child(other)).await.unwrap();
    let exit = bounded(tree.shutdown()).await;
    assert!(exit.report().is_clean(), "{exit}");

    // One that never stops writing is stopped as any other.
    let (tree, _events) = start(sh("exec yes").worker("a")).await;
    let exit = bounded(tree.shutdown()).await;
    assert!(exit.report().is_clean(), "{exit}");
}

/// 29.7: a grandchild that has left the group and holds the pipes does not keep the life.
#[tokio::test]
async fn a_pipe_that_stays_open_keeps_no_life() {
    let folder = Folder::new();
    let script = "setsid sh -c 'echo $$ > escaped; exec sleep 1000' & until test -s escaped; do sleep 0.01; done; printf half >&2; exit 4";
    let child = sh_in(&folder, script).worker("a");
    let (_tree, mut events) = start(child.restart(Restart::Temporary)).await;
    let error = next(&mut events, failed).await;
    let exit = error.find::<ProcessExit>().unwrap();
    assert_eq!(
        (exit.code(), exit.last_lines()),
        (Some(4), &["half".to_owned()][..])
    );
    let escaped = folder.pid("escaped").await;
    assert!(!escaped.is_dead(), "it has left the group");
    escaped.kill("-KILL");
}

/// 29.8: up by a line, and not before it.
#[tokio::test]
async fn readiness_by_line() {
    let folder = Folder::new();
    let script = "echo $$ > pid; until test -e go; do sleep 0.01; done; echo now I am ready to go >&2; exec sleep 1000";
    for ready in [
        Ready::line("am ready"),
        Ready::line(Line::that(|line| line.ends_with("to go"))),
    ] {
        let _ = fs::remove_file(folder.file("go"));
        let child = sh_in(&folder, script).ready(ready).worker("a");
        let tree = Supervisor::new("root").start().await.unwrap();
        let starts = tree.start_child(child);
        let goes = async {
            folder.pid("pid").await;
            assert_eq!(tree.child("a").unwrap().state(), ChildState::Starting);
            fs::write(folder.file("go"), "").unwrap();
        };
        let (started, ()) = bounded(async { tokio::join!(starts, goes) }).await;
        assert_eq!(started.unwrap().state(), ChildState::Up);
        fs::remove_file(folder.file("pid")).unwrap();
        bounded(tree.shutdown()).await;
    }
}

/// 29.8: up when its port accepts. The port is opened by the test, in the place of the program.
#[tokio::test]
async fn readiness_by_port() {
    let folder = Folder::new();
    let address = {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        free.local_addr().unwrap()
    };
    let child = sh_in(&folder, "echo $$ > pid; exec sleep 1000");
    let child = child.ready(Ready::port(address)).worker("a");
    let tree = Supervisor::new("root").start().await.unwrap();
    let starts = tree.start_child(child);
    let opens = async {
        folder.pid("pid").await;
        assert_eq!(tree.child("a").unwrap().state(), ChildState::Starting);
        TcpListener::bind(address).unwrap()
    };
    let (started, _open) = bounded(async { tokio::join!(starts, opens) }).await;
    assert_eq!(started.unwrap().state(), ChildState::Up);
    bounded(tree.shutdown()).await;
}

/// 29.8: an end before readiness is a start failure with the status and the last lines; so is the time-out, which leaves nothing.
#[tokio::test]
async fn not_ready() {
    for (script, code) in [("echo no disk >&2; exit 2", 2), ("echo no disk >&2", 0)] {
        let child = sh(script).ready(Ready::line("up")).worker("a");
        let (error, failure) = start_failure(child).await;
        let exit = exit_in(&failure);
        assert_eq!(
            (exit.code(), exit.last_lines()),
            (Some(code), &["no disk".to_owned()][..])
        );
        let text = format!(
            "root/a: ended before it was ready: `sh` exited with code {code}; its stderr ends with: no disk"
        );
        assert!(error.to_string().contains(&text), "{error}");
    }

    let folder = Folder::new();
    let child = sh_in(&folder, "echo $$ > pid; exec sleep 1000").ready(Ready::line("up"));
    let child = child.worker("a").start_timeout(300 * MS);
    let (_, failure) = start_failure(child).await;
    assert!(matches!(failure, StartFailure::TimedOut(_)), "{failure:?}");
    folder.pid("pid").await.is_reaped().await;

    let child =
        sh("echo up; exec sleep 1000").ready(Ready::line(Line::that(|_| panic!("no line"))));
    let (_, failure) = start_failure(child.worker("a")).await;
    assert!(matches!(failure, StartFailure::Panicked(_)), "{failure:?}");
}

/// 29.9: what cannot be run at all is a start failure that says why.
#[tokio::test]
async fn mon_89_a_program_that_is_missing() {
    let folder = Folder::new();
    let tree = Supervisor::new("root").start().await.unwrap();
    let start = async |process: Process| {
        let error = bounded(tree.start_child(process.worker("a")))
            .await
            .unwrap_err();
        let StartChildError::Failed { cause, .. } = error else {
            panic!("{error:?}");
        };
        let StartFailure::Failed(error) = cause else {
            panic!("{cause:?}");
        };
        assert!(error.to_string().starts_with("root/a: "), "{error}");
        error
    };
    let error = start(Process::new("no-such-program")).await;
    let found = error.find::<ProcessStartError>();
    assert!(
        matches!(found, Some(ProcessStartError::NotFound { program, .. }) if program == "no-such-program"),
        "{error:?}"
    );
    let file = folder.file("text");
    fs::write(&file, "no program").unwrap();
    let error = start(Process::new(&file)).await;
    let found = error.find::<ProcessStartError>();
    assert!(
        matches!(found, Some(ProcessStartError::NotExecutable { .. })),
        "{error:?}"
    );
    let error = start(sh("true").current_dir("/no/such/folder")).await;
    let found = error.find::<ProcessStartError>();
    assert!(
        matches!(found, Some(ProcessStartError::NoDirectory { .. })),
        "{error:?}"
    );
    let error = start(sh("true").stdin(Stdin::File("/no/such/file".into()))).await;
    let found = error.find::<ProcessStartError>();
    assert!(
        matches!(found, Some(ProcessStartError::NoStdin { .. })),
        "{error:?}"
    );
    // Nothing is kept of it, and the tree goes on.
    assert_eq!(tree.count().specs, 0);
}

/// 13, 29.4: a storm of restarts ends in giving up, with the status of the last process in the chain.
#[tokio::test]
async fn a_storm_gives_up_with_the_status() {
    let (tree, _events) = start(sh("echo out of luck >&2; exit 9").worker("a")).await;
    let exit = bounded(tree.wait()).await;
    let Some(SupervisorFailure::GaveUp(gave_up)) = exit.failure() else {
        panic!("{exit}");
    };
    let text = "`sh` exited with code 9; its stderr ends with: out of luck";
    assert!(gave_up.to_string().contains(text), "{gave_up}");
    let ExitReason::Failed(error) = exit.reason() else {
        panic!("{exit}");
    };
    let found = error.find::<ProcessExit>().expect("it is in the chain");
    assert_eq!(found.code(), Some(9));
}

/// What it is given: arguments as they are, its environment, its folder, its stdin, and a group of its own.
#[tokio::test]
async fn what_a_program_is_given() {
    let folder = Folder::new();
    fs::write(folder.file("input"), "from a file\n").unwrap();
    let script = "read line; echo \"$1|$A|${B-none}|$line|$(pwd -P)\" > told; test $(ps -o pgid= -p $$) -eq $$ && echo own > group; exec sleep 1000";
    let child = sh_in(&folder, script)
        .args(["sh", "a b $HOME *"])
        .env("A", "1")
        .env("B", "2")
        .env_remove("B")
        .stdin(Stdin::File(folder.file("input")));
    assert!(!format!("{child:?}").contains("\"1\""), "{child:?}");
    let (tree, _events) = start(child.worker("a")).await;
    let real = fs::canonicalize(&folder.0).unwrap();
    let told = format!("a b $HOME *|1|none|from a file|{}", real.display());
    assert_eq!(folder.line("told").await, told);
    assert_eq!(folder.line("group").await, "own");
    bounded(tree.shutdown()).await;

    let script = "read line || echo end > told; echo ${HOME-none} >> told; exec sleep 1000";
    let child = sh_in(&folder, script).env_clear();
    fs::remove_file(folder.file("told")).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let (tree, _events) = start(child.env("PATH", path).worker("a")).await;
    bounded(until(|| {
        fs::read_to_string(folder.file("told")).is_ok_and(|text| text == "end\nnone\n")
    }))
    .await;
    bounded(tree.shutdown()).await;
}

/// 29.10: signals reach what runs; while nothing does they are told to have reached nobody, and nothing is kept for later.
///
/// Not with a hang-up: who is run by `nohup` ignores that, and no shell below can trap it.
#[tokio::test]
async fn mon_88_signals_only_while_it_runs() {
    let folder = Folder::new();
    let script =
        "trap 'echo usr2 >> told' USR2; echo $$ > pid; echo up; while :; do sleep 0.01; done";
    let process = sh_in(&folder, script).ready(Ready::line("up"));
    let signals = process.signals();
    assert_eq!(signals.send(Signal::User2), 0);
    let (tree, _events) = start(process.worker("a")).await;
    assert!(!folder.file("told").exists());
    assert_eq!(signals.send(Signal::User2), 1);
    assert_eq!(folder.line("told").await, "usr2");
    bounded(tree.terminate_child("a")).await.unwrap();
    assert_eq!(signals.send(Signal::User2), 0);
    bounded(tree.restart_child("a")).await.unwrap();
    assert_eq!(signals.send(Signal::User1), 1);
    bounded(tree.shutdown()).await;
    assert_eq!(fs::read_to_string(folder.file("told")).unwrap(), "usr2\n");
}

/// What is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listens(&self) -> tracing::subscriber::DefaultGuard {
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .without_time()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn lines_of(&self, name: &str) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned();
        let wanted = format!("name={name} stream=");
        let lines = text.lines().filter(|line| line.contains(&wanted));
        lines.map(str::to_owned).collect()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
