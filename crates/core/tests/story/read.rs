//! What a story says of time and of children.
use regrow_core::{Backoff, ChildSpec, Name, Restart, Shutdown};
use std::time::Duration;

/// `5s`, `500ms`.
pub(crate) fn span(text: &str) -> Duration {
    if let Some(text) = text.strip_suffix("ms") {
        Duration::from_millis(text.parse().unwrap())
    } else {
        let text = text.strip_suffix('s').expect("a span ends with s or ms");
        Duration::from_secs(text.parse().unwrap())
    }
}

/// `NAME [supervisor] [transient | temporary] [significant] [shutdown SPAN] [start-timeout SPAN] [backoff SPAN]`,
/// where `backoff SPAN..SPAN` grows, `shutdown kill` is brutal and `indefinitely` patient.
pub(crate) fn spec(words: &[&str]) -> ChildSpec<()> {
    let name = Name::new(words[0]).unwrap();
    let mut spec = if words.contains(&"supervisor") {
        ChildSpec::supervisor(name, ())
    } else {
        ChildSpec::worker(name, ())
    };
    let mut words = words[1..].iter();
    while let Some(&word) = words.next() {
        let mut next = || *words.next().expect("a word is missing");
        spec = match word {
            "supervisor" | "permanent" => spec,
            "transient" => spec.with_restart(Restart::Transient),
            "significant" => spec.with_significant(true),
            "temporary" => spec.with_restart(Restart::Temporary),
            "shutdown" => spec.with_shutdown(match next() {
                "kill" => Shutdown::Kill,
                "indefinitely" => Shutdown::Indefinitely,
                text => Shutdown::Timeout(span(text)),
            }),
            "start-timeout" => spec.with_start_timeout(Some(span(next()))),
            "backoff" => {
                let text = next();
                spec.with_backoff(Some(match text.split_once("..") {
                    Some((from, to)) => Backoff::exponential(span(from), span(to)).without_jitter(),
                    None => Backoff::constant(span(text)),
                }))
            }
            _ => panic!("a child is not {word}"),
        };
    }
    spec
}
