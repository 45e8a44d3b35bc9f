//! Where a request comes from. Behind a proxy every connection is the proxy's own: what it says of its callers counts,
//! and only what it says itself, because anybody can write the rest of the header.

use actix_web::http::header::HeaderMap;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// `Forwarded` (RFC 7239) is not read: a proxy that sets the one and hands the other through would let callers choose.
const HEADER: &str = "x-forwarded-for";
/// The most proxies one behind the other.
const MOST_HOPS: usize = 16;

/// The address of the caller, as text; empty where the connection has none.
pub fn of(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> String {
    let Some(peer) = peer else { return String::new() };
    let said = headers.get_all(HEADER).map(|value| value.to_str().unwrap_or_default());
    behind(peer.ip().to_canonical(), &said.collect::<Vec<_>>(), trusted).to_string()
}

/// The nearest address that is no trusted proxy: from the connection outwards, so from the right. What is no address
/// ends the way, and the last one before it counts.
fn behind(peer: IpAddr, said: &[&str], trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut nearest = peer;
    for hop in said.iter().rev().flat_map(|header| header.rsplit(',')).take(MOST_HOPS) {
        if !is_trusted(&nearest) {
            break;
        }
        match address(hop.trim()) {
            Some(next) => nearest = next,
            None => break,
        }
    }
    nearest
}

/// An address with or without a port and brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']');
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let found = bare().unwrap_or(text).parse().ok().or_else(with_port);
    found.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("192.0.2.9", &["198.51.100.1"], "192.0.2.9"; "a stranger is not believed")]
    #[test_case("10.0.0.1", &[], "10.0.0.1"; "a proxy that says nothing")]
    #[test_case("10.0.0.1", &["198.51.100.1"], "198.51.100.1"; "a proxy is believed")]
    #[test_case("10.0.0.1", &["203.0.113.7, 198.51.100.1"], "198.51.100.1"; "what the caller wrote is not")]
    #[test_case("10.0.0.1", &["198.51.100.1, 10.0.0.2"], "198.51.100.1"; "two proxies")]
    #[test_case("10.0.0.1", &["203.0.113.7", "198.51.100.1, 10.0.0.2"], "198.51.100.1"; "several headers are one")]
    #[test_case("10.0.0.1", &["203.0.113.7, 198.51.100.1", "10.0.0.2"], "198.51.100.1"; "in their order")]
    #[test_case("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"; "with a port")]
    #[test_case("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"; "with brackets and a port")]
    #[test_case("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"; "with brackets")]
    #[test_case("10.0.0.1", &["2001:db8::1"], "2001:db8::1"; "bare")]
    #[test_case("10.0.0.1", &["198.51.100.1, ::ffff:10.0.0.2"], "198.51.100.1"; "an address in two forms")]
    #[test_case("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"; "nothing but proxies")]
    #[test_case("10.0.0.1", &["198.51.100.1, unknown"], "10.0.0.1"; "garbage")]
    #[test_case("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"; "the last good one before garbage")]
    #[test_case("10.0.0.1", &["198.51.100.1,"], "10.0.0.1"; "an empty end")]
    #[test_case("10.0.0.1", &[""], "10.0.0.1"; "empty")]
    fn the_nearest_that_is_no_proxy_counts(peer: &str, said: &[&str], expected: &str) {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        assert_eq!(behind(peer.parse().unwrap(), said, &trusted).to_string(), expected);
    }

    #[test]
    fn nobody_is_sent_on_a_long_way() {
        let long = format!("198.51.100.1{}", ", 10.0.0.2".repeat(MOST_HOPS));
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        assert_eq!(behind("10.0.0.1".parse().unwrap(), &[&long], &trusted).to_string(), "10.0.0.2");
    }
}
