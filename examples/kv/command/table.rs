//! The table of commands: what each takes, and what `COMMAND` says of it.

/// A command, described in the terms of Redis's `COMMAND INFO`.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// How many words a request has; at least so many when it is below zero.
    pub(crate) arity: i64,
    /// Redis's flags, separated by blanks.
    pub(crate) flags: &'static str,
    /// The first word that is a key, the last one (from the end, below zero), and the step from key to key.
    pub(crate) keys: [i64; 3],
    pub(crate) group: &'static str,
    pub(crate) since: &'static str,
    pub(crate) summary: &'static str,
}

/// The command of that name, written in any case.
pub(crate) fn find(name: &[u8]) -> Option<&'static Entry> {
    // Most differ in length already: this is faster than what is clever.
    let is = |entry: &&Entry| name.eq_ignore_ascii_case(entry.name.as_bytes());
    COMMANDS.iter().find(is)
}

impl Entry {
    /// Whether a request may have so many words, the name included.
    pub(crate) fn takes(&self, words: usize) -> bool {
        let words = i64::try_from(words).unwrap_or(i64::MAX);
        words == self.arity || (self.arity < 0 && words >= -self.arity)
    }

    /// Redis's categories of the command, which follow from its flags and its group.
    pub(crate) fn categories(&self) -> Vec<String> {
        let has = |flag: &str| self.flags.split(' ').any(|own| own == flag);
        let admin = has("admin");
        let dangerous = admin || ["flushall", "flushdb", "info", "keys"].contains(&self.name);
        let group = match self.group {
            "generic" => "keyspace",
            "server" if ["dbsize", "flushall", "flushdb"].contains(&self.name) => "keyspace",
            "server" if self.name == "command" => "connection",
            "server" | "regrow" => "",
            group => group,
        };
        let kinds = [
            (group, !group.is_empty()),
            ("read", has("readonly")),
            ("write", has("write")),
            ("admin", admin),
            ("dangerous", dangerous),
            ("fast", has("fast")),
            ("slow", !has("fast")),
        ];
        let kinds = kinds.into_iter().filter(|(_, is_so)| *is_so);
        kinds.map(|(kind, _)| format!("@{kind}")).collect()
    }
}

const fn command(
    name: &'static str,
    arity: i64,
    keys: [i64; 3],
    (flags, group, since): (&'static str, &'static str, &'static str),
    summary: &'static str,
) -> Entry {
    Entry {
        name,
        arity,
        flags,
        keys,
        group,
        since,
        summary,
    }
}

/// Every command, by name.
#[rustfmt::skip]
pub(crate) const COMMANDS: &[Entry] = &[
    command("append", 3, [1, 1, 1], ("denyoom fast write", "string", "2.0.0"), "Append a value to a key"),
    command("auth", -2, [0, 0, 0], ("allow_busy fast loading no_auth noscript stale", "connection", "1.0.0"), "Say a password; there is none"),
    command("bgrewriteaof", 1, [0, 0, 0], ("admin no_async_loading noscript", "server", "1.0.0"), "Rewrite the log in the background"),
    command("client", -2, [0, 0, 0], ("", "connection", "2.4.0"), "SETNAME, GETNAME, SETINFO, ID: what is noted of this connection"),
    command("command", -1, [0, 0, 0], ("loading stale", "server", "2.8.13"), "Describe the commands"),
    command("config", -2, [0, 0, 0], ("", "server", "2.0.0"), "GET: tell the settings"),
    command("crash", 3, [0, 0, 0], ("admin", "regrow", "0.1.0"), "Strike a child of the tree with error, panic, hang, spin or kill"),
    command("dbsize", 1, [0, 0, 0], ("fast readonly", "server", "1.0.0"), "Count the keys"),
    command("decr", 2, [1, 1, 1], ("denyoom fast write", "string", "1.0.0"), "Take one from the number at a key"),
    command("decrby", 3, [1, 1, 1], ("denyoom fast write", "string", "1.0.0"), "Take a number from the number at a key"),
    command("del", -2, [1, -1, 1], ("write", "generic", "1.0.0"), "Delete keys"),
    command("echo", 2, [0, 0, 0], ("fast loading stale", "connection", "1.0.0"), "Say what was said"),
    command("exists", -2, [1, -1, 1], ("fast readonly", "generic", "1.0.0"), "Count which of the keys are there"),
    command("expire", -3, [1, 1, 1], ("fast write", "generic", "1.0.0"), "Let a key expire in so many seconds"),
    command("flushall", -1, [0, 0, 0], ("write", "server", "1.0.0"), "Delete all keys"),
    command("flushdb", -1, [0, 0, 0], ("write", "server", "1.0.0"), "Delete all keys of the database; there is one"),
    command("get", 2, [1, 1, 1], ("fast readonly", "string", "1.0.0"), "Get the value at a key"),
    command("hello", -1, [0, 0, 0], ("allow_busy fast loading no_auth noscript stale", "connection", "6.0.0"), "Agree on the protocol"),
    command("incr", 2, [1, 1, 1], ("denyoom fast write", "string", "1.0.0"), "Add one to the number at a key"),
    command("incrby", 3, [1, 1, 1], ("denyoom fast write", "string", "1.0.0"), "Add a number to the number at a key"),
    command("info", -1, [0, 0, 0], ("loading stale", "server", "1.0.0"), "Tell how the server stands"),
    command("keys", 2, [0, 0, 0], ("readonly", "generic", "1.0.0"), "Find all keys that match a pattern"),
    command("mget", -2, [1, -1, 1], ("fast readonly", "string", "1.0.0"), "Get the values at keys"),
    command("mset", -3, [1, -1, 2], ("denyoom write", "string", "1.0.1"), "Set the values at keys"),
    command("persist", 2, [1, 1, 1], ("fast write", "generic", "2.2.0"), "Keep a key from expiring"),
    command("pexpire", -3, [1, 1, 1], ("fast write", "generic", "2.6.0"), "Let a key expire in so many milliseconds"),
    command("ping", -1, [0, 0, 0], ("fast", "connection", "1.0.0"), "Answer"),
    command("psetex", 4, [1, 1, 1], ("denyoom write", "string", "2.6.0"), "Set the value at a key, to expire in so many milliseconds"),
    command("pttl", 2, [1, 1, 1], ("fast readonly", "generic", "2.6.0"), "Tell in how many milliseconds a key expires"),
    command("quit", -1, [0, 0, 0], ("allow_busy fast loading no_auth noscript stale", "connection", "1.0.0"), "Close the connection"),
    command("scan", -2, [0, 0, 0], ("readonly", "generic", "2.8.0"), "Go through the keys step by step"),
    command("select", 2, [0, 0, 0], ("fast loading stale", "connection", "1.0.0"), "Choose the database; there is one"),
    command("set", -3, [1, 1, 1], ("denyoom write", "string", "1.0.0"), "Set the value at a key"),
    command("setex", 4, [1, 1, 1], ("denyoom write", "string", "2.0.0"), "Set the value at a key, to expire in so many seconds"),
    command("setnx", 3, [1, 1, 1], ("denyoom fast write", "string", "1.0.0"), "Set the value at a key that is not there"),
    command("shutdown", -1, [0, 0, 0], ("admin allow_busy loading no_multi noscript stale", "server", "1.0.0"), "Stop the tree, and with it the server"),
    command("strlen", 2, [1, 1, 1], ("fast readonly", "string", "2.2.0"), "Get the length of the value at a key"),
    command("tree", 1, [0, 0, 0], ("readonly", "regrow", "0.1.0"), "Draw the supervision tree"),
    command("ttl", 2, [1, 1, 1], ("fast readonly", "generic", "1.0.0"), "Tell in how many seconds a key expires"),
    command("type", 2, [1, 1, 1], ("fast readonly", "generic", "1.0.0"), "Tell the type of the value at a key"),
    command("unlink", -2, [1, -1, 1], ("fast write", "generic", "4.0.0"), "Delete keys"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_each_name_is_found_in_any_case() {
        assert!(COMMANDS.is_sorted_by(|one, next| one.name < next.name));
        for entry in COMMANDS {
            let found = find(entry.name.to_ascii_uppercase().as_bytes());
            assert_eq!(found.map(|entry| entry.name), Some(entry.name));
        }
        assert!(find(b"").is_none() && find(b"frob").is_none() && find(&[b'x'; 99]).is_none());
    }

    #[test]
    fn an_arity_below_zero_is_a_least_number() {
        let [get, set] = [b"get", b"set"].map(|name| find(name).unwrap());
        assert!(!get.takes(1) && get.takes(2) && !get.takes(3));
        assert!(!set.takes(2) && set.takes(3) && set.takes(9));
    }
}
