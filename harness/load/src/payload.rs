//! What a message says: who sent it, as the how many-th, when it was to be sent, and filler, all a pure function of
//! the seed and the number, so that whoever receives it can tell whether it was altered.
//!
//! `pm1.<run>.<producer>.<sequence>.<group>.<intended, ns>.<filler>`: ASCII that every service takes as it is.

use proofmark_backend::{Distribution, Generator, Timestamp};
use std::fmt::Write;

/// What a message begins with, so that others are told from ours.
const MARK: &str = "pm1";

/// What filler is made of. None of it is escaped in JSON, XML or a form.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Writes and reads the messages of one process of one run.
#[derive(Clone, Debug)]
pub struct Payloads {
    run: String,
    producer: u32,
    seed: u64,
    size: Distribution,
}

/// What a message tells about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letterhead {
    /// The how many-th message of its producer.
    pub sequence: u64,
    /// The group that it is ordered in.
    pub group: u32,
    /// When it was to be sent.
    pub intended: Timestamp,
}

/// What a received body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A message of this process, as it was sent.
    Own(Letterhead),
    /// It says that it is one of this process's messages, and its content is not what was sent.
    Altered,
    /// Somebody else's message.
    Foreign,
}

impl Payloads {
    /// Messages of part `producer` of a run. `size` is in bytes; a message is never shorter than its head.
    #[must_use]
    pub fn new(run: &str, producer: u32, seed: u64, size: Distribution) -> Self {
        Payloads { run: run.to_owned(), producer, seed, size }
    }

    /// The body of a message.
    #[must_use]
    pub fn write(&self, head: Letterhead) -> String {
        let mut random = self.generator(head.sequence);
        let size = usize::try_from(self.size.draw(&mut random)).unwrap_or(usize::MAX);
        let mut body = self.head(head);
        fill(&mut body, size, &mut random);
        body
    }

    /// Reads a body that was received.
    #[must_use]
    pub fn read(&self, body: &str) -> Reading {
        match self.letterhead(body) {
            None => Reading::Foreign,
            Some(head) if self.write(head) == body => Reading::Own(head),
            Some(_) => Reading::Altered,
        }
    }

    fn head(&self, Letterhead { sequence, group, intended }: Letterhead) -> String {
        let Payloads { run, producer, .. } = self;
        format!("{MARK}.{run}.{producer}.{sequence}.{group}.{}.", intended.as_nanos())
    }

    fn letterhead(&self, body: &str) -> Option<Letterhead> {
        let mut fields = body.splitn(7, '.');
        let ours = fields.next()? == MARK && fields.next()? == self.run && fields.next()? == self.producer.to_string();
        let sequence = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        let intended = Timestamp::from_nanos(fields.next()?.parse().ok()?);
        ours.then_some(Letterhead { sequence, group, intended })
    }

    fn generator(&self, sequence: u64) -> Generator {
        // An odd factor sends different sequences to different seeds.
        Generator::from_seed(self.seed ^ sequence.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
}

/// Appends random letters until `body` has `size` bytes: half of them random, half of them one letter over and over,
/// so that a service that compresses has neither all to gain nor nothing.
fn fill(body: &mut String, size: usize, random: &mut Generator) {
    let missing = size.saturating_sub(body.len());
    body.reserve(missing);
    let until = body.len() + missing / 2;
    while body.len() < until {
        let bits = random.bits();
        let letters = (0..10).map(|letter| char::from(LETTERS[(bits >> (6 * letter)) as usize & 63]));
        body.extend(letters.take(until - body.len()));
    }
    let rest = size.saturating_sub(body.len());
    // Writing to a String cannot fail.
    let _ = write!(body, "{:.<rest$}", "");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn payloads(size: u64) -> Payloads {
        Payloads::new("run", 1, 42, Distribution::Fixed(size))
    }

    const HEAD: Letterhead = Letterhead { sequence: 7, group: 2, intended: Timestamp::from_nanos(99) };

    #[test]
    fn a_message_is_as_long_as_asked_and_never_shorter_than_its_head() {
        assert_eq!(payloads(300).write(HEAD).len(), 300);
        assert_eq!(payloads(1).write(HEAD), "pm1.run.1.7.2.99.");
    }

    #[test]
    fn what_is_not_as_it_was_sent_is_told_apart() {
        let ours = payloads(100);
        let body = ours.write(HEAD);
        assert_eq!(ours.read(&body), Reading::Own(HEAD));
        assert_eq!(ours.read(&body.replace(".7.", ".8.")), Reading::Altered);
        assert_eq!(ours.read(&body[..99]), Reading::Altered);
        assert_eq!(ours.read(&body.replace("run", "nur")), Reading::Foreign);
        assert_eq!(ours.read(&body.replace("run.1", "run.2")), Reading::Foreign);
        assert_eq!(ours.read("hello"), Reading::Foreign);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(sequence: u64, group: u32, intended: u64, size in 0_u64..2_000) {
            let head = Letterhead { sequence, group, intended: Timestamp::from_nanos(intended) };
            let payloads = payloads(size);
            prop_assert_eq!(payloads.read(&payloads.write(head)), Reading::Own(head));
        }

        #[test]
        fn no_body_makes_it_panic(body: String) {
            let _ = payloads(10).read(&body);
            let _ = payloads(10).read(&format!("pm1.run.1.{body}"));
        }
    }
}
