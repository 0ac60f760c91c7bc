//! A connection: one client, its requests answered in the order they came.
//!
//! It reads what has come, answers all whole requests in it, writes the replies at once, and rests. Commands for the store
//! that follow each other go there as one batch: a pipeline costs one way there and back, not one for each command.
//!
//! Asked to stop, it finishes what it has begun to answer, and closes. It is never restarted: the client is gone with the socket.

use std::{io, time::Duration};

use regrow::{BoxError, Context};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time,
};

use crate::{
    command::{Command, Local},
    crash::{Exposed, Faults},
    greeting,
    operation::Operation,
    operator,
    queue::Queue,
    resp::{Parser, Writer},
};

/// How long a client that reads slowly has, once the connection is asked to stop, to take the replies that are written.
const GRACE: Duration = Duration::from_secs(1);

/// Serves a client until it leaves, errs beyond repair, or the connection is asked to stop.
pub(crate) async fn serve(
    context: Context,
    mut client: TcpStream,
    queue: Queue,
    faults: Faults,
) -> Result<(), BoxError> {
    // Replies are written whole, there is nothing to wait for. On a socket that has failed already, reading tells.
    let _ = client.set_nodelay(true);
    let exposed = faults.expose(context.clone());
    let mut connection = Connection {
        context,
        exposed,
        queue,
        faults,
        parser: Parser::new(),
        replies: Writer::default(),
    };
    let ended = connection.converse(&mut client).await;
    close(client).await;
    ended
}

struct Connection {
    context: Context,
    exposed: Exposed,
    queue: Queue,
    faults: Faults,
    parser: Parser,
    /// Replies that are not written yet.
    replies: Writer,
}

#[derive(PartialEq)]
enum Next {
    Read,
    Close,
}

impl Connection {
    async fn converse(&mut self, client: &mut TcpStream) -> Result<(), BoxError> {
        loop {
            match self
                .exposed
                .rest(client.read_buf(self.parser.room()))
                .await?
            {
                // Clients leave as they please: that is how a connection ends, not a failure of it.
                Ok(0) | Err(_) => return Ok(()),
                Ok(_) => {}
            }
            let next = self.answer().await;
            if self.flush(client).await.is_err() || next == Next::Close {
                return Ok(());
            }
        }
    }

    /// Answers all whole requests that have come.
    async fn answer(&mut self) -> Next {
        let mut batch = Vec::new();
        loop {
            let request = match self.parser.next() {
                Ok(Some(request)) => request,
                Ok(None) => {
                    self.settle(&mut batch).await;
                    return Next::Read;
                }
                Err(error) => {
                    self.settle(&mut batch).await;
                    self.replies.error(&format!("ERR Protocol error: {error}"));
                    return Next::Close;
                }
            };
            match Command::read(request) {
                Ok(Command::Store(operation)) => batch.push(operation),
                Ok(Command::Local(command)) => {
                    self.settle(&mut batch).await;
                    if self.reply(command) == Next::Close {
                        return Next::Close;
                    }
                }
                Err(error) => {
                    self.settle(&mut batch).await;
                    self.replies.error(&error);
                }
            }
        }
    }

    /// Answers a command that needs no store.
    fn reply(&mut self, command: Local) -> Next {
        match command {
            Local::Ping(None) => self.replies.simple("PONG"),
            Local::Ping(Some(text)) | Local::Echo(text) => self.replies.bulk(&text),
            Local::Greeting(question) => {
                greeting::answer(&self.context, question, &mut self.replies);
            }
            Local::Operator(wish) => {
                operator::answer(&self.context, &self.faults, wish, &mut self.replies);
            }
            Local::Quit => {
                self.replies.simple("OK");
                return Next::Close;
            }
        }
        Next::Read
    }

    /// Has the store do the batch. This waits as long as the store takes, through all its lives, and also when the connection
    /// is asked to stop: it is the command in flight that is to be finished.
    async fn settle(&mut self, batch: &mut Vec<Operation>) {
        let operations = std::mem::take(batch);
        let count = operations.len();
        if count == 0 {
            return;
        }
        match self.queue.ask(operations).await {
            Ok(replies) => self.replies.raw(&replies),
            Err(lost) => (0..count).for_each(|_| self.replies.error(&format!("ERR {lost}"))),
        }
    }

    /// Writes the replies. A client that does not read them holds nobody up but itself, and not the stop.
    async fn flush(&mut self, client: &mut TcpStream) -> io::Result<()> {
        let patience = async {
            self.context.stopped().await;
            time::sleep(GRACE).await;
        };
        let written = tokio::select! {
            biased;
            written = client.write_all(self.replies.bytes()) => written,
            () = patience => Err(io::ErrorKind::TimedOut.into()),
        };
        self.replies.clear();
        written
    }
}

/// Ends the stream. Bytes that have come and are not read are taken first: closing on them would tell the client of a reset,
/// and its system may then throw away the last replies.
async fn close(mut client: TcpStream) {
    let _ = client.shutdown().await;
    let mut unread = [0; 4096];
    for _ in 0..256 {
        if !matches!(client.try_read(&mut unread), Ok(1..)) {
            break;
        }
    }
}
