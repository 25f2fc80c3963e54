//! Nordic nRF52840-DK: nRF52840, 64 MHz from its own crystal, lamp at P0.13.

#![no_std]

use hal::gpio::{self, Level};
use hal::{Clocks, pac};
use nrf52840_hal as hal;
use smidge_board::{ActiveLow, CycleCounter, Indicator, Panel, Rtt, Transport};

/// The processor's clock, which is always this.
const HZ: u32 = 64_000_000;

/// Starts the crystal and the cache of instructions; none at the second call.
pub fn start() -> Option<(impl Panel, impl Transport)> {
    let chip = pac::Peripherals::take()?;
    let core = cortex_m::Peripherals::take()?;
    Clocks::new(chip.CLOCK).enable_ext_hfosc();
    chip.NVMC.icachecnf.write(|w| w.cacheen().enabled());
    let pins = gpio::p0::Parts::new(chip.P0);
    let lamp = ActiveLow(pins.p0_13.into_push_pull_output(Level::High));
    Some((Indicator::new(lamp, CycleCounter::new(core.DCB, core.DWT, HZ)), Rtt::open()))
}
