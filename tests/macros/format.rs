//! Trees as rustfmt leaves them.
use crate::skip;
use std::{
    ffi::OsString,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

const WRITTEN: &str = r#"
supervision_tree!(shop = Supervisor { name: "shop",
children: [
      Worker { name: "db",   start: db::run } , Supervisor { name: "web", strategy: OneForAll, children: [ Worker { name: "acceptor", start: accept } ] } ] });
supervision_tree!(pub fn bank(host: Host)->Supervisor {
let second=host.clone();
   Supervisor { name: "bank",   children: [
 Worker { name: "teller", start: move |ctx| tell(ctx,second.clone()), shutdown: 5s },
..clerks(host) ] } });
fn main() {
let street = supervision_tree!(Supervisor {   name: "street",
     strategy: RestForOne, tolerance: (3,5s),
   children: [ Worker { name: "lamp",   start: db::run, notify_start,   shutdown: 1m30s },
 #[cfg(unix)]
      Worker { name: "lantern", start: move |ctx| { let oil = oil.clone();
  async move { shine(ctx, oil).await } }, restart: Transient },
      Dynamic { name: "passers-by",max_children: 10_000 },Worker::new("dog",   bark).shutdown( PATIENCE ), mailer_spec,
         ..extra_children() ]
});
}
"#;

const FORMATTED: &str = r#"
supervision_tree!(
    shop = Supervisor {
        name: "shop",
        children: [
            Worker {
                name: "db",
                start: db::run
            },
            Supervisor {
                name: "web",
                strategy: OneForAll,
                children: [Worker {
                    name: "acceptor",
                    start: accept
                }]
            }
        ]
    }
);
supervision_tree!(
    pub fn bank(host: Host) -> Supervisor {
        let second = host.clone();
        Supervisor {
            name: "bank",
            children: [
                Worker {
                    name: "teller",
                    start: move |ctx| tell(ctx, second.clone()),
                    shutdown: 5s,
                },
                ..clerks(host),
            ],
        }
    }
);
fn main() {
    let street = supervision_tree!(Supervisor {
        name: "street",
        strategy: RestForOne,
        tolerance: (3, 5s),
        children: [
            Worker {
                name: "lamp",
                start: db::run,
                notify_start,
                shutdown: 1m30s
            },
            #[cfg(unix)]
            Worker {
                name: "lantern",
                start: move |ctx| {
                    let oil = oil.clone();
                    async move { shine(ctx, oil).await }
                },
                restart: Transient
            },
            Dynamic {
                name: "passers-by",
                max_children: 10_000
            },
            Worker::new("dog", bark).shutdown(PATIENCE),
            mailer_spec,
            ..extra_children()
        ]
    });
}
"#;

/// The rustfmt of the toolchain that runs this, or else the one that is found.
fn rustfmt() -> OsString {
    let cargo = std::env::var_os("CARGO").unwrap_or_default();
    let beside = Path::new(&cargo).with_file_name("rustfmt");
    if beside.is_file() {
        beside.into()
    } else {
        "rustfmt".into()
    }
}

fn is_there(rustfmt: &OsString) -> bool {
    let version = Command::new(rustfmt).arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// What rustfmt makes of it.
fn formatted(rustfmt: &OsString, text: &str) -> String {
    let mut child = Command::new(rustfmt)
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(text.as_bytes()).expect("it is read");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "rustfmt cannot read {text}");
    String::from_utf8(output.stdout).expect("it is text")
}

#[test]
fn rustfmt_formats_a_tree_that_is_badly_indented() {
    let rustfmt = rustfmt();
    if !is_there(&rustfmt) {
        skip::skip(
            "rustfmt_formats_a_tree_that_is_badly_indented",
            "there is no rustfmt: `rustup component add rustfmt`",
        );
        return;
    }
    let made = formatted(&rustfmt, WRITTEN);
    assert_eq!(made.trim(), FORMATTED.trim(), "rustfmt made\n{made}");
    assert_eq!(formatted(&rustfmt, &made), made, "it is not left alone");
}
