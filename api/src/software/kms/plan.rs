//! The plan: pure arithmetic over the lines of a file. It keeps a name and three numbers of each device, so that its size
//! is bounded by that of the file.

use super::model::{KmsDevice, KmsMigrationPlan, KmsUrgency};
use crate::clock::Instant;
use crate::software::RefusedLine;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta};
use serde::Deserialize;

/// What stands for the key.
pub const PLACEHOLDER: &str = "%MAK%";
/// The most lines that an answer names.
const MOST_REFUSED: usize = 1000;
/// For how long an activation against KMS lasts (SWK-07).
const LASTS: TimeDelta = TimeDelta::hours(180 * 24);
const LONGEST_NAME: usize = 255;

#[derive(Deserialize)]
struct Line<'a> {
    device: &'a str,
    #[serde(rename = "lastActivated")]
    last_activated: &'a str,
}

/// A device: where its name stands in the names, and its last activation in seconds.
#[derive(Clone, Copy)]
struct Device {
    activated: i64,
    name: u32,
    length: u32,
    line: u32,
}

/// A plan.
pub struct Plan {
    now: Instant,
    names: String,
    devices: Vec<Device>,
    late: usize,
    refused: Vec<RefusedLine>,
    refused_total: usize,
}

impl Plan {
    /// Makes the plan of a file.
    pub fn of(file: &[u8], separator: u8, now: Instant) -> Self {
        let mut plan =
            Self { now, names: String::new(), devices: Vec::new(), late: 0, refused: Vec::new(), refused_total: 0 };
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).trim(csv::Trim::All).from_reader(file);
        let headers = reader.headers().cloned().unwrap_or_default();
        let mut record = csv::StringRecord::new();
        loop {
            let read = reader.read_record(&mut record);
            let line = match &read {
                Err(error) => error.position().map_or(0, csv::Position::line),
                Ok(_) => record.position().map_or(0, csv::Position::line),
            };
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            match read {
                Ok(false) => break,
                Ok(true) => match record.deserialize::<Line<'_>>(Some(&headers)) {
                    Ok(fields) => plan.take(&fields, line),
                    Err(_malformed) => plan.refuse(line, "line_malformed", NOT_THE_HEADING),
                },
                Err(error) if error.is_io_error() => break,
                Err(_malformed) => plan.refuse(line, "line_malformed", NOT_THE_HEADING),
            }
        }
        plan.sort();
        plan
    }

    fn take(&mut self, fields: &Line<'_>, line: u32) {
        if !is_name(fields.device) {
            return self.refuse(line, "device_name_invalid", "a device's name has letters, digits, `-`, `_` and dots");
        }
        let Some(activated) = instant(fields.last_activated) else {
            let why = "an instant is written such as 2026-03-01T08:30:00Z, or as a day, such as 2026-03-01";
            return self.refuse(line, "instant_invalid", why);
        };
        if activated > self.now {
            return self.refuse(line, "instant_in_future", "the last activation is later than now");
        }
        let (Ok(name), Ok(length)) = (u32::try_from(self.names.len()), u32::try_from(fields.device.len())) else {
            return self.refuse(line, "line_malformed", NOT_THE_HEADING);
        };
        self.names.push_str(fields.device);
        self.devices.push(Device { activated: activated.timestamp(), name, length, line });
    }

    /// Of a device that stands there twice the latest activation counts; then the most urgent come first.
    fn sort(&mut self) {
        let mut devices = std::mem::take(&mut self.devices);
        let name = |device: &Device| name_in(&self.names, device);
        devices.sort_unstable_by(|one, other| {
            let names = compare(name(one), name(other));
            names.then(other.activated.cmp(&one.activated)).then(one.line.cmp(&other.line))
        });
        let mut repeated = Vec::new();
        devices.dedup_by(|later, kept| {
            let is_same = compare(name(later), name(kept)).is_eq();
            if is_same {
                repeated.push((later.line, kept.line));
            }
            is_same
        });
        devices.sort_unstable_by(|one, other| {
            one.activated.cmp(&other.activated).then_with(|| compare(name(one), name(other)))
        });
        for (line, kept) in repeated {
            self.refuse(line, "device_repeated", format!("line {kept} tells a later activation of the same device"));
        }
        self.late = devices.iter().filter(|device| due(device) <= self.now).count();
        self.devices = devices;
        self.refused.sort_by_key(|refused| refused.line);
    }

    fn refuse(&mut self, line: u32, code: &'static str, detail: impl Into<String>) {
        self.refused_total += 1;
        if self.refused.len() < MOST_REFUSED {
            self.refused.push(RefusedLine { line: line.into(), code, detail: detail.into() });
        }
    }

    /// How many devices there are.
    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// Everything but the devices.
    pub fn head(&mut self) -> KmsMigrationPlan<'static> {
        KmsMigrationPlan {
            evaluated_at: self.now,
            devices: self.devices.len(),
            late: self.late,
            placeholder: PLACEHOLDER,
            refused: std::mem::take(&mut self.refused),
            refused_total: self.refused_total,
            items: Vec::new(),
        }
    }

    /// Some of the devices.
    pub fn some(&self, from: usize, count: usize) -> impl Iterator<Item = KmsDevice<'_>> {
        self.devices.iter().skip(from).take(count).map(|device| {
            let (name, due_at) = (name_in(&self.names, device), due(device));
            let slmgr = format!("cscript //nologo %SystemRoot%\\System32\\slmgr.vbs {name}");
            KmsDevice {
                device: name,
                line: device.line,
                last_activated_at: activated(device),
                due_at,
                urgency: urgency(due_at, self.now),
                script: [format!("{slmgr} /ipk {PLACEHOLDER}"), format!("{slmgr} /ato")],
            }
        })
    }
}

const NOT_THE_HEADING: &str = "the line does not have the columns of the heading, or is not UTF-8";

fn name_in<'a>(names: &'a str, device: &Device) -> &'a str {
    let (from, length) = (usize::try_from(device.name), usize::try_from(device.length));
    let (Ok(from), Ok(length)) = (from, length) else { return "" };
    names.get(from..from + length).unwrap_or_default()
}

/// Names are the same whatever their case.
fn compare(one: &str, other: &str) -> std::cmp::Ordering {
    let lower = |name: &'_ str| -> Vec<u8> { name.bytes().map(|byte| byte.to_ascii_lowercase()).collect() };
    match one.eq_ignore_ascii_case(other) {
        true => std::cmp::Ordering::Equal,
        false => lower(one).cmp(&lower(other)),
    }
}

fn activated(device: &Device) -> Instant {
    DateTime::from_timestamp(device.activated, 0).unwrap_or_default()
}

fn due(device: &Device) -> Instant {
    activated(device) + LASTS
}

fn urgency(due_at: Instant, now: Instant) -> KmsUrgency {
    match due_at - now {
        left if left <= TimeDelta::zero() => KmsUrgency::Late,
        left if left <= TimeDelta::days(7) => KmsUrgency::Urgent,
        left if left <= TimeDelta::days(30) => KmsUrgency::Soon,
        _ => KmsUrgency::Later,
    }
}

/// A name that is safe in a command line. It never begins with a dash.
fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=LONGEST_NAME).contains(&name.len())
        && name.chars().all(fits)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// An instant, cut to the second; a day counts from its beginning, which is the safe side.
fn instant(text: &str) -> Option<Instant> {
    let day = || Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc());
    let at = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()).or_else(day)?;
    // Years that no clock ever told would leave the calendar when the 180 days are added.
    let years = NaiveDate::from_ymd_opt(1990, 1, 1)?..NaiveDate::from_ymd_opt(9000, 1, 1)?;
    years.contains(&at.date_naive()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn plan(file: &str) -> Plan {
        Plan::of(file.as_bytes(), b',', "2030-07-01T00:00:00Z".parse().unwrap())
    }

    #[test_case("2030-01-02T00:00:01Z", KmsUrgency::Urgent, "2030-07-01T00:00:01+00:00"; "a second before")]
    #[test_case("2030-01-02T00:00:00Z", KmsUrgency::Late, "2030-07-01T00:00:00+00:00"; "at the instant it is late")]
    #[test_case("2030-01-02", KmsUrgency::Late, "2030-07-01T00:00:00+00:00"; "a day counts from its beginning")]
    #[test_case("2030-01-02T02:00:00+02:00", KmsUrgency::Late, "2030-07-01T00:00:00+00:00"; "another time zone")]
    #[test_case("2030-01-31T00:00:00Z", KmsUrgency::Soon, "2030-07-30T00:00:00+00:00"; "within thirty days")]
    #[test_case("2030-06-30T00:00:00Z", KmsUrgency::Later, "2030-12-27T00:00:00+00:00"; "later")]
    fn rule_swk_07_a_mak_must_be_in_180_days_after_the_last_activation(at: &str, urgency: KmsUrgency, due: &str) {
        let plan = plan(&format!("device,lastActivated\nCAJA-01,{at}\n"));
        let device = plan.some(0, 10).next().unwrap();
        assert_eq!((device.urgency, device.due_at.to_rfc3339().as_str()), (urgency, due));
    }

    #[test]
    fn rule_swk_07_errors_are_told_by_line_and_the_urgent_come_first() {
        let file = "device,lastActivated\nB,2030-05-01\nc,2030-01-01\nbad name,2030-01-01\nA,2030-05-01\n\
            D,soon\nE\nb,2030-06-01\nF,2031-01-01\n-x,2030-01-01\n\"G,2030-01-01\n";
        let mut plan = plan(file);
        let order: Vec<_> = plan.some(0, 10).map(|device| device.device.to_owned()).collect();
        assert_eq!(order, ["c", "A", "b"]);
        let head = plan.head();
        let refused: Vec<_> = head.refused.iter().map(|refused| (refused.line, refused.code)).collect();
        let expected = [
            (2, "device_repeated"),
            (4, "device_name_invalid"),
            (6, "instant_invalid"),
            (7, "line_malformed"),
            (9, "instant_in_future"),
            (10, "device_name_invalid"),
            (11, "line_malformed"),
        ];
        assert_eq!((refused.as_slice(), head.late), (expected.as_slice(), 1));
    }

    #[test]
    fn rule_swk_07_script_lines_hold_a_placeholder_and_nothing_that_runs() {
        let plan = plan("device,lastActivated\nCAJA-01,2030-05-01\n\"a&calc\",2030-05-01\n$(x),2030-05-01\n");
        let scripts: Vec<_> = plan.some(0, 10).map(|device| device.script).collect();
        let line = "cscript //nologo %SystemRoot%\\System32\\slmgr.vbs CAJA-01";
        assert_eq!(scripts, [[format!("{line} /ipk %MAK%"), format!("{line} /ato")]]);
    }
}
