//! Clients in other languages, made from the committed document by a well-kept generator: they compile, and play the main
//! job (`languages/main_job.*`) on both databases.

use lonja_tests::shop::WINDOWS_MXN;
use lonja_tests::{Backend, House, Shop};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/languages");
/// Code alone. Of the messages of `webhooks` the generator would make senders, which nobody needs.
const PARTS: &str = "apis,models,supportingFiles,apiTests=false,modelTests=false,apiDocs=false,modelDocs=false";

fn in_workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn done(command: &mut Command) -> String {
    // Without its environment, in which a secret stands.
    let program = command.get_program().to_owned();
    let ran = command.output().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{}\n{out}\n{err}", program.display());
    out.into_owned()
}

fn generate(generator: &str, into: &Path, properties: &str) {
    let mut command = Command::new(in_workspace("target/python/bin/openapi-generator-cli"));
    command.args(["generate", "-i", DOCUMENT, "-g", generator, "-o"]).arg(into);
    command.args(["--additional-properties", properties, "--global-property", PARTS]);
    done(&mut command);
}

/// Plays the job on both databases; what it printed tells how it went.
async fn plays(program: &Path, script: &Path) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let house = House::open(backend).await;
        house.stock("windows-server-standard", "2022", 1).await;
        let shop = Shop::open(&house).await;
        let mut command = Command::new(program);
        command.arg(script).env("LONJA_URL", &house.url);
        command.env("LONJA_CLIENT_ID", &shop.seller.client_id).env("LONJA_CLIENT_SECRET", &shop.seller.client_secret);
        command.env("CUSTOMER_ID", &shop.customer.id).env("CUSTOMER_NAME", &shop.customer.company_name);
        command.env("TENANT_ID", &shop.tenant.id).env("OFFER_ID", WINDOWS_MXN);
        let told = tokio::task::spawn_blocking(move || done(&mut command)).await.unwrap();
        let told: Value = serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}"));
        let expected = json!({
            "order": "completed",
            "isKey": true,
            "quote": { "amount": "4899.00", "currency": "MXN" },
            "refund": "credited",
            "again": "key_revoked",
        });
        assert_eq!(told, expected, "{backend:?}");
    }
}

#[tokio::test]
async fn a_typescript_client_compiles_strictly_and_plays_the_main_job() {
    let place = tempfile::tempdir().unwrap();
    generate("typescript-fetch", &place.path().join("client"), "importFileExtension=.js");
    std::fs::copy(format!("{SCRIPTS}/main_job.ts"), place.path().join("main_job.ts")).unwrap();
    std::fs::write(place.path().join("package.json"), r#"{ "type": "module" }"#).unwrap();
    let mut tsc = Command::new(in_workspace("openapi/node_modules/.bin/tsc"));
    tsc.args(["--strict", "--target", "es2022", "--module", "nodenext", "--outDir", "out", "main_job.ts"]);
    done(tsc.current_dir(place.path()));
    plays(Path::new("node"), &place.path().join("out/main_job.js")).await;
}

#[tokio::test]
async fn a_python_client_compiles_and_plays_the_main_job() {
    let place = tempfile::tempdir().unwrap();
    generate("python", place.path(), "packageName=lonja");
    let python = in_workspace("target/python/bin/python");
    done(Command::new(&python).args(["-m", "compileall", "-q"]).arg(place.path().join("lonja")));
    std::fs::copy(format!("{SCRIPTS}/main_job.py"), place.path().join("main_job.py")).unwrap();
    plays(&python, &place.path().join("main_job.py")).await;
}
