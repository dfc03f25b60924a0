//! Receipt handles: opaque to clients, and enough for the queue to find the message and the receive.

use super::message::Sequence;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::sync::Arc;

const BYTES: usize = 24;
const TEXT: usize = 32;

/// What a receipt handle says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReceiptHandle {
    /// Which queue, of all that ever were.
    pub(super) queue: u32,
    /// Where in the queue's memory the message was.
    pub(super) slot: u32,
    /// Which message, of all that were ever there.
    pub(super) sequence: Sequence,
    /// Which receive of it.
    pub(super) receive: u32,
}

impl ReceiptHandle {
    /// The handle as clients see it: 32 characters.
    pub(super) fn encode(self) -> Arc<str> {
        let mut bytes = [0; BYTES];
        bytes[0..4].copy_from_slice(&self.queue.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.slot.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[16..20].copy_from_slice(&self.receive.to_be_bytes());
        bytes[20..24].copy_from_slice(&self.checksum().to_be_bytes());
        let mut text = [0; TEXT];
        let _ = STANDARD_NO_PAD.encode_slice(bytes, &mut text);
        std::str::from_utf8(&text).unwrap_or_default().into()
    }

    /// Reads a handle; `None` if it is not one of ours.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let mut bytes = [0; BYTES];
        let length = STANDARD_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let word = |at: usize| bytes.get(at..at + 4).and_then(|part| part.try_into().ok()).map(u32::from_be_bytes);
        let handle = ReceiptHandle {
            queue: word(0)?,
            slot: word(4)?,
            sequence: u64::from(word(8)?) << 32 | u64::from(word(12)?),
            receive: word(16)?,
        };
        (length == BYTES && word(20)? == handle.checksum()).then_some(handle)
    }

    /// Tells a handle from random text of the same shape.
    fn checksum(self) -> u32 {
        let mixed =
            (u64::from(self.queue) << 32 | u64::from(self.slot)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
                ^ self.sequence.wrapping_mul(0xD6E8_FEB8_6659_FD93)
                ^ u64::from(self.receive).wrapping_mul(0xA24B_AED4_963E_E407);
        let folded = mixed ^ (mixed >> 32);
        u32::try_from(folded & 0xFFFF_FFFF).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_handle_reads_back(queue: u32, slot: u32, sequence: u64, receive: u32) {
            let handle = ReceiptHandle { queue, slot, sequence, receive };
            prop_assert_eq!(ReceiptHandle::decode(&handle.encode()), Some(handle));
        }

        #[test]
        fn any_other_text_is_no_handle(text in ".{0,64}") {
            prop_assert_eq!(ReceiptHandle::decode(&text), None);
        }
    }
}
