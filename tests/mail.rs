//! Mail goes out by SMTP, or into files in a sandbox; what cannot go now is tried again, what can never go is told.
//! The mail server is a real one (aiosmtpd).

use lonja::db::write::Actor as Hand;
use lonja::jobs;
use lonja::mail::{self, Mail};
use lonja::profiles::PreferredLanguage;
use lonja_tests::command::Lonja;
use lonja_tests::mail_server::{MailServer, Speaks};
use lonja_tests::{Backend, House};
use serde_json::{Value, json};
use test_case::test_case;

const LINK: &str = "https://lonja.example/verify-email/A1b2-C3d4_E5f6A1b2C3d4E5f6A1b2C3d4E5f6A1b2C3d4";

async fn send_to(house: &House, to: &str, language: PreferredLanguage, company: &str) {
    let mail = Mail::new("mail_email_verification", to, language)
        .with("company", company)
        .with("until", "2030-03-01")
        .link(LINK.to_owned().into());
    house.state.write(&Hand::house("test"), async |tx| mail::send(tx, &mail).await).await.unwrap();
}

fn lonja(house: &House, settings: &str) -> Lonja {
    let file = house.directory.path().join("mail.toml");
    std::fs::write(&file, settings).unwrap();
    Lonja::sandbox(house.directory.path(), &house.database_url)
        .with("LONJA_DATA_DIR", &house.directory.path().display().to_string())
        .with("LONJA_CONFIG", &file.display().to_string())
}

async fn jobs_in(house: &House, state: &str) -> Vec<Value> {
    let listed = lonja(house, "").run(&["jobs", "list", "--state", state, "--json"]).await.json();
    listed.as_array().unwrap().clone()
}

/// The mail that the sandbox shows for an address.
async fn shown(house: &House, to: &str) -> Value {
    let url = format!("{}/v1/sandbox/emails?to={to}", house.url);
    let page: Value = house.http().get(url).send().await.unwrap().json().await.unwrap();
    page["items"][0].clone()
}

#[test_case(Backend::Sqlite, Speaks::StartTls; "sqlite, starttls")]
#[test_case(Backend::Postgres, Speaks::Tls; "postgres, tls")]
#[test_case(Backend::Sqlite, Speaks::Plain; "sqlite, in the clear")]
#[tokio::test]
async fn a_mail_arrives_whole_in_the_readers_language(backend: Backend, speaks: Speaks) {
    let mut server = MailServer::open(speaks);
    let house = House::open_with(backend, &server.settings).await;
    let company = "Panadería Ñandú & Søn <b>株式会社</b>\r\nBcc: everybody@abasteo.example";
    send_to(&house, "lucia@panaderiasol.example", PreferredLanguage::Spanish, company).await;
    assert_eq!(shown(&house, "lucia@panaderiasol.example").await["state"], "waiting");
    jobs::run_due(&house.state).await.unwrap();
    let mail = server.next().await;
    assert_eq!(mail["to"], json!(["lucia@panaderiasol.example"]), "whatever a company is called");
    assert_eq!(mail["from"], "Abasteo <no-reply@abasteo.example>");
    let subject = "Confirme su dirección para Panadería Ñandú & Søn <b>株式会社</b> Bcc: everybody@abasteo.example";
    assert_eq!(mail["subject"], subject);
    let id = mail["messageId"].as_str().unwrap();
    assert!(id.starts_with('<') && id.ends_with("@abasteo.example>"), "{id}");
    let [text, html] = ["text", "html"].map(|part| mail[part].as_str().unwrap().replace("\r\n", "\n"));
    assert!(text.contains("Confirmar la dirección:\n") && text.contains(&format!("\n{LINK}\n")));
    assert!(text.contains("<b>株式会社</b>"), "plain text is not escaped: {text}");
    assert!(html.contains(&format!("href=\"{LINK}\"")) && html.contains("<html lang=\"es\">"), "{html}");
    assert!(!html.contains("<b>") && html.contains("Ñandú"), "what somebody is called is no markup: {html}");
    let expected = if speaks == Speaks::Plain { json!([false, null]) } else { json!([true, "lonja"]) };
    assert_eq!(json!([mail["encrypted"], mail["login"]]), expected);
    assert_eq!(shown(&house, "lucia@panaderiasol.example").await["state"], "sent");
    jobs::run_due(&house.state).await.unwrap();
    assert!(server.is_empty(), "it is sent once");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_mail_that_cannot_go_is_tried_again_or_told_to_the_operator(backend: Backend) {
    let mut server = MailServer::open(Speaks::Plain);
    let house = House::open_with(backend, &server.settings).await;
    send_to(&house, "refused@panaderiasol.example", PreferredLanguage::English, "Sol").await;
    send_to(&house, "later@panaderiasol.example", PreferredLanguage::English, "Sol").await;
    jobs::run_due(&house.state).await.unwrap();
    assert!(server.is_empty());
    // For ever refused: dead at once, with the server's words; the words of the mail stay, so that it can be requeued.
    let dead = jobs_in(&house, "dead").await;
    assert!(dead.len() == 1 && dead[0]["lastError"].as_str().unwrap().contains("no such mailbox"), "{dead:?}");
    let refused = shown(&house, "refused@panaderiasol.example").await;
    assert_eq!((&refused["state"], &refused["subject"]), (&json!("failed"), &json!("Confirm your address for Sol")));
    // Not now: in a minute.
    let waiting = jobs_in(&house, "waiting").await;
    assert!(waiting.len() == 1 && waiting[0]["lastError"].as_str().unwrap().contains("Try again later"), "{waiting:?}");
    let due: lonja::clock::Instant = waiting[0]["dueAt"].as_str().unwrap().parse().unwrap();
    let pause = (due - lonja::clock::machine_now()).num_seconds();
    assert!((1..=60).contains(&pause), "{pause}");

    // A server that is away: the same.
    server.close();
    send_to(&house, "lucia@panaderiasol.example", PreferredLanguage::English, "Sol").await;
    jobs::run_due(&house.state).await.unwrap();
    assert_eq!(jobs_in(&house, "waiting").await.len(), 2);
}

#[tokio::test]
async fn mail_without_trust_does_not_go() {
    let mut server = MailServer::open(Speaks::StartTls);
    let without_authority = server.settings.replace("ca_file", "#");
    let house = House::open_with(Backend::Sqlite, &without_authority).await;
    send_to(&house, "lucia@panaderiasol.example", PreferredLanguage::English, "Sol").await;
    jobs::run_due(&house.state).await.unwrap();
    assert!(server.is_empty());
    let waiting = jobs_in(&house, "waiting").await;
    assert!(waiting[0]["lastError"].as_str().unwrap().contains("certificate"), "{waiting:?}");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn in_a_sandbox_without_a_mail_server_mail_is_files(backend: Backend) {
    let house = House::open(backend).await;
    send_to(&house, "lucia@panaderiasol.example", PreferredLanguage::English, "Sol").await;
    let sealed = house.texts("SELECT sealed AS text FROM emails").await;
    assert!(!sealed[0].is_empty() && !sealed[0].contains("Confirm"), "no link lies open in the database: {sealed:?}");
    jobs::run_due(&house.state).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(house.directory.path().join("mail")).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(files[0].path()).unwrap();
    assert!(text.contains("To: lucia@panaderiasol.example") && text.contains("multipart/alternative"), "{text}");
    let mail = shown(&house, "lucia@panaderiasol.example").await;
    assert!(mail["state"] == "sent" && mail["text"].as_str().unwrap().contains(LINK), "{mail}");
}

/// Mail settings that would not do are refused at the start, all of them at once, and the password is not repeated.
#[tokio::test]
async fn mail_settings_are_checked_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    for (settings, told) in [
        ("smtp_url = \"smtp://u:hunter2@mail.example\"", "in the clear"),
        ("smtp_url = \"http://u:hunter2@mail.example\"", "`mail.smtp_url` is no address"),
        ("smtp_url = \"smtps://u:hunter2@mail.example\"\nca_file = \"/nowhere.pem\"", "`mail.ca_file`"),
        ("from = \"nobody\"", "`mail.from` is no sender"),
    ] {
        let file = directory.path().join("lonja.toml");
        std::fs::write(&file, format!("[mail]\n{settings}\n")).unwrap();
        let ran = Lonja::bare(directory.path()).run(&["config"]).await;
        assert!(ran.code == 78 && ran.stderr.contains(told), "{settings}: {ran:?}");
        assert!(!ran.stderr.contains("hunter2") && !ran.stdout.contains("hunter2"), "{ran:?}");
    }
    for fitting in ["smtps://u:hunter2@mail.example", "smtp://mail.example?tls=required", "smtp://127.0.0.1:25"] {
        let ran = Lonja::bare(directory.path()).with("LONJA_MAIL_SMTP_URL", fitting);
        std::fs::remove_file(directory.path().join("lonja.toml")).ok();
        let ran = ran.run(&["config"]).await;
        assert!(ran.code == 0 && !ran.stdout.contains("hunter2"), "{fitting}: {ran:?}");
    }
}
