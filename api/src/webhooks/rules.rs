//! Who is told what, how a message is signed, and when the next try is. No database, no clock, no network.

use super::model::LONGEST_TYPE;
use crate::error::{Code, Fault};
use crate::topic::Topic;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::time::Duration;

/// What a secret begins with (Standard Webhooks).
pub const SECRET_PREFIX: &str = "whsec_";
/// The longest that a receiver can ask to be left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether a filter takes events of this type: empty takes all, `order.*` every type of a thing. A test event is meant
/// for one endpoint alone and no filter takes it.
pub fn wants(filter: &[String], event_type: &str) -> bool {
    event_type != Topic::WebhookEndpointTested.as_str()
        && (filter.is_empty() || filter.iter().any(|wanted| matches(wanted, event_type)))
}

fn matches(wanted: &str, event_type: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(thing) => event_type.starts_with(thing),
        None => wanted == event_type,
    }
}

/// Filters that take nothing that exists, each with the nearest that does.
pub fn event_types(filter: &[String]) -> Vec<Fault> {
    let unknown = |wanted: &String| !Topic::ALL.iter().any(|topic| matches(wanted, topic.as_str()));
    let fault = |(index, wanted): (usize, &String)| {
        // What is far too long is near to nothing, and costly to compare.
        let comparable = Topic::ALL.iter().filter(|_| wanted.len() <= 4 * LONGEST_TYPE);
        let nearest = comparable.map(|topic| topic.as_str());
        let nearest = nearest.min_by_key(|word| strsim::damerau_levenshtein(word, wanted));
        Fault::at(format!("/eventTypes/{index}"), Code::EventTypeUnknown).with("nearest", nearest)
    };
    filter.iter().enumerate().filter(|(_, wanted)| unknown(wanted)).map(fault).collect()
}

/// `webhook-signature`: one `v1,` signature for each live secret, by blanks.
pub fn signatures(secrets: &[Vec<u8>], id: &str, timestamp: i64, body: &str) -> String {
    let content = format!("{id}.{timestamp}.{body}");
    let sign = |secret: &Vec<u8>| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, content.as_bytes()).as_ref()))
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

/// How a receiver answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// With this status; and it may have asked for a pause.
    Status(u16, Option<Duration>),
    /// Not at all.
    Nothing,
}

/// What comes after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it was taken.
    Delivered,
    /// 410: the receiver wants no more of these, ever.
    Gone,
    /// Another attempt after this long.
    Again(Duration),
    /// Nothing: it was tried often enough.
    GiveUp,
}

/// What comes after this attempt, the `attempt`th of its run. `chance` is random in 0..1: pauses vary by a tenth to
/// either side, so that many receivers that fail at once are not called at once again.
pub fn after(answered: Answered, attempt: i64, pauses: &[u64], chance: f64) -> Next {
    let asked = match answered {
        Answered::Status(200..=299, _) => return Next::Delivered,
        Answered::Status(410, _) => return Next::Gone,
        Answered::Status(_, asked) => asked.unwrap_or_default().min(LONGEST_PAUSE),
        Answered::Nothing => Duration::ZERO,
    };
    let index = usize::try_from(attempt - 1).unwrap_or_default();
    let Some(pause) = pauses.get(index) else { return Next::GiveUp };
    let pause = Duration::from_secs(*pause).mul_f64(0.9 + 0.2 * chance.clamp(0.0, 1.0));
    Next::Again(pause.max(asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const PAUSES: [u64; 3] = [5, 300, 1800];

    #[test_case(Answered::Status(204, None), 1 => Next::Delivered)]
    #[test_case(Answered::Status(410, None), 1 => Next::Gone)]
    #[test_case(Answered::Status(302, None), 1 => Next::Again(Duration::from_secs(5)); "a redirect is not followed")]
    #[test_case(Answered::Status(500, None), 2 => Next::Again(Duration::from_secs(300)))]
    #[test_case(Answered::Nothing, 3 => Next::Again(Duration::from_secs(1800)))]
    #[test_case(Answered::Nothing, 4 => Next::GiveUp)]
    #[test_case(Answered::Status(429, Some(Duration::from_secs(60))), 1 => Next::Again(Duration::from_secs(60)))]
    #[test_case(Answered::Status(503, Some(Duration::from_secs(2))), 2 => Next::Again(Duration::from_secs(300)); "the longer pause counts")]
    #[test_case(Answered::Status(503, Some(Duration::from_secs(9_999_999))), 1 => Next::Again(LONGEST_PAUSE))]
    fn rule_plt_06_what_comes_after_an_attempt(answered: Answered, attempt: i64) -> Next {
        after(answered, attempt, &PAUSES, 0.5)
    }

    /// The vector of the specification.
    #[test]
    fn rule_plt_06_the_signature_of_the_specification() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = signatures(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test_case(&[], "order.placed" => true; "no filter takes all")]
    #[test_case(&["order.*"], "order.placed" => true)]
    #[test_case(&["order.*"], "order_line.placed" => false)]
    #[test_case(&["refund.credited", "order.placed"], "order.placed" => true)]
    #[test_case(&["refund.credited"], "order.placed" => false)]
    #[test_case(&["*"], "webhook_endpoint.tested" => false; "a test goes to one alone")]
    fn who_is_told(filter: &[&str], event_type: &str) -> bool {
        wants(&filter.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), event_type)
    }

    #[test]
    fn an_unknown_type_names_the_nearest() {
        let faults = event_types(&["order.placd".to_owned(), "order.*".to_owned()]);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].context["nearest"], "order.placed");
    }
}
