//! The clients as one process knows them: a revocation is felt within seconds without a query for each request.

use super::model::Client;
use super::store;
use crate::db::Pool;
use crate::error::{Code, Error, Result};
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Clients that are remembered.
const REMEMBERED: usize = 10_000;
/// How old the copy of a client may get while the database does not answer: a revocation is felt by then in any case.
const STALE: Duration = Duration::from_secs(30);

/// The clients as this process knows them.
pub struct Directory {
    fresh: Duration,
    /// By id, or by issuer and subject on two lines, which is no id.
    known: Cache<String, (Arc<Client>, Instant)>,
}

/// The issuer and the subject of an outside token.
type Outside<'a> = (&'a str, &'a str);

impl Directory {
    /// Knows nobody yet; what it learns is fresh for so long.
    pub fn new(fresh: Duration) -> Self {
        Self { fresh, known: Cache::new(REMEMBERED) }
    }

    /// What is known of the client with this id.
    pub async fn client(&self, pool: &Pool, id: &str) -> Result<Arc<Client>> {
        self.named(pool, id, None).await
    }

    /// What is known of the client that this issuer's tokens speak for by this subject.
    pub async fn outside(&self, pool: &Pool, issuer: &str, subject: &str) -> Result<Arc<Client>> {
        self.named(pool, &format!("{issuer}\n{subject}"), Some((issuer, subject))).await
    }

    async fn named(&self, pool: &Pool, name: &str, outside: Option<Outside<'_>>) -> Result<Arc<Client>> {
        let known = self.known.get(name);
        if let Some((client, since)) = &known
            && since.elapsed() < self.fresh
        {
            return Ok(client.clone());
        }
        match read(pool, name, outside).await {
            Ok(Some(client)) => {
                let client = Arc::new(client);
                self.known.insert(name.to_owned(), (client.clone(), Instant::now()));
                Ok(client)
            }
            Ok(None) => {
                self.known.remove(name);
                Err(Error::new(Code::InvalidToken))
            }
            Err(error) => match known {
                Some((client, since)) if since.elapsed() < STALE => Ok(client),
                _ => Err(error),
            },
        }
    }

    /// Forgets the clients of a partner that this process has just suspended or reinstated.
    pub fn forget_partner(&self, partner_id: &str) {
        self.known.retain(|_, (client, _)| client.partner_id.as_deref() != Some(partner_id));
    }

    /// Forgets a client that this process has just revoked: here that is felt at once.
    pub fn forget(&self, id: &str) {
        self.known.retain(|_, (client, _)| client.id != id);
    }
}

async fn read(pool: &Pool, id: &str, outside: Option<Outside<'_>>) -> Result<Option<Client>> {
    let mut reader = pool.read().await?;
    let mut db = reader.db()?;
    match outside {
        Some((issuer, subject)) => store::find_outside(&mut db, issuer, subject).await,
        None => store::find(&mut db, id).await,
    }
}
