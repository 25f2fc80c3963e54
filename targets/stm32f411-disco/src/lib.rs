//! STM32F411 Discovery: STM32F411VE, crystal of 8 MHz, lamp at PD12.

#![no_std]

use hal::gpio::GpioExt;
use hal::pac;
use hal::prelude::*;
use hal::rcc::Config;
use smidge_board::{ActiveHigh, CycleCounter, Indicator, Panel, Rtt, Transport};
use stm32f4xx_hal as hal;

/// Starts the clocks at 96 MHz; none at the second call.
pub fn start() -> Option<(impl Panel, impl Transport)> {
    let chip = pac::Peripherals::take()?;
    let core = cortex_m::Peripherals::take()?;
    let mut rcc = chip.RCC.freeze(Config::hse(8.MHz()).sysclk(96.MHz()));
    let hz = rcc.clocks.hclk().to_Hz();
    let lamp = ActiveHigh(chip.GPIOD.split(&mut rcc).pd12.into_push_pull_output());
    Some((Indicator::new(lamp, CycleCounter::new(core.DCB, core.DWT, hz)), Rtt::open()))
}
