//! Runs smidge firmware in QEMU and talks to it.
