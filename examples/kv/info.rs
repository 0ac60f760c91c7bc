//! Information: what `INFO` and `CONFIG GET` tell, in Redis's words where it has one.

use std::fmt::Write as _;

use bytes::Bytes;
use regrow::{ChildState, Context, SupervisorRef, watch::DegradedChild};

use crate::{
    data::matches,
    greeting::REDIS_VERSION,
    resp::{BYTES, Writer},
    server::Server,
    tree,
};

/// The section that Redis has not.
const HEALTH: &str = "Health";

/// The sections of these names, each with its title; without names, or with `all` among them, all sections.
pub(crate) fn sections(server: &Server, context: &Context, names: &[Bytes]) -> String {
    let facts = server.status.facts();
    let settings = &server.settings;
    let root = SupervisorRef::root_of(context);
    let store = root.child(tree::root::data::store);
    let is_loading = store.is_ok_and(|store| store.state() != ChildState::Up);
    let clients = root
        .dynamic(tree::root::front::connections)
        .map_or(0, |connections| connections.count().active);
    let (connections, commands) = server.traffic.total();
    let write_status = if facts.is_suspect() || facts.is_refusing {
        "err"
    } else {
        "ok"
    };
    let sections: [(&str, &[(&str, String)]); 8] = [
        (
            "Server",
            &[
                ("redis_version", REDIS_VERSION.into()),
                ("redis_mode", "standalone".into()),
                ("regrow_version", env!("CARGO_PKG_VERSION").into()),
                ("process_id", std::process::id().to_string()),
                ("tcp_port", settings.listen.port().to_string()),
                (
                    "uptime_in_seconds",
                    server.begun.elapsed().as_secs().to_string(),
                ),
            ],
        ),
        (
            "Clients",
            &[
                ("connected_clients", clients.to_string()),
                ("maxclients", settings.max_clients.to_string()),
                ("blocked_clients", "0".into()),
            ],
        ),
        ("Memory", &[("used_memory", memory().to_string())]),
        (
            "Persistence",
            &[
                ("loading", u8::from(is_loading).to_string()),
                ("aof_last_write_status", write_status.into()),
                ("aof_enabled", "1".into()),
                (
                    "aof_rewrite_in_progress",
                    u8::from(facts.is_rewriting).to_string(),
                ),
                ("aof_rewrites", facts.rewrites.to_string()),
                (
                    "aof_current_size",
                    (facts.base_length + facts.closed_length + facts.length).to_string(),
                ),
                ("aof_base_size", facts.base_length.to_string()),
            ],
        ),
        (
            "Stats",
            &[
                ("total_connections_received", connections.to_string()),
                ("total_commands_processed", commands.to_string()),
            ],
        ),
        (
            "Replication",
            &[("role", "master".into()), ("connected_slaves", "0".into())],
        ),
        (HEALTH, &[]),
        ("Keyspace", &[]),
    ];
    let wanted = |title: &str| {
        let is = |name: &Bytes, word: &str| name.eq_ignore_ascii_case(word.as_bytes());
        let every = ["all", "default", "everything"];
        names.is_empty()
            || names
                .iter()
                .any(|name| is(name, title) || every.iter().any(|word| is(name, word)))
    };
    let mut text = String::new();
    for (title, lines) in sections.iter().filter(|(title, _)| wanted(title)) {
        let gap = if text.is_empty() { "" } else { "\r\n" };
        // Writing into memory does not fail.
        let _ = write!(text, "{gap}# {title}\r\n");
        for (name, value) in *lines {
            let _ = write!(text, "{name}:{value}\r\n");
        }
        if *title == HEALTH {
            health(&root, &mut text);
        }
        if *title == "Keyspace" && facts.keys > 0 {
            let (keys, mortal) = (facts.keys, facts.mortal);
            let _ = write!(text, "db0:keys={keys},expires={mortal},avg_ttl=0\r\n");
        }
    }
    text
}

/// How the tree stands, and a numbered line for each child that is not well. One that begins for the first time, as each connection
/// does, is in no trouble.
fn health(root: &SupervisorRef, text: &mut String) {
    let health = root.health();
    let begins =
        |child: &&DegradedChild| child.state == ChildState::Starting && child.cause.is_none();
    let unwell: Vec<_> = health
        .children()
        .iter()
        .filter(|child| !begins(child))
        .collect();
    let word = if unwell.is_empty() {
        "healthy"
    } else {
        "degraded"
    };
    let _ = write!(text, "health:{word}\r\n");
    for (number, child) in unwell.iter().enumerate() {
        // Clients take a value with commas for a list of pairs.
        let told = child.to_string().replace(',', ";");
        let _ = write!(text, "degraded{number}:{told}\r\n");
    }
}

/// The bytes of memory that the process has from the system, where that tells.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = resident.and_then(|size| size.trim().strip_suffix(" kB")?.parse().ok());
    kilobytes.unwrap_or(0_u64) * 1024
}

/// The settings whose names match one of the patterns, in Redis's words: no snapshots, a log.
pub(crate) fn settings(server: &Server, patterns: &[Bytes], replies: &mut Writer) {
    let settings = &server.settings;
    let seconds = |span: Option<std::time::Duration>| span.map_or(0, |span| span.as_secs().max(1));
    let all = [
        ("appendfsync", settings.fsync.to_string()),
        ("appendonly", "yes".into()),
        (
            "auto-aof-rewrite-min-size",
            settings.rewrite_size.to_string(),
        ),
        ("auto-aof-rewrite-percentage", "100".into()),
        ("bind", settings.listen.ip().to_string()),
        ("databases", "1".into()),
        ("dir", settings.directory.display().to_string()),
        ("maxclients", settings.max_clients.to_string()),
        ("port", settings.listen.port().to_string()),
        ("proto-max-bulk-len", BYTES.to_string()),
        ("save", String::new()),
        ("timeout", seconds(settings.idle_timeout).to_string()),
    ];
    let mut found: Vec<&[u8]> = Vec::new();
    for (name, value) in &all {
        let small = |pattern: &Bytes| pattern.to_ascii_lowercase();
        let pattern = patterns
            .iter()
            .find(|pattern| matches(&small(pattern), name.as_bytes()));
        if let Some(pattern) = pattern {
            // As it was written, when it was written out.
            let is_whole = pattern.eq_ignore_ascii_case(name.as_bytes());
            found.push(if is_whole { pattern } else { name.as_bytes() });
            found.push(value.as_bytes());
        }
    }
    replies.bulks(&found);
}
