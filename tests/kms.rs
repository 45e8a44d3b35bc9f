//! The plan of moving from KMS to MAK: urgency, dates and script lines, of very many devices (SWK-07).

use lonja_tests::{Actor, Backend, House, Reply, Shop};
use serde_json::{Value, json};
use std::fmt::Write;
use test_case::test_case;

async fn plan(actor: &Actor, file: &str) -> Reply {
    let headers = [("content-type", "text/csv")];
    actor.send(reqwest::Method::POST, "/v1/kms-migration-plans", &headers, Some(file.to_owned())).await
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_07_a_plan_tells_by_when_each_device_needs_its_mak(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2030-07-01T00:00:00Z").await;
    let shop = Shop::open(&house).await;
    let file = "lastActivated;device\n2030-05-01T12:00:00Z;CAJA-03\n2030-01-02;CAJA-01\n2030-01-02T00:00:01Z;CAJA-02\n\
        ayer;CAJA-04\n2030-05-01;x & calc\n";
    let reply = plan(&shop.seller, file).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let answer = reply.json();
    let devices: Vec<_> = answer["items"].as_array().unwrap().iter().collect();
    let told = |name: &str| devices.iter().map(|device| device[name].clone()).collect::<Vec<Value>>();
    assert_eq!(told("device"), ["CAJA-01", "CAJA-02", "CAJA-03"]);
    assert_eq!(told("urgency"), ["late", "urgent", "later"]);
    assert_eq!(told("dueAt"), ["2030-07-01T00:00:00Z", "2030-07-01T00:00:01Z", "2030-10-28T12:00:00Z"]);
    assert_eq!(told("line"), [3, 4, 2]);
    assert_eq!(
        devices[0]["script"],
        json!([
            "cscript //nologo %SystemRoot%\\System32\\slmgr.vbs CAJA-01 /ipk %MAK%",
            "cscript //nologo %SystemRoot%\\System32\\slmgr.vbs CAJA-01 /ato",
        ])
    );
    let refused: Vec<_> =
        answer["refused"].as_array().unwrap().iter().map(|line| (&line["line"], &line["code"])).collect();
    assert_eq!(refused, [(&json!(5), &json!("instant_invalid")), (&json!(6), &json!("device_name_invalid"))]);
    assert_eq!([&answer["devices"], &answer["late"], &answer["refusedTotal"]], [&json!(3), &json!(1), &json!(2)]);
    // Customers plan for themselves; nothing is kept.
    let customer = house.customer(&shop.customer.id).await;
    assert_eq!(plan(&customer, file).await.text, reply.text);
    assert_eq!(house.count("SELECT count(*) FROM audit_records WHERE operation = 'plan_kms_migration'").await, 0);
    let empty = plan(&shop.seller, "device,lastActivated\n").await.json();
    assert_eq!((&empty["devices"], &empty["items"]), (&json!(0), &json!([])));
    assert_eq!(plan(&shop.seller, "").await.code(), "csv_heading_missing");
    let wrong = shop.seller.send(reqwest::Method::POST, "/v1/kms-migration-plans", &[], Some("{}".to_owned())).await;
    assert_eq!(wrong.status, 415);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[tokio::test]
async fn rule_swk_07_a_hundred_thousand_devices_in_the_order_of_their_urgency(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2030-07-01T00:00:00Z").await;
    let shop = Shop::open(&house).await;
    let mut file = String::from("device,lastActivated\n");
    for number in 0..100_000_u32 {
        let (day, minute) = (number * 7919 % 180, number % 60);
        let at = chrono::NaiveDate::from_ymd_opt(2030, 1, 1).unwrap() + chrono::Days::new(day.into());
        writeln!(file, "PC-{number:06},{at}T08:{minute:02}:00Z").unwrap();
    }
    let peak = || -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let (began, before) = (std::time::Instant::now(), peak());
    let reply = plan(&shop.seller, &file).await;
    println!(
        "{} KiB in, {} KiB out, {:?}, peak {} KiB more",
        file.len() / 1024,
        reply.text.len() / 1024,
        began.elapsed(),
        peak() - before
    );
    let answer = reply.json();
    assert_eq!((&answer["devices"], &answer["refusedTotal"]), (&json!(100_000), &json!(0)));
    let due: Vec<&str> =
        answer["items"].as_array().unwrap().iter().map(|item| item["dueAt"].as_str().unwrap()).collect();
    assert!(due.len() == 100_000 && due.is_sorted());
}
