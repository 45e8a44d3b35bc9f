//! Which plan suits whom (CAT-07), by the table of a sales guide; and which profiles the signals tell (CAT-09).

use super::model::{ItNeeds, RecommendPlan};
use crate::catalog::file::{GuideSize, SalesGuide, SalesProfile, Want};
use crate::catalog::reasons::Because;
use crate::error::{Code, Fault};

/// The column of the table, and why: few users *and* basic needs, and no plan to grow.
pub fn size(guide: &SalesGuide, asked: &RecommendPlan) -> (GuideSize, Vec<Because>) {
    let few = asked.users <= guide.small_up_to;
    let users = Because::of(if few { "few_users" } else { "many_users" });
    let mut reasons = vec![users.with("users", asked.users).with("limit", guide.small_up_to)];
    reasons.extend(asked.growing.then(|| Because::of("growing")));
    let basic = asked.it_needs == ItNeeds::Basic;
    reasons.push(Because::of(if basic { "basic_it" } else { "advanced_it" }));
    let small = few && basic && !asked.growing;
    (if small { GuideSize::Small } else { GuideSize::Large }, reasons)
}

/// Why the row was taken.
pub fn wants(want: Want) -> Because {
    Because::of(match want {
        Want::Mail => "wants_mail",
        Want::DesktopApps => "wants_desktop_apps",
        Want::BothOrOther => "wants_both_or_other",
    })
}

/// The plan in this cell of the table.
pub fn plan(guide: &SalesGuide, size: GuideSize, want: Want) -> Option<&str> {
    let cell = guide.recommendations.iter().find(|row| row.size == size && row.want == want);
    cell.map(|row| row.product_id.as_str())
}

/// The profiles that these signals tell, each with the signals, those with most first.
pub fn profiles<'a>(
    guide: &'a SalesGuide,
    signals: &[String],
) -> Result<Vec<(&'a SalesProfile, Vec<&'a str>)>, Vec<Fault>> {
    let known = |signal: &str| guide.profiles.iter().any(|profile| profile.signals.contains_key(signal));
    let unknown = |(index, signal): (usize, &String)| {
        let names: Vec<&String> = guide.profiles.iter().flat_map(|profile| profile.signals.keys()).collect();
        let fault = || {
            let at = format!("/signals/{index}");
            Fault::at(at, Code::SignalUnknown).with("signal", signal).with("allowed", names)
        };
        (!known(signal)).then(fault)
    };
    let faults: Vec<Fault> = signals.iter().enumerate().filter_map(unknown).collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let told = |profile: &'a SalesProfile| {
        let told = profile.signals.keys().map(String::as_str);
        (profile, told.filter(|signal| signals.iter().any(|given| given == signal)).collect::<Vec<_>>())
    };
    let mut matched: Vec<_> = guide.profiles.iter().map(told).filter(|(_, told)| !told.is_empty()).collect();
    matched.sort_by_key(|(_, told)| std::cmp::Reverse(told.len()));
    Ok(matched)
}
