//! A connection: one client, its requests answered in the order they came.
//!
//! It reads what has come, answers all whole requests in it, writes the replies at once, and rests. Commands for the store
//! that follow each other go there as one batch: a pipeline costs one way there and back, not one for each command.
//!
//! Asked to stop, it finishes what it has begun to answer, and closes. It is never restarted: the client is gone with the socket.

use std::{io, mem, sync::Arc, time::Duration};

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
    resp::{Parser, Writer},
    server::Server,
};

/// How long a client that reads slowly has, once the connection is asked to stop, to take the replies that are written.
const GRACE: Duration = Duration::from_secs(1);

/// How many commands a batch has room for from the beginning.
const PIPELINE: usize = 16;

/// Serves a client until it leaves, errs beyond repair, or the connection is asked to stop.
pub(crate) async fn serve(
    context: Context,
    socket: TcpStream,
    server: Arc<Server>,
) -> Result<(), BoxError> {
    // Replies are written whole, there is nothing to wait for. On a socket that has failed already, reading tells.
    let _ = socket.set_nodelay(true);
    let mut connection = Connection {
        exposed: server.faults.expose(context.clone()),
        client: Client::new(context),
        socket,
        server,
        parser: Parser::new(),
        replies: Writer::default(),
    };
    // A life is up when its first poll is over: one that is asked about itself at once is to find itself up.
    task::yield_now().await;
    let ended = connection.converse().await;
    connection.close().await;
    match ended {
        Ok(()) | Err(End::Closed) => Ok(()),
        Err(End::Struck(error)) => Err(error),
    }
}

struct Connection {
    exposed: Exposed,
    client: Client,
    socket: TcpStream,
    server: Arc<Server>,
    parser: Parser,
    /// Replies that are not written yet.
    replies: Writer,
}

/// Why there is nothing more to say.
enum End {
    /// The client left, asked for it, or was not to be borne. That is how a connection ends, not a failure of it.
    Closed,
    /// Asked to stop, or struck by a fault.
    Struck(BoxError),
}

impl Connection {
    async fn converse(&mut self) -> Result<(), End> {
        loop {
            self.read().await?;
            let answered = self.answer().await;
            self.flush().await?;
            answered?;
        }
    }

    /// Reads what has come, once something has. Meanwhile it holds no buffer.
    async fn read(&mut self) -> Result<(), End> {
        loop {
            self.parser.rest();
            let coming = self.socket.readable();
            let idle_timeout = self.server.settings.idle_timeout;
            let coming = async {
                match idle_timeout {
                    None => coming.await,
                    Some(span) => time::timeout(span, coming).await?,
                }
            };
            match self.exposed.rest(coming).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(End::Closed),
                Err(struck) => return Err(End::Struck(struck)),
            }
            match self.socket.try_read_buf(self.parser.room()) {
                Ok(1..) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => return Err(End::Closed),
            }
        }
    }

    /// Answers all whole requests that have come.
    async fn answer(&mut self) -> Result<(), End> {
        let mut batch = Vec::with_capacity(PIPELINE);
        loop {
            let request = match self.parser.next() {
                Ok(Some(request)) => request,
                Ok(None) => return self.settle(&mut batch).await,
                Err(error) => {
                    self.settle(&mut batch).await?;
                    let told = format!("ERR Protocol error: {error}");
                    self.replies.error(told.as_bytes());
                    return Err(End::Closed);
                }
            };
            match Command::read(request) {
                Ok(Command::Store(operation)) => batch.push(operation),
                Ok(Command::Local(command)) => {
                    self.settle(&mut batch).await?;
                    self.reply(command)?;
                }
                Err(error) => {
                    self.settle(&mut batch).await?;
                    self.replies.error(error.bytes());
                }
            }
        }
    }

    /// Answers a command that needs no store.
    fn reply(&mut self, command: Local) -> Result<(), End> {
        match command {
            Local::Ping(None) => self.replies.simple("PONG"),
            Local::Ping(Some(text)) | Local::Echo(text) => self.replies.bulk(&text),
            Local::Greeting(question) => {
                greeting::answer(&self.server, &mut self.client, question, &mut self.replies);
            }
            Local::Operator(wish) => {
                let is_end = wish == Operator::Shutdown;
                operator::answer(&self.server, &self.client, wish, &mut self.replies);
                if is_end {
                    return Err(End::Closed);
                }
            }
            Local::Quit => {
                self.replies.simple("OK");
                return Err(End::Closed);
            }
        }
        Ok(())
    }

    /// Has the store do the batch. This waits as long as the store takes, through all its lives, and also when the connection
    /// is asked to stop: it is the command in flight that is to be finished. Many replies are written before there are more, so
    /// that a client that does not read holds up itself and not the memory.
    async fn settle(&mut self, batch: &mut Vec<Operation>) -> Result<(), End> {
        let mut operations = mem::take(batch);
        loop {
            if self.replies.len() >= ENOUGH {
                self.flush().await?;
            }
            if operations.is_empty() {
                return Ok(());
            }
            let count = operations.len();
            match self.server.queue.batch(operations).await {
                Ok(answer) => {
                    self.replies.append(answer.replies);
                    operations = answer.rest;
                }
                Err(lost) => {
                    (0..count).for_each(|_| self.replies.error(format!("ERR {lost}").as_bytes()));
                    return Ok(());
                }
            }
        }
    }

    /// Writes the replies. A client that does not read them holds nobody up but itself, and not the stop.
    async fn flush(&mut self) -> Result<(), End> {
        let patience = async {
            self.client.context().stopped().await;
            time::sleep(GRACE).await;
        };
        let span = self.server.settings.write_timeout;
        let written = tokio::select! {
            biased;
            written = write(&self.socket, self.replies.bytes(), span) => written,
            () = patience => Err(io::ErrorKind::TimedOut.into()),
        };
        self.replies.clear();
        written.map_err(|_| End::Closed)
    }

    /// Ends the stream. Bytes that have come and are not read are taken first: closing on them would tell the client of a
    /// reset, and its system may then throw away the last replies.
    async fn close(mut self) {
        let _ = tokio::io::AsyncWriteExt::shutdown(&mut self.socket).await;
        let mut unread = [0; 4096];
        for _ in 0..256 {
            if !matches!(self.socket.try_read(&mut unread), Ok(1..)) {
                break;
            }
        }
    }
}

/// Writes all of it, as long as some of it is taken within each such span.
async fn write(socket: &TcpStream, mut bytes: &[u8], span: Duration) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                time::timeout(span, socket.writable()).await??;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
