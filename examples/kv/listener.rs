//! The listener: accepts clients and starts a connection for each.
//!
//! The socket is bound before the tree starts and outlives every life of the listener: while none is up, clients wait in the
//! kernel's queue. The connections are the children of a supervisor beside it, so that they outlive it too.

use std::{
    io,
    net::{SocketAddr, TcpListener as Socket},
    sync::Arc,
    time::Duration,
};

use regrow::{BoxError, Context, SupervisorRef, Worker};
use tokio::{
    net::{TcpListener, TcpStream},
    time,
};

use crate::{connection, crash::Faults, names, queue::Queue};

/// How long the listener waits when the system has no socket to give: until some connection ends, it would fail again at once.
const PAUSE: Duration = Duration::from_millis(100);

/// Binds the socket.
///
/// # Errors
///
/// What the system says: the port is in use, the address is not ours.
pub(crate) fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// The listener as a child.
pub(crate) fn worker(socket: Socket, queue: Queue, faults: Faults) -> Worker {
    let socket = Arc::new(socket);
    Worker::new(names::LISTENER, move |context| {
        serve(context, Arc::clone(&socket), queue.clone(), faults.clone())
    })
}

async fn serve(
    context: Context,
    socket: Arc<Socket>,
    queue: Queue,
    faults: Faults,
) -> Result<(), BoxError> {
    let listener = TcpListener::from_std(socket.try_clone()?)?;
    let siblings = SupervisorRef::parent_of(&context);
    let mut exposed = faults.expose(context);
    loop {
        let client = match exposed.rest(listener.accept()).await? {
            Ok((client, _)) => client,
            Err(error) => {
                tracing::warn!(%error, "a client could not be accepted");
                exposed.rest(time::sleep(PAUSE)).await?;
                continue;
            }
        };
        // Not a rest: a client that is accepted gets its connection, whatever is about to strike the listener.
        if let Err(error) = welcome(&siblings, client, queue.clone(), faults.clone()).await {
            tracing::warn!(error, "a client was turned away");
        }
    }
}

/// Starts the client's connection. The supervisor is looked up each time: it may have been restarted since the last.
async fn welcome(
    siblings: &SupervisorRef,
    client: TcpStream,
    queue: Queue,
    faults: Faults,
) -> Result<(), BoxError> {
    let connection = Worker::once("connection", move |context| {
        connection::serve(context, client, queue, faults)
    });
    siblings
        .dynamic(names::CONNECTIONS)?
        .start_numbered(connection)
        .await?;
    Ok(())
}
