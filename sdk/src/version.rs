use crate::Response;

/// What names the version of a resource: its `ETag`, or the [`Response`] that it was read with.
///
/// Something that was read without an `ETag` names no version, and a call that is to be made only if it has not changed
/// is then not sent at all.
pub trait Version {
    /// The `ETag`, with its quotes.
    fn version(&self) -> Option<&str>;
}

impl Version for str {
    fn version(&self) -> Option<&str> {
        Some(self)
    }
}

impl Version for String {
    fn version(&self) -> Option<&str> {
        Some(self)
    }
}

impl<T> Version for Response<T> {
    fn version(&self) -> Option<&str> {
        self.etag()
    }
}

impl<V: Version> Version for Option<V> {
    fn version(&self) -> Option<&str> {
        self.as_ref()?.version()
    }
}

impl<V: Version + ?Sized> Version for &V {
    fn version(&self) -> Option<&str> {
        (**self).version()
    }
}
