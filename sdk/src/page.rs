use crate::{Call, Result};
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use serde::de::DeserializeOwned;

/// One page of a list.
pub trait Page: DeserializeOwned + Send + 'static {
    /// What the list is of.
    type Item: Send + 'static;

    /// Where the next page starts; `None` on the last one.
    fn next_cursor(&self) -> Option<&str>;

    /// What is on the page.
    fn into_items(self) -> Vec<Self::Item>;
}

impl<P: Page> Call<P> {
    /// Every page from here on. A page is fetched when the stream is asked for it, not before.
    pub fn pages(self) -> BoxStream<'static, Result<P>> {
        stream::try_unfold(Some(self), |call| async {
            let Some(call) = call else { return Ok(None) };
            let page = call.exchange().await?.into_value();
            let rest = page.next_cursor().map(str::to_owned).map(|cursor| call.at_cursor(&cursor));
            Ok(Some((page, rest)))
        })
        .boxed()
    }

    /// Every item from here on, page by page. The next page is fetched when the last item before it was taken.
    pub fn stream(self) -> BoxStream<'static, Result<P::Item>> {
        self.pages().map_ok(|page| stream::iter(page.into_items().into_iter().map(Ok))).try_flatten().boxed()
    }
}
