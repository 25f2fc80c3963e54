//! A lamp at GPIO7.

use core::convert::Infallible;

use embedded_hal::digital::{ErrorType, OutputPin};
use esp32c3::{GPIO, IO_MUX};

const PIN: usize = 7;
const BIT: u32 = 1 << PIN;
/// The output that is the pin's bit in the register of outputs.
const PLAIN_OUTPUT: u8 = 0x80;
/// The function of a pin that makes it a general one.
const GENERAL: u8 = 1;

/// GPIO7 as an output.
pub struct Gpio7(GPIO);

impl Gpio7 {
    pub fn new(port: GPIO, mux: &IO_MUX) -> Self {
        // SAFETY: numbers of the manual's tables, and a bit of a register that only sets.
        unsafe {
            mux.gpio(PIN).modify(|_, w| w.mcu_sel().bits(GENERAL));
            port.func_out_sel_cfg(PIN).write(|w| w.out_sel().bits(PLAIN_OUTPUT));
            port.enable_w1ts().write(|w| w.bits(BIT));
        }
        Self(port)
    }
}

impl ErrorType for Gpio7 {
    type Error = Infallible;
}

impl OutputPin for Gpio7 {
    fn set_low(&mut self) -> Result<(), Infallible> {
        // SAFETY: a bit of a register that only clears.
        self.0.out_w1tc().write(|w| unsafe { w.bits(BIT) });
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        // SAFETY: a bit of a register that only sets.
        self.0.out_w1ts().write(|w| unsafe { w.bits(BIT) });
        Ok(())
    }
}
