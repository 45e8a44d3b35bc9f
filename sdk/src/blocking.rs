//! Calls from programs without an async runtime.

use crate::{Call, Error, Page, Response, Result};
use futures_util::{StreamExt, stream::BoxStream};
use serde::de::DeserializeOwned;
use std::sync::OnceLock;
use tokio::runtime::{Builder, Handle, Runtime};

/// One thread carries the connections of all waiting calls of this program.
fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    if Handle::try_current().is_ok() {
        let instead = "on a thread for blocking work, `Handle::current().block_on(call.into_future())`";
        return Err(Error::Config(format!("inside an async runtime a call is awaited, not waited for; {instead}")));
    }
    let start = || {
        let mut runtime = Builder::new_multi_thread();
        runtime.worker_threads(1).thread_name("lonja-sdk").enable_all().build().map_err(|error| error.to_string())
    };
    RUNTIME.get_or_init(start).as_ref().map_err(|why| Error::Config(format!("no runtime: {why}")))
}

impl<T: DeserializeOwned> Call<T> {
    /// Sends it and waits for the value.
    ///
    /// Inside an async runtime it is refused, as it would block the runtime; on one of its threads for blocking work,
    /// where that is right, `Handle::current().block_on(call.into_future())` waits.
    pub fn wait(self) -> Result<T> {
        self.wait_response().map(Response::into_value)
    }

    /// Sends it and waits for the value with the status and the headers.
    pub fn wait_response(self) -> Result<Response<T>> {
        runtime()?.block_on(self.send())
    }
}

impl<P: Page> Call<P> {
    /// Every item from here on, page by page, as [`Call::into_stream`] gives them.
    pub fn wait_items(self) -> impl Iterator<Item = Result<P::Item>> {
        Waiting(Some(self.into_stream()))
    }

    /// Every page from here on, as [`Call::pages`] gives them.
    pub fn wait_pages(self) -> impl Iterator<Item = Result<P>> {
        Waiting(Some(self.pages()))
    }
}

/// Ends with its first error, as the stream does.
struct Waiting<T>(Option<BoxStream<'static, Result<T>>>);

impl<T> Iterator for Waiting<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        match runtime() {
            Ok(runtime) => runtime.block_on(self.0.as_mut()?.next()),
            Err(error) => self.0.take().map(|_| Err(error)),
        }
    }
}
