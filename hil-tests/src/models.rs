//! Real networks, where they are installed.
