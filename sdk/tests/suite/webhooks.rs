//! Webhooks (D8), by the vectors of Standard Webhooks and by signatures that its own library makes.

use lonja_sdk::{
    Webhook, WebhookError,
    reqwest::header::{HeaderMap, HeaderName, HeaderValue},
    types::EventType,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const BODY: &str = r#"{"data":{"id":"ref_1","partnerId":null,"new":1},"id":"evt_1","timestamp":"2026-03-06T10:00:00Z","type":"refund.credited"}"#;

fn headers(id: &str, timestamp: &str, signature: &str) -> HeaderMap {
    let pairs = [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)];
    pairs
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "deliveries are judged by this machine's clock")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn secret(byte: u8) -> String {
    use base64::Engine;
    format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode([byte; 24]))
}

/// What the standard's own library signs.
fn signed(secret: &str, id: &str, timestamp: u64, body: &str) -> String {
    standardwebhooks::Webhook::new(secret).unwrap().sign(id, timestamp as i64, body.as_bytes()).unwrap()
}

#[test]
fn d8_the_vectors_of_the_standard_are_genuine() {
    // (secret, id, timestamp, body, signature): from the reference libraries and the specification of Standard Webhooks.
    for (secret, id, timestamp, body, signature) in [
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            r#"{"test": 2432232314}"#,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            r#"{"test": 2432232314}"#,
            "v1,AAAA v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ] {
        let webhook = Webhook::new(secret).unwrap();
        let then = UNIX_EPOCH + Duration::from_secs(timestamp);
        let told = webhook.verify_at(&headers(id, &timestamp.to_string(), signature), body, then);
        // The vectors' bodies are genuine, but no events of ours.
        assert!(matches!(told, Err(WebhookError::Body(_))), "{told:?}");
        assert!(!format!("{told:?}").contains("missing field"), "{told:?}");
    }
}

#[test]
fn d8_a_genuine_delivery_is_a_typed_event() {
    let webhook = Webhook::new(secret(7)).unwrap();
    let signature = signed(&secret(7), "evt_1", now(), BODY);
    let event = webhook.verify(&headers("evt_1", &now().to_string(), &signature), BODY).unwrap();
    assert_eq!(
        (event.kind(), event.id.as_str(), event.data.id.as_str()),
        (EventType::RefundCredited, "evt_1", "ref_1")
    );
    assert_eq!(webhook.verify_parts("evt_1", &now().to_string(), &signature, BODY).unwrap(), event);

    let newer = BODY.replace("refund.credited", "refund.teleported");
    let signature = signed(&secret(7), "evt_1", now(), &newer);
    let event = webhook.verify(&headers("evt_1", &now().to_string(), &signature), &newer).unwrap();
    assert_eq!(event.kind(), EventType::Unknown("refund.teleported".into()));
}

#[test]
fn d8_what_was_tampered_with_is_refused() {
    let webhook = Webhook::new(secret(7)).unwrap();
    let time = now().to_string();
    let good = signed(&secret(7), "evt_1", now(), BODY);
    let refused = |id: &str, timestamp: &str, signature: &str, body: &[u8]| {
        webhook.verify(&headers(id, timestamp, signature), body).unwrap_err()
    };
    // Every byte of the body, and of the signature.
    for index in 0..BODY.len() {
        let mut body = BODY.as_bytes().to_vec();
        body[index] ^= 1;
        assert!(matches!(refused("evt_1", &time, &good, &body), WebhookError::Signature), "{index}");
    }
    for index in 3..good.len() - 1 {
        let mut signature = good.clone().into_bytes();
        signature[index] = if signature[index] == b'A' { b'B' } else { b'A' };
        let signature = String::from_utf8(signature).unwrap();
        assert!(matches!(refused("evt_1", &time, &signature, BODY.as_bytes()), WebhookError::Signature), "{index}");
    }
    let other = signed(&secret(8), "evt_1", now(), BODY);
    let bare = good.trim_start_matches("v1,");
    for (id, signature) in [
        ("evt_2", good.as_str()),
        ("evt_1", other.as_str()),
        ("evt_1", ""),
        ("evt_1", "v1,"),
        ("evt_1", "v1"),
        ("evt_1", bare),
        ("evt_1", &format!("v1a,{bare}")),
        ("evt_1", &format!("v2,{bare}")),
        ("evt_1", &good.replace(',', "=")),
        ("evt_1", good.strip_suffix("=").unwrap()),
        ("evt_1", &format!("{good}AAAA")),
    ] {
        assert!(matches!(refused(id, &time, signature, BODY.as_bytes()), WebhookError::Signature), "{id} {signature}");
    }
    for body in ["", " ", &format!("{BODY} "), &BODY.replace("ref_1", "ref_2")] {
        assert!(matches!(refused("evt_1", &time, &good, body.as_bytes()), WebhookError::Signature), "{body}");
    }
    // A point moved from the id into the time signs the same bytes elsewhere; the time is then none.
    assert!(matches!(refused("evt", &format!("1.{time}"), &good, BODY.as_bytes()), WebhookError::Header(_)));
}

#[test]
fn d8_only_what_was_sent_just_now_is_taken() {
    let webhook = Webhook::new(secret(7)).unwrap();
    let sent = 1_795_250_000;
    let headers = headers("evt_1", &sent.to_string(), &signed(&secret(7), "evt_1", sent, BODY));
    let at = |seconds: u64| webhook.verify_at(&headers, BODY, UNIX_EPOCH + Duration::from_secs(seconds));
    // Two minutes is what clocks are off.
    for good in [sent - 300, sent - 120, sent, sent + 120, sent + 300] {
        at(good).unwrap();
    }
    for bad in [0, sent - 301, sent + 301, sent + 86_400] {
        assert!(matches!(at(bad), Err(WebhookError::Time)), "{bad}");
    }
    let strict = webhook.clone().tolerance(Duration::from_secs(10));
    assert!(strict.verify_at(&headers, BODY, UNIX_EPOCH + Duration::from_secs(sent + 11)).is_err());
    for text in ["", "-1", "1e9", "soon", "99999999999999999999"] {
        let told = webhook.verify_parts("evt_1", text, "v1,AAAA", BODY);
        assert!(matches!(told, Err(WebhookError::Header("webhook-timestamp"))), "{text}: {told:?}");
    }
    let told = webhook.verify_parts("evt_1", &u64::MAX.to_string(), "v1,AAAA", BODY);
    assert!(matches!(told, Err(WebhookError::Time)), "{told:?}");
}

#[test]
fn d8_while_a_secret_is_rotated_the_old_and_the_new_are_good() {
    let webhook = Webhook::new(secret(7)).unwrap().or(secret(8)).unwrap();
    let time = now();
    for signature in [
        signed(&secret(7), "evt_1", time, BODY),
        signed(&secret(8), "evt_1", time, BODY),
        format!("{} {}", signed(&secret(9), "evt_1", time, BODY), signed(&secret(8), "evt_1", time, BODY)),
    ] {
        webhook.verify(&headers("evt_1", &time.to_string(), &signature), BODY).unwrap();
    }
    let signature = signed(&secret(9), "evt_1", time, BODY);
    assert!(webhook.verify(&headers("evt_1", &time.to_string(), &signature), BODY).is_err());
}

#[test]
fn d8_a_header_that_is_missing_and_a_secret_that_is_none_are_told() {
    let webhook = Webhook::new(secret(7)).unwrap();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut headers = headers("evt_1", &now().to_string(), "v1,AAAA");
        headers.remove(name);
        assert!(matches!(webhook.verify(&headers, BODY), Err(WebhookError::Header(missing)) if missing == name));
        headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(b"\xff").unwrap());
        assert!(matches!(webhook.verify(&headers, BODY), Err(WebhookError::Header(missing)) if missing == name));
    }
    for text in ["", "whsec_", "whsec_!", "whsec_AAAA"] {
        assert!(matches!(Webhook::new(text), Err(WebhookError::Secret)), "{text}");
    }
    assert!(!format!("{webhook:?}").contains(secret(7).trim_start_matches("whsec_")));
}
