//! Raspberry Pi Pico: RP2040, crystal of 12 MHz, lamp at GPIO25.

#![no_std]

use hal::clocks::init_clocks_and_plls;
use hal::{Clock, Sio, Watchdog, pac};
use rp2040_hal as hal;
use smidge_board::{ActiveHigh, Indicator, Panel, Rtt, SystemTimer, Transport};

/// The second stage of the boot loader, for the flash chip of the Pico.
#[unsafe(link_section = ".boot2")]
#[used]
static BOOT2: [u8; 256] = rp2040_boot2::BOOT_LOADER_W25Q080;

/// Starts the clocks at 125 MHz; none if they do not start, or at the second call.
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
    let pins =
        hal::gpio::Pins::new(chip.IO_BANK0, chip.PADS_BANK0, sio.gpio_bank0, &mut chip.RESETS);
    let lamp = ActiveHigh(pins.gpio25.into_push_pull_output());
    Some((Indicator::new(lamp, SystemTimer::new(core.SYST, hz)), Rtt::open()))
}
