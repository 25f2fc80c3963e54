//! The chip's own USB and UART0 as one wire: replies go where requests come from.

use core::convert::Infallible;

use esp32c3::{UART0, USB_DEVICE};
use smidge_board::Transport;

/// Bytes that the UART keeps until they are sent.
const UART_ROOM: u16 = 126;

/// Both ports. The UART has the speed that the boot program prints with, 115,200 bits per second.
pub struct Ports {
    usb: USB_DEVICE,
    uart: UART0,
    /// Where the last request came from.
    last: Port,
}

#[derive(Clone, Copy)]
enum Port {
    Usb,
    Uart,
}

impl Ports {
    pub fn new(usb: USB_DEVICE, uart: UART0) -> Self {
        Self { usb, uart, last: Port::Usb }
    }

    /// A byte that has come, and from where.
    fn byte(&self) -> Option<(Port, u8)> {
        if self.usb.ep1_conf().read().serial_out_ep_data_avail().bit_is_set() {
            return Some((Port::Usb, self.usb.ep1().read().rdwr_byte().bits()));
        }
        let came = self.uart.status().read().rxfifo_cnt().bits() > 0;
        came.then(|| (Port::Uart, self.uart.fifo().read().rxfifo_rd_byte().bits()))
    }
}

impl Transport for Ports {
    type Error = Infallible;

    /// Waits for the host: this wire has no end.
    fn read(&mut self, dst: &mut [u8]) -> Result<usize, Infallible> {
        let mut count = 0;
        for place in dst {
            // Waits for the first byte only.
            let (port, byte) = loop {
                match self.byte() {
                    Some(byte) => break byte,
                    None if count > 0 => return Ok(count),
                    None => {}
                }
            };
            (self.last, *place) = (port, byte);
            count += 1;
        }
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        for &byte in bytes {
            match self.last {
                Port::Usb => {
                    while self.usb.ep1_conf().read().serial_in_ep_data_free().bit_is_clear() {}
                    // SAFETY: a byte for the host.
                    self.usb.ep1().write(|w| unsafe { w.rdwr_byte().bits(byte) });
                }
                Port::Uart => {
                    while self.uart.status().read().txfifo_cnt().bits() >= UART_ROOM {}
                    // SAFETY: a byte to send; writing to the queue's register appends it.
                    self.uart.fifo().write(|w| unsafe { w.bits(byte.into()) });
                }
            }
        }
        if let Port::Usb = self.last {
            self.usb.ep1_conf().write(|w| w.wr_done().set_bit());
        }
        Ok(())
    }
}
