//! The customer's answer: its page, which works without scripts and by keyboard alone, and the code that the MCA needs
//! (CUS-04, CUS-06).

use futures_util::future::join_all;
use lonja::partners::PartnerKind;
use lonja_tests::browser::{Browser, ENTER};
use lonja_tests::shop::{contact, new_customer};
use lonja_tests::{Actor, Backend, House};
use reqwest::Response;
use serde_json::{Value, json};
use test_case::test_case;

const CONTACT: &str = "lucia@panaderiasol.example";

/// Somebody who was sent a link.
struct Invited<'a> {
    house: &'a House,
    partner: Actor,
    request: String,
    token: String,
    http: reqwest::Client,
}

impl<'a> Invited<'a> {
    async fn of(house: &'a House, include_mca: bool) -> Self {
        let partner = house.partner(PartnerKind::IndirectReseller).await;
        let mut body = serde_json::to_value(new_customer()).unwrap();
        body["contact"] = serde_json::to_value(contact()).unwrap();
        body["includeMca"] = json!(include_mca);
        let made = partner.post("/v1/relationship-requests", &body).await.json();
        let token = made["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let request = made["id"].as_str().unwrap().to_owned();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { house, partner, request, token, http }
    }

    fn page(&self) -> String {
        format!("{}/accept/{}", self.house.url, self.token)
    }

    /// Loads the page: the proof in its form, and the browser's cookie.
    async fn load(&self) -> (String, String) {
        let page = self.http.get(self.page()).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let text = page.text().await.unwrap();
        let proof = text.split("name=\"proof\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        (proof.to_owned(), cookie)
    }

    async fn send(&self, cookie: &str, fields: &[(&str, &str)]) -> Response {
        self.http.post(self.page()).header("cookie", cookie).form(fields).send().await.unwrap()
    }

    async fn answer(&self, body: Value) -> (u16, Value) {
        let url = format!("{}/v1/acceptances/{}", self.house.url, self.token);
        let reply = self.http.post(url).header("user-agent", "Firefox/150").json(&body).send().await.unwrap();
        (reply.status().as_u16(), reply.json().await.unwrap())
    }

    async fn accept_with(&self, code: &str) -> (u16, String) {
        let mut body = json!({
            "decision": "accept", "firstName": "Lucía", "lastName": "Hernández", "title": "Directora general",
            "email": CONTACT, "agreesToMca": true,
        });
        if !code.is_empty() {
            body["code"] = json!(code);
        }
        let (status, answer) = self.answer(body).await;
        (status, answer["code"].as_str().unwrap_or_default().to_owned())
    }

    async fn send_code(&self) -> (u16, Value) {
        self.answer(json!({ "decision": "sendCode" })).await
    }

    /// The code of the latest mail.
    async fn mailed(&self) -> String {
        let url = format!("{}/v1/sandbox/emails?kind=mail_acceptance_code&to={CONTACT}", self.house.url);
        let mails: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        let subject = mails["items"].as_array().unwrap().last().unwrap()["subject"].as_str().unwrap().to_owned();
        subject.split(' ').next().unwrap().to_owned()
    }

    async fn state(&self) -> String {
        let request = self.partner.get(&format!("/v1/relationship-requests/{}", self.request)).await.json();
        request["state"].as_str().unwrap().to_owned()
    }
}

/// Another code than this one.
fn not(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

const PERSON: [(&str, &str); 5] =
    [("do", "accept"), ("firstName", "Lucía"), ("lastName", "Hernández"), ("email", CONTACT), ("confirm", "yes")];

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_06_the_mca_is_accepted_with_the_code_of_the_customers_own_contact(backend: Backend) {
    let house = House::open(backend).await;
    let invited = Invited::of(&house, true).await;
    let refused = |code: &str| (422, code.to_owned());
    assert_eq!(invited.accept_with("").await, refused("acceptance_code_required"));
    assert_eq!(invited.accept_with("123456").await, refused("acceptance_code_expired"), "none was sent");
    let (status, sent) = invited.send_code().await;
    assert_eq!((status, &sent["codeGoesTo"]), (200, &json!("l•••@panaderiasol.example")), "{sent}");
    let code = invited.mailed().await;
    let kept = house.texts("SELECT digest AS text FROM acceptance_codes").await;
    assert!(!kept[0].contains(&code), "the code is not kept");
    // A form that is not whole wastes no attempt: without the tick nothing is accepted.
    let mut without = json!({ "decision": "accept", "firstName": "Lucía", "lastName": "Hernández" });
    without["email"] = json!(CONTACT);
    without["code"] = json!(code);
    let (status, answer) = invited.answer(without).await;
    assert_eq!(
        (status, &answer["code"], &answer["errors"][0]["pointer"]),
        (422, &json!("consent_required"), &json!("/agreesToMca"))
    );
    assert_eq!(invited.accept_with(not(&code)).await, refused("acceptance_code_wrong"));
    assert_eq!(invited.accept_with(&code).await.0, 200);
    assert_eq!(invited.accept_with(&code).await, (409, "acceptance_already_answered".to_owned()));

    let request = invited.partner.get(&format!("/v1/relationship-requests/{}", invited.request)).await.json();
    assert_eq!(request["answeredBy"]["title"], "Directora general");
    let agreements = format!("/v1/customers/{}/agreements", request["customerId"].as_str().unwrap());
    let agreements = invited.partner.get(&agreements).await.json();
    let agreement = &agreements["items"][0];
    assert_eq!((&agreement["method"], &agreement["contact"]["email"]), (&json!("accepted"), &json!(CONTACT)));
    let from = "SELECT source_address || ' ' || user_agent AS text FROM relationship_requests";
    assert_eq!(house.texts(from).await, ["127.0.0.1 Firefox/150"], "address and browser are kept");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_06_a_code_is_good_for_a_while_a_few_attempts_and_one_link(backend: Backend) {
    let house = House::open(backend).await;
    let (invited, other) = (Invited::of(&house, true).await, Invited::of(&house, true).await);
    let expired = (422, "acceptance_code_expired".to_owned());
    // Five wrong attempts, also when they come at once, and the right one comes too late.
    invited.send_code().await;
    let code = invited.mailed().await;
    assert_eq!(other.accept_with(&code).await, expired, "another link's code");
    let tried = join_all((0..8).map(|_| invited.accept_with(not(&code)))).await;
    let counted = tried.iter().filter(|(_, verdict)| verdict == "acceptance_code_wrong").count();
    assert_eq!(counted, 5, "{tried:?}");
    assert_eq!(invited.accept_with(&code).await, expired);
    // A newer one takes its place.
    invited.send_code().await;
    let older = invited.mailed().await;
    invited.send_code().await;
    let newer = invited.mailed().await;
    if older != newer {
        assert_eq!(invited.accept_with(&older).await.1, "acceptance_code_wrong");
    }
    // Its time is over.
    let (_, shown) = invited.answer(json!({ "decision": "sendCode" })).await;
    let until: chrono::DateTime<chrono::Utc> = shown["codeExpiresAt"].as_str().unwrap().parse().unwrap();
    let last = invited.mailed().await;
    // Four to one address in an hour are enough, whoever asks.
    for who in [&invited, &other] {
        let (status, answer) = who.send_code().await;
        assert_eq!((status, &answer["code"]), (429, &json!("acceptance_code_limit")));
    }
    house.set_clock(&until.to_rfc3339()).await;
    assert_eq!(invited.accept_with(&last).await, expired);
    assert_eq!(invited.state().await, "requested");
    house.set_clock(&(until + chrono::TimeDelta::hours(1)).to_rfc3339()).await;
    assert_eq!(invited.send_code().await.0, 200);
    assert_eq!(invited.accept_with(&invited.mailed().await).await.0, 200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_06_no_code_goes_to_who_asks(backend: Backend) {
    let house = House::open(backend).await;
    let invited = Invited::of(&house, true).await;
    let hook = json!({ "url": "https://hooks.panaderiasol.example/lonja" });
    assert_eq!(invited.partner.post("/v1/webhook-endpoints", &hook).await.status, 201);
    // What the partner is known by only now counts as well.
    let (status, answer) = invited.send_code().await;
    assert_eq!((status, &answer["code"]), (422, &json!("contact_is_partners_own")));
    let mut body = serde_json::to_value(new_customer()).unwrap();
    body["contact"] = serde_json::to_value(contact()).unwrap();
    body["includeMca"] = json!(true);
    let reply = invited.partner.post("/v1/relationship-requests", &body).await;
    assert_eq!(reply.faults(), ["/contact/email contact_is_partners_own"]);
    assert_eq!(house.count("SELECT count(*) FROM acceptance_codes").await, 0);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_04_a_form_counts_only_from_our_page_in_its_own_browser(backend: Backend) {
    let house = House::open(backend).await;
    let (invited, other) = (Invited::of(&house, false).await, Invited::of(&house, false).await);
    let (proof, cookie) = invited.load().await;
    let (foreign_proof, foreign_cookie) = other.load().await;
    let (second_proof, _) = invited.load().await;
    let altered = format!("9{proof}");
    let none = "nothing=here";
    for (proof, cookie) in [
        ("", cookie.as_str()),
        (&foreign_proof, &foreign_cookie),
        (&foreign_proof, &cookie),
        (&second_proof, &cookie),
        (&proof, &foreign_cookie),
        (&proof, none),
        (&altered, &cookie),
    ] {
        let mut fields = PERSON.to_vec();
        fields.push(("proof", proof));
        let reply = invited.send(cookie, &fields).await;
        assert_eq!(reply.status(), 403, "{proof} {cookie}");
        let page = reply.text().await.unwrap();
        assert!(page.contains("Nothing was done") && !page.contains("Hernández"), "{page}");
    }
    let mut fields = PERSON.to_vec();
    fields.push(("proof", &proof));
    let request = invited.http.post(invited.page()).header("cookie", &cookie).form(&fields);
    let cross = request.try_clone().unwrap().header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(cross.status(), 403);
    assert_eq!(invited.state().await, "requested");

    let reply = request.header("sec-fetch-site", "same-origin").send().await.unwrap();
    assert_eq!(
        (reply.status().as_u16(), reply.headers()["location"].to_str().unwrap()),
        (303, &invited.page()[house.url.len()..])
    );
    assert_eq!(invited.state().await, "accepted");
    // The same form once more, and a reload.
    assert_eq!(invited.send(&cookie, &fields).await.status(), 409);
    let after = invited.http.get(invited.page()).header("accept-language", "es").send().await.unwrap();
    assert_eq!(after.status(), 200);
    assert!(after.text().await.unwrap().contains("<h1>Ha aceptado</h1>"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_04_every_link_has_a_page_that_says_how_it_stands(backend: Backend) {
    let house = House::open(backend).await;
    let look = async |invited: &Invited<'_>, language: &str| {
        let reply = invited.http.get(format!("{}?language={language}", invited.page())).send().await.unwrap();
        let header = |name: &str| reply.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((header("cache-control"), header("referrer-policy")), ("no-store".into(), "no-referrer".into()));
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(header("content-language"), language);
        (reply.status().as_u16(), reply.text().await.unwrap())
    };
    let (open, declined) = (Invited::of(&house, true).await, Invited::of(&house, false).await);
    let withdrawn = Invited::of(&house, false).await;
    withdrawn.partner.post(&format!("/v1/relationship-requests/{}:withdraw", withdrawn.request), &Value::Null).await;
    let (proof, cookie) = declined.load().await;
    assert_eq!(declined.send(&cookie, &[("do", "decline"), ("proof", &proof)]).await.status(), 303);
    assert_eq!(declined.state().await, "declined");
    let mut unknown = Invited::of(&house, false).await;
    unknown.token.replace_range(..1, if unknown.token.starts_with('A') { "B" } else { "A" });

    let says = async |invited: &Invited<'_>, status: u16, english: &str, spanish: &str| {
        for (language, title) in [("en", english), ("es", spanish)] {
            let (answered, page) = look(invited, language).await;
            assert_eq!(answered, status, "{title}");
            assert!(page.contains(&format!("<html lang=\"{language}\">")), "{page}");
            assert!(page.contains(&format!("<title>{title} · Lonja</title>")), "{title}: {page}");
            assert!(page.contains(&format!("<h1>{title}</h1>")) && !page.contains("<script"), "{page}");
        }
    };
    says(&open, 200, "Confirm that you work together", "Confirme que trabajan juntos").await;
    says(&declined, 200, "You have declined", "Ha rechazado").await;
    says(&withdrawn, 410, "This request was withdrawn", "Esta solicitud se retiró").await;
    says(&unknown, 404, "This link leads nowhere", "Este enlace no lleva a ninguna parte").await;
    // What is not whole is said field by field; nothing that was typed is lost.
    let (proof, cookie) = open.load().await;
    let fields = [("do", "accept"), ("firstName", "<b>"), ("code", "12 34"), ("email", "nobody"), ("proof", &proof)];
    let reply = open.send(&cookie, &fields).await;
    assert_eq!(reply.status(), 422);
    let page = reply.text().await.unwrap();
    for field in ["lastName", "email", "code", "agreesToMca", "confirm"] {
        assert!(
            page.contains(&format!("<a href=\"#{field}\">")) && page.contains(&format!("id=\"{field}-error\"")),
            "{field}: {page}"
        );
    }
    assert!(page.contains("value=\"&#60;b&#62;\"") && page.contains("<title>Error: "), "{page}");
    house.set_clock("2199-01-01T00:00:00Z").await;
    says(&open, 410, "This link has expired", "Este enlace caducó").await;
}

/// A person at a phone's width with a keyboard and nothing else, with scripts and without.
#[test_case(Backend::Sqlite, true; "sqlite, with scripts")]
#[test_case(Backend::Postgres, false; "postgres, without scripts")]
#[tokio::test]
async fn rule_cus_04_the_page_is_used_by_keyboard_alone(backend: Backend, with_scripts: bool) {
    let house = House::open(backend).await;
    let browser = Browser::open("es-MX", with_scripts).await;
    let invited = Invited::of(&house, true).await;
    browser.client.goto(&invited.page()).await.unwrap();
    browser.sees("Confirme que trabajan juntos · Lonja").await;
    browser.tab_to("send").await;
    browser.press(&ENTER.to_string()).await;
    let code = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while house.count("SELECT count(*) FROM acceptance_codes").await == 0 {}
        invited.mailed().await
    });
    let code = code.await.unwrap();
    // First without the ticks: what is missing is said, and what was typed stays.
    browser.client.goto(&invited.page()).await.unwrap();
    let typed = [("firstName", "Lucía"), ("lastName", "Hernández"), ("email", CONTACT), ("code", code.as_str())];
    for (field, text) in typed {
        browser.tab_to(field).await;
        browser.press(text).await;
    }
    browser.press(&ENTER.to_string()).await;
    browser.sees("Error: Confirme que trabajan juntos · Lonja").await;
    assert_eq!(invited.state().await, "requested");
    for (tick, key) in [("agreesToMca", ' '), ("confirm", ' '), ("accept", ENTER)] {
        browser.tab_to(tick).await;
        browser.press(&key.to_string()).await;
    }
    browser.sees("Ha aceptado · Lonja").await;
    assert_eq!(invited.state().await, "accepted");
    browser.close().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_06_no_code_goes_to_a_contact_that_the_asker_has_put_in_place(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let customer = partner.lonja.create_customer(&new_customer()).await.unwrap().id;
    let path = format!("/v1/customers/{customer}");
    let mut other = serde_json::to_value(contact()).unwrap();
    other["email"] = json!("compras@otroservicio.example");
    let mut body = serde_json::to_value(new_customer()).unwrap();
    (body["customerId"], body["includeMca"], body["contact"]) = (json!(customer), json!(true), other.clone());
    assert_eq!(partner.patch(&path, "*", &json!({ "contact": other })).await.status, 200);
    // Whoever was the contact until then is told.
    let told = "SELECT count(*) FROM emails WHERE kind = 'mail_contact_changed'";
    assert_eq!(house.count(told).await, 1);
    let asked = partner.post("/v1/relationship-requests", &body).await;
    assert_eq!(asked.status, 201, "{}", asked.text);
    let token = asked.json()["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let reply = partner.post(&format!("/v1/acceptances/{token}"), &json!({ "decision": "sendCode" })).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "contact_changed_by_partner"), "{}", reply.text);
    assert_eq!(house.count("SELECT count(*) FROM acceptance_codes").await, 0);
}
