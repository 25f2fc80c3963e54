//! The same cases on the host, in QEMU and on boards.
