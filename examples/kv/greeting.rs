//! Greetings: what clients ask to find out what they talk to, and what they tell of themselves.

use bytes::Bytes;

use crate::{
    client::Client,
    command::{COMMANDS, Entry, Greeting, find},
    info,
    resp::Writer,
    server::Server,
};

/// The version of Redis whose answers these are: clients ask for it to know what they may send.
pub(crate) const REDIS_VERSION: &str = "7.0.15";

/// Answers what a client wants to know about the server.
pub(crate) fn answer(
    server: &Server,
    client: &mut Client,
    question: Greeting,
    replies: &mut Writer,
) {
    match question {
        Greeting::Noted => replies.simple("OK"),
        Greeting::Hello(name) => {
            if let Some(name) = name {
                client.name = name;
            }
            hello(client, replies);
        }
        Greeting::SetName(name) => {
            client.name = name;
            replies.simple("OK");
        }
        Greeting::GetName if client.name.is_empty() => replies.null(),
        Greeting::GetName => replies.bulk(&client.name),
        Greeting::Id => replies.integer(client.id()),
        Greeting::CountCommands => replies.count(COMMANDS.len()),
        Greeting::ListCommands => {
            let names: Vec<&[u8]> = COMMANDS.iter().map(|entry| entry.name.as_bytes()).collect();
            replies.bulks(&names);
        }
        Greeting::DescribeCommands(names) => {
            let entries = chosen(names.as_deref());
            replies.array(entries.len());
            entries
                .into_iter()
                .for_each(|entry| describe(entry, replies));
        }
        Greeting::ExplainCommands(names) => {
            let entries: Vec<_> = chosen(names.as_deref()).into_iter().flatten().collect();
            replies.array(2 * entries.len());
            entries.iter().for_each(|entry| explain(entry, replies));
        }
        Greeting::Help(parts) => {
            replies.array(parts.len());
            parts.iter().for_each(|part| replies.simple(part));
        }
        Greeting::Config(patterns) => info::settings(server, &patterns, replies),
        Greeting::Info(sections) => {
            let text = info::sections(server, client.context(), &sections);
            replies.bulk(text.as_bytes());
        }
    }
}

fn hello(client: &Client, replies: &mut Writer) {
    replies.array(14);
    replies.bulks_of(["server", "regrow-kv", "version", REDIS_VERSION, "proto"]);
    replies.integer(2);
    replies.bulk(b"id");
    replies.integer(client.id());
    replies.bulks_of(["mode", "standalone", "role", "master", "modules"]);
    replies.array(0);
}

/// The commands of these names, or all. A name that is none is answered with nothing.
fn chosen(names: Option<&[Bytes]>) -> Vec<Option<&'static Entry>> {
    match names {
        None => COMMANDS.iter().map(Some).collect(),
        Some(names) => names.iter().map(|name| find(name)).collect(),
    }
}

/// Ten elements, as in Redis 7; there are no tips, key specifications or subcommands to tell.
fn describe(entry: Option<&Entry>, replies: &mut Writer) {
    let Some(entry) = entry else {
        return replies.null();
    };
    replies.array(10);
    replies.bulk(entry.name.as_bytes());
    replies.integer(entry.arity);
    let flags: Vec<&str> = entry.flags.split_whitespace().collect();
    replies.array(flags.len());
    flags.iter().for_each(|flag| replies.simple(flag));
    entry.keys.iter().for_each(|key| replies.integer(*key));
    let categories = entry.categories();
    replies.array(categories.len());
    categories.iter().for_each(|name| replies.simple(name));
    (0..3).for_each(|_| replies.array(0));
}

fn explain(entry: &Entry, replies: &mut Writer) {
    replies.bulk(entry.name.as_bytes());
    replies.array(6);
    replies.bulks_of(["summary", entry.summary, "since", entry.since]);
    replies.bulks_of(["group", entry.group]);
}
