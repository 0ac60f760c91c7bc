//! A ledger: a client that keeps a record of what it was promised, and holds the server to it.
//!
//! It sets keys that nobody sets twice, and it counts. What is acknowledged must be there for ever. What was sent and not
//! acknowledged, because the connection ended first, is there or not; but nothing is there twice.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    client::{Client, Reply, encode},
    random::Random,
    wait::until,
};

/// How many commands a pipeline has at most.
const PIPELINE: usize = 64;

/// Where the server is: it may be somewhere else after each start. Clones are the same place.
#[derive(Clone)]
pub(crate) struct Address(Arc<Mutex<SocketAddr>>);

pub(crate) struct Ledger {
    name: String,
    address: Address,
    random: Random,
    connection: Option<Client>,
    sets: Sets,
    counter: Counter,
    exchanges: Arc<AtomicU64>,
}

/// The keys that were set.
#[derive(Default)]
struct Sets {
    sent: u64,
    acknowledged: Vec<u64>,
}

/// The counter, which nobody else increments.
#[derive(Default)]
struct Counter {
    sent: i64,
    acknowledged: i64,
    /// What the last reply was.
    last: i64,
    /// How many were sent since the last reply and may have been done or not, for their connection has ended.
    doubtful: i64,
}

#[derive(Clone, Copy)]
enum Deed {
    Set(u64),
    Count,
}

impl Address {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self(Arc::new(Mutex::new(address)))
    }

    pub(crate) fn moves_to(&self, address: SocketAddr) {
        *self.0.lock().unwrap() = address;
    }

    /// Connects to where the server is now, until it is served: there may be no life that listens, or none that takes clients in.
    ///
    /// # Panics
    ///
    /// When it is not served within the bound.
    pub(crate) fn connect(&self) -> Client {
        until("a client is served", || {
            let address = *self.0.lock().unwrap();
            let mut client = Client::try_connect(address).ok()?;
            let reply = client.try_ask(&["PING"]).ok()?;
            (reply == Reply::Simple("PONG".into())).then_some(client)
        })
    }
}

impl Ledger {
    pub(crate) fn new(name: &str, address: Address, random: Random) -> Self {
        Self {
            name: name.into(),
            address,
            random,
            connection: None,
            sets: Sets::default(),
            counter: Counter::default(),
            exchanges: Arc::default(),
        }
    }

    /// How many times it has got all the replies that it waited for.
    pub(crate) fn exchanges(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.exchanges)
    }

    /// Sends a command, or now and then a pipeline, and takes the replies. When the connection ends, the next will be another.
    ///
    /// # Panics
    ///
    /// When the server breaks a promise: something is done twice, or is answered with an error.
    pub(crate) fn work(&mut self) {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.address.connect(),
        };
        let deeds = self.deeds();
        if self.exchange(&mut connection, &deeds).is_ok() {
            self.connection = Some(connection);
            self.exchanges.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Looks whether all that was promised is there.
    ///
    /// # Panics
    ///
    /// When it is not.
    pub(crate) fn check(&mut self, client: &mut Client) {
        let (name, counter) = (&self.name, &self.counter);
        for some in self.sets.acknowledged.chunks(500) {
            let keys: Vec<String> = some.iter().map(|&number| key(name, number)).collect();
            keys.iter().for_each(|key| client.send(&["GET", key]));
            for key in &keys {
                let reply = client.reply();
                assert!(reply == Reply::value(&value(key)), "{key} is {reply:?}");
            }
        }
        let count = match client.ask(&["GET", &count(name)]) {
            Reply::Bulk(None) => 0,
            Reply::Bulk(Some(count)) => String::from_utf8(count).unwrap().parse().unwrap(),
            other => panic!("{name}'s count is {other:?}"),
        };
        let Counter {
            sent, acknowledged, ..
        } = *counter;
        assert!(
            acknowledged <= count && count <= sent,
            "{name} counted {acknowledged} and sent {sent}, and the count is {count}"
        );
        let most = counter.last + counter.doubtful;
        assert!(
            counter.last <= count && count <= most,
            "{name} was told {} and then sent {}, and the count is {count}",
            counter.last,
            counter.doubtful
        );
    }

    /// What to do next.
    fn deeds(&mut self) -> Vec<Deed> {
        let count = match self.random.below(8) {
            0 => 1 + self.random.below(PIPELINE),
            _ => 1,
        };
        let deed = |random: &mut Random, sets: &mut Sets| {
            if random.below(4) > 0 {
                return Deed::Count;
            }
            sets.sent += 1;
            Deed::Set(sets.sent)
        };
        (0..count)
            .map(|_| deed(&mut self.random, &mut self.sets))
            .collect()
    }

    fn exchange(&mut self, connection: &mut Client, deeds: &[Deed]) -> io::Result<()> {
        let counts = deeds.iter().filter(|deed| matches!(deed, Deed::Count));
        let mut unanswered = counts.count() as i64;
        self.counter.sent += unanswered;
        let pipeline: Vec<u8> = deeds.iter().flat_map(|&deed| self.request(deed)).collect();
        let mut outcome = connection.try_write(&pipeline);
        for &deed in deeds {
            match outcome.and_then(|()| connection.try_reply()) {
                Ok(reply) => {
                    unanswered -= i64::from(matches!(deed, Deed::Count));
                    self.note(deed, &reply);
                    outcome = Ok(());
                }
                Err(error) => {
                    self.counter.doubtful += unanswered;
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn request(&self, deed: Deed) -> Vec<u8> {
        match deed {
            Deed::Count => encode(&["INCR", &count(&self.name)]),
            Deed::Set(number) => {
                let key = key(&self.name, number);
                encode(&["SET", &key, &value(&key)])
            }
        }
    }

    fn note(&mut self, deed: Deed, reply: &Reply) {
        match (deed, reply) {
            (Deed::Set(number), reply) if *reply == Reply::ok() => {
                self.sets.acknowledged.push(number);
            }
            (Deed::Count, &Reply::Integer(reply)) => self.counter.note(&self.name, reply),
            _ => panic!("{} is answered {reply:?}", self.name),
        }
    }
}

impl Counter {
    /// On one connection each reply is the one before and 1. The first on another may have the doubtful ones in it.
    fn note(&mut self, name: &str, reply: i64) {
        let (least, most) = (self.last + 1, self.last + 1 + self.doubtful);
        assert!(
            (least..=most).contains(&reply),
            "{name} is told {reply}, and not {least} to {most}"
        );
        self.last = reply;
        self.doubtful = 0;
        self.acknowledged += 1;
    }
}

fn key(name: &str, number: u64) -> String {
    format!("{name}:set:{number}")
}

fn value(key: &str) -> String {
    format!("what {key} was set to")
}

fn count(name: &str) -> String {
    format!("{name}:count")
}
