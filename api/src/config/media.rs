//! Where software is downloaded from (`[media]`).

use super::masked;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Where software is downloaded from.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct MediaConfig {
    /// A directory of this machine; empty for a bucket.
    pub dir: String,
    /// The address of the object store, such as `https://s3.eu-south-2.amazonaws.com`.
    pub bucket_endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub bucket_region: String,
    /// The id of the access key.
    pub bucket_key_id: String,
    /// The access key.
    #[serde(serialize_with = "masked")]
    pub bucket_secret: SecretString,
}

impl MediaConfig {
    /// What stands against these settings.
    pub(super) fn faults(&self) -> Option<String> {
        let bucket = [
            self.bucket_endpoint.as_str(),
            &self.bucket,
            &self.bucket_region,
            &self.bucket_key_id,
            self.bucket_secret.expose_secret(),
        ];
        let given = bucket.iter().filter(|part| !part.is_empty()).count();
        if given > 0 && !self.dir.is_empty() {
            return Some("`media.dir` and `media.bucket…` exclude each other".to_owned());
        }
        if given > 0 && given < bucket.len() {
            return Some("`media.bucket` needs every other `media.bucket_…` too".to_owned());
        }
        let is_web = ["http://", "https://"].iter().any(|scheme| self.bucket_endpoint.starts_with(scheme));
        (given > 0 && !is_web).then(|| "`media.bucket_endpoint` must begin with http:// or https://".to_owned())
    }
}
