//! Memory for a session.

use core::ops::{Deref, DerefMut};

/// `N` bytes at a multiple of 16: what a session works in. Usually a `static`; a model's exact need
/// is [`Model::arena_len`](crate::Model::arena_len), and the converter prints it.
#[repr(C, align(16))]
pub struct Arena<const N: usize>([u8; N]);

impl<const N: usize> Arena<N> {
    /// Zero bytes.
    pub const fn new() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Default for Arena<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Deref for Arena<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const N: usize> DerefMut for Arena<N> {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

/// The greatest of some lengths: that of an arena in which several networks take turns.
///
/// ```
/// const ARENA_LEN: usize = smidge::longest(&[20_064, 9_472]);
/// ```
pub const fn longest(lens: &[usize]) -> usize {
    match lens {
        [] => 0,
        [first, rest @ ..] => {
            let rest = longest(rest);
            if *first > rest { *first } else { rest }
        }
    }
}

/// Includes a blob's bytes in the firmware at a multiple of 16, as `&'static [u8]`.
///
/// ```ignore
/// static MODEL: &[u8] = smidge::include_blob!("kws.smg");
/// ```
#[macro_export]
macro_rules! include_blob {
    ($path:expr) => {{
        #[repr(C, align(16))]
        struct Aligned<T: ?Sized>(T);
        static BLOB: &Aligned<[u8]> = &Aligned(*include_bytes!($path));
        &BLOB.0
    }};
}

/// A model inside the firmware, ready at compile time: its blob and the operators that it needs. To be
/// checked where the firmware is built, by [`Model::check`](crate::Model::check) in the build
/// script, so that the device has no code for it; see [`Model::prechecked`](crate::Model::prechecked).
///
/// ```ignore
/// static MODEL: Model = smidge::embed!("kws.smg", [ops::conv_2d::S8_PACKED, ops::softmax::S8]);
/// static mut ARENA: Arena<{ MODEL.arena_len() }> = Arena::new();
/// ```
#[macro_export]
macro_rules! embed {
    ($path:expr, [$($op:expr),* $(,)?]) => {
        const {
            static OPS: &[$crate::Op] = &[$($op.run_only()),*];
            match $crate::Model::prechecked($crate::include_blob!($path), OPS) {
                Ok(model) => model,
                Err(_) => panic!("this file is no blob; convert a model with `smidge convert`"),
            }
        }
    };
}

/// The module of a model, as `smidge-build` wrote it in the build script: `include_model!(kws)` is the
/// module `kws`, with the types of its inputs and outputs, its arena, and the network itself.
#[macro_export]
macro_rules! include_model {
    ($name:ident) => {
        include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));
    };
}
