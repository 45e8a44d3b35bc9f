//! A real browser: headless Chromium, driven through WebDriver, used by the keyboard alone.

use super::postgres::bound_to_us;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The key that goes on to the next field.
pub const TAB: char = '\u{e004}';
/// The key that presses the focused button.
pub const ENTER: char = '\u{e007}';

/// A browser at the width of a phone.
pub struct Browser {
    /// Drives it.
    pub client: Client,
    process: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts one that prefers this language, with or without scripts.
    pub async fn open(language: &str, with_scripts: bool) -> Self {
        let mut command = bound_to_us(Path::new("chromedriver"), "KILL");
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the package chromium-driver is needed");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let told = "was started successfully on port ";
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| line.split_once(told).map(|(_, rest)| rest.trim_end_matches('.').to_owned()));
        let profile = tempfile::tempdir().unwrap();
        let scripts = if with_scripts { 1 } else { 2 };
        let capabilities = json!({ "goog:chromeOptions": {
            "args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                format!("--user-data-dir={}", profile.path().display()),
                format!("--accept-lang={language}"),
            ],
            "mobileEmulation": { "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 1, "touch": false } },
            "prefs": {
                "intl.accept_languages": language,
                "profile.managed_default_content_settings.javascript": scripts,
            },
        } });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.as_object().unwrap().clone());
        let client = builder.connect(&format!("http://127.0.0.1:{}", port.unwrap())).await.unwrap();
        Self { client, process, _profile: profile }
    }

    /// Presses keys one after the other, wherever the focus is.
    pub async fn press(&self, keys: &str) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys.chars() {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Goes on with the tab key until the focus is on the field or button with this id or value.
    pub async fn tab_to(&self, wanted: &str) {
        for _ in 0..60 {
            self.press(&TAB.to_string()).await;
            let Ok(focused) = self.client.active_element().await else { continue };
            for attribute in ["id", "value"] {
                if focused.attr(attribute).await.is_ok_and(|value| value.as_deref() == Some(wanted)) {
                    return;
                }
            }
        }
        panic!("the tab key does not lead to {wanted}");
    }

    /// Waits until the page with this title is there.
    pub async fn sees(&self, title: &str) {
        let there = async {
            // Each question goes to the browser and back: no need to wait in between.
            while !self.client.title().await.is_ok_and(|shown| shown == title) {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(20), there).await.is_err() {
            panic!("{title:?} is not there, but {:?}", self.client.title().await);
        }
    }

    /// Ends it.
    pub async fn close(mut self) {
        self.client.close().await.unwrap();
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
