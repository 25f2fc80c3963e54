//! The board's memory map and the model.

fn main() {
    if let Ok(board) = std::env::var("SMIDGE_BOARD") {
        smidge_build::memory_map(format!("{board}/memory.x"));
    }
    let folder = "../../../hil-tests/models/fashion";
    smidge_build::Model::new(format!("{folder}/fashion_int8.tflite"))
        .name("fashion")
        .arena_budget(24 << 10)
        .flash_budget(28 << 10)
        .compile();
}
