//! Raw data.

use std::collections::HashMap;
use std::sync::Arc;

use smidge_tflite::BufferRef;

use super::{Budget, Problem, Tables, count, damaged};

/// The buffers of a file, copied when first asked for and then shared.
pub(super) struct Buffers<'a> {
    file: &'a [u8],
    tables: Tables<'a, BufferRef<'a>>,
    /// By address and length: several buffers may share their data.
    copies: HashMap<(usize, usize), Arc<[u8]>>,
}

impl<'a> Buffers<'a> {
    pub(super) fn new(file: &'a [u8], tables: Tables<'a, BufferRef<'a>>) -> Self {
        Self { file, tables, copies: HashMap::new() }
    }

    /// The data of a buffer; `None` when it is empty, which stands for "no data".
    pub(super) fn get(
        &mut self,
        index: u32,
        budget: &mut Budget,
        place: impl Fn() -> String,
    ) -> Result<Option<Arc<[u8]>>, Problem> {
        // Files without a list of buffers mean the empty buffer 0 that every list starts with.
        if index == 0 && count(&self.tables) == 0 {
            return Ok(None);
        }
        let Some(buffer) = self.tables.and_then(|tables| tables.get(index as usize)) else {
            return Err(Problem::NoSuch { place: place(), what: "buffer", index: index.into() });
        };
        let data = self.data(index, buffer)?;
        if data.is_empty() {
            return Ok(None);
        }
        let key = (data.as_ptr().addr(), data.len());
        if let Some(copy) = self.copies.get(&key) {
            return Ok(Some(copy.clone()));
        }
        budget.charge(data.len(), 1)?;
        let copy: Arc<[u8]> = data.into();
        self.copies.insert(key, copy.clone());
        Ok(Some(copy))
    }

    /// The data within the FlatBuffer or, in large files, behind it.
    fn data(
        &self,
        index: u32,
        buffer: Result<BufferRef<'a>, smidge_tflite::Error>,
    ) -> Result<&'a [u8], Problem> {
        let damaged = |source| damaged(format!("buffer {index}"), source);
        let buffer = buffer.map_err(damaged)?;
        if let Some(data) = buffer.data().map_err(damaged)? {
            return Ok(data);
        }
        let offset = buffer.offset().map_err(damaged)?;
        let size = buffer.size().map_err(damaged)?;
        if offset <= 1 {
            return Ok(&[]);
        }
        let start = usize::try_from(offset).ok();
        let end = offset.checked_add(size).and_then(|end| usize::try_from(end).ok());
        start
            .zip(end)
            .and_then(|(start, end)| self.file.get(start..end))
            .ok_or(Problem::DataOutside { buffer: index as usize })
    }
}
