//! Numbers of a tree that come from a file.

use std::time::Duration;

use regrow::config::{Config, ConfigError};
use regrow::{
    Branch, BuildError, Change, Children, Context, DynamicSupervisor, StartChildError, StartError,
    Supervisor, SupervisorFailure, Worker,
};
use tokio::time::Instant;

use crate::fixtures::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, bounded, root};

fn config(text: &str) -> Config {
    Config::from_toml("app.toml", text).expect("it is right")
}

/// What is wrong with this text, beside a tree of all sorts.
fn wrong(text: &str) -> Vec<String> {
    let applied = Config::from_toml("app.toml", text).and_then(|config| config.apply(all_sorts()));
    let error = applied.expect_err("it is wrong").to_string();
    error.lines().map(ToOwned::to_owned).collect()
}

fn all_sorts() -> Supervisor {
    let notifying = Worker::with_notify_start("slow", |ctx: Context, notify| async move {
        notify.ready();
        ctx.stopped().await;
    });
    let web = Supervisor::new("web")
        .child(idle("acceptor"))
        .child(notifying);
    let branch = Branch::new("branch", |ctx| async move { ctx.stopped().await });
    let built = Supervisor::new("built").build_with(|_| Children::new());
    root()
        .child(web)
        .child(DynamicSupervisor::new("many"))
        .child(branch)
        .child(built)
}

/// Asked to stop, it hangs.
fn stubborn(name: &str) -> Worker {
    let puppet = Puppet::new(name).answering(Act::Hang);
    puppet.worker().shutdown(HOUR)
}

async fn shutdowns_are_those_of_the_file() {
    let text = "
        ['root/web/acceptor']
        shutdown = '2s'
        ['root/web']
        shutdown = '1m'
        ['root/kill']
        shutdown = 'kill'
    ";
    let web = Supervisor::new("web").child(stubborn("acceptor"));
    let root = config(text)
        .apply(root().child(web).child(stubborn("kill")))
        .unwrap();
    let story = Story::start(root, "+web/acceptor +web +kill +.").await;
    let begun = Instant::now();
    story.stops("-kill !web/acceptor !web !.").await;
    assert_eq!(begun.elapsed(), 2 * SECOND);
}

async fn drain_stays_when_the_shutdown_is_set() {
    let worker = stubborn("w").shutdown(SECOND).drain(3 * SECOND);
    let root = config("['root/w']\nshutdown = '2s'")
        .apply(root().child(worker))
        .unwrap();
    let story = Story::start(root, "+w +.").await;
    let begun = Instant::now();
    story.stops("!w !.").await;
    assert_eq!(begun.elapsed(), 5 * SECOND);
}

async fn tolerances_are_those_of_the_file() {
    for (text, borne) in [
        ("['root/s']\ntolerance = '1 in 5s'", 1),
        ("['root/s']\ntolerance = { limit = 2, window = '1h' }", 2),
        ("['root/s']\ntolerance = '3 ever'", 3),
        ("['root/s/w']\nown_tolerance = '1 in 5s'", 1),
    ] {
        let w = Puppet::new("w");
        let s = Supervisor::new("s").tolerance((9, HOUR)).child(w.worker());
        let root = root().tolerance((0, HOUR)).child(s);
        let mut story = Story::start(config(text).apply(root).unwrap(), "+s/w +s +.").await;
        for _ in 0..borne {
            w.fails();
            story.told("!s/w +s/w").await;
        }
        w.fails();
        let exit = story.ends("!s/w !s !.").await;
        assert!(
            matches!(exit.failure(), Some(SupervisorFailure::GaveUp(_))),
            "{exit}"
        );
    }
}

/// How long the child waits for its first restart.
async fn first_delay(text: &str) -> Duration {
    let w = Puppet::new("w");
    let patient = w.worker().backoff(regrow::Backoff::constant(7 * SECOND));
    let root = config(text).apply(root().child(patient)).unwrap();
    let mut story = Story::start(root, "+w +.").await;
    w.fails();
    loop {
        if let Change::Restarting { delay, .. } = story.next().await.change {
            story.shutdown();
            return delay;
        }
    }
}

async fn backoffs_are_those_of_the_file() {
    assert_eq!(first_delay("").await, 7 * SECOND);
    let text = "['root/w']\nbackoff = { first = '100ms', cap = '5s', jitter = false }";
    assert_eq!(first_delay(text).await, SECOND / 10);
    assert_eq!(first_delay("['root/w']\nbackoff = '2s'").await, 2 * SECOND);
    assert_eq!(
        first_delay("['root/w']\nbackoff = 'none'").await,
        Duration::ZERO
    );
}

async fn other_numbers_are_those_of_the_file() {
    let text = "
        ['root/many']
        max_children = 1
        ['root/slow']
        start_timeout = '3s'
    ";
    let silent = Worker::with_notify_start("slow", |ctx: Context, notify| async move {
        ctx.stopped().await;
        drop(notify);
    });
    let many = DynamicSupervisor::new("many");
    let text_of_many = "['root/many']\nmax_children = 1";
    let one = config(text_of_many)
        .apply(root().child(many.clone()))
        .unwrap();
    let mut story = Story::start(one, "+many +.").await;
    let running = story.dynamic("many").unwrap();
    bounded(running.start_child(idle("a"))).await.unwrap();
    story.told("+many/a").await;
    let refused = bounded(running.start_child(idle("b"))).await;
    assert!(
        matches!(refused, Err(StartChildError::TooMany { most: 1, .. })),
        "{refused:?}"
    );
    story.stops_cleanly("-many/a -many -.").await;
    let begun = Instant::now();
    let root = config(text)
        .apply(root().child(many).child(silent))
        .unwrap();
    Story::fails(root, "+many xslow -many x.").await;
    assert_eq!(begun.elapsed(), 3 * SECOND);
}

async fn children_of_a_build_are_set_at_each_build() {
    let text = "
        ['root/s/w']
        shutdown = '2s'
        ['root/s/absent']
        shutdown = '9s'
    ";
    let s = Supervisor::new("s").build_with(|_| Children::new().child(stubborn("w")));
    let root = config(text).apply(root().child(s)).unwrap();
    let mut story = Story::start(root, "+s/w +s +.").await;
    story.kill("s").unwrap();
    story.told("!s/w !s +s/w +s").await;
    let begun = Instant::now();
    story.stops("!s/w !s !.").await;
    assert_eq!(begun.elapsed(), 2 * SECOND);
    // What was built cannot be so.
    let root = crate::story::root().build_with(|_| Children::new().child(idle("w")));
    let root = config("['root/w']\nstart_timeout = '1s'")
        .apply(root)
        .unwrap();
    let error = Story::fails(root, "x.").await;
    let StartError::Build {
        cause: BuildError::Override(error),
        ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(
        (error.name(), error.key()),
        ("root/w", Some("start_timeout"))
    );
}

async fn what_a_file_does_not_say_stays() {
    let plain = root().child(stubborn("w").shutdown(4 * SECOND));
    let root = config("['root']\nkill_wait = '3s'").apply(plain).unwrap();
    let story = Story::start(root, "+w +.").await;
    let begun = Instant::now();
    story.stops("!w !.").await;
    assert_eq!(begun.elapsed(), 4 * SECOND);
}

async fn all_that_is_wrong_in_a_file_is_told_at_once() {
    let text = "
['root/web/acceptor']
shutdown = 'soon'
backof = '5s'

['root/many']
max_children = -1
tolerance = '3 per 5s'

['root/web']
backoff = { first = '1s' }
kill_wait = 5
";
    let tolerance = "\"3 in 5s\", { limit = 3, window = \"5s\" }, \"10 ever\" or \"unlimited\"";
    let backoff = "{ first = \"100ms\", cap = \"5s\" }, a span such as \"5s\", or \"none\"";
    let keys =
        "shutdown, start_timeout, backoff, own_tolerance, tolerance, kill_wait or max_children";
    assert_eq!(
        wrong(text),
        [
            "app.toml:3: \"root/web/acceptor\" shutdown: expected a span such as \"5s\", \"indefinitely\" or \"kill\", not \"soon\"".to_owned(),
            format!("app.toml:4: \"root/web/acceptor\" backof: no such key: expected {keys}"),
            "app.toml:7: \"root/many\" max_children: expected a number such as 1000, not such a number".into(),
            format!("app.toml:8: \"root/many\" tolerance: expected {tolerance}, not \"3 per 5s\""),
            format!("app.toml:11: \"root/web\" backoff: expected first and cap, as in {backoff}"),
            "app.toml:12: \"root/web\" kill_wait: expected a span such as \"5s\", not 5".into(),
        ]
    );
}

async fn all_that_does_not_fit_the_tree_is_told_at_once() {
    let text = "
['root/web/acceptr']
shutdown = '1s'
['root/many/1']
shutdown = '1s'
['root/branch/w']
shutdown = '1s'
['rot']
tolerance = '3 in 5s'
['root']
shutdown = '1s'
['root/web/acceptor']
max_children = 3
start_timeout = '1s'
['root/web']
kill_wait = '0s'
['root/web/slow']
backoff = { first = '5s', cap = '1s' }
";
    let told = wrong(text);
    let expected = [
        "app.toml:2: \"root/web/acceptr\": no child is declared as \"root/web/acceptr\"; there is root/web/acceptor, root/web/slow",
        "app.toml:4: \"root/many/1\": \"root/many/1\" would be started at run time, below root/many: set its numbers where it is started",
        "app.toml:6: \"root/branch/w\": \"root/branch/w\" would be started at run time, below root/branch: set its numbers where it is started",
        "app.toml:8: \"rot\": no child is declared as \"rot\"; there is root",
        "app.toml:11: \"root\" shutdown: \"root\" has no shutdown: only a child of a supervisor has",
        "app.toml:13: \"root/web/acceptor\" max_children: \"root/web/acceptor\" has no max_children: only a dynamic supervisor has",
        "app.toml:14: \"root/web/acceptor\" start_timeout: \"acceptor\" has a start time-out and does not notify its start: make it with `Worker::with_notify_start`",
        "app.toml:16: \"root/web\" kill_wait: the kill wait of \"web\" is zero, in which no killed life could end: give it a span, such as 1 s",
        "app.toml:18: \"root/web/slow\" backoff: the backoff of \"slow\" begins with 5s, above its cap of 1s",
    ];
    assert_eq!(told, expected);
}

async fn what_is_no_configuration_is_told_with_its_place() {
    assert!(wrong("['root'\n")[0].starts_with("app.toml:1: "));
    let expected = "app.toml:2: \"root\": expected a table with the runtime name of a child as its name, such as [\"root/web/acceptor\"], not 5";
    assert_eq!(wrong("\nroot = 5"), [expected]);
    let error = Config::read("there/is/no.toml").unwrap_err();
    assert!(matches!(&error, ConfigError::Read { .. }), "{error:?}");
    assert!(
        error
            .to_string()
            .starts_with("there/is/no.toml: cannot be read: "),
        "{error}"
    );
}

async fn part_of_a_greater_file_is_a_configuration() {
    // As a program of its own would have it, beside its other settings.
    let text = "
        port = 6400
        [tree.'root/w']
        shutdown = '2s'
        tolerance = true
    ";
    let mut whole: std::collections::BTreeMap<String, toml::Value> = toml::from_str(text).unwrap();
    let tree = whole.remove("tree").expect("it is there");
    let error = tree.clone().try_into::<Config>().unwrap_err().to_string();
    assert!(error.contains("\"root/w\" tolerance: expected "), "{error}");
    let mut tree = tree;
    tree["root/w"]
        .as_table_mut()
        .expect("it is one")
        .remove("tolerance");
    let config: Config = tree.try_into().unwrap();
    assert!(config.apply(root().child(idle("w"))).is_ok());
    assert!(config.apply(root()).is_err());
}

stories! {
    both:
        tolerances_are_those_of_the_file,
        all_that_is_wrong_in_a_file_is_told_at_once,
        all_that_does_not_fit_the_tree_is_told_at_once,
        what_is_no_configuration_is_told_with_its_place,
        part_of_a_greater_file_is_a_configuration;
    paused:
        shutdowns_are_those_of_the_file,
        drain_stays_when_the_shutdown_is_set,
        backoffs_are_those_of_the_file,
        other_numbers_are_those_of_the_file,
        children_of_a_build_are_set_at_each_build,
        what_a_file_does_not_say_stays;
}
