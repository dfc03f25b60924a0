//! What tells this process to end: SIGINT, as Ctrl-C sends it, and SIGTERM.

use crate::exit::{Exit, Trouble};
use crate::world;
use proofmark_backend::{Clock, StopFlag, WallClock};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Signals so close together are one.
const SAME_SIGNAL: Duration = Duration::from_secs(1);

/// The first signal ends the run and lets what is under way clean up; another one ends it at once.
pub(crate) fn stop_on_signal(stop: &StopFlag) {
    let stop = stop.clone();
    let (listens, listening) = channel::<()>();
    std::thread::spawn(move || {
        let Ok(runtime) = world::runtime() else { return };
        runtime.block_on(async {
            // Without signals the process ends the way it did before there was anybody to catch them.
            let Ok(mut signals) = Signals::new() else { return };
            drop(listens);
            signals.next().await;
            anstream::eprintln!("proofmark: stopping and cleaning up; interrupt again to leave at once");
            stop.raise();
            WallClock::new().sleep(SAME_SIGNAL).await;
            // Made anew: a signal that was sent to the process and to its group came twice, and means the same.
            let Ok(mut signals) = Signals::new() else { return };
            signals.next().await;
            std::process::exit(i32::from(Exit::Inconclusive as u8));
        });
    });
    // Nothing is ever sent: this ends when the thread listens, or has given up.
    let _ = listening.recv();
}

/// The signals, from the moment on at which this was made.
#[cfg(unix)]
pub(crate) struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Listens, on the runtime that this is called on. From now on the signals do not end the process by themselves.
    ///
    /// # Errors
    /// If the system has none to give.
    pub(crate) fn new() -> Result<Self, Trouble> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|error| Trouble::Bug(format!("no signals: {error}")));
        Ok(Signals { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => (),
            _ = self.interrupt.recv() => (),
        }
    }
}

/// The signals, from the moment on at which this was made.
#[cfg(not(unix))]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it fails")]
    pub(crate) fn new() -> Result<Self, Trouble> {
        Ok(Signals)
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        // Without a console nobody can ask; then the process is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
