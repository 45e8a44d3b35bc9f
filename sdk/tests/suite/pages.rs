//! Lists (D7): 250 things, 100 on a page.

use crate::support::{Answer, Server};
use lonja_sdk::{Call, Client, Method, Page, StreamExt, TryStreamExt};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ThingPage {
    items: Vec<u64>,
    next_cursor: Option<String>,
}

impl Page for ThingPage {
    type Item = u64;

    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    fn into_items(self) -> Vec<u64> {
        self.items
    }
}

async fn pages() -> Server {
    Server::start(|seen, _| {
        let start: u64 = seen.line.split_once("cursor=c").map_or(0, |(_, cursor)| cursor.parse().unwrap());
        let items: Vec<_> = (start..start + 100).take_while(|item| *item < 250).collect();
        let next = (start + 100 < 250).then(|| format!("c{}", start + 100));
        Answer::json(200, &[], &json!({ "items": items, "nextCursor": next }).to_string())
    })
    .await
}

fn list(lonja: &Client) -> Call<ThingPage> {
    lonja.call(Method::GET, "/v1/things", &[]).query(&json!({ "limit": 100 }))
}

#[tokio::test]
async fn d7_a_stream_goes_through_all_pages() {
    let server = pages().await;
    let all: Vec<u64> = list(&server.client()).into_stream().try_collect().await.unwrap();
    assert_eq!(all, (0..250).collect::<Vec<_>>());
    let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
    let rest = "GET /v1/things?limit=100";
    assert_eq!(lines, [rest.to_owned(), format!("{rest}&cursor=c100"), format!("{rest}&cursor=c200")]);
}

#[tokio::test]
async fn d7_a_stream_fetches_only_what_is_taken() {
    let server = pages().await;
    let lonja = server.client();
    let stream = list(&lonja).into_stream();
    assert_eq!(server.seen().len(), 0);
    let five: Vec<u64> = stream.take(5).try_collect().await.unwrap();
    assert_eq!((five, server.seen().len()), (vec![0, 1, 2, 3, 4], 1));

    let all_of_one: Vec<u64> = list(&lonja).into_stream().take(100).try_collect().await.unwrap();
    assert_eq!((all_of_one.len(), server.seen().len()), (100, 2));
}

#[tokio::test]
async fn d7_pages_come_whole_and_say_where_to_go_on() {
    let server = pages().await;
    let lonja = server.client();
    let mut pages = list(&lonja).pages();
    let first = pages.next().await.unwrap().unwrap();
    drop(pages);
    assert_eq!((first.items.len(), server.seen().len()), (100, 1));
    // Later, perhaps in another process, with the cursor that was kept.
    let rest: Vec<u64> = list(&lonja).cursor(first.next_cursor.unwrap()).into_stream().try_collect().await.unwrap();
    assert_eq!(rest, (100..250).collect::<Vec<_>>());
    assert_eq!(server.seen()[1].line, "GET /v1/things?limit=100&cursor=c100");
}

#[tokio::test]
async fn d7_a_stream_ends_with_its_first_error_and_goes_on_from_the_last_page() {
    let server = Server::start(|seen, before| match before {
        0 => Answer::json(200, &[], r#"{"items":[1,2],"nextCursor":"c2"}"#),
        1 => Answer::problem(400, "invalid_cursor"),
        _ if seen.line.ends_with("cursor=c2") => Answer::json(200, &[], r#"{"items":[3],"nextCursor":null}"#),
        _ => Answer::problem(500, "internal"),
    })
    .await;
    let lonja = server.client();
    let mut got = Vec::new();
    let mut next = None;
    let mut pages = list(&lonja).pages();
    let error = loop {
        match pages.next().await.unwrap() {
            Ok(page) => {
                next = page.next_cursor.clone();
                got.extend(page.items);
            }
            Err(error) => break error,
        }
    };
    assert_eq!((error.code(), &got[..]), ("invalid_cursor", &[1, 2][..]));
    assert!(pages.next().await.is_none());
    got.extend(list(&lonja).cursor(next.unwrap()).into_stream().try_collect::<Vec<_>>().await.unwrap());
    assert_eq!(got, [1, 2, 3]);
}

#[cfg(feature = "blocking")]
#[test]
fn d9_without_a_runtime_calls_are_waited_for() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(pages());
    let lonja = server.client();
    let page = list(&lonja).wait().unwrap();
    assert_eq!(page.next_cursor.as_deref(), Some("c100"));
    assert_eq!(list(&lonja).wait_response().unwrap().status().as_u16(), 200);
    let all: Vec<u64> = list(&lonja).wait_items().map(Result::unwrap).collect();
    assert_eq!(all, (0..250).collect::<Vec<_>>());
    assert_eq!(list(&lonja).wait_pages().count(), 3);
    assert_eq!(list(&lonja).wait_items().take(5).count(), 5);
    assert_eq!(server.seen().len(), 9);
    // Inside a runtime waiting would stop everything else; it says so instead.
    let error = runtime.block_on(async { list(&lonja).wait().unwrap_err() });
    assert!(error.to_string().contains("async runtime"), "{error}");
    let _inside = runtime.enter();
    let said: Vec<_> = list(&lonja).wait_items().take(3).map(|item| item.unwrap_err().code().to_owned()).collect();
    assert_eq!(said, ["config"], "once");
    assert_eq!(list(&lonja).wait_pages().take(3).count(), 1);
}
