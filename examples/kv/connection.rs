//! A connection: one client, its requests answered in the order they came.
//!
//! It reads what has come, answers all whole requests in it, writes the replies at once, and rests. Commands for the store
//! that follow each other go there as one batch: a pipeline costs one way there and back, not one for each command.
//!
//! Asked to stop, it finishes what it has begun to answer, and closes. It is never restarted: the client is gone with the socket.

use std::{mem, sync::Arc, time::Duration};

use regrow::{BoxError, Context};
use tokio::{net::TcpStream, task, time};

use crate::{
    client::Client,
    command::{Command, Local, Operator},
    crash::Exposed,
    data::Operation,
    greeting,
    group::ENOUGH,
    operator,
    server::Server,
    wire::{Gone, Wire},
};

/// How long a client that reads slowly has, once the connection is asked to stop, to take the replies that are written.
const GRACE: Duration = Duration::from_secs(1);

/// How many commands a batch has room for from the beginning, and how many it has at most.
const PIPELINE: usize = 16;
const LONGEST: usize = 1024;

/// Serves a client until it leaves, errs beyond repair, or the connection is asked to stop.
pub(crate) async fn serve(
    context: Context,
    socket: TcpStream,
    server: Arc<Server>,
) -> Result<(), BoxError> {
    let mut connection = Connection {
        exposed: server.faults.expose(context.clone()),
        client: Client::new(context),
        wire: Wire::new(socket, Arc::clone(&server)),
        server,
        count: 0,
    };
    // A life is up when its first poll is over: one that is asked about itself at once is to find itself up.
    task::yield_now().await;
    let ended = connection.converse().await;
    connection.wire.close().await;
    match ended {
        Ok(()) | Err(End::Closed | End::Gone) => Ok(()),
        Err(End::Struck(error)) => Err(error),
    }
}

struct Connection {
    exposed: Exposed,
    client: Client,
    wire: Wire,
    server: Arc<Server>,
    /// How many requests were read.
    count: u64,
}

/// Why there is nothing more to say.
enum End {
    /// The client asked for it, or was not to be borne; it gets the replies that it has. That is how a connection ends, not a
    /// failure of it.
    Closed,
    /// The client left, or did not take its replies.
    Gone,
    /// Asked to stop, or struck by a fault.
    Struck(BoxError),
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl Connection {
    async fn converse(&mut self) -> Result<(), End> {
        loop {
            let read = self.exposed.rest(self.wire.read()).await;
            read.map_err(End::Struck)??;
            let answered = self.answer().await;
            self.server.traffic.commands(mem::take(&mut self.count));
            if !matches!(answered, Err(End::Gone)) {
                self.flush().await?;
            }
            answered?;
        }
    }

    /// Answers all whole requests that have come.
    async fn answer(&mut self) -> Result<(), End> {
        let mut batch = Vec::with_capacity(PIPELINE);
        loop {
            let request = match self.wire.parser.next() {
                Ok(Some(request)) => request,
                Ok(None) => return self.settle(&mut batch).await,
                Err(error) => {
                    self.settle(&mut batch).await?;
                    self.wire.replies.error(&error.reply());
                    return Err(End::Closed);
                }
            };
            self.count += 1;
            match Command::read(request) {
                Ok(Command::Store(operation)) => {
                    batch.push(operation);
                    if batch.len() >= LONGEST {
                        self.settle(&mut batch).await?;
                    }
                }
                Ok(Command::Local(command)) => {
                    self.settle(&mut batch).await?;
                    self.reply(command)?;
                }
                Err(error) => {
                    self.settle(&mut batch).await?;
                    self.wire.replies.error(error.bytes());
                }
            }
        }
    }

    /// Answers a command that needs no store.
    fn reply(&mut self, command: Local) -> Result<(), End> {
        let replies = &mut self.wire.replies;
        match command {
            Local::Ping(None) => replies.simple("PONG"),
            Local::Ping(Some(text)) | Local::Echo(text) => replies.bulk(&text),
            Local::Greeting(question) => {
                greeting::answer(&self.server, &mut self.client, question, replies);
            }
            Local::Operator(wish) => {
                let is_end = wish == Operator::Shutdown;
                operator::answer(&self.server, &self.client, wish, replies);
                if is_end {
                    return Err(End::Closed);
                }
            }
            Local::Quit => {
                replies.simple("OK");
                return Err(End::Closed);
            }
            Local::Intruder => {
                tracing::warn!(
                    "somebody speaks HTTP here: a browser may have been made to, the connection is closed"
                );
                return Err(End::Closed);
            }
        }
        Ok(())
    }

    /// Has the store do the batch. This waits as long as the store takes, through all its lives, and also when the connection
    /// is asked to stop: it is the command in flight that is to be finished. Many replies are written before there are more, so
    /// that a client that does not read holds up itself and not the memory, and others get their turn.
    async fn settle(&mut self, batch: &mut Vec<Operation>) -> Result<(), End> {
        let mut operations = mem::take(batch);
        loop {
            if self.wire.replies.len() >= ENOUGH {
                self.flush().await?;
                task::yield_now().await;
            }
            let count = operations.len();
            if count == 0 {
                return Ok(());
            }
            match self.server.queue.batch(operations).await {
                Ok(answer) => {
                    self.wire.replies.append(answer.replies);
                    operations = answer.rest;
                }
                Err(lost) => {
                    let told = format!("ERR {lost}");
                    (0..count).for_each(|_| self.wire.replies.error(told.as_bytes()));
                    return Ok(());
                }
            }
        }
    }

    /// Writes the replies. A client that does not read them does not hold up the stop.
    async fn flush(&mut self) -> Result<(), End> {
        let patience = async {
            self.client.context().stopped().await;
            time::sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            flushed = self.wire.flush() => Ok(flushed?),
            () = patience => Err(End::Gone),
        }
    }
}
