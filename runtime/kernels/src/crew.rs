//! Several cores: a layer's parts at the same time.
//!
//! With the feature `threads` a [`Pool`] has threads that wait for work; without it there is none,
//! and a [`Crew`] takes no memory and no instruction.

use crate::cpu::Part;
use crate::view::Dst;

/// Layers with fewer multiply-accumulates are not worth waking threads for: some ten microseconds of
/// one core.
#[cfg(feature = "threads")]
const WORTHWHILE: u64 = if cfg!(smidge_isa = "x86_64") { 2_000_000 } else { 200_000 };

/// Who computes a layer: this thread, or the threads of a pool.
#[derive(Clone, Copy, Default)]
pub struct Crew<'p> {
    #[cfg(feature = "threads")]
    pool: Option<&'p Pool>,
    #[cfg(not(feature = "threads"))]
    life: core::marker::PhantomData<&'p ()>,
}

#[cfg(feature = "threads")]
impl<'p> From<&'p Pool> for Crew<'p> {
    fn from(pool: &'p Pool) -> Self {
        Self { pool: Some(pool) }
    }
}

impl Crew<'_> {
    /// Whether this thread computes a layer of so many multiply-accumulates by itself.
    #[inline]
    pub(crate) fn is_alone(self, macs: impl Fn() -> u64) -> bool {
        let _ = &macs;
        #[cfg(feature = "threads")]
        return self.pool.is_none() || macs() < WORTHWHILE;
        #[cfg(not(feature = "threads"))]
        true
    }

    /// Calls `work` for every part, with scratch memory of its own: once for the whole with `scratch`, or
    /// on each thread of the pool, if there are so many multiply-accumulates that it pays. Returns
    /// when all parts are done.
    ///
    /// # Safety
    /// Parts may run at the same time: what `work` writes for one part no other part reads or writes,
    /// and what they read nobody writes.
    #[inline]
    pub(crate) unsafe fn split<'a>(
        self,
        macs: impl Fn() -> u64,
        scratch: Dst<'a, u8>,
        work: impl Fn(Part, Dst<'a, u8>),
    ) {
        #[cfg(feature = "threads")]
        if let Some(pool) = self.pool.filter(|_| macs() >= WORTHWHILE) {
            // SAFETY: as above.
            return unsafe { pool.split(scratch, work) };
        }
        let _ = macs;
        work(Part::ALL, scratch);
    }
}

#[cfg(feature = "threads")]
pub use pool::Pool;

#[cfg(feature = "threads")]
mod pool {
    use super::{Dst, Part};
    use alloc::vec::Vec;
    use core::ptr::NonNull;
    use std::sync::Mutex;

    /// Threads that wait for work, and scratch memory for each of them.
    pub struct Pool {
        threads: rayon::ThreadPool,
        scratch: Vec<Mutex<Vec<Line>>>,
    }

    /// Scratch memory starts at multiples of 16.
    #[derive(Clone, Copy, Default)]
    #[repr(C, align(16))]
    struct Line([u8; 16]);

    /// What threads may share although the compiler cannot know.
    struct Shared<T>(T);

    // SAFETY: `Pool::split`'s caller promises that parts do not get in each other's way.
    unsafe impl<T> Sync for Shared<T> {}

    impl<T> Shared<T> {
        fn get(&self) -> &T {
            &self.0
        }
    }

    impl Pool {
        /// `count` threads; at least one. `None` if the system does not give them.
        pub fn new(count: usize) -> Option<Self> {
            let count = count.max(1);
            let threads = rayon::ThreadPoolBuilder::new().num_threads(count).build().ok()?;
            let scratch = (0..count).map(|_| Mutex::default()).collect();
            Some(Self { threads, scratch })
        }

        /// How many threads there are.
        pub fn threads(&self) -> usize {
            self.scratch.len()
        }

        /// # Safety
        /// As [`Crew::split`](super::Crew::split).
        pub(super) unsafe fn split<'a>(
            &self,
            scratch: Dst<'a, u8>,
            work: impl Fn(Part, Dst<'a, u8>),
        ) {
            let count = self.threads();
            let shared = Shared((work, scratch));
            self.threads.broadcast(|context| {
                let (work, scratch) = shared.get();
                let index = context.index();
                let Some(own) = self.scratch.get(index) else { return };
                let mut own = own.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                let lines = scratch.len().div_ceil(16);
                if own.len() < lines {
                    own.resize(lines, Line::default());
                }
                // SAFETY: the lines are bytes, `16 * lines` of them; they live and stay in place as
                // long as the lock is held, which is longer than the work.
                let own =
                    unsafe { Dst::from_raw(NonNull::from(&mut own[..]).cast(), scratch.len()) };
                work(Part { index, count }, own);
            });
        }
    }
}
