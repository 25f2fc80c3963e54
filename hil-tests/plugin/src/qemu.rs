//! The plugin interface of QEMU, version 1, as far as it is needed, and the plugin's callbacks.
#![allow(unsafe_code, reason = "QEMU calls the plugin, and is called by it, through C")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::fs::File;
use std::io::Write;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::marker::{Core, Marker};
use crate::record::Record;
use crate::table::{Counters, Site, Table};

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

/// `qemu_info_t`, as far as it is read.
#[repr(C)]
pub struct Info {
    target_name: *const c_char,
}

unsafe extern "C" {
    fn qemu_plugin_register_vcpu_tb_trans_cb(id: u64, callback: extern "C" fn(u64, *mut Block));
    fn qemu_plugin_register_vcpu_tb_exec_cb(
        block: *mut Block,
        callback: extern "C" fn(c_uint, *mut c_void),
        flags: c_int,
        data: *mut c_void,
    );
    fn qemu_plugin_tb_n_insns(block: *const Block) -> usize;
    fn qemu_plugin_tb_get_insn(block: *const Block, index: usize) -> *mut Instruction;
    fn qemu_plugin_insn_data(instruction: *const Instruction) -> *const u8;
    fn qemu_plugin_insn_size(instruction: *const Instruction) -> usize;
    fn qemu_plugin_insn_vaddr(instruction: *const Instruction) -> u64;
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

/// A block of translated code.
struct Run {
    start: u64,
    end: u64,
    /// Of its last instruction.
    last: &'static Counters,
}

/// The block that is being executed; null before the first. The machine has one core.
static CURRENT: AtomicPtr<Run> = AtomicPtr::new(ptr::null_mut());
static STATE: Mutex<Option<State>> = Mutex::new(None);

struct State {
    core: Core,
    table: Table,
    record: Record,
    path: String,
    file: File,
}

/// Called by QEMU once, with the plugin's arguments. Anything but 0 makes QEMU stop.
///
/// # Safety
/// `info` points to QEMU's description of the machine, `argv` to `argc` texts that end with zeros.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qemu_plugin_install(
    id: u64,
    info: *const Info,
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
    // SAFETY: QEMU passes a valid description whose first field is the name of the architecture.
    let target = unsafe { CStr::from_ptr((*info).target_name) }.to_string_lossy();
    let Some(core) = Core::from_name(&target) else {
        eprintln!("smidge-qemu-plugin: it knows no markers of {target}");
        return 1;
    };
    match File::create(&path) {
        Ok(file) => {
            if let Ok(mut state) = STATE.lock() {
                let (table, record) = (Table::default(), Record::default());
                *state = Some(State { core, table, record, path, file });
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
/// add one to their counter, and the block tells when it is entered.
extern "C" fn on_translation(_id: u64, block: *mut Block) {
    let Ok(mut state) = STATE.lock() else { return };
    let Some(State { core, table, .. }) = state.as_mut() else { return };
    let mut run: Option<Run> = None;
    // SAFETY: QEMU passes a block that is valid during this call, its instructions too; counters,
    // runs and callbacks live as long as the plugin. Instruction data is as long as its size says.
    unsafe {
        for index in 0..qemu_plugin_tb_n_insns(block) {
            let instruction = qemu_plugin_tb_get_insn(block, index);
            let size = qemu_plugin_insn_size(instruction);
            let bytes = std::slice::from_raw_parts(qemu_plugin_insn_data(instruction), size);
            let address = qemu_plugin_insn_vaddr(instruction);
            let mut code = [0; 4];
            code.iter_mut().zip(bytes).for_each(|(code, byte)| *code = *byte);
            let last = table.counters(Site { address, code, len: size as u8 });
            let start = run.as_ref().map_or(address, |run| run.start);
            run = Some(Run { start, end: address.wrapping_add(size as u64), last });
            match core.marker(bytes) {
                Some(marker) => qemu_plugin_register_vcpu_insn_exec_cb(
                    instruction,
                    on_marker,
                    NO_REGS,
                    ptr::without_provenance_mut(marker as usize),
                ),
                None => qemu_plugin_register_vcpu_insn_exec_inline(
                    instruction,
                    ADD_U64,
                    last.executed.as_ptr().cast(),
                    1,
                ),
            }
        }
        if let Some(run) = run {
            let run = Box::into_raw(Box::new(run));
            qemu_plugin_register_vcpu_tb_exec_cb(block, on_block, NO_REGS, run.cast());
        }
    }
}

/// Called when a block is entered. If it does not stand behind the one before, a branch led here.
extern "C" fn on_block(_core: c_uint, data: *mut c_void) {
    let run: *mut Run = data.cast();
    let before = CURRENT.load(Ordering::Relaxed);
    CURRENT.store(run, Ordering::Relaxed);
    // SAFETY: both were made by `on_translation` and are never freed or changed; `before` is null
    // when this is the first block.
    let (before, start) = unsafe { (before.as_ref(), (*run).start) };
    if let Some(before) = before
        && before.end != start
    {
        let taken = before.last.taken.load(Ordering::Relaxed);
        before.last.taken.store(taken.wrapping_add(1), Ordering::Relaxed);
    }
}

/// Called when a marker is executed; `data` is its number.
extern "C" fn on_marker(_core: c_uint, data: *mut c_void) {
    let Ok(mut state) = STATE.lock() else { return };
    let Some(State { table, record, path, file, .. }) = state.as_mut() else { return };
    let written = match Marker::from_number(data.addr()) {
        Some(Marker::Start) => return record.start(table),
        Some(Marker::StepDone) => return record.step_done(table),
        Some(Marker::Stop) => record.stop(table),
        None => return,
    };
    let Some((line, profile)) = written else { return };
    let mut result = file.write_all(line.as_bytes());
    if let Some(profile) = profile {
        result = result.and_then(|()| std::fs::write(format!("{path}.profile"), profile));
    }
    if let Err(error) = result {
        eprintln!("smidge-qemu-plugin: {path}: {error}");
    }
}
