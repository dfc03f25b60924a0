//! Load is also a correctness run: what became of every message.
//!
//! | Item | What it is |
//! |---|---|
//! | [`Delivery`] | the account of one run on one backend |
//! | [`Promise`] | what the service promises about messages |
//! | [`Receipt`] | what a receipt came to |
//!
//! A message goes to one or more *legs*, such as the queues behind a topic; it counts once for each leg that wants it.

use crate::payload::{Letterhead, Payloads, Reading};
use proofmark_backend::Timestamp;
use proofmark_record::load;
use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a service promises about messages. That none is lost is always promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Promise {
    /// Messages of a group come in the order in which they were sent.
    pub ordered: bool,
    /// A message comes once.
    pub exactly_once: bool,
}

/// Which legs a message goes to.
type Wants = Box<dyn Fn(u32, u64) -> bool + Send + Sync>;

/// What became of the messages of one run.
pub struct Delivery {
    promise: Promise,
    legs: u32,
    wants: Wants,
    books: Mutex<Books>,
}

/// What a receipt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// From the intended send until now; `None` if it is no first receipt of a message of ours, or makes no sense.
    pub end_to_end: Option<Duration>,
    /// Whether the message is part of what is measured.
    pub measured: bool,
}

#[derive(Debug, Default)]
struct Books {
    /// What was done about each message.
    sent: Vec<Sent>,
    /// How often each message was received, per leg.
    received: Vec<Vec<u8>>,
    /// The latest sequence per leg and group.
    latest: FxHashMap<(u32, u32), u64>,
    /// Messages before this one were sent to see whether anybody listens.
    counted_from: u64,
    /// Messages before this one warmed up.
    measured_from: u64,
    acknowledged: u64,
    outstanding: u64,
    duplicated: u64,
    reordered: u64,
    unexpected: u64,
    foreign: u64,
    impossible: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sent {
    #[default]
    Never,
    Attempted,
    Acknowledged,
}

impl Delivery {
    /// One leg that wants everything.
    #[must_use]
    pub fn single(promise: Promise) -> Self {
        Delivery::to_legs(promise, 1, |_, _| true)
    }

    /// Several legs; `wants` tells for a leg and a message's sequence whether the leg is to get it.
    #[must_use]
    pub fn to_legs(promise: Promise, legs: u32, wants: impl Fn(u32, u64) -> bool + Send + Sync + 'static) -> Self {
        let received = (0..legs).map(|_| Vec::new()).collect();
        let books = Mutex::new(Books { received, ..Books::default() });
        Delivery { promise, legs, wants: Box::new(wants), books }
    }

    /// The number of the next message, which is about to be sent.
    pub fn begin(&self) -> u64 {
        let mut books = self.books();
        books.sent.push(Sent::Attempted);
        books.sent.len() as u64 - 1
    }

    /// The service has acknowledged a message.
    pub fn acknowledge(&self, sequence: u64) {
        let mut books = self.books();
        let Some(index) = index(sequence).filter(|index| *index < books.sent.len()) else { return };
        books.sent[index] = Sent::Acknowledged;
        if sequence < books.counted_from {
            return;
        }
        for leg in (0..self.legs).filter(|leg| (self.wants)(*leg, sequence)) {
            books.acknowledged += 1;
            if books.receipts(leg, index) == 0 {
                books.outstanding += 1;
            }
        }
    }

    /// Somebody has received a body on one of the legs.
    pub fn receive(&self, payloads: &Payloads, leg: u32, body: &str, now: Timestamp) -> Receipt {
        let reading = payloads.read(body);
        let mut books = self.books();
        let nothing = Receipt { end_to_end: None, measured: false };
        match reading {
            Reading::Foreign => books.foreign += 1,
            Reading::Altered => books.unexpected += 1,
            Reading::Own(head) => return self.own(&mut books, leg, head, now),
        }
        nothing
    }

    fn own(&self, books: &mut Books, leg: u32, head: Letterhead, now: Timestamp) -> Receipt {
        let measured = head.sequence >= books.measured_from;
        let nothing = Receipt { end_to_end: None, measured };
        let sent = index(head.sequence).and_then(|index| books.sent.get(index)).copied().unwrap_or_default();
        if sent == Sent::Never || !(self.wants)(leg, head.sequence) {
            books.unexpected += 1;
            return nothing;
        }
        if !books.note_receipt(leg, head, sent) {
            return nothing;
        }
        if now < head.intended {
            books.impossible += 1;
            return nothing;
        }
        Receipt { end_to_end: Some(now.since(head.intended)), measured }
    }

    /// From now on messages are counted: what was sent so far was to see whether anybody listens.
    pub fn count_from_here(&self) {
        let mut books = self.books();
        let probes = Books { counted_from: books.sent.len() as u64, ..Books::default() };
        let (sent, received) = (std::mem::take(&mut books.sent), std::mem::take(&mut books.received));
        *books = Books { sent, received, ..probes };
    }

    /// From now on messages are measured.
    pub fn measure_from_here(&self) {
        let mut books = self.books();
        books.measured_from = books.sent.len() as u64;
    }

    /// How many acknowledged messages have not come yet.
    #[must_use]
    pub fn outstanding(&self) -> u64 {
        self.books().outstanding
    }

    /// Whether anybody receives: without, there is nothing to account for.
    #[must_use]
    pub fn has_legs(&self) -> bool {
        self.legs > 0
    }

    /// How many messages were begun.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.books().sent.len() as u64
    }

    /// Whether every leg has received the message.
    #[must_use]
    pub fn has_arrived(&self, sequence: u64) -> bool {
        let books = self.books();
        let mut wanting = (0..self.legs).filter(|leg| (self.wants)(*leg, sequence));
        index(sequence).is_some_and(|index| wanting.all(|leg| books.receipts(leg, index) > 0))
    }

    /// The account, once nothing is waited for any more.
    #[must_use]
    pub fn account(&self) -> load::Delivery {
        let books = self.books();
        let mut unacknowledged = 0;
        let mut received = 0;
        for index in books.counted() {
            for leg in (0..self.legs).filter(|leg| (self.wants)(*leg, index as u64)) {
                unacknowledged += u64::from(books.sent[index] == Sent::Attempted);
                received += u64::from(books.receipts(leg, index) > 0);
            }
        }
        load::Delivery {
            sent: books.acknowledged,
            unacknowledged,
            received,
            lost: books.outstanding,
            duplicated: books.duplicated,
            reordered: books.reordered,
            unexpected: books.unexpected,
            foreign: books.foreign,
            impossible: books.impossible,
            ordered: self.promise.ordered,
            exactly_once: self.promise.exactly_once,
            judgement: load::Judgement::Kept,
            reasons: Vec::new(),
        }
        .judged()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn counted(&self) -> std::ops::Range<usize> {
        index(self.counted_from).unwrap_or(usize::MAX)..self.sent.len()
    }

    fn receipts(&self, leg: u32, index: usize) -> u8 {
        self.received[leg as usize].get(index).copied().unwrap_or(0)
    }

    /// Notes a receipt of a message that was sent; true if it is the first on this leg and counts.
    fn note_receipt(&mut self, leg: u32, head: Letterhead, sent: Sent) -> bool {
        let Some(index) = index(head.sequence) else { return false };
        let leg_received = &mut self.received[leg as usize];
        if leg_received.len() <= index {
            leg_received.resize(index + 1, 0);
        }
        leg_received[index] = leg_received[index].saturating_add(1);
        let first = leg_received[index] == 1;
        if head.sequence < self.counted_from {
            return false;
        }
        match (first, sent) {
            (false, _) => self.duplicated += 1,
            (true, Sent::Acknowledged) => self.outstanding -= 1,
            // Its acknowledgement is still to come, or never will; either way it is here.
            (true, _) => (),
        }
        if first {
            let latest = self.latest.entry((leg, head.group)).or_insert(head.sequence);
            self.reordered += u64::from(head.sequence < *latest);
            *latest = head.sequence.max(*latest);
        }
        first
    }
}

fn index(sequence: u64) -> Option<usize> {
    usize::try_from(sequence).ok()
}

impl fmt::Debug for Delivery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Delivery")
            .field("promise", &self.promise)
            .field("legs", &self.legs)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofmark_backend::Distribution;
    use proofmark_record::load::Judgement;

    fn payloads() -> Payloads {
        Payloads::new("run", 1, 0, Distribution::Fixed(64))
    }

    fn body(sequence: u64) -> String {
        payloads().write(Letterhead { sequence, group: 0, intended: Timestamp::from_seconds(1) })
    }

    fn sent(delivery: &Delivery, count: u64) {
        for _ in 0..count {
            let sequence = delivery.begin();
            delivery.acknowledge(sequence);
        }
    }

    fn receive(delivery: &Delivery, leg: u32, sequence: u64) -> Receipt {
        delivery.receive(&payloads(), leg, &body(sequence), Timestamp::from_seconds(3))
    }

    #[test]
    fn a_message_that_never_comes_is_lost_and_fails_the_run() {
        let delivery = Delivery::single(Promise::default());
        sent(&delivery, 3);
        assert_eq!(receive(&delivery, 0, 0).end_to_end, Some(Duration::from_secs(2)));
        assert_eq!(receive(&delivery, 0, 2).end_to_end, Some(Duration::from_secs(2)));
        let account = delivery.account();
        assert_eq!((account.sent, account.received, account.lost, account.judgement), (3, 2, 1, Judgement::Broken));
    }

    #[test]
    fn duplicates_and_order_matter_where_they_are_promised_against() {
        for (promised, judgement) in [(false, Judgement::Kept), (true, Judgement::Broken)] {
            let delivery = Delivery::single(Promise { ordered: promised, exactly_once: promised });
            sent(&delivery, 2);
            let _ = (receive(&delivery, 0, 1), receive(&delivery, 0, 0), receive(&delivery, 0, 0));
            let account = delivery.account();
            assert_eq!((account.duplicated, account.reordered, account.judgement), (1, 1, judgement));
        }
    }

    #[test]
    fn each_leg_gets_what_it_wants_and_nothing_else() {
        let delivery = Delivery::to_legs(Promise::default(), 2, |leg, sequence| sequence % 2 == u64::from(leg));
        sent(&delivery, 2);
        let _ = (receive(&delivery, 0, 0), receive(&delivery, 1, 1), receive(&delivery, 1, 0));
        let account = delivery.account();
        assert_eq!((account.sent, account.received, account.unexpected, account.lost), (2, 2, 1, 0));
    }

    #[test]
    fn what_cannot_be_timed_is_counted() {
        let delivery = Delivery::single(Promise::default());
        sent(&delivery, 1);
        let early = delivery.receive(&payloads(), 0, &body(0), Timestamp::EPOCH);
        let _ = delivery.receive(&payloads(), 0, "somebody else's", Timestamp::EPOCH);
        let _ = receive(&delivery, 0, 9);
        let account = delivery.account();
        assert_eq!(early.end_to_end, None);
        assert_eq!((account.impossible, account.foreign, account.unexpected), (1, 1, 1));
    }

    #[test]
    fn probes_do_not_count_even_if_they_come_late() {
        let delivery = Delivery::single(Promise { ordered: true, exactly_once: true });
        sent(&delivery, 2);
        delivery.count_from_here();
        sent(&delivery, 1);
        let _ = (receive(&delivery, 0, 2), receive(&delivery, 0, 0), receive(&delivery, 0, 0));
        let account = delivery.account();
        assert_eq!((account.sent, account.received, account.lost, account.judgement), (1, 1, 0, Judgement::Kept));
    }

    #[test]
    fn a_receipt_may_overtake_the_acknowledgement() {
        let delivery = Delivery::single(Promise::default());
        let sequence = delivery.begin();
        assert!(receive(&delivery, 0, sequence).end_to_end.is_some());
        assert_eq!(delivery.account().unacknowledged, 1);
        delivery.acknowledge(sequence);
        assert_eq!((delivery.outstanding(), delivery.account().lost), (0, 0));
    }
}
