//! The plugin interface of QEMU, version 1, as far as it is needed, and the plugin's callbacks.
#![allow(unsafe_code, reason = "QEMU calls the plugin, and is called by it, through C")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::fs::File;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::record::Record;

const START: u16 = 0xBF60;
const STOP: u16 = 0xBF70;
const STEP_DONE: u16 = 0xBF80;

/// `QEMU_PLUGIN_INLINE_ADD_U64`.
const ADD_U64: c_int = 0;
/// `QEMU_PLUGIN_CB_NO_REGS`: the callback looks at no registers.
const NO_REGS: c_int = 0;

#[repr(C)]
struct Block {
    _opaque: [u8; 0],
}

#[repr(C)]
struct Instruction {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn qemu_plugin_register_vcpu_tb_trans_cb(id: u64, callback: extern "C" fn(u64, *mut Block));
    fn qemu_plugin_tb_n_insns(block: *const Block) -> usize;
    fn qemu_plugin_tb_get_insn(block: *const Block, index: usize) -> *mut Instruction;
    fn qemu_plugin_insn_data(instruction: *const Instruction) -> *const u8;
    fn qemu_plugin_insn_size(instruction: *const Instruction) -> usize;
    fn qemu_plugin_register_vcpu_insn_exec_inline(
        instruction: *mut Instruction,
        operation: c_int,
        target: *mut c_void,
        operand: u64,
    );
    fn qemu_plugin_register_vcpu_insn_exec_cb(
        instruction: *mut Instruction,
        callback: extern "C" fn(c_uint, *mut c_void),
        flags: c_int,
        data: *mut c_void,
    );
}

/// The version of the interface, which QEMU looks up.
#[unsafe(no_mangle)]
pub static qemu_plugin_version: c_int = 1;

/// Instructions executed so far. Translated code adds to it; the machine has one core.
static COUNT: AtomicU64 = AtomicU64::new(0);
static OUTPUT: Mutex<Option<(File, Record)>> = Mutex::new(None);

/// Called by QEMU once, with the plugin's arguments. Anything but 0 makes QEMU stop.
///
/// # Safety
/// `argv` points to `argc` texts that end with zeros.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qemu_plugin_install(
    id: u64,
    _info: *const c_void,
    argc: c_int,
    argv: *const *const c_char,
) -> c_int {
    let mut path = None;
    for index in 0..usize::try_from(argc).unwrap_or(0) {
        // SAFETY: QEMU promises `argc` texts behind `argv`.
        let argument = unsafe { CStr::from_ptr(*argv.add(index)) }.to_string_lossy();
        path = argument.strip_prefix("out=").map(str::to_string).or(path);
    }
    let Some(path) = path else {
        eprintln!("smidge-qemu-plugin: the argument out=<file> is missing");
        return 1;
    };
    match File::create(&path) {
        Ok(file) => {
            if let Ok(mut output) = OUTPUT.lock() {
                *output = Some((file, Record::default()));
            }
            // SAFETY: `id` is the one that QEMU gave, the callback lives as long as the plugin.
            unsafe { qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation) };
            0
        }
        Err(error) => {
            eprintln!("smidge-qemu-plugin: {path}: {error}");
            1
        }
    }
}

/// Called for each block of instructions that QEMU translates: markers get a callback, all others
/// add one to the counter.
extern "C" fn on_translation(_id: u64, block: *mut Block) {
    // SAFETY: QEMU passes a block that is valid during this call, its instructions too; the counter
    // and the callback live as long as the plugin. Instruction data is as long as its size says.
    unsafe {
        for index in 0..qemu_plugin_tb_n_insns(block) {
            let instruction = qemu_plugin_tb_get_insn(block, index);
            let size = qemu_plugin_insn_size(instruction);
            let bytes = std::slice::from_raw_parts(qemu_plugin_insn_data(instruction), size);
            match <[u8; 2]>::try_from(bytes).map(u16::from_le_bytes) {
                Ok(marker @ (START | STOP | STEP_DONE)) => qemu_plugin_register_vcpu_insn_exec_cb(
                    instruction,
                    on_marker,
                    NO_REGS,
                    std::ptr::without_provenance_mut(usize::from(marker)),
                ),
                _ => qemu_plugin_register_vcpu_insn_exec_inline(
                    instruction,
                    ADD_U64,
                    COUNT.as_ptr().cast(),
                    1,
                ),
            }
        }
    }
}

/// Called when a marker is executed; `data` is its code.
extern "C" fn on_marker(_core: c_uint, data: *mut c_void) {
    let count = COUNT.load(Ordering::Relaxed);
    let Ok(mut output) = OUTPUT.lock() else { return };
    let Some((file, record)) = output.as_mut() else { return };
    match data.addr() as u16 {
        START => record.start(count),
        STEP_DONE => record.step_done(count),
        _ => {
            if let Some(line) = record.stop(count)
                && let Err(error) = file.write_all(line.as_bytes())
            {
                eprintln!("smidge-qemu-plugin: {error}");
            }
        }
    }
}
