//! Blocks of IP addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

/// The addresses of a block such as `10.0.0.0/24`: from the one that is written to the last of the block.
///
/// # Errors
/// AWS's text for a block that is malformed. A whole address, `/32` or `/128`, is not a block.
pub(super) fn block(text: &str) -> Result<RangeInclusive<IpAddr>, String> {
    // Java's `split` leaves out what is empty at the end.
    let parts: Vec<&str> = text.trim_end_matches('/').split('/').collect();
    let [address, mask] = parts[..] else { return Err("Malformed CIDR, one '/' required".to_owned()) };
    let mask: i32 = mask.parse().map_err(|_| "Malformed CIDR, mask bits must be an integer".to_owned())?;
    let mask = u32::try_from(mask).map_err(|_| "Malformed CIDR, mask bits must not be negative".to_owned())?;
    match address.parse() {
        Ok(IpAddr::V4(_)) if mask > 31 => Err("IPv4 mask bits must be < 32".to_owned()),
        Ok(IpAddr::V6(_)) if mask > 127 => Err("IPv6 mask bits must be < 128".to_owned()),
        Ok(IpAddr::V4(first)) => Ok(first.into()..=Ipv4Addr::from(first.to_bits() | u32::MAX >> mask).into()),
        Ok(IpAddr::V6(first)) => Ok(first.into()..=Ipv6Addr::from(first.to_bits() | u128::MAX >> mask).into()),
        Err(_) => Err(format!("Nonstandard IP address: {address}")),
    }
}
