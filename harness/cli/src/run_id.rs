//! Names of runs.

use proofmark_backend::{Clock, WallClock};

/// An id that no other run on this machine has: the time, then the process. Lower-case letters and digits, twelve at most.
pub(crate) fn run_id() -> String {
    let process = u64::from(std::process::id()) % 36_u64.pow(3);
    format!("{}{:0>3}", base_36(WallClock::new().now().as_millis()), base_36(process))
}

fn base_36(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = Vec::new();
    loop {
        digits.push(char::from(DIGITS[(number % 36) as usize]));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_letters() {
        assert_eq!([0, 35, 36, 46_655].map(base_36), ["0", "z", "10", "zzz"]);
    }

    #[test]
    fn a_run_id_fits_into_the_names_of_queues() {
        let id = run_id();
        assert!((4..=12).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
    }
}
