//! The wire protocol between firmware that runs a network and the host that feeds it.
//!
//! One protocol for every wire that carries bytes in order: two files through semihosting under
//! QEMU, a serial port, RTT. The firmware needs no buffer of the size of a tensor: payload bytes go
//! straight into the arena and come straight out of it.
//!
//! # Frames
//!
//! All numbers are little-endian. Both directions use the same frame:
//!
//! | from | bytes | field |
//! |---|---|---|
//! | 0 | 4 | sync word `A5 53 4D 47` |
//! | 4 | 1 | [`Kind`] |
//! | 5 | 1 | flags, defined by the kind; zero otherwise |
//! | 6 | 2 | index of an input, output or tensor; zero otherwise |
//! | 8 | 4 | payload bytes `n`, at most [`MAX_PAYLOAD`] |
//! | 12 | 4 | CRC-32 (ISO-HDLC) of bytes 0 to 12 |
//! | 16 | n | payload |
//! | 16 + n | 4 | CRC-32 of the payload |
//!
//! A receiver believes a header only when sync word, length bound and checksum hold; otherwise it
//! moves on by one byte. So noise is skipped, and a damaged length cannot swallow the frames behind
//! it. A byte lost inside a payload costs that frame and at most the next one.
//!
//! # Requests
//!
//! The host sends requests, the firmware answers each of them with exactly one closing reply, or
//! with [`Kind::Error`]. Frames of kind [`Kind::Tensor`] stand before the closing reply, those of
//! kind [`Kind::Log`] anywhere. Requests do not depend on replies, so a host may write many before
//! it reads the first reply.
//!
//! | request | flags, index | payload | closing reply |
//! |---|---|---|---|
//! | [`Hello`](Kind::Hello) | – | – | `Info` |
//! | [`Load`](Kind::Load): check the blob in the slot, prepare a session | – | blob length `u32`, or 0 for any; where it starts in the slot `u32`, 0 if left out | `Loaded` |
//! | [`Reset`](Kind::Reset): forget what the network remembers | – | – | `Done` |
//! | [`SetInput`](Kind::SetInput) | index of the input | offset in bytes `u32`, then bytes | `Done` |
//! | [`Invoke`](Kind::Invoke): one inference | [`TRACE`] | – | `Done`, with [`Ran`] |
//! | [`GetOutput`](Kind::GetOutput) | index of the output | – | `Output` |
//! | [`GetStats`](Kind::GetStats) | – | – | `Stats` |
//! | [`Bye`](Kind::Bye): the firmware stops listening | – | – | `Done` |
//! | [`Erase`](Kind::Erase): make room in the slot, forget the model | – | blob length `u32` | `Done` |
//! | [`Write`](Kind::Write): put bytes into the slot | – | offset in bytes `u32`, then bytes | `Done` |
//! | [`Sum`](Kind::Sum): CRC-32 of the slot's first bytes | – | how many `u32` | `Summed` |
//!
//! A long input may be sent in several `SetInput` frames, each with its own offset. An inference may
//! use the memory of its inputs for other tensors: set every input before every `Invoke`.
//!
//! The bytes of one `Write` fit the arena, which keeps them meanwhile; they are read back and
//! compared. A blob that is in place already is not written again. The host writes the beginning
//! last: a blob without its header is none, so that one that was interrupted is never taken for a
//! whole one. `Erase`, `Write` and `Sum` end the session.
//!
//! With [`TRACE`], the firmware sends each tensor that a step has written, as soon as that step is
//! done, in the order of execution.
//!
//! # Replies
//!
//! | reply | index | payload |
//! |---|---|---|
//! | [`Info`](Kind::Info) | – | [`Info`], 72 bytes |
//! | [`Loaded`](Kind::Loaded) | – | [`Loaded`], 8 bytes |
//! | [`Done`](Kind::Done) | – | after `Invoke` [`Ran`]: cycles `u64` where they are counted |
//! | [`Output`](Kind::Output) | index of the output | its bytes |
//! | [`Tensor`](Kind::Tensor) | number of the tensor | number of the step `u32`, then its bytes |
//! | [`Stats`](Kind::Stats) | – | [`Stats`], 20 bytes |
//! | [`Summed`](Kind::Summed) | – | the checksum `u32` |
//! | [`Log`](Kind::Log) | – | text in UTF-8 |
//! | [`Error`](Kind::Error) | – | [`Fault`], 12 bytes |
//!
//! # Versions
//!
//! [`Info`] carries [`PROTOCOL_VERSION`]. Fields that are added at the end of a payload keep the
//! version: a decoder ignores bytes behind those it knows. A request that the firmware does not know
//! is answered by an error, not by silence.

#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod error;
mod frame;
mod link;
mod message;
mod record;

pub use error::{LinkError, RequestError};
pub use frame::{HEADER_LEN, Header, Kind, MAX_PAYLOAD, SYNC, TRACE, checksum};
pub use link::{Link, Transport};
pub use message::{Fault, Info, Loaded, Phase, Ran, Stats, Text, WRITABLE};
pub use record::Record;

/// Number of this protocol; another one cannot be spoken.
pub const PROTOCOL_VERSION: u16 = 1;
