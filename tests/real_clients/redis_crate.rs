//! What a client gets that others keep: the crate `redis`.

use std::collections::BTreeSet;

use redis::{
    Commands, Connection, ErrorKind, InfoDict, IntegerReplyOrNoOp, RedisResult, ServerErrorKind,
    SetExpiry, SetOptions, ValueType,
};

use crate::{directory::Directory, server::Server};

/// A connection to database 0, which the crate introduces itself on.
fn connect(server: &Server) -> Connection {
    let client = redis::Client::open(format!("redis://{}/0", server.address())).unwrap();
    client.get_connection().unwrap()
}

#[test]
fn a_client_crate_is_served() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut connection = connect(&server);
    values(&mut connection).unwrap();
    times_to_live(&mut connection).unwrap();
    many_keys(&mut connection).unwrap();
    names(&mut connection).unwrap();
}

fn values(connection: &mut Connection) -> RedisResult<()> {
    assert_eq!(connection.get::<_, Option<String>>("k")?, None);
    () = connection.set("k", "v\r\n")?;
    assert_eq!(connection.get::<_, String>("k")?, "v\r\n");
    let bytes: Vec<u8> = (0..=255).collect();
    () = connection.set(&bytes, &bytes)?;
    assert_eq!(connection.get::<_, Vec<u8>>(&bytes)?, bytes);
    assert_eq!(connection.append::<_, _, usize>("text", "one")?, 3);
    assert_eq!(connection.append::<_, _, usize>("text", " two")?, 7);
    assert_eq!(connection.strlen::<_, usize>("text")?, 7);
    assert_eq!(connection.incr::<_, _, i64>("n", 41)?, 41);
    assert_eq!(connection.incr::<_, _, i64>("n", -2)?, 39);
    assert_eq!(connection.key_type::<_, ValueType>("n")?, ValueType::String);
    let only_new = SetOptions::default().conditional_set(redis::ExistenceCheck::NX);
    let refused: Option<String> = connection.set_options("n", 7, only_new)?;
    assert_eq!(refused, None);
    assert!(connection.exists::<_, bool>("n")?);
    assert_eq!(connection.del::<_, usize>(&["n", "text", "none"])?, 2);
    assert!(!connection.exists::<_, bool>("n")?);
    Ok(())
}

fn times_to_live(connection: &mut Connection) -> RedisResult<()> {
    let hour = SetOptions::default().with_expiration(SetExpiry::EX(3600));
    () = connection.set_options("k", "v", hour)?;
    let near = |left: IntegerReplyOrNoOp, to: usize| {
        let left = usize::try_from(left.raw()).unwrap();
        assert!((to - 60..=to).contains(&left), "{left} of {to}");
    };
    near(connection.ttl("k")?, 3600);
    assert!(connection.expire::<_, bool>("k", 7200)?);
    near(connection.ttl("k")?, 7200);
    assert!(connection.persist::<_, bool>("k")?);
    let left: IntegerReplyOrNoOp = connection.ttl("k")?;
    assert_eq!(left, IntegerReplyOrNoOp::ExistsButNotRelevant);
    let left: IntegerReplyOrNoOp = connection.ttl("none")?;
    assert_eq!(left, IntegerReplyOrNoOp::NotExists);
    assert!(!connection.expire::<_, bool>("none", 7200)?);
    Ok(())
}

fn many_keys(connection: &mut Connection) -> RedisResult<()> {
    () = connection.flushall()?;
    let all: BTreeSet<String> = (0..1000).map(|number| format!("key:{number}")).collect();
    let pairs: Vec<(&String, &String)> = all.iter().map(|key| (key, key)).collect();
    () = connection.mset(&pairs)?;
    () = connection.set("other", "v")?;
    let some: Vec<Option<String>> = connection.mget(&["key:7", "none", "other"])?;
    assert_eq!(some, [Some("key:7".into()), None, Some("v".into())]);
    assert_eq!(connection.keys::<_, BTreeSet<String>>("key:*")?, all);
    let scanned: RedisResult<BTreeSet<String>> = connection.scan_match("key:*")?.collect();
    assert_eq!(scanned?, all);
    let scanned: RedisResult<BTreeSet<String>> = connection.scan()?.collect();
    assert_eq!(scanned?.len(), 1001);
    let size: usize = redis::cmd("DBSIZE").query(connection)?;
    assert_eq!(size, 1001);
    // One pipeline, not a transaction.
    let (value, number, gone): (String, i64, Option<String>) = redis::pipe()
        .set("k", "v")
        .ignore()
        .get("k")
        .incr("n", 2)
        .get("none")
        .query(connection)?;
    assert_eq!((value.as_str(), number, gone), ("v", 2, None));
    Ok(())
}

fn names(connection: &mut Connection) -> RedisResult<()> {
    assert_eq!(connection.client_getname::<Option<String>>()?, None);
    () = connection.client_setname("tester")?;
    assert_eq!(connection.client_getname::<String>()?, "tester");
    assert!(connection.client_id::<i64>()? > 0);
    () = redis::cmd("SELECT").arg(0).query(connection)?;
    let info: InfoDict = redis::cmd("INFO").query(connection)?;
    assert!(info.get::<String>("redis_version").is_some(), "{info:?}");
    assert!(info.get::<u64>("uptime_in_seconds").is_some(), "{info:?}");
    assert!(redis::ConnectionLike::check_connection(connection));
    Ok(())
}

#[test]
fn a_client_crate_is_told_what_was_wrong() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut connection = connect(&server);
    () = connection.set("text", "abc").unwrap();
    let refused = connection.incr::<_, _, i64>("text", 1).unwrap_err();
    assert_eq!(
        refused.kind(),
        ErrorKind::Server(ServerErrorKind::ResponseError)
    );
    assert_eq!(
        refused.detail(),
        Some("value is not an integer or out of range")
    );
    let unknown = redis::cmd("FROB").query::<()>(&mut connection).unwrap_err();
    assert_eq!(
        unknown.kind(),
        ErrorKind::Server(ServerErrorKind::ResponseError)
    );
    // What the server said well and the caller took for something else.
    let mistaken = connection.get::<_, i64>("text").unwrap_err();
    assert_eq!(mistaken.kind(), ErrorKind::Parse);
    let elsewhere = redis::Client::open(format!("redis://{}/7", server.address())).unwrap();
    assert!(elsewhere.get_connection().is_err(), "there is one database");
    // The connection is as good as before.
    assert_eq!(connection.get::<_, String>("text").unwrap(), "abc");
}
