//! ESP32-C3: 160 MHz from the PLL that the boot program of ESP-IDF has started, lamp at GPIO7, the host
//! at the chip's own USB or at UART0.
//!
//! The registers are those of the ESP32-C3 Technical Reference Manual, version 1.3.

#![no_std]

mod counter;
mod description;
mod lamp;
mod wire;

use esp32c3::{GPIO, IO_MUX, MMU_TABLE, RTC_CNTL, SYSTEM, TIMG0, TIMG1, UART0, USB_DEVICE};
use smidge_board::{ActiveHigh, Indicator, Panel, Transport};

/// Bytes of a page of the flash's map.
const PAGE: u32 = 0x1_0000;
/// Where the slot is, in pages: of the flash, and of the memory.
const SLOT_IN_FLASH: u16 = (0x20_0000 / PAGE) as u16;
const SLOT_IN_MEMORY: u16 = (0x40_0000 / PAGE) as u16;
const SLOT_PAGES: u16 = (0x20_0000 / PAGE) as u16;

/// The PLL as the source of the core's clock.
const PLL: u8 = 1;

/// Unlocks the registers of watchdogs, and of the one that watches the others.
const WATCHDOG_KEY: u32 = 0x50D8_3AA1;
const SUPER_WATCHDOG_KEY: u32 = 0x8F1D_312A;

/// Stops the watchdogs, maps the slot and doubles the clock; none if the boot program has not started
/// the PLL.
pub fn start() -> Option<(impl Panel, impl Transport)> {
    // SAFETY: nothing else in this firmware has these peripherals.
    let (system, table, port, mux, usb, uart) = unsafe {
        (
            SYSTEM::steal(),
            MMU_TABLE::steal(),
            GPIO::steal(),
            IO_MUX::steal(),
            USB_DEVICE::steal(),
            UART0::steal(),
        )
    };
    stop_watchdogs();
    map_slot(&table);
    if system.sysclk_conf().read().soc_clk_sel().bits() != PLL {
        return None;
    }
    // SAFETY: 1 is 160 MHz of the PLL.
    system.cpu_per_conf().modify(|_, w| unsafe { w.cpuperiod_sel().bits(1) });
    let lamp = ActiveHigh(lamp::Gpio7::new(port, &mux));
    let panel = Indicator::new(lamp, counter::CycleCounter::new(160_000_000));
    Some((panel, wire::Ports::new(usb, uart)))
}

fn stop_watchdogs() {
    // SAFETY: nothing else in this firmware has these peripherals.
    let (rtc, first, second) = unsafe { (RTC_CNTL::steal(), TIMG0::steal(), TIMG1::steal()) };
    let groups = [&*first, &*second];
    // SAFETY: keys, and zero, which disables a watchdog and all its stages.
    unsafe {
        rtc.wdtwprotect().write(|w| w.bits(WATCHDOG_KEY));
        rtc.wdtconfig0().write(|w| w.bits(0));
        rtc.swd_wprotect().write(|w| w.bits(SUPER_WATCHDOG_KEY));
    }
    rtc.swd_conf().modify(|_, w| w.swd_auto_feed_en().set_bit());
    for group in groups {
        // SAFETY: as above.
        unsafe {
            group.wdtwprotect().write(|w| w.bits(WATCHDOG_KEY));
            group.wdtconfig0().write(|w| w.bits(0));
        }
    }
}

/// Makes the slot readable. Its pages were not mapped, so that the cache has nothing of them.
fn map_slot(table: &MMU_TABLE) {
    let entries = table.entry_iter().skip(SLOT_IN_MEMORY.into());
    for (entry, page) in entries.zip(SLOT_IN_FLASH..).take(SLOT_PAGES.into()) {
        // SAFETY: a page of the flash, and the bit that says that it is valid is zero.
        entry.write(|w| unsafe { w.bits(page.into()) });
    }
}

/// Starts the chip again.
#[unsafe(no_mangle)]
fn smidge_reset() -> ! {
    // SAFETY: what anybody else is doing ends here.
    let rtc = unsafe { RTC_CNTL::steal() };
    loop {
        rtc.options0().write(|w| w.sw_sys_rst().set_bit());
    }
}
