//! Ending a run early.

use std::sync::Arc;
use tokio::sync::watch;

/// Ends a run early, from any thread. Clones are the same flag.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(Arc<watch::Sender<bool>>);

impl StopFlag {
    /// From now on nothing begins, and what is under way is broken off.
    pub fn raise(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is raised.
    pub async fn raised(&self) {
        // The sender lives as long as this does, so it cannot be gone.
        let _ = self.0.subscribe().wait_for(|raised| *raised).await;
    }
}
