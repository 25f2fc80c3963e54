//! STM32 Nucleo-H743ZI: STM32H743ZI, 8 MHz from the probe, lamp at PB0.
//!
//! The usual HAL asserts what it reads from registers, so that firmware with it has panic paths.
//! Clocks and lamp are set here instead, register by register (RM0433, rev. 8: PWR, RCC, FLASH, GPIO).

#![no_std]

use core::arch::global_asm;
use core::convert::Infallible;

use embedded_hal::digital::{ErrorType, OutputPin};
use pac::{FLASH, GPIOB, PWR, RCC};
use smidge_board::{ActiveHigh, CycleCounter, Indicator, Panel, Rtt, Transport};
use stm32h7::stm32h743 as pac;

/// The processor's clock, which chips of every revision reach.
const HZ: u32 = 400_000_000;

// Zeroes the arena, which is not where the start-up code zeroes variables; it calls this first. Whole
// words of 64 bits, because the memory's check bits belong to those.
global_asm!(
    ".section .text.__pre_init, \"ax\"",
    ".global __pre_init",
    ".thumb_func",
    "__pre_init:",
    "ldr r0, =_arena_start",
    "ldr r1, =_arena_end",
    "movs r2, #0",
    "movs r3, #0",
    "1: cmp r0, r1",
    "bhs 2f",
    "strd r2, r3, [r0], #8",
    "b 1b",
    "2: bx lr",
    ".ltorg",
);

/// Starts clocks and caches; none at the second call.
pub fn start() -> Option<(impl Panel, impl Transport)> {
    let chip = pac::Peripherals::take()?;
    let mut core = cortex_m::Peripherals::take()?;
    core.SCB.enable_icache();
    core.SCB.enable_dcache(&mut core.CPUID);
    raise_voltage(&chip.PWR);
    start_clocks(&chip.RCC, &chip.FLASH);
    let lamp = ActiveHigh(Ld1::new(&chip.RCC, chip.GPIOB));
    Some((Indicator::new(lamp, CycleCounter::new(core.DCB, core.DWT, HZ)), Rtt::open()))
}

/// The internal regulator at scale 1, which 400 MHz need.
fn raise_voltage(power: &PWR) {
    power.cr3().modify(|_, w| w.scuen().set_bit().ldoen().set_bit().bypass().clear_bit());
    while power.csr1().read().actvosrdy().bit_is_clear() {}
    // SAFETY: 3 is scale 1.
    power.d3cr().modify(|_, w| unsafe { w.vos().bits(3) });
    while power.d3cr().read().vosrdy().bit_is_clear() {}
}

/// 8 MHz / 4 * 400 / 2 for the core, half of it for the buses, a quarter for peripherals.
fn start_clocks(rcc: &RCC, flash: &FLASH) {
    rcc.cr().modify(|_, w| w.hsebyp().set_bit().hseon().set_bit());
    while rcc.cr().read().hserdy().bit_is_clear() {}
    rcc.pllckselr().modify(|_, w| w.pllsrc().hse().divm1().set(4));
    rcc.pllcfgr().modify(|_, w| {
        w.pll1vcosel().wide_vco().pll1rge().range2().pll1fracen().reset().divp1en().enabled()
    });
    // SAFETY: the fields hold a factor and a divider less one, in the ranges of the manual.
    rcc.pll1divr().modify(|_, w| unsafe { w.divn1().bits(399).divp1().bits(1) });
    rcc.cr().modify(|_, w| w.pll1on().set_bit());
    while rcc.cr().read().pll1rdy().bit_is_clear() {}
    // 200 MHz on the bus of the flash.
    // SAFETY: the wait states and the programming delay of the manual's table for this clock.
    flash.acr().write(|w| unsafe { w.latency().bits(2).wrhighfreq().bits(2) });
    while flash.acr().read().latency().bits() != 2 {}
    rcc.d1cfgr().modify(|_, w| w.d1cpre().div1().hpre().div2().d1ppre().div2());
    rcc.d2cfgr().modify(|_, w| w.d2ppre1().div2().d2ppre2().div2());
    rcc.d3cfgr().modify(|_, w| w.d3ppre().div2());
    rcc.cfgr().modify(|_, w| w.sw().pll1());
    while !rcc.cfgr().read().sws().is_pll1() {}
}

/// The green lamp.
struct Ld1(GPIOB);

impl Ld1 {
    fn new(rcc: &RCC, port: GPIOB) -> Self {
        rcc.ahb4enr().modify(|_, w| w.gpioben().enabled());
        // The manual wants two cycles before the port is used; reading back takes them.
        let _ = rcc.ahb4enr().read();
        port.moder().modify(|_, w| w.moder0().output());
        Self(port)
    }
}

impl ErrorType for Ld1 {
    type Error = Infallible;
}

impl OutputPin for Ld1 {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.bsrr().write(|w| w.br0().set_bit());
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.bsrr().write(|w| w.bs0().set_bit());
        Ok(())
    }
}
