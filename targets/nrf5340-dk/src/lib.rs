//! Nordic nRF5340-DK: application core of the nRF5340, 128 MHz, lamp at P0.28.

#![no_std]

use hal::gpio::{self, Level};
use hal::pac;
use nrf5340_app_hal as hal;
use smidge_board::{ActiveLow, CycleCounter, Indicator, Panel, Rtt, Transport};

/// The processor's clock without its divider.
const HZ: u32 = 128_000_000;

/// Takes the clock's divider away and starts the cache; none at the second call.
pub fn start() -> Option<(impl Panel, impl Transport)> {
    let chip = pac::Peripherals::take()?;
    let core = cortex_m::Peripherals::take()?;
    chip.CLOCK_S.hfclkctrl.write(|w| w.hclk().div1());
    chip.CACHE_S.enable.write(|w| w.enable().enabled());
    // The HAL reaches pins through their non-secure addresses, which all pins refuse after a reset.
    let [port, ..] = &chip.SPU_S.gpioport;
    port.perm.modify(|_, w| w.pin28().non_secure());
    let pins = gpio::p0::Parts::new(chip.P0_NS);
    let lamp = ActiveLow(pins.p0_28.into_push_pull_output(Level::High));
    Some((Indicator::new(lamp, CycleCounter::new(core.DCB, core.DWT, HZ)), Rtt::open()))
}
