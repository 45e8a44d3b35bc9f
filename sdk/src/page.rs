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

/// Declares a page, or says that a type with more fields is one, too.
macro_rules! page {
    ($(#[$meta:meta])* pub struct $name:ident of $item:ty;) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// What is on the page.
            pub items: Vec<$item>,
            /// Goes on after the last one; `None` at the end.
            pub next_cursor: Option<String>,
        }
        page!($name, $item);
    };
    ($name:ident, $item:ty) => {
        impl $crate::Page for $name {
            type Item = $item;

            fn next_cursor(&self) -> Option<&str> {
                self.next_cursor.as_deref()
            }

            fn into_items(self) -> Vec<$item> {
                self.items
            }
        }
    };
}

pub(crate) use page;

impl<P: Page> Call<P> {
    /// Starts at this cursor, the [`next_cursor`](Page::next_cursor) of a page that was read before.
    pub fn cursor(self, cursor: impl AsRef<str>) -> Self {
        let cursor = cursor.as_ref();
        self.change(|request| {
            let url = request.url_mut();
            let kept: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| name != "cursor").collect();
            url.query_pairs_mut().clear().extend_pairs(kept).append_pair("cursor", cursor);
            Ok(())
        })
    }

    /// Every page from here on, each with the call's whole deadline. A page is fetched when the stream is asked for it, not
    /// before. The stream ends with its first error; the `next_cursor` of the last page is where to go on
    /// ([`Call::cursor`]).
    pub fn pages(self) -> BoxStream<'static, Result<P>> {
        stream::try_unfold(Some(self), |call| async {
            let Some(call) = call else { return Ok(None) };
            let page = call.exchange().await?.into_value();
            let rest = page.next_cursor().map(str::to_owned).map(|cursor| call.cursor(cursor));
            Ok(Some((page, rest)))
        })
        .boxed()
    }

    /// Every item from here on, page by page. The next page is fetched when the last item before it was taken, so a
    /// stream that is dropped early fetches no more.
    pub fn into_stream(self) -> BoxStream<'static, Result<P::Item>> {
        self.pages().map_ok(|page| stream::iter(page.into_items().into_iter().map(Ok))).try_flatten().boxed()
    }
}
