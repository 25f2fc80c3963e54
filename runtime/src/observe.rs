//! Watching execution from outside: timers, traces, progress.

/// Told before and after every step. The default does nothing and costs nothing.
pub trait Observer {
    /// Step `step` is about to run.
    fn begin(&mut self, step: u16) {
        let _ = step;
    }

    /// Step `step` has run.
    fn end(&mut self, step: u16) {
        let _ = step;
    }
}

impl Observer for () {}
