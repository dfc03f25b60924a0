//! What tells this process to end: SIGINT, as Ctrl-C sends it, and SIGTERM.

use crate::exit::Trouble;

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
