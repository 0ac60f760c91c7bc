//! The body of a life: spawns, watches, reads, stops.
use crate::{
    death::Deaths, error::ProcessStartError, exit::ProcessExit, group::Group, output::Output,
    plan::Plan, ready::Ready,
};
use regrow_tasks::{BoxError, Context, NotifyStart, Stopped};
use std::{
    future::pending, net::SocketAddr, pin::pin, process::ExitStatus, sync::Arc, time::Duration,
};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

/// How long the output is read on when the program has ended.
const DRAIN: Duration = Duration::from_secs(1);

/// How long one try of a port may take, and how long it is until the next.
const TRY: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(50);

/// One life of a process.
pub(crate) async fn run(
    plan: Arc<Plan>,
    context: Context,
    notify: NotifyStart,
) -> Result<(), BoxError> {
    let child = context.runtime_name();
    let mut deaths = Deaths::new().map_err(|source| plan.refused(&child, source))?;
    while let Some(last) = plan.roster.dying(&child) {
        context.until_stopped(deaths.of(last)).await?;
        plan.roster.is_gone(last);
    }
    let mut group = Group::spawn(&plan, child.clone())?;
    let output = Output::new(child, group.pipes());
    let life = Running {
        plan: &plan,
        context: &context,
        output,
        notify: Some(notify),
        is_asked: false,
    };
    life.watch(group, deaths).await
}

/// A program that runs.
struct Running<'a> {
    plan: &'a Plan,
    context: &'a Context,
    output: Output,
    /// Until it is up.
    notify: Option<NotifyStart>,
    is_asked: bool,
}

impl Running<'_> {
    /// Watches the program to its end.
    async fn watch(mut self, group: Group, mut deaths: Deaths) -> Result<(), BoxError> {
        let (mut port, mut line) = (None, None);
        match &self.plan.ready {
            Ready::Spawned => self.is_up(),
            Ready::Line(awaited) => line = Some(awaited),
            Ready::Port(address) => port = Some(*address),
        }
        let mut accepts = pin!(accepts(port));
        loop {
            let mut is_ready = false;
            let mut see = |text: &str| {
                is_ready = is_ready || line.is_some_and(|line| line.matches(text));
            };
            tokio::select! {
                biased;
                () = self.context.stopped(), if !self.is_asked => {
                    self.is_asked = true;
                    group.tell(self.plan.stop_signal);
                }
                () = deaths.of(group.process()) => break,
                () = &mut accepts, if self.notify.is_some() => is_ready = true,
                () = self.output.read(&mut see) => {}
            }
            if is_ready {
                self.is_up();
                line = None;
            }
        }
        let status = group.reap().await;
        self.output.drain(DRAIN).await;
        self.end(status)
    }

    fn is_up(&mut self) {
        if let Some(notify) = self.notify.take() {
            notify.ready();
        }
    }

    /// What the end of the program is for its life.
    fn end(self, status: Option<ExitStatus>) -> Result<(), BoxError> {
        let program = self.plan.program();
        let exit = ProcessExit::new(program, status, self.output.last_lines());
        let is_up = self.notify.is_none();
        let obeyed = exit.obeyed(self.plan.stop_signal.number());
        if self.is_asked && (obeyed || (exit.code() == Some(0) && !is_up)) {
            return Err(Stopped.into());
        }
        if !is_up {
            return Err(ProcessStartError::Ended {
                child: self.context.runtime_name(),
                source: exit,
            }
            .into());
        }
        match exit.code() {
            Some(0) => Ok(()),
            _ => Err(exit.into()),
        }
    }
}

/// Resolves when somebody listens at the address; without one, never.
async fn accepts(address: Option<SocketAddr>) {
    let Some(address) = address else {
        return pending().await;
    };
    while !matches!(timeout(TRY, TcpStream::connect(address)).await, Ok(Ok(_))) {
        sleep(PAUSE).await;
    }
}
