//! The room for bodies: what all of them together may take in memory, whoever sends them. What finds none is refused at
//! once, and its sender told when to come back; waiting would keep the connection, and what has come on it, as well.

use crate::error::{Code, Error, Result};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What every body has without asking: no more than the connection takes by itself. Small bodies are therefore taken
/// however many large ones are under way.
const FREE: usize = 16 * 1024;
const MEBIBYTE: usize = 1024 * 1024;

/// The room of the whole process.
pub struct Rooms(Arc<Semaphore>);

impl Rooms {
    /// So many mebibytes.
    pub fn of(mebibytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(mebibytes.saturating_mul(MEBIBYTE).min(Semaphore::MAX_PERMITS))))
    }
}

/// A body that is being read or worked on, with the room that it takes until it is dropped.
pub struct Received {
    /// What has come.
    pub bytes: Vec<u8>,
    room: Room,
}

/// Room that is taken.
pub struct Room {
    all: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

impl Received {
    /// Nothing yet.
    pub fn nothing(rooms: &Rooms) -> Self {
        Self { bytes: Vec::new(), room: Room { all: rooms.0.clone(), taken: None } }
    }

    /// Takes a piece. `most`: how many bytes there can be in all, which memory is not taken beyond.
    pub fn add(&mut self, piece: &[u8], most: usize) -> Result<()> {
        let needed = self.bytes.len() + piece.len();
        if needed > self.bytes.capacity() {
            // Twice as much each time, so that many pieces do not mean many moves.
            let capacity = needed.max((2 * self.bytes.capacity()).clamp(FREE.min(most), most));
            self.room.grow_to(capacity)?;
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// The room alone, for what was made of the bytes.
    pub fn into_room(self) -> Room {
        self.room
    }
}

impl Room {
    fn grow_to(&mut self, bytes: usize) -> Result<()> {
        let taken = self.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(bytes.saturating_sub(FREE + taken)).map_err(Error::internal)?;
        if more == 0 {
            return Ok(());
        }
        let permit = self.all.clone().try_acquire_many_owned(more).map_err(|_full| Error::new(Code::Busy))?;
        match &mut self.taken {
            Some(taken) => taken.merge(permit),
            none => *none = Some(permit),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_comes_back_and_what_is_small_is_never_refused() {
        let rooms = Rooms::of(1);
        let fill = |bytes: usize| -> Result<Received> {
            let mut received = Received::nothing(&rooms);
            for _ in 0..bytes / 1024 {
                received.add(&[b' '; 1024], MEBIBYTE)?;
            }
            Ok(received)
        };
        let large = fill(MEBIBYTE).unwrap();
        assert_eq!((large.bytes.len(), large.bytes.capacity()), (MEBIBYTE, MEBIBYTE));
        assert_eq!(rooms.0.available_permits(), FREE, "all but what it had without asking");
        let small: Vec<_> = (0..100).map(|_| fill(FREE).unwrap()).collect();
        assert!(small.iter().all(|one| one.bytes.capacity() == FREE));
        assert_eq!(fill(MEBIBYTE).err().unwrap().code(), Code::Busy);
        let room = large.into_room();
        assert_eq!(fill(MEBIBYTE).err().unwrap().code(), Code::Busy, "what was made of it lives on");
        drop(room);
        assert_eq!(rooms.0.available_permits(), MEBIBYTE);
        assert!(fill(MEBIBYTE).is_ok());
    }
}
