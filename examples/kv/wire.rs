//! The wire: a client's socket, what has come on it, and what is to go out.

use std::{io, sync::Arc};

use socket2::SockRef;
use tokio::{io::AsyncWriteExt, net::TcpStream, task, time};

use crate::{
    resp::{Parser, Writer},
    server::Server,
};

/// How much, more or less, is taken from a client that is still to read its replies. One that writes all before it reads any gets
/// so far.
const AHEAD: usize = 16 * 1024 * 1024;

/// So much at once is a sign that there is more.
const MUCH: usize = 16 * 1024;

/// After so many turns others are let run, however little each was.
const TURNS: u32 = 16;

/// Both directions of a connection.
pub(crate) struct Wire {
    socket: TcpStream,
    server: Arc<Server>,
    /// What has come.
    pub(crate) parser: Parser,
    /// What is to go out.
    pub(crate) replies: Writer,
    /// How much of it is out.
    sent: usize,
    /// Something came while replies went out.
    has_more: bool,
    /// The client says no more.
    is_over: bool,
    turns: u32,
}

/// The client has gone, or was not to be borne.
pub(crate) struct Gone;

impl From<io::Error> for Gone {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl Wire {
    pub(crate) fn new(socket: TcpStream, server: Arc<Server>) -> Self {
        // Replies are written whole, there is nothing to wait for. On a socket that has failed already, reading tells.
        let _ = socket.set_nodelay(true);
        Self {
            socket,
            server,
            parser: Parser::new(),
            replies: Writer::default(),
            sent: 0,
            has_more: false,
            is_over: false,
            turns: 0,
        }
    }

    /// Takes what has come, once something has. Meanwhile it holds no buffer.
    ///
    /// # Cancel safety
    ///
    /// Dropped, what has come is in the parser or still to be taken; nothing is lost.
    pub(crate) async fn read(&mut self) -> Result<(), Gone> {
        if self.has_more {
            task::yield_now().await;
            self.has_more = false;
            return Ok(());
        }
        self.parser.rest();
        loop {
            if self.is_over {
                return Err(Gone);
            }
            let coming = self.socket.readable();
            match self.server.settings.idle_timeout {
                None => coming.await?,
                Some(span) => time::timeout(span, coming).await.map_err(|_| Gone)??,
            }
            let count = self.take()?;
            self.has_more = count > 0;
            self.turns = (self.turns + 1) % TURNS;
            // What comes without a pause must not keep everybody else from this thread.
            if count >= MUCH || self.turns == 0 {
                task::yield_now().await;
            }
            if self.has_more {
                self.has_more = false;
                return Ok(());
            }
        }
    }

    /// Writes the replies. What the client says meanwhile is taken too, so that one that writes much before it reads does not
    /// wait for us while we wait for it.
    ///
    /// # Errors
    ///
    /// The client has gone, or has taken nothing for the write time-out.
    ///
    /// # Cancel safety
    ///
    /// Dropped, some of the replies are out; the next flush goes on behind them.
    pub(crate) async fn flush(&mut self) -> Result<(), Gone> {
        while self.sent < self.replies.len() {
            match self.socket.try_write(&self.replies.bytes()[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait().await?,
                Err(_) => return Err(Gone),
            }
        }
        self.replies.clear();
        self.sent = 0;
        Ok(())
    }

    /// Ends the stream. Bytes that have come and are not read are taken first: closing on them would tell the client of a
    /// reset, and its system may then throw away the last replies.
    pub(crate) async fn close(mut self) {
        let _ = self.socket.shutdown().await;
        let mut unread = [0; 4096];
        for _ in 0..256 {
            if !matches!(self.socket.try_read(&mut unread), Ok(1..)) {
                break;
            }
        }
    }

    /// Waits until more of the replies can be written.
    async fn wait(&mut self) -> Result<(), Gone> {
        let patience = time::sleep(self.server.settings.write_timeout);
        tokio::pin!(patience);
        loop {
            let listens = !self.is_over && self.parser.unread() < AHEAD;
            let is_more = tokio::select! {
                biased;
                room = self.socket.writable() => return Ok(room?),
                more = self.socket.readable(), if listens => more.map(|()| true)?,
                () = &mut patience => false,
            };
            if is_more {
                self.has_more |= self.take()? > 0;
                continue;
            }
            // The system tells of room when there is much of it. A slow reader that has made a little is still there.
            let rest = &self.replies.bytes()[self.sent..];
            return match SockRef::from(&self.socket).send(rest) {
                Ok(count @ 1..) => {
                    self.sent += count;
                    Ok(())
                }
                _ => Err(Gone),
            };
        }
    }

    /// Takes what has come, if something has.
    fn take(&mut self) -> Result<usize, Gone> {
        match self.socket.try_read_buf(self.parser.room()) {
            Ok(0) => {
                self.is_over = true;
                Ok(0)
            }
            Ok(count) => Ok(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(_) => Err(Gone),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use tokio::{io::AsyncReadExt, net::TcpListener};

    use super::*;
    use crate::{log::Directory, scratch::Scratch, settings::Settings};

    #[tokio::test]
    async fn replies_that_are_half_out_are_gone_on_with_where_they_were_left() {
        let scratch = Scratch::new();
        let directory = Directory::lock(scratch.path()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (socket, _) = listener.accept().await.unwrap();
        let mut wire = Wire::new(socket, Server::new(Settings::default(), directory));
        // More than the sockets of both sides hold.
        for number in 0..4_000_000 {
            wire.replies.integer(number);
        }
        let expected = wire.replies.bytes().to_vec();
        let is_out = tokio::select! {
            biased;
            flushed = wire.flush() => flushed.is_ok(),
            () = ready(()) => false,
        };
        assert!(!is_out && wire.sent > 0);
        let reading = tokio::spawn(async move {
            let mut came = Vec::new();
            client.read_to_end(&mut came).await.map(|_| came)
        });
        assert!(wire.flush().await.is_ok());
        assert_eq!((wire.sent, wire.replies.len()), (0, 0));
        wire.close().await;
        assert!(reading.await.unwrap().unwrap() == expected);
    }
}
