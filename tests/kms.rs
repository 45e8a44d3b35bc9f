//! The plan of moving from KMS to MAK: urgency, dates and script lines, of very many devices (SWK-07).

use lonja_tests::command::Lonja;
use lonja_tests::{Actor, Backend, House, Reply, Shop, database};
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
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_07_a_hundred_thousand_devices_in_bounded_memory(backend: Backend) {
    let directory = tempfile::tempdir().unwrap();
    let url = database::empty(backend, directory.path()).await.unwrap();
    let lonja = Lonja::sandbox(directory.path(), &url).with("LONJA_LOG_FORMAT", "json");
    let seed = lonja.run(&["sandbox", "seed"]).await.json();
    let server = lonja.serve().await;
    let clients = seed["clients"].as_array().unwrap();
    let client = clients.iter().find(|client| client["name"] == "directBill").unwrap();
    let [id, secret] = ["clientId", "clientSecret"].map(|name| client[name].as_str().unwrap());
    let seller = Actor::new(&server.url, &reqwest::Client::builder().build().unwrap(), id, secret, None);
    let mut file = String::from("device,lastActivated\n");
    for number in 0..100_000_u32 {
        let (day, minute) = (number * 7919 % 180, number % 60);
        let at = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + chrono::Days::new(day.into());
        writeln!(file, "PC-{number:06},{at}T08:{minute:02}:00Z").unwrap();
    }
    // What the first request of all costs is not the plan's.
    assert_eq!(plan(&seller, "device,lastActivated\nPC-1,2020-01-01\n").await.status, 200);
    let before = server.peak_memory();
    let asked = seller.lonja.plan_kms_migration(&file).timeout(std::time::Duration::from_secs(120));
    let answer = json!(asked.await.unwrap());
    let (more, size) = (server.peak_memory() - before, answer.to_string().len());
    println!("{} KiB in, {} KiB out, {} KiB more", file.len() / 1024, size / 1024, more / 1024);
    assert_eq!((&answer["devices"], &answer["refusedTotal"]), (&json!(100_000), &json!(0)));
    let due = |item: &Value| item["dueAt"].as_str().unwrap().to_owned();
    let due: Vec<String> = answer["items"].as_array().unwrap().iter().map(due).collect();
    assert!(due.len() == 100_000 && due.is_sorted());
    // The answer alone is larger.
    assert!(more < 24 * 1024 * 1024 && size > 24 * 1024 * 1024, "{more} bytes more");
    server.terminate().await;
    database::remove(&url).await.unwrap();
}
