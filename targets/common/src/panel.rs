//! What a board does around an inference: it lights a lamp, and counts cycles.

/// What [`serve`](crate::serve) starts and stops.
pub trait Panel {
    /// Ticks per second of the counter; 0 where there is none.
    fn hz(&self) -> u32;

    /// An inference begins.
    fn begin(&mut self);

    /// One of its steps is done. Counters of few bits are read here, so that none overflows unseen.
    fn step(&mut self);

    /// The inference is over. Gives the ticks since its beginning, if they are counted.
    fn end(&mut self) -> Option<u64>;
}

/// No lamp and no counter, as on an emulator, whose plugin counts.
impl Panel for () {
    fn hz(&self) -> u32 {
        0
    }

    fn begin(&mut self) {}

    fn step(&mut self) {}

    fn end(&mut self) -> Option<u64> {
        None
    }
}

/// A counter of ticks, on microcontrollers cycles of the core.
pub trait Counter {
    /// Ticks per second.
    fn hz(&self) -> u32;

    /// The ticks so far. They wrap at 2^64, and only differences mean anything.
    fn now(&mut self) -> u64;
}

/// A board with a lamp that is lit while it infers, and a counter.
pub struct Indicator<L, C> {
    lamp: L,
    counter: C,
    start: u64,
}

/// Something that can be lit: a pin, or nothing.
pub trait Lamp {
    /// Lights it, or not.
    fn light(&mut self, lit: bool);
}

/// No lamp.
impl Lamp for () {
    fn light(&mut self, _lit: bool) {}
}

/// A light-emitting diode between a pin and ground.
#[cfg(feature = "board")]
pub struct ActiveHigh<P>(pub P);

#[cfg(feature = "board")]
impl<P: embedded_hal::digital::OutputPin> Lamp for ActiveHigh<P> {
    fn light(&mut self, lit: bool) {
        // A pin of the chip does not fail, and a lamp is no reason to stop an inference.
        let _ = self.0.set_state(lit.into());
    }
}

/// A light-emitting diode between a pin and the supply.
#[cfg(feature = "board")]
pub struct ActiveLow<P>(pub P);

#[cfg(feature = "board")]
impl<P: embedded_hal::digital::OutputPin> Lamp for ActiveLow<P> {
    fn light(&mut self, lit: bool) {
        // As above.
        let _ = self.0.set_state((!lit).into());
    }
}

impl<L: Lamp, C: Counter> Indicator<L, C> {
    /// The lamp is off until the first inference.
    pub fn new(mut lamp: L, counter: C) -> Self {
        lamp.light(false);
        Self { lamp, counter, start: 0 }
    }
}

impl<L: Lamp, C: Counter> Panel for Indicator<L, C> {
    fn hz(&self) -> u32 {
        self.counter.hz()
    }

    fn begin(&mut self) {
        self.lamp.light(true);
        self.start = self.counter.now();
    }

    fn step(&mut self) {
        self.counter.now();
    }

    fn end(&mut self) -> Option<u64> {
        let ticks = self.counter.now().wrapping_sub(self.start);
        self.lamp.light(false);
        Some(ticks)
    }
}

/// Makes a counter of 64 bits of one that has fewer and is read often enough.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extended {
    last: u32,
    sum: u64,
}

impl Extended {
    /// The ticks so far, when the counter of `bits` bits, counting upwards, reads `value`.
    pub fn at(&mut self, value: u32, bits: u32) -> u64 {
        let mask = u32::MAX.unbounded_shr(32u32.saturating_sub(bits));
        let passed = value.wrapping_sub(self.last) & mask;
        self.last = value;
        self.sum = self.sum.wrapping_add(passed.into());
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_counter_goes_on_behind_its_end() {
        let mut long = Extended::default();
        assert_eq!(long.at(0xFFFF_FFF0, 32), 0xFFFF_FFF0);
        assert_eq!(long.at(0x10, 32), 0x1_0000_0010);
        let mut short = Extended::default();
        assert_eq!(short.at(0x00FF_FFFF, 24), 0x00FF_FFFF);
        assert_eq!(short.at(1, 24), 0x0100_0001);
    }

    #[test]
    fn the_lamp_is_lit_during_an_inference_and_ticks_are_counted_between() {
        #[derive(Default)]
        struct Log(std::vec::Vec<bool>);
        impl Lamp for &mut Log {
            fn light(&mut self, lit: bool) {
                self.0.push(lit);
            }
        }
        struct Tens(u64);
        impl Counter for Tens {
            fn hz(&self) -> u32 {
                7
            }
            fn now(&mut self) -> u64 {
                self.0 += 10;
                self.0
            }
        }
        let mut log = Log::default();
        let mut panel = Indicator::new(&mut log, Tens(u64::MAX - 15));
        panel.begin();
        panel.step();
        assert_eq!((panel.end(), panel.hz()), (Some(20), 7));
        assert_eq!(log.0, [false, true, false]);
    }
}
