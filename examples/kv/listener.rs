//! The listener: accepts clients and starts a connection for each.
//!
//! The socket is bound before the tree starts and outlives every life of the listener: while none is up, clients wait in the
//! kernel's queue. The connections are the children of a supervisor beside it, so that they outlive it too.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use regrow::{BoxError, Context, StartChildError, SupervisorRef, Worker};
use socket2::{Domain, Socket, Type};
use tokio::{
    net::{self, TcpStream},
    time,
};

use crate::{connection, server::Server, tree::root};

/// How long the listener waits when the system has no socket to give: until some connection ends, it would fail again at once.
const PAUSE: Duration = Duration::from_millis(100);

/// How many clients may knock before one is let in; the system may allow fewer.
const BACKLOG: i32 = 1024;

/// Binds the socket.
///
/// # Errors
///
/// What the system says: the port is in use, the address is not ours.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A server that is started again takes the port although clients of the one before linger. Elsewhere that would share it.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// A life of the listener.
pub(crate) async fn serve(
    context: Context,
    socket: Arc<TcpListener>,
    server: Arc<Server>,
) -> Result<(), BoxError> {
    let listener = net::TcpListener::from_std(socket.try_clone()?)?;
    let tree = SupervisorRef::root_of(&context);
    let mut exposed = server.faults.expose(context);
    let mut is_told = false;
    loop {
        match exposed.rest(listener.accept()).await? {
            Ok((client, _)) => {
                is_told = false;
                // Not a rest: a client that is accepted gets its connection, whatever is about to strike the listener.
                welcome(&tree, client, &server).await;
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                if !is_told {
                    tracing::warn!(%error, "clients cannot be accepted");
                }
                is_told = true;
                exposed.rest(time::sleep(PAUSE)).await?;
            }
        }
    }
}

/// A client that left before it was accepted is no trouble of ours.
fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

/// Starts the client's connection. A client for whom there is none is told why.
async fn welcome(tree: &SupervisorRef, client: TcpStream, server: &Arc<Server>) {
    server.traffic.connection();
    // A start that is refused must not take the socket with it: the connection takes it when it begins.
    let lent = Arc::new(Mutex::new(Some(client)));
    let take = |lent: &Mutex<Option<TcpStream>>| {
        lent.lock().unwrap_or_else(PoisonError::into_inner).take()
    };
    let (own, server) = (Arc::clone(&lent), Arc::clone(server));
    let connection = Worker::once("connection", move |context| async move {
        match take(&own) {
            Some(client) => connection::serve(context, client, server).await,
            None => Ok(()),
        }
    });
    let Err(error) = start(tree, connection).await else {
        return;
    };
    tracing::info!(error, "a client was turned away");
    if let Some(client) = take(&lent) {
        // Few bytes into a new socket: they fit. Who does not hear them sees the end all the same.
        let _ = client.try_write(format!("-ERR {error}\r\n").as_bytes());
    }
}

/// The supervisor is looked up each time: it may have been restarted since the last.
async fn start(tree: &SupervisorRef, connection: Worker) -> Result<(), String> {
    let connections = tree
        .dynamic(root::front::connections)
        .map_err(|error| error.to_string())?;
    match connections.start_numbered(connection).await {
        Ok(_) => Ok(()),
        Err(StartChildError::TooMany { .. }) => Err("max number of clients reached".into()),
        Err(error) => Err(error.to_string()),
    }
}
