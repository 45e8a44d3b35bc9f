//! The rules of links, as tables.

use super::*;
use chrono::{NaiveDateTime, TimeDelta};
use test_case::test_case;

const NOON: &str = "2026-11-21T12:00:00Z";

fn noon() -> Instant {
    NOON.parse().unwrap()
}

fn invitation(state: InvitationState, expires_at: NaiveDateTime) -> InvitationRow {
    InvitationRow {
        id: String::new(),
        link_id: String::new(),
        purpose: InvitationPurpose::NewLink,
        state,
        digest: String::new(),
        email: String::new(),
        message: None,
        created_at: noon().naive_utc(),
        expires_at,
        answered_at: None,
        answered_by: None,
        consent_version: None,
        consent_language: None,
        consent_text: None,
    }
}

#[test]
fn rule_lnk_10_what_was_sold_goes_on_after_the_end_and_nothing_new_is_sold() {
    use Dealing::{Keys, NewOrder, Refund, Renewal, SeatDecrease, SeatIncrease, Upgrade};
    let refused = |state| -> Vec<Dealing> {
        Dealing::ALL.into_iter().filter(|dealing| allows(state, *dealing).is_some()).collect()
    };
    assert_eq!(refused(Some(LinkState::Active)), []);
    assert_eq!(refused(Some(LinkState::Ended)), [NewOrder, SeatIncrease, Upgrade]);
    let all = [NewOrder, SeatIncrease, Upgrade, Renewal, SeatDecrease, Keys, Refund];
    for never in [LinkState::Invited, LinkState::Declined, LinkState::Cancelled, LinkState::Expired] {
        assert_eq!(refused(Some(never)), all, "{never:?}");
    }
    assert_eq!(refused(None), all);
    let fault = allows(Some(LinkState::Ended), NewOrder).unwrap();
    assert_eq!((fault.code, &fault.context["state"]), (Code::LinkNotActive, &"ended".into()));
}

#[test_case(&["a"], None, Ok("a"); "the only one")]
#[test_case(&["a"], Some("a"), Ok("a"); "the only one, named")]
#[test_case(&["a", "b"], Some("b"), Ok("b"); "one of two, named")]
#[test_case(&["a", "b"], None, Err(Code::ProviderRequired); "two and none named")]
#[test_case(&["a", "b"], Some("c"), Err(Code::LinkNotActive); "one that is not linked")]
#[test_case(&[], None, Err(Code::LinkNotActive); "none")]
#[test_case(&[], Some("a"), Err(Code::LinkNotActive); "none, and one named")]
fn rule_lnk_11_a_reseller_of_several_providers_names_one(live: &[&str], named: Option<&str>, told: Result<&str, Code>) {
    let live: Vec<String> = live.iter().map(|id| (*id).to_owned()).collect();
    let chosen = choose_provider(&live, named, "/providerId");
    if let Err(fault) = &chosen {
        assert_eq!(fault.pointer, "/providerId");
    }
    assert_eq!(chosen.map_err(|fault| fault.code), told);
}

#[test_case(InvitationState::Pending, 1, None; "the last microsecond")]
#[test_case(InvitationState::Pending, 0, Some(Code::InvitationExpired); "the instant of its end")]
#[test_case(InvitationState::Expired, 1, Some(Code::InvitationExpired); "found to be expired")]
#[test_case(InvitationState::Accepted, 1, Some(Code::InvitationAlreadyUsed); "used")]
#[test_case(InvitationState::Accepted, -1, Some(Code::InvitationAlreadyUsed); "used, and late")]
#[test_case(InvitationState::Declined, 1, Some(Code::InvitationDeclined); "declined")]
#[test_case(InvitationState::Cancelled, -1, Some(Code::InvitationCancelled); "cancelled")]
fn rule_lnk_12_every_late_use_says_which(state: InvitationState, left: i64, told: Option<Code>) {
    let expires_at = noon().naive_utc() + TimeDelta::microseconds(left);
    assert_eq!(answerable(&invitation(state, expires_at), noon()).map(|fault| fault.code), told);
}

#[test_case(true, None, None; "consents")]
#[test_case(true, Some("2"), None; "has read the text in force")]
#[test_case(true, Some("1"), Some("/consentVersion"); "has read an older text")]
#[test_case(false, None, Some("/consent"); "does not consent")]
#[test_case(false, Some("2"), Some("/consent"); "has read it and does not consent")]
fn rule_lnk_02_consent_is_to_the_text_in_force(consent: bool, read: Option<&str>, told: Option<&str>) {
    let fault = consents(consent, read, "2");
    assert_eq!(fault.as_ref().map(|fault| fault.pointer.as_str()), told);
    assert!(fault.is_none_or(|fault| fault.code == Code::ConsentRequired));
}
