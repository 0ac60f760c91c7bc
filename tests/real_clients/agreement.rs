//! When two servers agree: their replies are the same, but for what may differ between two servers that are both right.

use crate::client::Reply;

/// How far apart two times to live may be, in seconds: the servers are not asked at the same moment.
const SLACK: u64 = 2;

/// Whether both replies to the command are right if one of them is.
pub(crate) fn agree<W: AsRef<[u8]>>(command: &[W], ours: &Reply, redis: &Reply) -> bool {
    let name = command[0].as_ref().to_ascii_uppercase();
    match (name.as_slice(), ours, redis) {
        (b"TTL", Reply::Integer(ours), Reply::Integer(redis)) => near(*ours, *redis, SLACK),
        (b"PTTL", Reply::Integer(ours), Reply::Integer(redis)) => near(*ours, *redis, SLACK * 1000),
        (b"KEYS", Reply::Array(ours), Reply::Array(redis)) => in_order(ours) == in_order(redis),
        _ => ours == redis,
    }
}

/// Whether two times to live are about the same. Less than nothing is no time but an answer of its own.
fn near(ours: i64, redis: i64, slack: u64) -> bool {
    ours == redis || (ours >= 0 && redis >= 0 && ours.abs_diff(redis) <= slack)
}

fn in_order(keys: &[Reply]) -> Vec<&Reply> {
    let mut keys: Vec<&Reply> = keys.iter().collect();
    keys.sort();
    keys
}

#[test]
fn times_to_live_agree_when_they_are_near() {
    let agree =
        |name, ours, redis| agree(&[name, "k"], &Reply::Integer(ours), &Reply::Integer(redis));
    assert!(agree("TTL", 1000, 998) && agree("ttl", -1, -1) && agree("PTTL", 98_000, 100_000));
    assert!(!agree("TTL", 1000, 997) && !agree("PTTL", 97_999, 100_000));
    assert!(!agree("TTL", -1, 0) && !agree("TTL", 0, -2) && !agree("TTL", -1, -2));
    assert!(!agree("STRLEN", 3, 4));
}

#[test]
fn keys_agree_in_any_order_but_not_with_one_more() {
    let keys = |names: &[&str]| Reply::Array(names.iter().map(|name| Reply::value(name)).collect());
    let ours = keys(&["b", "a"]);
    assert!(agree(&["keys", "*"], &ours, &keys(&["a", "b"])));
    assert!(!agree(&["KEYS", "*"], &ours, &keys(&["a", "b", "b"])));
    assert!(!agree(&["MGET", "a", "b"], &ours, &keys(&["a", "b"])));
}

#[test]
fn the_kind_of_a_reply_counts() {
    assert!(!agree(&["ECHO", "OK"], &Reply::ok(), &Reply::value("OK")));
    assert!(!agree(&["GET", "k"], &Reply::Bulk(None), &Reply::NoArray));
    assert!(!agree(&["GET", "k"], &Reply::Bulk(None), &Reply::value("")));
}
