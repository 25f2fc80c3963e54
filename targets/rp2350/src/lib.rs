//! Raspberry Pi Pico 2: RP2350, crystal of 12 MHz, lamp at GPIO25.

#![no_std]

use hal::block::ImageDef;
use hal::clocks::init_clocks_and_plls;
use hal::{Clock, Sio, Watchdog, pac};
use rp235x_hal as hal;
use smidge_board::{ActiveHigh, CycleCounter, Indicator, Panel, Rtt, Transport};

/// Tells the boot program what to start.
#[unsafe(link_section = ".start_block")]
#[used]
static IMAGE: ImageDef = ImageDef::secure_exe();

/// Starts the clocks at 150 MHz; none if they do not start, or at the second call.
pub fn start() -> Option<(impl Panel, impl Transport)> {
    let mut chip = pac::Peripherals::take()?;
    let core = cortex_m::Peripherals::take()?;
    let mut watchdog = Watchdog::new(chip.WATCHDOG);
    let clocks = init_clocks_and_plls(
        12_000_000,
        chip.XOSC,
        chip.CLOCKS,
        chip.PLL_SYS,
        chip.PLL_USB,
        &mut chip.RESETS,
        &mut watchdog,
    );
    let hz = clocks.ok()?.system_clock.freq().to_Hz();
    let sio = Sio::new(chip.SIO);
    let (bank, pads) = (chip.IO_BANK0, chip.PADS_BANK0);
    let pins = hal::gpio::Pins::new(bank, pads, sio.gpio_bank0, &mut chip.RESETS);
    let lamp = ActiveHigh(pins.gpio25.into_push_pull_output());
    Some((Indicator::new(lamp, CycleCounter::new(core.DCB, core.DWT, hz)), Rtt::open()))
}
