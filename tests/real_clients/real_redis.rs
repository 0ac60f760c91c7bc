//! A real Redis 7 to compare with: one of our own, or one that stands about and holds nothing.

use std::{
    env,
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    client::{Client, Reply},
    directory::Directory,
    skip::skip,
    wait::until,
};

/// The version whose words are the measure.
const VERSION: &str = "7.";

/// Where a Redis listens unless it is told otherwise.
const DEFAULT: &str = "redis://127.0.0.1:6379";

/// A running Redis. Our own is killed when this is dropped, another's is left as it was found: empty.
pub(crate) struct RealRedis {
    address: SocketAddr,
    keeper: Keeper,
}

enum Keeper {
    /// A process of ours, in a directory of ours.
    Us(
        Child,
        #[expect(dead_code, reason = "kept until the end")] Directory,
    ),
    /// Somebody else: the tests take turns.
    Another(#[expect(dead_code, reason = "kept until the end")] MutexGuard<'static, ()>),
}

impl RealRedis {
    /// Finds one: `redis-server` is started, else the one at `REDIS_URL` is taken, else the one at 127.0.0.1:6379. A server with
    /// data in it is never used: the data is somebody's, and the tests flush. If there is none, the test is to end here: it is told
    /// as skipped.
    ///
    /// # Panics
    ///
    /// When there is none and `REGROW_REQUIRE_SERVICES=1` asks for one.
    pub(crate) fn find(test: &str) -> Option<Self> {
        let named = env::var("REDIS_URL").ok();
        let others = named.as_deref().into_iter().chain([DEFAULT]);
        let mut missing = Vec::new();
        for found in [Self::start()].into_iter().chain(others.map(Self::take)) {
            match found {
                Ok(redis) => return Some(redis),
                Err(why) => missing.push(why),
            }
        }
        skip(test, &format!("no Redis 7: {}", missing.join("; ")));
        None
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    fn start() -> Result<Self, String> {
        Command::new("redis-server")
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .map_err(|_| "redis-server is not installed".to_owned())?;
        // Somebody may take the port before the server does. Then it ends at once, and another port is tried.
        let redis = until("redis-server gets a port", Self::spawn);
        expect_version(&mut redis.connect(), "redis-server")?;
        Ok(redis)
    }

    /// A server that answers, unless it ended instead.
    fn spawn() -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let directory = Directory::new();
        let child = Command::new("redis-server")
            .args(["--port", &address.port().to_string()])
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--databases", "1", "--dir"])
            .arg(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let keeper = Keeper::Us(child, directory);
        let mut redis = Self { address, keeper };
        until("redis-server answers", || redis.answers()).then_some(redis)
    }

    /// Whether a server of ours answers: nothing as long as that is open.
    fn answers(&mut self) -> Option<bool> {
        let Keeper::Us(child, _) = &mut self.keeper else {
            return Some(true);
        };
        if child.try_wait().unwrap().is_some() {
            return Some(false);
        }
        let mut client = Client::try_connect(self.address).ok()?;
        client.try_ask(&["PING"]).ok()?;
        // It is this process that is to answer, not another at the same port.
        let own = format!("process_id:{}\r\n", child.id());
        info(&mut client, "server")?.contains(&own).then_some(true)
    }

    /// Takes a server that runs already, if it is empty.
    fn take(url: &str) -> Result<Self, String> {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let address = url
            .strip_prefix("redis://")
            .and_then(|place| place.trim_end_matches('/').to_socket_addrs().ok()?.next())
            .ok_or_else(|| format!("{url} is not redis://host:port"))?;
        let mut client = Client::try_connect(address).map_err(|error| format!("{url}: {error}"))?;
        expect_version(&mut client, url)?;
        // Each database with a key in it has a line here.
        match info(&mut client, "keyspace") {
            Some(keyspace) if !keyspace.contains("keys=") => Ok(Self {
                address,
                keeper: Keeper::Another(turn),
            }),
            _ => Err(format!("{url} has somebody's data and is left alone")),
        }
    }
}

impl Drop for RealRedis {
    fn drop(&mut self) {
        match &mut self.keeper {
            Keeper::Us(child, _) => {
                let _ = child.kill();
                let _ = child.wait();
            }
            Keeper::Another(_) => {
                let _ = Client::try_connect(self.address)
                    .and_then(|mut client| client.try_ask(&["FLUSHALL"]));
            }
        }
    }
}

fn expect_version(client: &mut Client, name: &str) -> Result<(), String> {
    let server = info(client, "server").ok_or_else(|| format!("{name} says nothing of itself"))?;
    let version = server
        .lines()
        .find_map(|line| line.strip_prefix("redis_version:"));
    match version {
        Some(version) if version.starts_with(VERSION) => Ok(()),
        version => Err(format!("{name} is version {}", version.unwrap_or("none"))),
    }
}

/// What a server says of itself in one section.
fn info(client: &mut Client, section: &str) -> Option<String> {
    match client.try_ask(&["INFO", section]) {
        Ok(Reply::Bulk(Some(text))) => String::from_utf8(text).ok(),
        _ => None,
    }
}
