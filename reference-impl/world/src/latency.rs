//! How long requests take: a knob, off by default. Half of a latency passes before the service acts, half after.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Latency`] | for which requests, how long, and how many are served at once |
//! | `Latencies` | the latencies in force, with who is busy until when |
//!
//! With `servers`, requests queue for the next server that is free, first come, first served: then a service has a
//! highest rate, and beyond it the wait grows.

use crate::distribution::Distribution;
use crate::random::Generator;
use crate::{Request, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroU32;
use std::time::Duration;

/// How long some requests take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Only requests to this service (`sqs`); all services if absent.
    #[serde(default)]
    pub service: Option<String>,
    /// Only this operation (`SendMessage`); all operations if absent.
    #[serde(default)]
    pub operation: Option<String>,
    /// How long they take, in nanoseconds.
    pub nanoseconds: Distribution,
    /// How many are served at once; any number if absent.
    #[serde(default)]
    pub servers: Option<NonZeroU32>,
}

impl Latency {
    /// Whether it is about `request`.
    #[must_use]
    pub fn concerns(&self, request: &Request) -> bool {
        self.service.as_deref().is_none_or(|service| service == request.service().name())
            && self.operation.as_deref().is_none_or(|operation| operation == request.operation())
    }
}

/// How long a request is on its way, in each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Travel {
    pub(crate) there: Duration,
    pub(crate) back: Duration,
}

/// The latencies in force. The first that concerns a request counts.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Vec<Station>);

#[derive(Debug)]
struct Station {
    latency: Latency,
    /// Until when each server is busy; fewer than there are servers while some were never used.
    busy: BinaryHeap<Reverse<Timestamp>>,
}

impl Latencies {
    pub(crate) fn new(latencies: Vec<Latency>) -> Self {
        Latencies(latencies.into_iter().map(|latency| Station { latency, busy: BinaryHeap::new() }).collect())
    }

    /// How long `request` takes if it is sent `now`; `None` if no latency concerns it.
    pub(crate) fn travel(&mut self, request: &Request, now: Timestamp, random: &mut Generator) -> Option<Travel> {
        let station = self.0.iter_mut().find(|station| station.latency.concerns(request))?;
        let takes = Duration::from_nanos(station.latency.nanoseconds.draw(random));
        let waits = station.begin(now, takes).since(now);
        let back = takes / 2;
        Some(Travel { there: waits + (takes - back), back })
    }
}

impl Station {
    /// When a request of this length begins to be served; from then on a server is busy with it.
    fn begin(&mut self, now: Timestamp, takes: Duration) -> Timestamp {
        let Some(servers) = self.latency.servers else { return now };
        let all_in_use = self.busy.len() >= servers.get() as usize;
        let free = if all_in_use { self.busy.pop() } else { None };
        let begins = free.map_or(now, |Reverse(free)| free.max(now));
        self.busy.push(Reverse(begins + takes));
        begins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn station(servers: u32) -> Station {
        let servers = NonZeroU32::new(servers);
        let latency = Latency { service: None, operation: None, nanoseconds: Distribution::Fixed(0), servers };
        Station { latency, busy: BinaryHeap::new() }
    }

    #[test]
    fn requests_queue_for_the_next_server_that_is_free() {
        let (mut two, second) = (station(2), Duration::from_secs(1));
        let begins: Vec<u64> = (0..5).map(|_| two.begin(Timestamp::EPOCH, second).as_seconds()).collect();
        assert_eq!(begins, [0, 0, 1, 1, 2]);
        let later = Timestamp::from_seconds(10);
        assert_eq!(two.begin(later, second), later, "everybody is free again");
    }

    #[test]
    fn without_servers_nobody_queues() {
        let mut any = station(0);
        assert!((0..100).all(|_| any.begin(Timestamp::EPOCH, Duration::from_secs(9)) == Timestamp::EPOCH));
    }
}
