//! Who works: many futures, on the threads of a runtime, or all in one future where time is virtual.

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, Stream};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use tokio::task::JoinSet;

/// Futures that go on beside each other. Dropping the crew ends them.
pub(crate) enum Crew {
    /// All in the future that waits for them, in an order that repeats.
    Here(FuturesUnordered<BoxFuture<'static, ()>>),
    /// Each a task of its own.
    Spawned(JoinSet<()>),
}

impl Crew {
    /// A crew of its own tasks if `spawned`.
    pub(crate) fn new(spawned: bool) -> Self {
        if spawned { Crew::Spawned(JoinSet::new()) } else { Crew::Here(FuturesUnordered::new()) }
    }

    pub(crate) fn add(&mut self, member: BoxFuture<'static, ()>) {
        match self {
            Crew::Here(members) => members.push(member),
            Crew::Spawned(tasks) => drop(tasks.spawn(member)),
        }
    }

    /// Polls the members once; ready when all have ended.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let one = match self {
                Crew::Here(members) => Pin::new(members).poll_next(context),
                Crew::Spawned(tasks) => tasks.poll_join_next(context).map(|one| one.map(expect_no_panic)),
            };
            match one {
                Poll::Ready(Some(())) => (),
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Waits until all have ended.
    pub(crate) async fn finished(&mut self) {
        poll_fn(|context| self.poll(context)).await;
    }

    /// Does `work` while the members go on.
    pub(crate) async fn beside<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|context| {
            // That none is left is no reason to end the work.
            let _ = self.poll(context);
            work.as_mut().poll(context)
        })
        .await
    }
}

/// A task's panic is the run's.
fn expect_no_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
}
