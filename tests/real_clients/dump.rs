//! All the data of a server, as a client sees it.

use std::collections::BTreeMap;

use crate::client::{Client, Reply};

/// Each key with its value.
///
/// # Panics
///
/// When a key that is told has no value: nothing may change meanwhile.
pub(crate) fn of(client: &mut Client) -> BTreeMap<String, String> {
    let keys = keys(client);
    let mut data = BTreeMap::new();
    for some in keys.chunks(500) {
        some.iter().for_each(|key| client.send(&["GET", key]));
        for key in some {
            let Reply::Bulk(Some(value)) = client.reply() else {
                panic!("{key} has no value")
            };
            data.insert(key.clone(), text(value));
        }
    }
    data
}

fn keys(client: &mut Client) -> Vec<String> {
    let mut keys = Vec::new();
    let mut cursor = "0".to_owned();
    loop {
        let page = client.ask(&["SCAN", &cursor, "COUNT", "1000"]);
        let Reply::Array(page) = page else {
            panic!("no page: {page:?}")
        };
        let [Reply::Bulk(Some(next)), Reply::Array(some)] = &page[..] else {
            panic!("no page: {page:?}")
        };
        keys.extend(some.iter().map(|key| match key {
            Reply::Bulk(Some(key)) => text(key.clone()),
            other => panic!("no key: {other:?}"),
        }));
        cursor = text(next.clone());
        if cursor == "0" {
            return keys;
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}
