//! Greetings: what clients ask when they connect. `redis-cli` and `redis-benchmark` are content with these answers.

use regrow::{Context, SupervisorRef};

use crate::{command::Greeting, names::CONNECTIONS, resp::Writer};

/// Answers what a client wants to know about the server.
pub(crate) fn answer(context: &Context, question: Greeting, replies: &mut Writer) {
    match question {
        Greeting::Noted => replies.simple("OK"),
        Greeting::Hello => hello(replies),
        Greeting::Commands => replies.array(0),
        Greeting::CountCommands => replies.integer(0),
        Greeting::Config(names) => config(&names, replies),
        Greeting::Info => replies.bulk(info(context).as_bytes()),
    }
}

fn hello(replies: &mut Writer) {
    let text = [
        ("server", "regrow-kv"),
        ("version", env!("CARGO_PKG_VERSION")),
        ("mode", "standalone"),
        ("role", "master"),
    ];
    replies.array(2 * text.len() + 2);
    replies.bulk(b"proto");
    replies.integer(2);
    for (key, value) in text {
        replies.bulk(key.as_bytes());
        replies.bulk(value.as_bytes());
    }
}

/// The settings that `redis-benchmark` asks for, told in Redis's words: no snapshots, a log.
fn config(names: &[Vec<u8>], replies: &mut Writer) {
    let settings = [("save", ""), ("appendonly", "yes")];
    let asked = |key: &str| {
        names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(key.as_bytes()))
    };
    let found: Vec<&[u8]> = settings
        .iter()
        .filter(|(key, _)| asked(key))
        .flat_map(|(key, value)| [key.as_bytes(), value.as_bytes()])
        .collect();
    replies.bulks(found.into_iter());
}

fn info(context: &Context) -> String {
    let clients = SupervisorRef::root_of(context)
        .dynamic(CONNECTIONS)
        .map_or(0, |connections| connections.count().active);
    let (version, process) = (env!("CARGO_PKG_VERSION"), std::process::id());
    format!(
        "# Server\r\nregrow_version:{version}\r\nprocess_id:{process}\r\n\r\n# Clients\r\nconnected_clients:{clients}\r\n"
    )
}
